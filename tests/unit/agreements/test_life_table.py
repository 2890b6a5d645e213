"""Every pair of state and step either moves or is refused with a reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from accord.agreements.course import Version, not_to_be_activated, run
from accord.agreements.life import (
    ATTESTED,
    DERIVED,
    IS,
    NEEDS,
    REASONED,
    TABLE,
    WHO,
    Act,
    Life,
    State,
    Step,
    check_step,
    refused,
    step_payload,
    why_not,
)
from accord.kernel.errors import Conflict, NotAllowed

A, B, C = "alpha", "bravo", "charlie"
PAIRS = list(product(State, Step))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOSS = frozenset({"supervisor"})


def _life(state: State, **more: object) -> Life:
    suspended = (A,) if state is State.SUSPENDED else ()
    facts: dict[str, object] = {"proposer": A, "suspended_by": suspended}
    return Life(state, parties=frozenset({A, B}), **(facts | more))  # type: ignore[arg-type]  # facts


@pytest.mark.parametrize(("state", "step"), PAIRS)
def test_a_step_moves_or_is_refused_with_a_reason(state: State, step: Step) -> None:
    because = refused(state, step)
    if (state, step) in TABLE:
        assert because is None
        agency = B if (state, step) == (State.SUSPENDED, Step.SUSPEND) else A
        assert check_step(_life(state), step, agency, BOSS) is TABLE[state, step]
        return
    assert because == f"{NEEDS[step]}; this one is {IS[state]}."
    with pytest.raises(Conflict) as refusal:
        check_step(_life(state), step, A, BOSS)
    assert str(refusal.value) == because


@pytest.mark.parametrize(("state", "step"), [p for p in PAIRS if p[1] is not Step.DRAFT])
def test_a_stranger_and_a_detective_are_refused_whatever_the_state(
    state: State, step: Step
) -> None:
    with pytest.raises(NotAllowed, match="no party") as stranger:
        check_step(_life(state), step, C, BOSS)
    with pytest.raises(NotAllowed, match="Only a supervisor") as detective:
        check_step(_life(state), step, A, ("investigator",))
    assert stranger.value.who_can_change
    assert detective.value.who_can_change == WHO[step]


def test_the_tables_are_whole() -> None:
    assert set(WHO) == set(NEEDS) == set(Step)
    assert set(IS) == set(State)
    set_by_somebody = set(TABLE.values()) | {State.DRAFT}
    assert {State.SIGNED, State.EXPIRED} == set(State) - set_by_somebody
    assert set(DERIVED) == {State.SIGNED, State.EXPIRED, State.SUPERSEDED}
    assert ATTESTED - {Step.ACTIVATE} <= REASONED


@pytest.mark.parametrize("state", [State.SUPERSEDED, State.TERMINATED, State.WITHDRAWN])
def test_what_is_over_stays_over(state: State) -> None:
    assert [step for step in Step if refused(state, step) is None] == []


def test_only_the_proposer_withdraws_and_only_who_suspended_resumes() -> None:
    assert "alpha proposed" in (why_not(_life(State.PROPOSED), Step.WITHDRAW, B, BOSS) or "")
    assert why_not(_life(State.PROPOSED), Step.WITHDRAW, A, BOSS) is None
    assert "alpha suspended" in (why_not(_life(State.SUSPENDED), Step.RESUME, B, BOSS) or "")
    assert why_not(_life(State.SUSPENDED), Step.RESUME, A, BOSS) is None
    twice = why_not(_life(State.SUSPENDED), Step.SUSPEND, A, BOSS)
    assert twice == "Your agency suspended this already."
    signed = _life(State.PROPOSED, signed_by=frozenset({A}))
    assert why_not(signed, Step.SIGN, A, BOSS) == "Your agency has signed this already."
    assert why_not(signed, Step.SIGN, B, BOSS) is None


# -- a life, worked out from what was stored -------------------------------------------------------

VERSION = Version("v1", frozenset({A, B}), frozenset({A, B}), begins=NOON)


class Story:
    """Acts in the order in which they are told."""

    def __init__(self, *versions: Version) -> None:
        self.versions = versions or (VERSION,)
        self.acts: list[Act] = []

    def then(self, step: Step, agency: str = A, version: str = "v1", **facts: object) -> Story:
        number = len(self.acts) + 1
        told: dict[str, object] = {
            "at": NOON + timedelta(hours=number),
            "signature": number.to_bytes(64, "big"),
        }
        act = Act(number, version, step, agency, f"{agency}.boss", **(told | facts))  # type: ignore[arg-type]  # facts
        self.acts.append(act)
        return self

    def lives(
        self, at: datetime = NOON + timedelta(days=1), forged: int = 0, keyless: bool = False
    ) -> dict[str, Life]:
        def attested(act: Act) -> bool:
            return keyless if act.signature is None else act.number != forged

        courses = run(self.versions, self.acts, attested)
        return {h: course.life(at) for h, course in courses.items()}

    def state(self, version: str = "v1", **asked: object) -> State:
        return self.lives(**asked)[version].state  # type: ignore[arg-type]  # asked


def test_a_version_is_signed_by_its_signatures_and_in_force_by_an_act() -> None:
    assert Story().state() is State.SIGNED
    half = Version("v1", frozenset({A, B}), frozenset({A}))
    assert Story(half).state() is State.PROPOSED
    assert Story(half).then(Step.ACTIVATE).state() is State.PROPOSED
    assert Story().then(Step.ACTIVATE).state() is State.IN_FORCE


def test_suspension_by_two_ends_when_both_resume() -> None:
    story = Story().then(Step.ACTIVATE).then(Step.SUSPEND, A).then(Step.SUSPEND, B)
    assert story.lives()["v1"].suspended_by == (A, B)
    assert story.then(Step.RESUME, A).state() is State.SUSPENDED
    assert story.then(Step.RESUME, B).state() is State.IN_FORCE
    assert story.lives()["v1"].suspended_by == ()


def test_a_forged_act_a_stranger_s_act_and_a_repeated_signature_decide_nothing() -> None:
    story = Story().then(Step.ACTIVATE)
    assert story.state(forged=1) is State.SIGNED
    story.then(Step.SUSPEND, C)
    assert story.state() is State.IN_FORCE
    assert [a.agency for a in story.lives()["v1"].ignored] == [C]
    story.then(Step.SUSPEND, A).then(Step.RESUME, A)
    again = story.acts[-2]
    story.then(Step.SUSPEND, A, at=again.at, signature=again.signature)
    assert story.state() is State.IN_FORCE
    story.then(Step.SUSPEND, A, signature=None)
    assert story.state() is State.IN_FORCE


def test_without_a_signature_an_agency_can_only_suspend() -> None:
    for step in ATTESTED - {Step.ACTIVATE, Step.SUSPEND}:
        story = Story().then(Step.ACTIVATE).then(Step.SUSPEND, A, signature=None)
        assert story.state() is State.IN_FORCE
        assert story.state(keyless=True) is State.SUSPENDED
        assert story.then(step, A, signature=None).state(keyless=True) is State.SUSPENDED
    assert Story().then(Step.ACTIVATE, signature=None).state(keyless=True) is State.SIGNED


def test_time_ends_an_agreement_and_nobody_resumes_it_then() -> None:
    ends = NOON + timedelta(hours=5)
    short = Version("v1", frozenset({A, B}), frozenset({A, B}), ends=ends)
    story = Story(short).then(Step.ACTIVATE).then(Step.SUSPEND)
    assert story.state(at=ends - timedelta(seconds=1)) is State.SUSPENDED
    assert story.state(at=ends) is State.EXPIRED
    story.then(Step.RESUME, at=ends)
    assert story.state(at=ends) is State.EXPIRED
    late = Story(short).then(Step.ACTIVATE, at=ends)
    assert late.state(at=ends) is State.SIGNED


def _amendment(**changes: object) -> Version:
    facts: dict[str, object] = {
        "content_hash": "v2",
        "parties": frozenset({A, B}),
        "signed_by": frozenset({A, B}),
        "amends": "v1",
        "begins": NOON,
    }
    return Version(**(facts | changes))  # type: ignore[arg-type]  # facts


def test_an_amendment_supersedes_its_parent_for_good() -> None:
    story = Story(VERSION, _amendment()).then(Step.ACTIVATE).then(Step.ACTIVATE, B, "v2")
    assert (story.state("v1"), story.state("v2")) == (State.SUPERSEDED, State.IN_FORCE)
    story.then(Step.TERMINATE, A, "v2")
    assert (story.state("v1"), story.state("v2")) == (State.SUPERSEDED, State.TERMINATED)


@pytest.mark.parametrize(
    "amendment",
    [
        _amendment(may_amend=False),
        _amendment(amends=None),
        _amendment(amends="another"),
        _amendment(begins=NOON + timedelta(days=9)),
        _amendment(ends=NOON),
        _amendment(signed_by=frozenset({A})),
    ],
    ids=["drops a party", "names no parent", "unknown parent", "later", "over", "half signed"],
)
def test_an_act_that_the_rules_refuse_puts_nothing_in_force(amendment: Version) -> None:
    story = Story(VERSION, amendment).then(Step.ACTIVATE).then(Step.ACTIVATE, B, "v2")
    assert story.state("v1") is State.IN_FORCE
    assert story.state("v2") in (State.SIGNED, State.PROPOSED)


def test_of_two_amendments_of_one_version_the_second_is_stale() -> None:
    other = _amendment(content_hash="v3")
    story = Story(VERSION, _amendment(), other).then(Step.ACTIVATE)
    story.then(Step.ACTIVATE, B, "v2").then(Step.ACTIVATE, A, "v3")
    states = {k: v.state for k, v in story.lives().items()}
    assert states == {"v1": State.SUPERSEDED, "v2": State.IN_FORCE, "v3": State.SIGNED}
    assert "replaced by an amendment" in (not_to_be_activated(other, states, NOON) or "")


def test_a_suspended_version_is_not_amended_away() -> None:
    story = Story(VERSION, _amendment()).then(Step.ACTIVATE).then(Step.SUSPEND, B)
    story.then(Step.ACTIVATE, A, "v2")
    assert (story.state("v1"), story.state("v2")) == (State.SUSPENDED, State.SIGNED)


def test_what_an_agency_signs_names_the_step_its_time_and_its_reason() -> None:
    payload = step_payload("v1", Step.SUSPEND, NOON, "A leak")
    assert payload == (
        b'{"at":"2026-03-01T12:00:00.000000Z","hash":"v1","reason":"A leak","step":"suspend",'
        b'"type":"accord-agreement-step/1"}'
    )
