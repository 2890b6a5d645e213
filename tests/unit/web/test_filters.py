"""How times, numbers and references read on screen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.web import filters as f

AT = datetime(2026, 3, 3, 20, 5, 9, tzinfo=UTC)


def test_a_time_names_its_zone() -> None:
    assert f.as_datetime(AT, "America/Chicago") == "3 Mar 2026, 14:05 CST"
    assert f.as_time(AT, "UTC") == "20:05 UTC"


def test_a_day_is_the_day_of_the_viewers_zone() -> None:
    late = datetime(2026, 3, 4, 3, 0, tzinfo=UTC)
    assert f.as_date(late, "America/Chicago") == "3 Mar 2026"
    assert f.as_date(date(2026, 12, 1)) == "1 Dec 2026"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        f.as_time(datetime(2026, 3, 3, 20, 5), "UTC")


def test_the_machine_form_of_a_time_is_utc() -> None:
    assert f.iso(f.in_zone(AT, "America/Chicago")) == "2026-03-03T20:05:09Z"


@pytest.mark.parametrize(
    ("delta", "text"),
    [
        (timedelta(seconds=-20), "just now"),
        (timedelta(seconds=20), "in under a minute"),
        (timedelta(minutes=-1), "1 minute ago"),
        (timedelta(hours=-3, minutes=-50), "3 hours ago"),
        (timedelta(days=2, hours=1), "in 2 days"),
    ],
)
def test_a_time_is_told_relative_to_now(delta: timedelta, text: str) -> None:
    assert f.relative(AT + delta, AT) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (timedelta(0), "0 seconds"),
        (timedelta(days=3, hours=4, minutes=5), "3 days 4 hours"),
        (timedelta(days=1, minutes=5), "1 day"),
        (timedelta(minutes=1, seconds=30), "1 minute 30 seconds"),
    ],
)
def test_a_duration_is_told_in_two_units(value: timedelta, text: str) -> None:
    assert f.duration(value) == text


def test_a_period_of_an_obligation_is_told_in_words() -> None:
    assert f.period("P1Y") == "1 year"
    assert f.period("P1Y6M") == "1 year 6 months"
    assert f.period("PT48H") == "48 hours"


@pytest.mark.parametrize("value", ["", "P", "1Y", "PT", "P1X"])
def test_what_is_no_period_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not an ISO 8601 period"):
        f.period(value)


def test_counts_take_the_right_noun() -> None:
    assert f.pluralise(1, "hit") == "1 hit"
    assert f.pluralise(0, "hit") == "0 hits"
    assert f.pluralise(1204, "entry", "entries") == "1,204 entries"


def test_a_phone_is_grouped_and_an_odd_one_is_left_alone() -> None:
    assert f.phone("+15125550178") == "+1 512-555-0178"
    assert f.phone("ext. 12") == "ext. 12"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Maria Alvarez", "MA"),
        ("M. Alvarez", "MA"),
        ("Cher", "C"),
        ("Ana de la Cruz", "AC"),
        ("", ""),
    ],
)
def test_initials(name: str, text: str) -> None:
    assert f.initials(name) == text


def test_vocabulary_words_read_as_text() -> None:
    assert f.words("human-trafficking-investigation") == "Human trafficking investigation"
    assert f.words("mou") == "MOU"


def test_a_listing_reads_as_a_sentence() -> None:
    assert f.listing([]) == ""
    assert f.listing(["a", "b", "c"]) == "a, b and c"


@pytest.mark.parametrize(
    "value", ["/cases/", "#top", "?q=x", "https://x.example/", "tel:+15125550178"]
)
def test_links_within_reach_are_kept(value: str) -> None:
    assert f.href(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "JAVASCRIPT:x",
        "data:text/html,x",
        "//evil.example",
        "/\\evil",
        "",
    ],
)
def test_links_that_run_code_or_leave_unmarked_are_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not a link"):
        f.href(value)


@pytest.mark.parametrize(
    "name", ["style", "onclick", "onx", "hx-on", "hx-on-click", "a b", "x=", "A"]
)
def test_attributes_that_carry_script_or_style_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not an attribute"):
        f.attribute(name)


@given(st.text(max_size=40))
@settings(max_examples=60)
def test_a_slug_is_always_fit_for_an_id(text: str) -> None:
    slug = f.slug(text)
    assert slug
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_an_id_reads_as_its_name_and_no_part_of_a_word_does() -> None:
    names = {"state-bi": "State Bureau", "bi": "Wrong"}
    assert f.named("An analyst of state-bi, for state-bi.", names) == (
        "An analyst of State Bureau, for State Bureau."
    )
    assert f.named("of state-bis and mou-state-bi", names) == "of state-bis and mou-state-bi"
