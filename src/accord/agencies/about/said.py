"""Hours and ladders in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from accord.agencies.domain import Rung
from accord.agencies.hours import A_DAY, DAYS, Hours, Shift
from accord.kernel.phrases import counted, joined, phrase

NAMES: Mapping[str, str] = {
    "mon": phrase("Monday"),
    "tue": phrase("Tuesday"),
    "wed": phrase("Wednesday"),
    "thu": phrase("Thursday"),
    "fri": phrase("Friday"),
    "sat": phrase("Saturday"),
    "sun": phrase("Sunday"),
}


def hours_said(hours: Hours) -> str:
    """The hours of a week in one line, as Monday to Friday 08:00-18:00."""
    if hours.is_always():
        return phrase("at all hours")
    lines = [
        phrase("%(days)s %(hours)s", days=days_said(w.days), hours=shift_said(w.shift))
        for w in hours.weekly
    ]
    return joined(lines, "; ")


def days_said(days: Sequence[str]) -> str:
    """Days in words: a run of three or more by its ends."""
    if len(days) == len(DAYS):
        return phrase("every day")
    if len(days) > 2 and is_run(days):
        return phrase("%(first)s to %(last)s", first=NAMES[days[0]], last=NAMES[days[-1]])
    return joined([NAMES[d] for d in days], ", ")


def is_run(days: Sequence[str]) -> bool:
    """Whether days follow one another within a week."""
    places = [DAYS.index(d) for d in days]
    return places == list(range(places[0], places[-1] + 1))


def shift_said(shift: Shift) -> str:
    """From when to when, as 08:00-18:00."""
    return f"{clock(shift.opens)}-{clock(shift.closes)}"


def clock_of_shift(shift: Shift) -> dict[str, str]:
    """A shift as it is kept."""
    return {"opens": clock(shift.opens), "closes": clock(shift.closes)}


def clock(minute: int) -> str:
    """A minute of a day as it is written, 24:00 for its end."""
    return "24:00" if minute == A_DAY else f"{minute // 60:02}:{minute % 60:02}"


def ladder_said(ladder: Sequence[Rung]) -> str:
    """Whom to call otherwise, in one line."""
    return joined([rung_said(r) for r in ladder], "; ")


def rung_said(rung: Rung) -> str:
    """One rung, as Lieutenant Okafor, +1-312-555-0111, after 15 minutes."""
    after = counted(rung.after_min, "after %(count)s minute", "after %(count)s minutes")
    return phrase(
        "%(name)s, %(phone)s, %(after)s", name=rung.name, phone=rung.phone, after=after
    )  # fmt: skip
