"""What a decision obliges its recipient to do, as typed duties with their times.

An agreement says "notify-owner", "end-access: P1Y"; a label's handling code says more. Here that
becomes a plan: what is owed at once, what falls due and when, and what binds for as long as the
information is held. Pure: no input, no output, no clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from accord.agreements.domain import Obligation

_PERIOD = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?)?"
)
LAST = 9998
"""A period that leads past the calendar ends in its last year."""


class DutyKind(StrEnum):
    """What has a moment at which it is due, and so a row that says whether it was done."""

    NOTIFY_OWNER = "notify-owner"
    NOTIFY_AFTER = "notify-after"
    END_ACCESS = "end-access"
    RETURN_COPY = "return-copy"


class Binding(StrEnum):
    """What binds for as long as the information is held; stamped on screens and on copies."""

    WATERMARK = "watermark"
    HANDLING_CODE = "handling-code"
    NO_ONWARD = "no-onward"
    CRIME_PREVENTION_ONLY = "crime-prevention-only"
    NO_PROCEEDINGS_USE = "no-proceedings-use"
    CONDITIONS = "conditions"


@dataclass(frozen=True, slots=True)
class Due:
    """One duty of a decision. `within` is a period from the disclosure, `after` a determination."""

    kind: DutyKind
    within: str | None = None
    after: str | None = None

    def due_at(self, disclosed: datetime) -> datetime | None:
        """When it falls due; None while only the end of a determination can say."""
        if self.kind is DutyKind.NOTIFY_AFTER:
            return None
        return disclosed if self.within is None else later(disclosed, self.within)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that one decision asks."""

    due: tuple[Due, ...] = ()
    bindings: tuple[Obligation, ...] = ()

    @property
    def ends_within(self) -> str | None:
        """The period after which access ends."""
        return next((d.within for d in self.due if d.kind is DutyKind.END_ACCESS), None)

    def binds(self, kind: Binding) -> bool:
        return any(o.kind == kind for o in self.bindings)


def plan(obligations: Iterable[Obligation]) -> Plan:
    """Return the duties of these obligations; raises ValueError for a kind that nobody carries out.

    A deadline that is not named is "at once".
    """
    due: list[Due] = []
    bindings: list[Obligation] = []
    for asked in obligations:
        match asked.kind:
            case "notify-owner":
                due.append(Due(DutyKind.NOTIFY_OWNER, within=asked.value))
            case "notify-after":
                due.append(Due(DutyKind.NOTIFY_AFTER, after=asked.value))
            case "end-access":
                due.append(Due(DutyKind.END_ACCESS, within=asked.value))
            case kind:
                bindings.append(Obligation(Binding(kind).value, asked.value))
    return Plan(tuple(due), tuple(bindings))


def later(start: datetime, period: str) -> datetime:
    """The moment that an ISO 8601 period leads to, by the calendar: P1M from 31 January is 28 February.

    Raises ValueError for a start without a zone and for what is no period.
    """
    found = _PERIOD.fullmatch(period)
    if start.tzinfo is None or found is None or len(period) < 3:
        raise ValueError(f"{period!r} from {start} has no end")
    parts = {name: int(value) for name, value in found.groupdict().items() if value}
    months = parts.get("years", 0) * 12 + parts.get("months", 0)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if year > LAST:
        return start.replace(year=LAST, month=12, day=31)
    moved = _same_day(start, year, month + 1)
    try:
        return moved + timedelta(
            weeks=parts.get("weeks", 0),
            days=parts.get("days", 0),
            hours=parts.get("hours", 0),
            minutes=parts.get("minutes", 0),
        )
    except OverflowError:
        return start.replace(year=LAST, month=12, day=31)


def _same_day(start: datetime, year: int, month: int) -> datetime:
    """The same day of another month, or that month's last day."""
    for day in range(start.day, start.day - 4, -1):
        try:
            return start.replace(year=year, month=month, day=day)
        except ValueError:
            continue
    raise ValueError(f"{year}-{month} has no last day")


def shortest(start: datetime, periods: Iterable[str]) -> datetime | None:
    """The earliest end of these periods; None when there are none."""
    return min((later(start, period) for period in periods), default=None)


@dataclass(frozen=True, slots=True)
class Opened:
    """How a part was open when it was disclosed: its kind, and the keys that the request held to it.

    `ends` has the end of each kind of key, None where it has none. A part whose `view` does not end
    is `lasting`: a copy of it may be owed back, and what may be read stays open.
    """

    part: str
    ends: Mapping[str, datetime | None]
    legal_hold: bool = False
    lasting: bool = False
