"""When things happen: local times drawn from published hours, weekdays and months."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

from accord.cli.world.dice import Dice


def central_offset_h(day: date) -> int:
    """The offset of US Central time on a day (15 U.S.C. 260a), without a time-zone database.

    The database of the machine may change; the bytes of a world may not.
    """
    march = date(day.year, 3, 1)
    starts = march + timedelta(days=(6 - march.weekday()) % 7 + 7)
    november = date(day.year, 11, 1)
    ends = november + timedelta(days=(6 - november.weekday()) % 7)
    return -5 if starts <= day < ends else -6


def at_local(day: date, hour: int, minute: int) -> str:
    zone = timezone(timedelta(hours=central_offset_h(day)))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).isoformat()


def draw_day(dice: Dice, counts: Mapping[str, Any], first: date, last: date) -> date:
    """A day by month and weekday: drawn evenly, kept with the weight of its month and weekday."""
    months, weekdays = counts["month"], counts["weekday"]
    top_month, top_weekday = max(months), max(weekdays)
    span = (last - first).days
    while True:
        day = first + timedelta(days=dice.below(span + 1))
        weight = months[day.month - 1] / top_month * weekdays[day.weekday()] / top_weekday
        if dice.chance(weight):
            return day


def draw_moment(dice: Dice, counts: Mapping[str, Any], first: date, last: date) -> str:
    day = draw_day(dice, counts, first, last)
    hour = dice.weighted(range(24), counts["hour"])
    return at_local(day, hour, dice.between(0, 59))
