"""Obligations as typed duties, and periods by the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from accord.agreements import grants
from accord.agreements.domain import (
    HANDLING_OBLIGATIONS,
    OBLIGATION_ORDER,
    Agreement,
    Asker,
    Clause,
    Obligation,
    Reach,
    Reason,
    Term,
)
from accord.agreements.obligations import Binding, Due, DutyKind, later, plan, shortest
from accord.kernel.labels import Label

START = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "end"),
    [
        ("P1Y", datetime(2027, 1, 31, 12, tzinfo=UTC)),
        ("P1M", datetime(2026, 2, 28, 12, tzinfo=UTC)),
        ("P25M", datetime(2028, 2, 29, 12, tzinfo=UTC)),
        ("P2W", datetime(2026, 2, 14, 12, tzinfo=UTC)),
        ("P90D", datetime(2026, 5, 1, 12, tzinfo=UTC)),
        ("PT24H", datetime(2026, 2, 1, 12, tzinfo=UTC)),
        ("PT90M", datetime(2026, 1, 31, 13, 30, tzinfo=UTC)),
        ("P1DT1H", datetime(2026, 2, 1, 13, tzinfo=UTC)),
        ("P9999Y", datetime(9998, 12, 31, 12, tzinfo=UTC)),
    ],
)
def test_a_period_leads_to_a_day_of_the_calendar(period: str, end: datetime) -> None:
    assert later(START, period) == end


@pytest.mark.parametrize("period", ["", "P", "PT", "1Y", "P1S", "P-1D", "P1Y ", "P1.5D"])
def test_what_is_no_period_has_no_end(period: str) -> None:
    with pytest.raises(ValueError, match="has no end"):
        later(START, period)


def test_a_time_without_a_zone_has_no_end() -> None:
    with pytest.raises(ValueError, match="has no end"):
        later(START.replace(tzinfo=None), "P1D")


def test_the_shortest_period_ends_first() -> None:
    assert shortest(START, ["P1Y", "P90D", "PT24H"]) == datetime(2026, 2, 1, 12, tzinfo=UTC)
    assert shortest(START, []) is None


def test_every_obligation_of_clauses_and_labels_is_planned() -> None:
    valued = {"end-access": "P1Y", "notify-after": "determination(no-tip-off)"}
    for kind in {*OBLIGATION_ORDER, *HANDLING_OBLIGATIONS.values()}:
        made = plan([Obligation(kind, valued.get(kind))])
        assert len(made.due) + len(made.bindings) == 1, kind


def test_an_obligation_that_nobody_carries_out_is_no_plan() -> None:
    with pytest.raises(ValueError, match="hope"):
        plan([Obligation("hope")])


def test_a_plan_has_its_times() -> None:
    made = plan(
        [
            Obligation("notify-owner"),
            Obligation("notify-owner", "P3D"),
            Obligation("notify-after", "determination(no-tip-off)"),
            Obligation("end-access", "P1Y"),
            Obligation("no-onward"),
        ]
    )
    assert [due.due_at(START) for due in made.due] == [
        START,
        datetime(2026, 2, 3, 12, tzinfo=UTC),
        None,
        datetime(2027, 1, 31, 12, tzinfo=UTC),
    ]
    assert made.ends_within == "P1Y"
    assert made.binds(Binding.NO_ONWARD)
    assert not made.binds(Binding.WATERMARK)
    assert Due(DutyKind.RETURN_COPY).due_at(START) == START


LABEL = Label(
    owner="a", schema="Person", part="core", subjects=frozenset({"suspect"}),
    sensitivity="official", handling="none", basis="statute", offence="none",
    minor=False, sealed=False, intelligence=False,
)  # fmt: skip


def agreement(*clauses: Clause, parties: tuple[str, ...] = ("a", "b")) -> Agreement:
    term = Term(date(2026, 1, 1), None, "UTC")
    return Agreement("m", "mou", "M", (), parties, term, 1, clauses)


def clause(number: str, period: str | None, **more: object) -> Clause:
    facts: dict[str, object] = {"when": frozenset({"grant"}), "action": "view"} | more
    asked = () if period is None else (Obligation("end-access", period),)
    return Clause(
        id=number,
        prose="p",
        effect="permit",
        reason=Reason(purpose=frozenset({"x"})),
        obligations=asked,
        **facts,  # type: ignore[arg-type]  # the fields that a case names
    )


def test_a_grant_ends_with_the_shortest_clause_that_it_serves() -> None:
    made = agreement(clause("1", "P1Y"), clause("2", "P90D"), clause("3", None))
    found = grants.ends([made], LABEL, "b", START)
    assert found is not None
    assert (found[0], found[1].clause_id) == (datetime(2026, 5, 1, 12, tzinfo=UTC), "2")


@pytest.mark.parametrize(
    "other",
    [
        clause("1", None),
        clause("1", "P1D", when=frozenset({"case"})),
        clause("1", "P1D", action="hit"),
        clause("1", "P1D", to=Asker(agency=frozenset({"c"}))),
        clause("1", "P1D", of=Reach(owner=frozenset({"c"}))),
        clause("1", "P1D", of=Reach(part=frozenset({"identity"}))),
        clause("1", "P1D", of=Reach(subject=frozenset({"victim"}))),
    ],
)
def test_a_clause_that_the_grant_does_not_serve_ends_nothing(other: Clause) -> None:
    assert grants.ends([agreement(other)], LABEL, "b", START) is None


def test_an_agreement_of_others_ends_nothing() -> None:
    made = agreement(clause("1", "P1D"), parties=("a", "c"))
    assert grants.ends([made], LABEL, "b", START) is None
