"""Whatever key is revoked, since when: what only took away stays taken away."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.agencies.keys import KeyRing, SigningKey
from accord.agreements.course import Version, settle
from accord.agreements.life import STANDING, Act, Life, State, Step, step_payload, why_not
from accord.agreements.versions import is_attested

A, B, C = "alpha", "bravo", "charlie"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOSS = ("supervisor",)
FIRST = {agency: Ed25519PrivateKey.generate() for agency in (A, B, C)}
NEXT = Ed25519PrivateKey.generate()


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def hour(number: float) -> datetime:
    return NOON + timedelta(hours=number)


def told(number: int, version: str, step: Step, agency: str, key: Ed25519PrivateKey | None) -> Act:
    """A step that is taken in the hour of its number; None: without a signature."""
    act = Act(number, version, step, agency, f"{agency}.boss", hour(number))
    signed = None if key is None else key.sign(step_payload(version, step, act.at, ""))
    return replace(act, signature=signed)


@dataclass
class Node:
    """Versions of one agreement, the keys of their parties, and the steps that were taken."""

    keys: KeyRing
    acts: list[Act] = field(default_factory=list)
    hours: int = 0
    signed: tuple[tuple[str, str], ...] = ((A, "v2"), (B, "v2"), (C, "v2"))

    @classmethod
    def begin(cls) -> Node:
        return cls(KeyRing(tuple(SigningKey(a, public(k), None) for a, k in FIRST.items())))

    def versions(self, keys: KeyRing) -> list[Version]:
        """One for two parties, and an amendment that a third one joins; alpha signed it in hour 2."""
        both, three = frozenset({A, B}), frozenset({A, B, C})
        signed = three if keys.key(A, hour(2)) else three - {A}
        return [Version("v1", both, both), Version("v2", three, signed, amends="v1")]

    def lives(self) -> dict[str, Life]:
        rings = (*self.keys.as_known((A, B, C)), self.keys)
        known = [(self.versions(k), partial(is_attested, k)) for k in rings]
        courses = settle(self.acts, known)
        return {name: course.life(hour(self.hours + 1)) for name, course in courses.items()}

    def then(self, step: Step, agency: str = A, version: str = "v1") -> Node:
        """Take a step as the actions would: where it may be taken, under the key in force."""
        self.hours += 1
        at = hour(self.hours)
        key = next(
            (k for k in (*FIRST.values(), NEXT) if public(k) == self.keys.key(agency, at)), None
        )
        if key is None and step is not Step.SUSPEND:
            return self
        if why_not(self.lives()[version], step, agency, BOSS) is None:
            self.acts.append(told(self.hours, version, step, agency, key))
        return self

    def revoke(self, since: float, agency: str = A) -> Node:
        """Say of the agency's key that others have it since then; once it is revoked, since earlier."""
        self.hours += 1
        at, from_then = hour(self.hours), hour(since)
        held = self.keys.held(agency, at) or public(FIRST[agency])

        def said(key: SigningKey) -> SigningKey:
            known = key.revoked_from
            if key.public != held or (known is not None and from_then >= known):
                return key
            sayings = (*key.sayings, (at, from_then))
            return replace(
                key, revoked_at=key.revoked_at or at, revoked_from=from_then, sayings=sayings
            )

        self.keys = KeyRing(tuple(map(said, self.keys.keys)))
        return self

    def bring(self) -> Node:
        self.hours += 1
        new = SigningKey(A, public(NEXT), hour(self.hours))
        self.keys = KeyRing((*self.keys.keys, new))
        return self

    def state(self, version: str = "v1") -> State:
        return self.lives()[version].state


@pytest.mark.parametrize(
    ("step", "state"),
    [(Step.SUSPEND, State.SUSPENDED), (Step.TERMINATE, State.TERMINATED)],
)
def test_what_was_held_back_or_ended_stays_so_when_its_key_is_revoked_since_before(
    step: Step, state: State
) -> None:
    node = Node.begin().then(Step.ACTIVATE, B).then(Step.SIGN).then(step)
    assert node.state() is state
    node.revoke(since=2.5)
    assert node.state() is state


def test_what_a_revoked_key_opened_is_closed_again() -> None:
    node = Node.begin().then(Step.ACTIVATE, B).then(Step.SUSPEND).then(Step.RESUME)
    assert node.state() is State.IN_FORCE
    assert node.revoke(since=2.5).state() is State.SUSPENDED
    assert Node.begin().then(Step.ACTIVATE).revoke(since=0).state() is State.SIGNED


def test_after_the_revocation_the_key_takes_nothing_away() -> None:
    node = Node.begin().then(Step.ACTIVATE, B).revoke(since=1.5)
    for step in (Step.SUSPEND, Step.TERMINATE):
        node.hours += 1
        node.acts.append(told(node.hours, "v1", step, A, FIRST[A]))
    assert node.state() is State.IN_FORCE


def test_a_key_that_is_retired_takes_nothing_away_either() -> None:
    keys = KeyRing((SigningKey(A, public(FIRST[A]), None, retired_at=hour(1)),))
    assert is_attested(keys, told(0, "v1", Step.SUSPEND, A, FIRST[A]))
    assert not is_attested(keys, told(1, "v1", Step.SUSPEND, A, FIRST[A]))


def test_what_others_held_back_stays_so_when_it_is_put_in_force_anew() -> None:
    """The revocation unmakes the step that put it in force, and with it that it could be suspended."""
    node = Node.begin().then(Step.ACTIVATE).then(Step.SUSPEND, B)
    assert node.revoke(since=0).state() is State.SIGNED
    assert node.then(Step.ACTIVATE, B).state() is State.SUSPENDED
    assert node.lives()["v1"].suspended_by == (B,)
    assert node.then(Step.RESUME, B).state() is State.IN_FORCE
    ended = Node.begin().then(Step.ACTIVATE).then(Step.TERMINATE, B).revoke(since=0)
    assert ended.then(Step.ACTIVATE, B).state() is State.TERMINATED


@pytest.mark.parametrize(
    ("step", "state"),
    [(Step.SUSPEND, State.SUSPENDED), (Step.TERMINATE, State.TERMINATED)],
)
def test_what_an_ended_amendment_had_replaced_does_not_come_back(step: Step, state: State) -> None:
    node = Node.begin().then(Step.ACTIVATE, B).then(Step.SIGN).then(Step.ACTIVATE, A, "v2")
    assert node.state() is State.SUPERSEDED
    node.then(step, B, "v2")
    assert node.revoke(since=2.5).state() is state
    again = Node.begin().then(Step.ACTIVATE, B).then(Step.SIGN).then(Step.ACTIVATE, A, "v2")
    assert again.revoke(since=2.5).state() is State.IN_FORCE, "nobody had ended it"


def test_what_was_ended_after_a_first_revocation_is_so_after_an_earlier_one() -> None:
    """What counted only between the two is undone by the second; what ended it is not."""
    node = Node.begin().then(Step.ACTIVATE, B).then(Step.SIGN).then(Step.ACTIVATE, A, "v2")
    node.revoke(since=2.8).then(Step.TERMINATE, B)
    assert node.revoke(since=0.5).state() is State.TERMINATED
    node = Node.begin().then(Step.ACTIVATE, A).then(Step.SIGN).then(Step.ACTIVATE, A, "v2")
    assert node.state("v2") is State.IN_FORCE
    node.revoke(since=2.8)
    assert (node.state(), node.state("v2")) == (State.IN_FORCE, State.SIGNED)
    node.then(Step.SUSPEND, B)
    assert node.state() is State.SUSPENDED
    node.revoke(since=0.5)
    assert node.then(Step.ACTIVATE, B).state() is State.SUSPENDED


def test_also_where_whoever_held_it_back_is_no_party_to_what_was_replaced() -> None:
    node = Node.begin().then(Step.ACTIVATE, B).then(Step.SIGN).then(Step.ACTIVATE, A, "v2")
    node.then(Step.SUSPEND, C, "v2").revoke(since=2.5)
    assert node.state() is State.SUSPENDED
    assert node.then(Step.TERMINATE, B).state() is State.TERMINATED


def test_an_agency_without_a_key_suspends_by_its_supervisor_s_word_and_resumes_by_its_next_key() -> (
    None
):
    node = Node.begin().then(Step.ACTIVATE, B).revoke(since=1.5)
    assert node.then(Step.SUSPEND).state() is State.SUSPENDED
    for step in (Step.RESUME, Step.TERMINATE):
        node.acts.append(told(node.hours + 1, "v1", step, A, None))
        assert node.state() is State.SUSPENDED
        node.acts.pop()
    assert node.bring().state() is State.SUSPENDED
    assert node.then(Step.RESUME).state() is State.IN_FORCE


@pytest.mark.parametrize("since", [1.5, 4])
def test_while_an_agency_has_a_key_nothing_is_suspended_without_it(since: float) -> None:
    """Whoever says later that others had it opens no time in which none was needed."""
    node = Node.begin().then(Step.ACTIVATE, B)
    node.hours = 3
    node.acts.append(told(2, "v1", Step.SUSPEND, A, None))
    assert node.state() is State.IN_FORCE
    assert node.revoke(since=since).state() is State.IN_FORCE


STEPS = st.tuples(
    st.sampled_from([Step.ACTIVATE, Step.SUSPEND, Step.RESUME, Step.TERMINATE]),
    st.sampled_from([A, B, C]),
    st.sampled_from(["v1", "v2"]),
)


def closed_by_somebody(node: Node) -> dict[str, tuple[State, frozenset[str]]]:
    """What is ended, and who holds what back."""
    lives = node.lives()
    return {n: (life.state, frozenset(life.suspended_by)) for n, life in lives.items()}


def revoked(node: Node, whose: str, data: st.DataObject) -> dict[str, tuple[State, frozenset[str]]]:
    """Revoke somebody's key since whenever; nothing opens. Returns what was closed before."""
    before = closed_by_somebody(node)
    node.revoke(data.draw(st.integers(-1, node.hours)), whose)
    after = closed_by_somebody(node)
    if State.IN_FORCE not in [state for state, _ in before.values()]:
        assert State.IN_FORCE not in [state for state, _ in after.values()]
    for name, (state, suspenders) in before.items():
        assert state is not State.TERMINATED or after[name][0] is State.TERMINATED
        assert after[name][0] is State.TERMINATED or suspenders <= after[name][1]
    return before


def go_on(node: Node, steps: list[tuple[Step, str, str]]) -> None:
    """Whatever is tried next, short of resuming."""
    for step, agency, version in steps:
        if step is not Step.RESUME:
            node.then(step, agency, version)


@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, max_size=10), st.data())
def test_no_revocation_opens_what_was_closed(
    steps: list[tuple[Step, str, str]], data: st.DataObject
) -> None:
    node = Node.begin().then(Step.ACTIVATE, data.draw(st.sampled_from([A, B])))
    for step in steps:
        node.then(*step)
    whose = data.draw(st.sampled_from([A, B, C]))
    before = revoked(node, whose, data)
    if data.draw(st.booleans()):
        go_on(node, data.draw(st.lists(STEPS, max_size=4)))
        before = revoked(node, whose, data)
    if whose == A and data.draw(st.booleans()):
        node.bring()
    go_on(node, data.draw(st.lists(STEPS, max_size=6)))
    for name, (state, suspenders) in before.items():
        found = node.lives()[name].state
        assert state is not State.TERMINATED or found not in STANDING
        assert not suspenders or found is not State.IN_FORCE
