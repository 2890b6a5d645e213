"""Whether a duty desk answers at a moment: in its own zone, over midnight, when the clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.agencies.about.said import hours_said
from accord.agencies.hours import (
    A_DAY,
    DAYS,
    Different,
    Hours,
    Shift,
    Weekly,
    overlap,
    overlap_of_day,
)

CHICAGO = "America/Chicago"
WEEKDAYS = DAYS[:5]
EIGHT, NOON, SIX, TEN, TWO = 8 * 60, 12 * 60, 18 * 60, 22 * 60, 2 * 60
OFFICE = Hours(
    CHICAGO,
    (Weekly(WEEKDAYS, Shift(EIGHT, SIX)),),
    (
        Different(date(2026, 12, 24), Shift(EIGHT, NOON), "Christmas Eve"),
        Different(date(2026, 12, 25), None, "Christmas Day"),
    ),
)
NIGHTS = Hours(CHICAGO, (Weekly(DAYS, Shift(TEN, TWO)),))
ALWAYS = Hours(CHICAGO, (Weekly(DAYS, Shift(0, A_DAY)),))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-30T13:59", False),  # Monday 07:59 in Chicago
        ("2026-11-30T14:00", True),
        ("2026-11-30T23:59", True),
        ("2026-12-01T00:00", False),  # Monday 18:00
        ("2026-11-29T16:00", False),  # Sunday
        ("2026-12-24T17:59", True),
        ("2026-12-24T18:00", False),
        ("2026-12-25T16:00", False),
        ("2026-07-06T13:00", True),  # Monday 08:00 in summer
        ("2026-07-06T12:59", False),
    ],
)
def test_a_desk_answers_by_its_own_clock(at: str, is_open: bool) -> None:
    assert OFFICE.is_open(utc(at)) is is_open


def test_what_comes_next_is_computed() -> None:
    assert OFFICE.closes_at(utc("2026-11-30T15:00")) == utc("2026-12-01T00:00")
    assert OFFICE.opens_at(utc("2026-12-04T23:59")) == utc("2026-12-07T14:00")  # over the weekend
    # From Christmas Eve at noon, over the closed Friday and the weekend, to Monday.
    assert OFFICE.opens_at(utc("2026-12-24T19:00")) == utc("2026-12-28T14:00")


def test_a_night_shift_belongs_to_the_day_on_which_it_begins() -> None:
    assert NIGHTS.is_open(utc("2026-12-01T07:59"))  # Tuesday 01:59
    assert not NIGHTS.is_open(utc("2026-12-01T08:00"))
    assert NIGHTS.opens_at(utc("2026-12-01T12:00")) == utc("2026-12-02T04:00")


def test_the_hour_that_the_clock_skips_closes_nothing() -> None:
    # 2026-03-08, 02:00 is 03:00 in Chicago: the night ends at the moment that is both.
    assert NIGHTS.closes_at(utc("2026-03-08T05:00")) == utc("2026-03-08T08:00")
    assert ALWAYS.is_open(utc("2026-03-08T08:30"))
    assert ALWAYS.is_open(utc("2026-11-01T06:30"))


def test_days_that_meet_are_one_span() -> None:
    assert ALWAYS.is_always()
    assert hours_said(ALWAYS) == "at all hours"
    assert ALWAYS.opens_at(utc("2026-12-01T12:00")) is None
    assert ALWAYS.closes_at(utc("2026-12-01T12:00")) is None


def test_a_desk_that_never_opens_again_says_so() -> None:
    closed = Hours(
        CHICAGO,
        (Weekly(("mon",), Shift(EIGHT, NOON)),),
        tuple(
            Different(date.fromordinal(date(2026, 11, 1).toordinal() + n), None, "")
            for n in range(450)
        ),
    )
    assert closed.opens_at(utc("2026-11-30T15:00")) is None


def test_hours_that_overlap_are_found_also_over_the_end_of_the_week() -> None:
    assert overlap((Weekly(("mon",), Shift(EIGHT, SIX)), Weekly(("mon",), Shift(NOON, TEN))))
    assert not overlap((Weekly(("mon",), Shift(EIGHT, NOON)), Weekly(("mon",), Shift(NOON, SIX))))
    assert overlap((Weekly(("sun",), Shift(TEN, TWO)), Weekly(("mon",), Shift(60, 120))))
    assert overlap((Weekly(("mon",), Shift(TEN, TWO)), Weekly(("tue",), Shift(60, EIGHT))))


def test_a_day_is_said_once() -> None:
    day = date(2026, 12, 25)
    two = (Different(day, Shift(EIGHT, NOON), ""), Different(day, Shift(NOON, SIX), ""))
    assert overlap_of_day(two) is None
    assert overlap_of_day((*two, Different(day, None, ""))) == day
    assert overlap_of_day((two[0], two[0])) == day


def test_hours_are_said_in_one_line() -> None:
    mixed = Hours(CHICAGO, (*OFFICE.weekly, Weekly(("sat", "sun"), Shift(TEN, TWO))))
    assert hours_said(mixed) == "Monday to Friday 08:00-18:00; Saturday, Sunday 22:00-02:00"


@given(
    at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
    opens=st.integers(0, A_DAY - 1),
    closes=st.integers(1, A_DAY),
    days=st.sets(st.sampled_from(DAYS), min_size=1),
)
def test_a_desk_is_open_until_it_closes_and_closed_until_it_opens(
    at: datetime, opens: int, closes: int, days: set[str]
) -> None:
    if opens == closes:
        return
    hours = Hours("UTC", (Weekly(tuple(d for d in DAYS if d in days), Shift(opens, closes)),))
    moment = at.replace(tzinfo=UTC, second=0, microsecond=0)
    minute, today = moment.hour * 60 + moment.minute, DAYS[moment.weekday()]
    before = DAYS[moment.weekday() - 1]
    if closes > opens:
        wanted = today in days and opens <= minute < closes
    else:
        wanted = (today in days and minute >= opens) or (before in days and minute < closes)
    assert hours.is_open(moment) is wanted
    if hours.is_always():
        return
    following = hours.closes_at(moment) if wanted else hours.opens_at(moment)
    assert following is not None
    assert following > moment
    assert wanted or hours.is_open(following)
