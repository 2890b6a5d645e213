"""The rules of the directory and of requests, over facts: the table of steps is gone through whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest

from accord.agencies.domain import Actor
from accord.assistance import policy
from accord.assistance.days import end_of_day
from accord.assistance.disciplines import check_discipline, check_languages, disciplines, spoken
from accord.assistance.domain import (
    OPEN,
    RUNNING,
    STEPS,
    AssistanceState,
    AssistanceStep,
    Entry,
    EntryState,
    Level,
    Line,
    Request,
    Urgency,
    state_of,
)
from accord.assistance.queries.expertise import speaks
from accord.assistance.screen import who
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ASKER = Actor(
    membership="riverbend-pd.m.alvarez", member="m", name="Marisol Alvarez", title="",
    agency="riverbend-pd", agency_name="Riverbend Police Department", agency_kind="police",
    country="US", zone="America/Chicago", roles=frozenset({"investigator"}), clearance="none",
    nationality="US", training=frozenset(), assurance=2,
)  # fmt: skip
DESK = replace(
    ASKER, membership="state-bi.h.mercer", agency="state-bi", roles=frozenset({"supervisor"})
)
CUSTODIAN = replace(DESK, membership="state-bi.c", roles=frozenset({"records-custodian"}))
ANALYST = replace(DESK, membership="state-bi.a.desai", roles=frozenset({"analyst"}))


def request(state: AssistanceState, *, due: datetime = NOW + timedelta(days=1)) -> Request:
    line = Line(
        id=UUID(int=1), asker="riverbend-pd", asked="state-bi", discipline="dna", languages=(),
        urgency=Urgency.SOON, sent_at=NOW - timedelta(days=1), due_at=due, state=state,
        overdue=False,
    )  # fmt: skip
    return Request(
        line=line, purpose="prosecution", legal_basis="statute", text="x", place="",
        needed_until=None, case_number=None, asked_by=ASKER.membership, beside=(), acts=(),
    )  # fmt: skip


def entry(**more: object) -> Entry:
    facts: dict[str, object] = {
        "id": UUID(int=2), "agency": "state-bi", "discipline": "dna", "level": Level.EXPERT,
        "languages": (), "is_unit": False, "unit": "", "note": "", "proposed_at": NOW,
        "state": EntryState.PROPOSED, "until": None, "attested_by": None, "attested_at": None,
        "holder": None, "name": None, "named": False, "mine": False, "listed": False,
    }  # fmt: skip
    return Entry(**{**facts, **more})  # type: ignore[arg-type]  # the fields above


def test_every_step_is_in_the_table_or_refused() -> None:
    for state, act in product(AssistanceState, AssistanceStep):
        if (state, act) in STEPS:
            assert policy.step(state, act) is STEPS[state, act]
        else:
            with pytest.raises(Conflict, match=f"A request that is {state}"):
                policy.step(state, act)


def test_an_end_is_an_end_and_every_state_is_reached() -> None:
    left = {state for state, _ in STEPS}
    assert set(AssistanceState) - left == {
        AssistanceState.DECLINED,
        AssistanceState.PASSED_ON,
        AssistanceState.DONE,
        AssistanceState.WITHDRAWN,
    }
    assert left == RUNNING
    assert set(STEPS.values()) | {AssistanceState.SENT} == set(AssistanceState)


def test_an_ordinary_course() -> None:
    course = [
        AssistanceStep.ACKNOWLEDGE,
        AssistanceStep.REMARK,
        AssistanceStep.ESCALATE,
        AssistanceStep.ACCEPT,
        AssistanceStep.REMARK,
        AssistanceStep.COMPLETE,
    ]
    assert state_of(course) is AssistanceState.DONE
    assert state_of([]) is AssistanceState.SENT


def test_a_step_that_its_state_does_not_admit_changes_nothing() -> None:
    assert state_of([AssistanceStep.COMPLETE]) is AssistanceState.SENT


@pytest.mark.parametrize(
    "act",
    [
        AssistanceStep.ACKNOWLEDGE,
        AssistanceStep.ACCEPT,
        AssistanceStep.DECLINE,
        AssistanceStep.PASS_ON,
    ],
)
def test_only_the_asked_agency_s_desk_answers(act: AssistanceStep) -> None:
    found = request(AssistanceState.SENT)
    policy.check_act(DESK, found, act, NOW)
    policy.check_act(CUSTODIAN, found, act, NOW)
    with pytest.raises(NotAllowed, match="other agency’s"):
        policy.check_act(ASKER, found, act, NOW)
    with pytest.raises(NotAllowed, match="dispatcher"):
        policy.check_act(ANALYST, found, act, NOW)


def test_what_was_escalated_is_answered_by_a_supervisor() -> None:
    found = request(AssistanceState.ESCALATED)
    assert policy.can_act(CUSTODIAN, found, AssistanceStep.ACCEPT, NOW) is not None
    assert policy.check_act(DESK, found, AssistanceStep.ACCEPT, NOW) is AssistanceState.ACCEPTED


def test_it_is_escalated_once_overdue_and_not_before() -> None:
    late = request(AssistanceState.SENT, due=NOW - timedelta(seconds=1))
    assert policy.check_act(ASKER, late, AssistanceStep.ESCALATE, NOW) is AssistanceState.ESCALATED
    with pytest.raises(NotAllowed, match="still has time"):
        policy.check_act(
            ASKER, request(AssistanceState.SENT, due=NOW), AssistanceStep.ESCALATE, NOW
        )
    with pytest.raises(NotAllowed, match="other agency’s"):
        policy.check_act(DESK, late, AssistanceStep.ESCALATE, NOW)


def test_whoever_asked_or_their_supervisor_takes_it_back() -> None:
    found = request(AssistanceState.SENT)
    colleague = replace(ASKER, membership="riverbend-pd.t.nguyen")
    assert policy.check_act(ASKER, found, AssistanceStep.WITHDRAW, NOW) is AssistanceState.WITHDRAWN
    with pytest.raises(NotAllowed, match="Whoever asked"):
        policy.check_act(colleague, found, AssistanceStep.WITHDRAW, NOW)
    boss = replace(colleague, roles=frozenset({"supervisor"}))
    assert policy.check_act(boss, found, AssistanceStep.WITHDRAW, NOW) is AssistanceState.WITHDRAWN
    assert policy.check_act(colleague, found, AssistanceStep.REMARK, NOW) is AssistanceState.SENT


def test_nobody_attests_their_own_and_only_who_manages_attests() -> None:
    policy.check_attest(DESK, entry())
    with pytest.raises(NotAllowed, match="Nobody attests"):
        policy.check_attest(DESK, entry(mine=True))
    with pytest.raises(NotAllowed, match="supervisor or a system administrator"):
        policy.check_attest(ANALYST, entry())
    with pytest.raises(Conflict, match="withdrawn"):
        policy.check_attest(DESK, entry(state=EntryState.WITHDRAWN))


def test_member_and_agency_each_withdraw_alone() -> None:
    policy.check_withdraw_entry(ANALYST, entry(mine=True))
    policy.check_withdraw_entry(DESK, entry())
    with pytest.raises(NotAllowed):
        policy.check_withdraw_entry(ANALYST, entry())


def test_nobody_agrees_to_be_named_for_somebody_else() -> None:
    policy.check_naming(entry(mine=True))
    with pytest.raises(NotAllowed, match="Only the member"):
        policy.check_naming(entry())


def test_an_entry_without_a_name_is_somebody_s() -> None:
    agency = "State Bureau"
    assert who(entry(), agency) == who(None, agency) == "Somebody at State Bureau"
    assert who(entry(unit="Air Support"), agency) == "Air Support, State Bureau"
    assert who(entry(name="Viktor Petrov, State Bureau"), agency) == "Viktor Petrov, State Bureau"


@pytest.mark.parametrize(
    ("check", "field"),
    [
        (lambda: check_discipline("sorcery", "expertise"), "discipline"),
        (lambda: check_languages(["es", "xx"], "expertise"), "languages"),
        (lambda: check_languages(["not a tag"], "expertise"), "languages"),
        (lambda: check_languages([f"{a}{b}q" for a in "abcd" for b in "abcd"], "x"), "languages"),
        (lambda: policy.check_level("wizard"), "level"),
        (lambda: policy.check_note("x" * 301), "note"),
        (lambda: policy.check_unit(" ", True), "unit"),
        (lambda: policy.check_unit("x" * 81, True), "unit"),
        (lambda: policy.check_attested_until(NOW, NOW), "until"),
        (lambda: policy.check_attested_until(NOW + timedelta(days=1200), NOW), "until"),
        (lambda: policy.check_urgency("now"), "urgency"),
        (lambda: policy.check_need("help"), "need"),
        (lambda: policy.check_need("x" * 2001), "need"),
        (lambda: policy.check_place("x" * 121), "place"),
        (lambda: policy.check_needed_until(NOW - timedelta(days=1), NOW), "until"),
        (lambda: policy.check_no_victim(False), "no_victim"),
        (lambda: policy.check_said("", "answer", 600), "answer"),
        (lambda: policy.check_said("x" * 601, "remark", 600), "remark"),
        (lambda: policy.check_asked(ASKER, (), ("state-bi",), 10), "agency"),
        (lambda: policy.check_asked(ASKER, ("riverbend-pd",), (), 10), "agency"),
        (lambda: policy.check_asked(ASKER, ("nobody",), ("state-bi",), 10), "agency"),
        (lambda: policy.check_asked(ASKER, ("a", "b"), ("a", "b"), 1), "agency"),
        (lambda: end_of_day("soon", "UTC", "expertise"), "until"),
        (lambda: end_of_day("9999-12-31", "America/Chicago", "expertise"), "until"),
    ],
)
def test_bad_input_names_the_field_and_the_rule(check: object, field: str) -> None:
    with pytest.raises(InvalidInput) as fault:
        check()  # type: ignore[operator]  # one of the checks above
    assert fault.value.field == field
    assert fault.value.rule


def test_languages_are_tags_in_their_canonical_form() -> None:
    assert check_languages(["ES_mx", "", "ar", "es-MX", "ase"], "x") == ("ar", "ase", "es-MX")
    # Mam and Yucatec have no name in the list of languages, and people who speak them are trafficked.
    assert check_languages(["mam", "yua"], "x") == ("mam", "yua")
    assert (spoken("es-MX"), spoken("ase")) == ("Spanish (Mexico)", "American Sign Language")
    assert spoken("es").in_language("fr") == "Espagnol"
    assert speaks(("es-MX",), "es")
    assert not speaks(("es",), "es-MX")
    assert not speaks(("ase",), "as")


def test_a_unit_has_a_name_and_a_member_has_none_of_it() -> None:
    assert policy.check_unit("  Air   Support ", True) == "Air Support"
    assert policy.check_unit("Air Support", False) == ""


def test_levels_are_ordered() -> None:
    assert Level.EXPERT.and_above == (Level.EXPERT, Level.COURT_QUALIFIED)
    assert Level.AWARE.and_above == tuple(Level)


def test_the_words_are_words_and_mean_something() -> None:
    assert len(disciplines()) > 30
    assert all(word == word.lower() and " " not in word for word in disciplines())
    assert all(disciplines().values())


def test_open_is_where_an_answer_is_owed() -> None:
    assert {state for state, act in STEPS if act is AssistanceStep.ACCEPT} == OPEN
