"""One box, typed criteria, and a minimum against fishing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.kernel.errors import NotAllowed
from accord.records.search_query import (
    QueryError,
    check_minimum,
    form_query,
    meets_minimum,
    parse_query,
)


@pytest.mark.parametrize(
    ("text", "criteria"),
    [
        ("Maria Lopez", {("name", "Maria Lopez")}),
        ("lopez, maria 1990-02-01", {("name", "lopez maria"), ("birthDate", "1990-02-01")}),
        ("02/01/1990 Lopez", {("name", "Lopez"), ("birthDate", "1990-02-01")}),
        ("ABC1234", {("plate", "ABC1234"), ("identifier", "ABC1234")}),
        ("+1 (312) 555-0142", {("phone", "+13125550142")}),
        ("312 555 0142 Maria", {("phone", "+13125550142"), ("name", "Maria")}),
        ("123-45-6789", {("identifier", "123-45-6789")}),
        ("1M8GDM9AXKP042788", {("vin", "1M8GDM9AXKP042788")}),
        ('"red pickup truck"', {("phrase", "red pickup truck")}),
        ('name:"de la Cruz" dob:1990', {("name", "de la Cruz"), ("birthDate", "1990")}),
        ("plate:abc-123", {("plate", "ABC123")}),
        ("a@Example.org", {("email", "a@example.org")}),
        ("王小明", {("name", "王小明")}),
    ],
)
def test_a_question_is_read_as_what_it_means(text, criteria):
    assert {(c.kind, c.value) for c in parse_query(text).all} == criteria


def test_the_day_comes_first_outside_the_united_states():
    assert parse_query("01/02/1990 Lopez", region="MX").of("birthDate") == ("1990-02-01",)


@pytest.mark.parametrize(
    "text", ["Maria Lopez", "Maria 1990-02-01", "ABC1234", "312-555-0142", "王小明", "a@b.co"]
)
def test_a_question_that_points_at_somebody_may_go_to_other_agencies(text):
    check_minimum(parse_query(text))


@pytest.mark.parametrize(
    "text", ["Maria", "1990-02-01", '"red pickup truck"', "a b", "12", "dob:1990", "plate:AB"]
)
def test_a_question_that_fishes_may_not(text):
    query = parse_query(text)
    with pytest.raises(NotAllowed, match="too much"):
        check_minimum(query)
    assert not meets_minimum(query)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Write a name"),
        ("  ", "Write a name"),
        ("Mar*", "wildcards"),
        ("%", "wildcards"),
        ("x" * 301, "at most"),
        ("a\x00b", "control character"),
        ("dob:31/31/1990", "birth date"),
        ("vin:123", "VIN"),
        ("phone:911", "telephone"),
        ("name:12", "letter"),
    ],
)
def test_a_question_that_cannot_be_read_says_why(text, says):
    with pytest.raises(QueryError, match=says):
        parse_query(text)


def test_the_form_asks_the_same_as_the_box():
    form = form_query({"name": "Maria Lopez", "birthDate": "1990-02-01", "plate": ""})
    assert set(form.all) == set(parse_query("Maria Lopez 1990-02-01").all)
    with pytest.raises(QueryError, match="no search field"):
        form_query({"shoe": "9"})
    with pytest.raises(QueryError, match="at least one"):
        form_query({"name": " "})


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_whatever_is_typed_is_read_or_refused_with_a_sentence(text):
    try:
        query = parse_query(text)
    except QueryError as error:
        assert error.message.endswith(".")  # noqa: PT017 - either outcome is right
        return
    assert query.all
    assert meets_minimum(query) in (True, False)
