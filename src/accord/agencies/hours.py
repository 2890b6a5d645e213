"""When a duty desk answers: weekly hours in its own zone, days that differ, and what follows of them.

Hours are wall times; where the clock changes, what is said counts as the zone reads it (RFC 9557 zones,
PEP 615). A shift that ends at or before its begin ends on the next day; 24:00 is the end of a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
A_DAY = 24 * 60
A_WEEK = 7 * A_DAY
FARTHEST = 400
"""How many days ahead an opening is looked for."""
UNTIL_TODAY = 2
"""Yesterday and today: no shift is longer than a day, so one that goes on now began on either."""


@dataclass(frozen=True, slots=True)
class Shift:
    """From when to when a desk answers, in minutes of a day; it may end on the next one."""

    opens: int
    closes: int

    @property
    def length(self) -> int:
        """Its minutes."""
        return (self.closes - self.opens) if self.closes > self.opens else (
            self.closes + A_DAY - self.opens
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weekly:
    """The same shift on some days of every week."""

    days: tuple[str, ...]
    shift: Shift


@dataclass(frozen=True, slots=True)
class Different:
    """A day whose hours differ from its week's; without a shift the desk is closed."""

    day: date
    shift: Shift | None
    why: str


@dataclass(frozen=True, slots=True)
class Hours:
    """When a desk answers."""

    zone: str
    weekly: tuple[Weekly, ...]
    different: tuple[Different, ...] = ()

    def is_open(self, at: datetime) -> bool:
        """Whether somebody answers at a moment."""
        return any(begin <= at < end for begin, end in self._spans(at, UNTIL_TODAY))

    def closes_at(self, at: datetime) -> datetime | None:
        """When the desk that answers at a moment next closes; None where that is not in sight."""
        found = self._span_at(at)
        in_sight = at + timedelta(days=FARTHEST - 5)
        return found[1] if found is not None and found[1] < in_sight else None

    def _span_at(self, at: datetime) -> tuple[datetime, datetime] | None:
        for begin, end in self._spans(at):
            if begin <= at < end:
                return begin, end
            if begin > at:
                return None
        return None

    def opens_at(self, at: datetime) -> datetime | None:
        """When a desk that is closed at a moment opens next; None where that is not in sight."""
        return next((begin for begin, _ in self._spans(at) if begin > at), None)

    def is_always(self) -> bool:
        """Whether the week has no gap and no day differs."""
        covered = sum(w.shift.length * len(w.days) for w in self.weekly)
        return covered >= A_WEEK and not self.different

    def _spans(self, at: datetime, days: int = FARTHEST) -> Iterator[tuple[datetime, datetime]]:
        """Spans of time in which somebody answers, in order, joined where they meet."""
        zone = ZoneInfo(self.zone)
        first = at.astimezone(zone).date() - timedelta(days=1)
        held: tuple[datetime, datetime] | None = None
        for ahead in range(days):
            day = first + timedelta(days=ahead)
            for shift in self._of_day(day):
                begin = _moment(day, shift.opens, zone)
                end = _moment(day, shift.opens + shift.length, zone)
                if end <= begin:  # within the hour that the clock leaves out
                    continue
                if held is not None and begin <= held[1]:
                    held = (held[0], max(end, held[1]))
                    continue
                if held is not None:
                    yield held
                held = (begin, end)
        if held is not None:
            yield held

    def _of_day(self, day: date) -> Sequence[Shift]:
        said = [d for d in self.different if d.day == day]
        found = (
            [d.shift for d in said if d.shift is not None]
            if said
            else [w.shift for w in self.weekly if DAYS[day.weekday()] in w.days]
        )
        return sorted(found, key=lambda s: s.opens)


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    later, rest = divmod(minute, A_DAY)
    wall = time(rest // 60, rest % 60)
    return datetime.combine(day + timedelta(days=later), wall, zone).astimezone(UTC)


def overlap(weekly: Iterable[Weekly]) -> bool:
    """Whether two shifts of a week share a minute."""
    taken: list[tuple[int, int]] = []
    for one in weekly:
        for day in one.days:
            begin = DAYS.index(day) * A_DAY + one.shift.opens
            end = begin + one.shift.length
            taken.append((begin, min(end, A_WEEK)))
            if end > A_WEEK:
                taken.append((0, end - A_WEEK))
    return _meet(taken)


def overlap_of_day(different: Iterable[Different]) -> date | None:
    """The first day that is said twice over: shifts that share a minute, or closed and open."""
    by_day: dict[date, list[Shift | None]] = {}
    for one in different:
        by_day.setdefault(one.day, []).append(one.shift)
    for day in sorted(by_day):
        shifts = [s for s in by_day[day] if s is not None]
        mixed = len(shifts) != len(by_day[day]) and len(by_day[day]) > 1
        if mixed or _meet([(s.opens, s.opens + s.length) for s in shifts]):
            return day
    return None


def _meet(taken: list[tuple[int, int]]) -> bool:
    return any(second[0] < first[1] for first, second in pairwise(sorted(taken)))
