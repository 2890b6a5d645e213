"""Dates as reports have them: a year, a month, a day, or an instant with its zone (ISO 8601)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from accord.kernel.phrases import phrase
from accord.records.faults import FieldError

FIRST_YEAR, LAST_YEAR = 1800, 2199
_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(.*)", re.ASCII)


def clean_date(value: str) -> str:
    """YYYY, YYYY-MM and YYYY-MM-DD stay as they are; an instant becomes UTC, to the second."""
    if day := _DAY.fullmatch(value):
        year, month, dom = day.groups()
        _check_day(int(year), int(month or 1), int(dom or 1))
        return value
    instant = _INSTANT.fullmatch(value)
    if not instant:
        raise FieldError(
            "date", phrase("a date is YYYY, YYYY-MM, YYYY-MM-DD or an ISO 8601 instant")
        )
    if not instant.group(3):
        raise FieldError(
            "time-zone", phrase("a time names its zone: Z, or an offset such as -06:00")
        )
    try:
        moment = datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise FieldError("date", phrase("there is no such date or time")) from None
    _check_day(moment.year, moment.month, moment.day)
    return _written(moment)


def parse_date(value: str, form: str, zone: ZoneInfo | None) -> str:
    """The canonical form of a date written in a source's own way (`strptime` form and zone)."""
    try:
        moment = datetime.strptime(value, form)  # noqa: DTZ007 - `_zoned` puts the zone in
    except ValueError:
        raise FieldError(
            "date-format", phrase("the date is not written as %(form)s", form=form)
        ) from None
    _check_day(moment.year, moment.month, moment.day)
    if any(code in form for code in ("%H", "%I", "%c", "%X")):
        return _written(_zoned(moment, zone))
    if "%d" in form or "%j" in form:
        return f"{moment:%Y-%m-%d}"
    return f"{moment:%Y-%m}" if any(code in form for code in ("%m", "%b", "%B")) else f"{moment:%Y}"


def _zoned(moment: datetime, zone: ZoneInfo | None) -> datetime:
    if moment.tzinfo is None and zone is None:
        raise FieldError("time-zone", phrase("the mapping names no zone for this time"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _written(moment: datetime) -> str:
    _check_day(moment.year, moment.month, moment.day)
    return moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _check_day(year: int, month: int, day: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise FieldError(
            "date-range",
            phrase(
                "the year lies between %(first_year)s and %(last_year)s",
                first_year=FIRST_YEAR,
                last_year=LAST_YEAR,
            ),
        )
    try:
        date(year, month, day)
    except ValueError:
        raise FieldError("date", phrase("there is no such day")) from None


def earliest(value: str) -> datetime:
    """The first instant that a cleaned date can mean, in UTC; for ordering and range searches."""
    if "T" in value:
        return datetime.fromisoformat(value)
    year, month, day = ([int(p) for p in value.split("-")] + [1, 1])[:3]
    return datetime(year, month, day, tzinfo=UTC)


def latest(value: str) -> datetime:
    """The first instant after all that a cleaned date can mean, in UTC."""
    start = earliest(value)
    if "T" in value:
        return start + timedelta(seconds=1)
    if len(value) == 10:
        return start + timedelta(days=1)
    if len(value) == 4 or start.month == 12:
        return start.replace(year=start.year + 1, month=1)
    return start.replace(month=start.month + 1)


def agree(one: str, other: str) -> bool:
    """Whether two cleaned dates can mean the same: the coarser one covers the finer."""
    return earliest(one) < latest(other) and earliest(other) < latest(one)
