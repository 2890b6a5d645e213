"""Days as people write them: the end of the named day where they work."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase


def end_of_day(text: str, zone: str, what: str) -> datetime:
    """The instant after a day; raises InvalidInput for what is no day."""
    try:
        day = date.fromisoformat(text.strip())
        return datetime.combine(day, time(23, 59, 59), ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        rule = phrase("write a day as year-month-day, for example 2027-02-28")
        raise InvalidInput(what, None, "until", rule) from error
