"""Classes of retention are read strictly; tables of states refuse what they do not name."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from accord.kernel.errors import InvalidInput, NotAllowed
from accord.records import recalls, retention, subscriptions
from accord.records.retention import Due, RetentionClass, classes, read_classes

GOOD = """\
version: "1"
classes:
  - id: short
    title: Short
    when: {schema: [Tip]}
    review_after: P30D
    purge_after: P1Y
    authority: A rule
  - id: rest
    title: The rest
    when: {}
    review_after: P6Y
    authority: Another rule
"""


def fitting(schema: str, offence: str, *, intelligence: bool = False) -> RetentionClass:
    facts = {"schema": schema, "intelligence": intelligence, "offences": {offence}}
    return next(c for c in classes() if c.fits(**facts))  # type: ignore[arg-type]  # plain facts


@pytest.mark.parametrize(
    ("schema", "offence", "intelligence", "name"),
    [
        ("Person", "human-trafficking", True, "criminal-intelligence"),
        ("QuarantinedRow", "violence", False, "refused-row"),
        ("Tip", "violence", False, "unverified-tip"),
        ("Person", "child-abuse", False, "mopi-1"),
        ("Incident", "violence", False, "mopi-2"),
        ("Note", "none", False, "mopi-3"),
    ],
)
def test_a_record_takes_the_first_class_that_fits(
    schema: str, offence: str, intelligence: bool, name: str
) -> None:
    assert fitting(schema, offence, intelligence=intelligence).id == name


def test_every_class_names_its_rule_and_none_passes_its_maximum() -> None:
    start = date(2026, 2, 28)
    for one in classes():
        assert len(one.authority) > 10
        limit = one.latest(start)
        if limit is not None:
            assert one.purge_on(start) is not None
            assert max(one.review_on(start), one.purge_on(start) or start) <= limit


@pytest.mark.parametrize(
    ("old", "new", "field", "rule"),
    [
        ("P30D", "soon", "review_after", "ISO 8601"),
        ("when: {}", "when: {schema: [Person]}", "classes", "every record"),
        ("id: rest", "id: short", "classes", "one id"),
        ("    authority: A rule\n", "", "classes", "needs"),
        ("when: {}", "when: {colour: [red]}", "when", "knows"),
        (
            "authority: A rule",
            "authority: A rule\n    maximum: {period: P6M, authority: Law}",
            "purge_after",
            "legal maximum",
        ),
    ],
)
def test_a_bad_class_is_refused_by_line_field_and_rule(
    old: str, new: str, field: str, rule: str
) -> None:
    assert len(read_classes(GOOD, "r.yaml")) == 2
    with pytest.raises(InvalidInput, match=rule) as refused:
        read_classes(GOOD.replace(old, new), "r.yaml")
    assert refused.value.file == "r.yaml"
    assert field in refused.value.field
    assert refused.value.line is not None


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (date(2027, 1, 1), Due.LATER),
        (date(2027, 1, 2), Due.DUE),
        (date(2027, 2, 1), Due.DUE),
        (date(2027, 2, 2), Due.OVERDUE),
    ],
)
def test_a_review_is_due_for_thirty_days(today: date, state: Due) -> None:
    assert retention.due(date(2027, 1, 2), None, today) is state


def test_past_its_last_day_a_record_is_overdue_whatever_its_review() -> None:
    day = date(2027, 1, 2)
    assert retention.due(date(2030, 1, 1), day, day) is Due.LATER
    assert retention.due(date(2030, 1, 1), day, day + timedelta(days=1)) is Due.OVERDUE


@pytest.mark.parametrize(
    ("module", "states", "steps"),
    [
        (retention, retention.ReviewState, retention.ReviewStep),
        (recalls, recalls.RecallState, recalls.Act),
        (subscriptions, subscriptions.SubscriptionState, subscriptions.Move),
    ],
    ids=["reviews", "recalls", "subscriptions"],
)
def test_a_step_that_the_table_does_not_name_is_refused(module, states, steps) -> None:  # type: ignore[no-untyped-def]  # three of a kind
    assert {s for s, _ in module.STEPS} <= set(states)
    for state, step in product(states, steps):
        if (state, step) in module.STEPS:
            assert module.step(state, step) is module.STEPS[state, step]
        else:
            with pytest.raises(NotAllowed):
                module.step(state, step)


def test_what_is_over_stays_over() -> None:
    for module, last in (
        (retention, {"kept", "withdrawn", "purged"}),
        (recalls, {"closed"}),
        (subscriptions, {"ended"}),
    ):
        assert not last & {str(state) for state, _ in module.STEPS}


def test_a_recall_is_overdue_unless_a_hold_of_the_recipient_was_stated() -> None:
    due = datetime(2027, 1, 1, tzinfo=UTC)
    late = due + timedelta(seconds=1)
    for state in recalls.RecallState:
        overdue = state in (recalls.RecallState.SENT, recalls.RecallState.ESCALATED)
        assert recalls.is_overdue(state, due, late) is overdue
        assert not recalls.is_overdue(state, due, due)


def test_a_notice_reads_back_as_it_was_signed() -> None:
    at = datetime(2027, 1, 1, 12, tzinfo=UTC)
    copy = recalls.Copy(recalls.UUID(int=1), at, "a.b", "json", ("core",), "ab" * 32)
    notice = recalls.Notice(
        id=recalls.UUID(int=2), owner="a", to="b", record=recalls.UUID(int=3), schema="Person",
        parts=("core",), what="grant", because="inaccurate", by="a.b", at=at, due=at,
        copies=(copy,), entry=recalls.UUID(int=4),
    )  # fmt: skip
    again = recalls.Notice.from_facts(notice.facts())
    assert (again, again.canonical()) == (notice, notice.canonical())
