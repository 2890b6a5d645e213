"""What a screen says of a duty desk: open or closed now, until when, and whom to call otherwise."""

from __future__ import annotations

from datetime import UTC, datetime

from accord.agencies.about.facts import desk_of
from accord.agencies.about.screen import desk_shown, different_days, hours_shown

CHICAGO, NEW_YORK = "America/Chicago", "America/New_York"
KEPT = {
    "name": "Duty Deputy",
    "phone": "+1-312-555-0140",
    "weekly": [{"days": ["mon", "tue", "wed", "thu", "fri"], "opens": "08:00", "closes": "18:00"}],
    "exceptions": [{"day": "2026-12-25", "why": "Christmas Day"}],
    "ladder": [
        {"name": "Deputy on call", "phone": "+1-312-555-0142", "after_min": 10},
        {"name": "Chief Ngata", "phone": "+1-312-555-0141", "after_min": 120},
    ],
}
MONDAY, SUNDAY = datetime(2026, 11, 30, 15, tzinfo=UTC), datetime(2026, 11, 29, 15, tzinfo=UTC)


def test_an_open_desk_says_until_when() -> None:
    shown = desk_shown(desk_of(KEPT, CHICAGO), MONDAY, CHICAGO)
    assert shown.open_now is True
    assert shown.next == "until 18:00 CST"
    assert shown.hours == "Monday to Friday 08:00-18:00"


def test_a_closed_desk_says_when_it_opens_and_whom_to_call() -> None:
    shown = desk_shown(desk_of(KEPT, CHICAGO), SUNDAY, CHICAGO)
    assert shown.open_now is False
    assert shown.next == "opens 30 Nov 2026, 08:00 CST"
    assert shown.otherwise == (
        "Deputy on call, +1-312-555-0142, after 10 minutes",
        "Chief Ngata, +1-312-555-0141, after 120 minutes",
    )


def test_a_reader_elsewhere_reads_moments_in_their_own_zone() -> None:
    shown = desk_shown(desk_of(KEPT, CHICAGO), MONDAY, NEW_YORK)
    assert shown.next == "until 19:00 EST"
    assert shown.hours == "Monday to Friday 08:00-18:00 (America/Chicago)"


def test_hours_in_a_line_say_their_zone_to_a_reader_elsewhere() -> None:
    desk = desk_of(KEPT, CHICAGO)
    assert hours_shown(desk, NEW_YORK) == "Monday to Friday 08:00-18:00 (America/Chicago)"
    assert hours_shown(desk, CHICAGO) == "Monday to Friday 08:00-18:00"


def test_hours_in_words_say_no_more_than_they_say() -> None:
    words = {"name": "Desk", "phone": "0110", "hours": "mostly", "escalation": "the chief"}
    shown = desk_shown(desk_of(words, CHICAGO), MONDAY, CHICAGO)
    assert (shown.open_now, shown.next, shown.hours) == (None, None, "mostly")
    assert shown.otherwise == ("the chief",)


def test_days_to_come_that_differ_are_listed() -> None:
    desk = desk_of(KEPT, CHICAGO)
    assert different_days(desk, MONDAY) == (("25 Dec 2026", "closed, Christmas Day"),)
    assert different_days(desk, datetime(2026, 12, 26, 15, tzinfo=UTC)) == ()
