"""What a form says in lines, one thing a line, as the facts that accord.agencies.about.facts reads.

us-fips 99003 Harlan County          us-place 9900100 in 99001 City of Riverbend
mon-fri 08:00-18:00                  daily 00:00-24:00
2026-12-25 closed Christmas          2026-12-24 08:00-12:00 Christmas Eve
15 +1-312-555-0111 Lieutenant Okafor
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from accord.agencies.about.said import clock, is_run
from accord.agencies.domain import DutyDesk, Rung
from accord.agencies.hours import DAYS, Different, Weekly
from accord.agencies.places import Place

DAILY = "daily"
CLOSED = "closed"
Said = dict[str, Any]


def read_lines(said: Mapping[str, str], fields: Sequence[str]) -> Said:
    """A form's fields, with those that are written in lines taken apart."""
    return {
        name: [_READ[name](line.split()) for line in text.splitlines() if line.strip()]
        if name in fields
        else text
        for name, text in said.items()
    }


def _place(words: list[str]) -> Said:
    scheme, code, *rest = [*words, "", ""]
    found = {"scheme": scheme, "code": code}
    if rest[:1] == ["in"] and len(rest) > 2:
        found["within"], rest = rest[1], rest[2:]
    return found | {"name": " ".join(rest).strip()}


def _weekly(words: list[str]) -> Said:
    days, hours = [*words, ""][:2]
    rest = " ".join(words[2:])
    return {"days": _days(days), **_hours(f"{hours}{rest}")}


def _days(text: str) -> list[str]:
    found: list[str] = []
    for piece in text.lower().split(","):
        first, _, last = piece.partition("-")
        if piece == DAILY:
            found += DAYS
        elif last and first in DAYS and last in DAYS:
            a, b = DAYS.index(first), DAYS.index(last)
            found += DAYS[a : b + 1] if a <= b else (*DAYS[a:], *DAYS[: b + 1])
        else:
            found.append(piece)
    return found


def _hours(text: str) -> Said:
    opens, _, closes = text.partition("-")
    return {"opens": opens, "closes": closes}


def _different(words: list[str]) -> Said:
    day, hours, *why = [*words, ""]
    found: Said = {"day": day, "why": " ".join(why).strip()}
    return found if hours.lower() == CLOSED else found | _hours(hours or "?")


def _rung(words: list[str]) -> Said:
    after, phone, *name = [*words, ""]
    return {"after_min": after, "phone": phone, "name": " ".join(name).strip()}


_READ = {"territory": _place, "weekly": _weekly, "exceptions": _different, "ladder": _rung}


# -- and back, for the form ------------------------------------------------------------------------


def place_line(place: Place) -> str:
    """A place as it is typed."""
    within = f" in {place.within}" if place.within else ""
    return f"{place.scheme} {place.code}{within} {place.name}"


def desk_lines(desk: DutyDesk) -> dict[str, str]:
    """Hours, days that differ and ladder of a desk as they are typed."""
    weekly = desk.when.weekly if desk.when else ()
    different = desk.when.different if desk.when else ()
    return {
        "weekly": "\n".join(map(_weekly_line, weekly)),
        "exceptions": "\n".join(map(_different_line, different)),
        "ladder": "\n".join(map(_rung_line, desk.ladder)),
    }


def _weekly_line(one: Weekly) -> str:
    days = DAILY if len(one.days) == len(DAYS) else ",".join(one.days)
    if 2 < len(one.days) < len(DAYS) and is_run(one.days):
        days = f"{one.days[0]}-{one.days[-1]}"
    return f"{days} {clock(one.shift.opens)}-{clock(one.shift.closes)}"


def _different_line(one: Different) -> str:
    hours = f"{clock(one.shift.opens)}-{clock(one.shift.closes)}" if one.shift else CLOSED
    return f"{one.day.isoformat()} {hours} {one.why}".rstrip()


def _rung_line(one: Rung) -> str:
    return f"{one.after_min} {one.phone} {one.name}"
