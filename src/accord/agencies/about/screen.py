"""How a duty desk reads on screen: whether somebody answers now, and whom to call otherwise."""

from __future__ import annotations

from datetime import datetime

from accord.agencies.about.said import rung_said, shift_said
from accord.agencies.domain import DutyDesk
from accord.kernel.phrases import phrase
from accord.web import components
from accord.web.filters import as_date, as_datetime, as_time, in_zone


def desk_shown(desk: DutyDesk, at: datetime, zone: str) -> components.DutyDesk:
    """A duty desk at a moment, with times in its reader's zone."""
    return components.DutyDesk(
        name=desk.name,
        phone=desk.phone,
        hours=hours_shown(desk, zone),
        open_now=desk.is_open(at),
        next=next_said(desk, at, zone),
        otherwise=tuple(rung_said(r) for r in desk.ladder) or (desk.escalation,),
    )


def hours_shown(desk: DutyDesk, zone: str) -> str:
    """The hours, with the zone that they are told in where it is not the reader's."""
    if desk.when is None or desk.when.zone == zone or desk.when.is_always():
        return desk.hours
    return phrase("%(hours)s (%(zone)s)", hours=desk.hours, zone=desk.when.zone)


def next_said(desk: DutyDesk, at: datetime, zone: str) -> str | None:
    """When it closes or opens next; None where the hours are words, or it never closes."""
    if desk.when is None or desk.when.is_always():
        return None
    if desk.when.is_open(at):
        closes = desk.when.closes_at(at)
        if closes is None:
            return None
        return phrase("until %(moment)s", moment=_moment(closes, at, zone))
    opens = desk.when.opens_at(at)
    if opens is None:
        return phrase("no next opening is in sight")
    return phrase("opens %(moment)s", moment=_moment(opens, at, zone))


def _moment(when: datetime, at: datetime, zone: str) -> str:
    same_day = in_zone(when, zone).date() == in_zone(at, zone).date()
    return as_time(when, zone) if same_day else as_datetime(when, zone)


def different_days(desk: DutyDesk, at: datetime) -> tuple[tuple[str, str], ...]:
    """Days to come whose hours differ, with what is said of each."""
    if desk.when is None:
        return ()
    today = in_zone(at, desk.when.zone).date()
    return tuple(
        (as_date(d.day), _of_day(shift_said(d.shift) if d.shift else phrase("closed"), d.why))
        for d in sorted(desk.when.different, key=lambda d: (d.day, d.why))
        if d.day >= today
    )


def _of_day(hours: str, why: str) -> str:
    return phrase("%(hours)s, %(why)s", hours=hours, why=why) if why else hours
