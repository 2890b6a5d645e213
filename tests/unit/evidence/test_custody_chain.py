"""The chain of custody: what the table admits verifies, and every way of tampering has its name."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from hashlib import sha256
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from accord.evidence.custody.chain import Code, _repeated, faults_of, read_chain
from accord.evidence.custody.domain import (
    FACTS,
    TABLE,
    WHO,
    Event,
    Position,
)
from accord.evidence.custody.domain import (
    CustodyAct as Act,
)
from accord.evidence.custody.domain import (
    CustodyState as State,
)
from accord.evidence.custody.reading import read_event
from accord.kernel.errors import InvalidInput
from accord_verify.custody import _of_it, check_custody, read_custody
from accord_verify.notes import Trust
from accord_verify.signature import Expected
from unit.evidence.chaining import (
    BEGAN,
    CONTENT,
    Made,
    elsewhere,
    event,
    here,
    relinked,
    shown,
    signed,
    transferred,
)

ALLOWED = {
    "none": {"acquire"},
    "held": {"check-out", "offer", "return", "order-disposal", "seal", "derive", "release"},
    "held-sealed": {"check-out", "offer", "return", "order-disposal", "unseal", "release"},
    "checked-out": {"check-in", "seal", "derive"},
    "checked-out-sealed": {"check-in", "unseal"},
    "offered": {"accept", "decline", "withdraw"},
    "offered-sealed": {"accept", "decline", "withdraw"},
    "disposal-ordered": {"withdraw", "dispose"},
    "disposal-ordered-sealed": {"withdraw", "dispose"},
    "released": set[str](),
    "disposed": set[str](),
}
"""What may be done in each state, written down a second time and by hand."""


def test_the_table_admits_what_was_decided_and_nothing_else() -> None:
    assert {(s, a) for s, acts in ALLOWED.items() for a in acts} == {
        (str(state), str(act)) for state, act in TABLE
    }
    assert set(WHO) == set(FACTS) == set(Act)
    assert {str(state) for state in State} == set(ALLOWED)


def test_what_is_sealed_stays_sealed_until_it_is_unsealed() -> None:
    for (state, act), to in TABLE.items():
        if act in (
            Act.SEAL,
            Act.UNSEAL,
            Act.RELEASE,
            Act.DISPOSE,
            Act.ACQUIRE,
        ):
            continue
        assert state.endswith("-sealed") == to.endswith("-sealed"), (state, act)


class Chains(RuleBasedStateMachine):
    """Walks through custody under a naive model: a dictionary, and the sets above."""

    def __init__(self) -> None:
        super().__init__()
        self.made = Made()
        self.has = ""
        self.state = "none"
        self.offered: str | None = None
        self.back: list[str] = []
        self.was_return = False

    @initialize(agency=st.sampled_from(["alpha", "bravo", "lab"]))
    def acquires(self, agency: str) -> None:
        self.made.take(Act.ACQUIRE, agency)
        self.has, self.state, self.owner = agency, "held", agency

    def _can(self, act: str) -> bool:
        return act in ALLOWED[self.state]

    @rule(act=st.sampled_from(["seal", "unseal", "check-out", "check-in", "derive"]))
    def works(self, act: str) -> None:
        if not self._can(act):
            return
        self.made.take(Act(act), self.has)
        self.state = {
            "seal": self.state + "-sealed",
            "unseal": self.state.removesuffix("-sealed"),
            "check-out": self.state.replace("held", "checked-out"),
            "check-in": self.state.replace("checked-out", "held"),
        }.get(act, self.state)

    @precondition(lambda self: self._can("offer"))
    @rule(to=st.sampled_from(["alpha", "bravo", "lab"]), returns=st.booleans())
    def hands_over(self, to: str, returns: bool) -> None:
        returns = returns and bool(self.back)
        to = self.back[-1] if returns else to
        if to == self.has:
            return
        self.made.take(Act.RETURN if returns else Act.OFFER, self.has, to=to)
        self.offered, self.was_return = to, returns
        self.state = self.state.replace("held", "offered")

    @precondition(lambda self: self.offered)
    @rule(answer=st.sampled_from(["accept", "decline", "withdraw"]))
    def answers(self, answer: str) -> None:
        assert self.offered
        self.made.take(Act(answer), self.has if answer == "withdraw" else self.offered)
        if answer == "accept":
            if self.was_return:
                self.back.pop()
            else:
                self.back.append(self.has)
            self.has = self.offered
        self.offered = None
        self.state = self.state.replace("offered", "held")

    @precondition(lambda self: self._can("order-disposal") and self.has == self.owner)
    @rule(then=st.sampled_from(["withdraw", "withdraw", "dispose"]))
    def orders_disposal(self, then: str) -> None:
        self.made.take(Act.ORDER, self.has)
        self.made.take(Act(then), self.has, person="two")
        self.state = "disposed" if then == "dispose" else self.state

    @precondition(lambda self: self._can("release") and self.has == self.owner)
    @rule(really=st.integers(0, 5))
    def releases(self, really: int) -> None:
        if really == 0:
            self.made.take(Act.RELEASE, self.has)
            self.state = "released"

    @rule(act=st.sampled_from(Act), agency=st.sampled_from(["alpha", "bravo", "lab"]))
    def whatever_else_is_tried_follows_only_if_the_model_says_so(
        self, act: Act, agency: str
    ) -> None:
        tried = event(self.made.position, act, agency, person="three")
        side = self.offered if act in (Act.ACCEPT, Act.DECLINE) else self.has
        fits = self._can(str(act)) and agency == side
        if act in (Act.RELEASE, Act.ORDER, Act.DISPOSE):
            fits = fits and agency == self.owner
        if act in (Act.OFFER, Act.RETURN):
            fits = fits and agency != "lab"
        if act is Act.RETURN:
            fits = fits and self.back[-1:] == ["lab"]
        assert (faults_of(self.made.position, tried) == []) == fits, tried

    @invariant()
    def both_readers_find_nothing_and_know_who_has_it(self) -> None:
        if not self.made.events:
            return
        file = shown(self.made.events, sign=False)
        assert here(file) == set()
        assert elsewhere(file) <= {"not-signed"}
        position = self.made.position
        assert (position.state, position.custodian) == (self.state, self.has)
        assert position.offered_to == self.offered


Chains.TestCase.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
TestChains = Chains.TestCase


def test_a_whole_chain_that_is_signed_verifies_elsewhere() -> None:
    file = shown(transferred().events)
    assert here(file) == set()
    assert elsewhere(file) == set()
    assert elsewhere(shown(transferred().events[:-2]), CONTENT) == set()


def _edit(events: list[Event], at: int) -> dict[str, Any]:
    file = shown(events)
    facts = json.loads(file["chain"][at]["event"]) | {"reason": "another reason"}
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    file["chain"][at]["event"] = text
    return file


def _edit_and_hash(events: list[Event], at: int) -> dict[str, Any]:
    file = _edit(events, at)
    file["chain"][at]["hash"] = sha256(file["chain"][at]["event"].encode()).hexdigest()
    return file


def _drop(events: list[Event], at: int) -> dict[str, Any]:
    file = shown(events)
    del file["chain"][at]
    return file


def _swap(events: list[Event], at: int) -> dict[str, Any]:
    file = shown(events)
    chain = file["chain"]
    chain[at], chain[at + 1] = chain[at + 1], chain[at]
    return file


def _repeat(events: list[Event], at: int) -> dict[str, Any]:
    file = shown(events)
    file["chain"].insert(at, copy.deepcopy(file["chain"][at]))
    return file


def _with(events: list[Event], at: int, other: Event) -> dict[str, Any]:
    file = shown(events)
    line = {"event": other.text().decode(), "hash": other.hash, "signature": signed(other)}
    file["chain"].insert(at + 1, line | {"receipt": None})
    return file


def _fork(events: list[Event], at: int) -> dict[str, Any]:
    return _with(events, at, replace(events[at], reason="another course of things"))


def _insert(events: list[Event], at: int) -> dict[str, Any]:
    return _with(events, at, replace(events[at], previous=sha256(b"nothing").hexdigest()))


def _foreign(events: list[Event], at: int) -> dict[str, Any]:
    return _with(events, at, replace(events[at], exhibit="another"))


def _back_date(events: list[Event], at: int) -> dict[str, Any]:
    later = at + 1
    early = replace(events[later], at=BEGAN - timedelta(days=1))
    return shown(relinked([*events[:later], early, *events[later + 1 :]]))


NAMED: list[tuple[Callable[[list[Event], int], dict[str, Any]], str]] = [
    (_edit, "event-altered"),
    (_edit_and_hash, "event-altered"),
    (_drop, "event-missing"),
    (_swap, "event-swapped"),
    (_repeat, "event-repeated"),
    (_fork, "chain-forked"),
    (_insert, "event-added"),
    (_foreign, "event-foreign"),
    (_back_date, "back-dated"),
]


@pytest.mark.parametrize(("tamper", "code"), NAMED, ids=lambda v: getattr(v, "__name__", v))
@given(at=st.integers(0, 8))
@settings(max_examples=9, deadline=None)
def test_every_way_of_tampering_is_named_by_both_readers(
    tamper: Callable[[list[Event], int], dict[str, Any]], code: str, at: int
) -> None:
    file = tamper(transferred().events, at)
    assert code in here(file)
    assert code in elsewhere(file)
    others = {c for _, c in NAMED} - {code}
    assert not others & here(file), here(file)


def test_a_chain_cut_off_at_its_end_is_named_where_the_file_says_how_long_it_is() -> None:
    file = shown(transferred().events)
    del file["chain"][-1]
    assert elsewhere(file) == {"event-missing"}


def test_what_is_hashed_anew_throughout_was_signed_by_nobody() -> None:
    events = transferred().events
    forged = relinked([replace(events[0], reason="another reason"), *events[1:]])
    file = shown(forged)
    for line, true in zip(file["chain"], events, strict=True):
        line["signature"] = signed(true)
    assert here(file) == set()
    assert elsewhere(file) == {"document-mismatch"}


def test_a_transfer_without_a_signature_and_one_of_somebody_else_are_named() -> None:
    file = shown(transferred().events)
    file["chain"][3]["signature"] = None
    assert elsewhere(file) == {"not-signed"}
    events = transferred().events
    file["chain"][3]["signature"] = signed(replace(events[3], member="mallory"))
    assert elsewhere(file) == {"document-mismatch", "wrong-member"}


def test_a_file_with_other_content_is_not_the_exhibit() -> None:
    file = shown(transferred().events[:4])
    assert elsewhere(file, sha256(b"another").hexdigest()) == {"hash-mismatch"}


def _after(*acts: tuple[Act, str]) -> Made:
    made = Made()
    for act, agency in acts:
        made.take(act, agency)
    return made


OFFERED = ((Act.ACQUIRE, "alpha"), (Act.OFFER, "alpha"))
WRONG: list[tuple[str, tuple[tuple[Act, str], ...], Act, str, dict[str, Any]]] = [
    ("not-accepted", OFFERED, Act.DERIVE, "lab", {}),
    ("step-not-admitted", OFFERED[:1], Act.ACCEPT, "lab", {}),
    ("step-not-admitted", OFFERED, Act.OFFER, "alpha", {"to": "bravo"}),
    ("wrong-custodian", OFFERED, Act.ACCEPT, "bravo", {}),
    ("wrong-custodian", OFFERED, Act.ACCEPT, "alpha", {}),
    ("wrong-custodian", OFFERED[:1], Act.SEAL, "lab", {}),
    ("wrong-custodian", (*OFFERED, (Act.ACCEPT, "lab")), Act.RELEASE, "lab", {}),
    (
        "wrong-custodian",
        (*OFFERED, (Act.ACCEPT, "lab")),
        Act.RETURN,
        "lab",
        {"to": "bravo"},
    ),
    ("hash-mismatch", OFFERED, Act.ACCEPT, "lab", {"after": sha256(b"x").hexdigest()}),
    ("hash-mismatch", OFFERED, Act.ACCEPT, "lab", {"before": sha256(b"x").hexdigest()}),
    ("count-mismatch", OFFERED, Act.ACCEPT, "lab", {"items": 2}),
    (
        "seal-mismatch",
        ((Act.ACQUIRE, "alpha"), (Act.SEAL, "alpha")),
        Act.UNSEAL,
        "alpha",
        {"seal": "other"},
    ),
    ("event-incomplete", OFFERED[:1], Act.SEAL, "alpha", {"seal": None}),
    ("event-incomplete", OFFERED[:1], Act.CHECK_OUT, "alpha", {"to": "lab"}),
    ("same-person", (OFFERED[0], (Act.ORDER, "alpha")), Act.DISPOSE, "alpha", {}),
]


@pytest.mark.parametrize(("code", "before", "act", "agency", "facts"), WRONG, ids=str)
def test_a_step_that_does_not_follow_is_named_by_both_readers(
    code: str,
    before: tuple[tuple[Act, str], ...],
    act: Act,
    agency: str,
    facts: dict[str, Any],
) -> None:
    made = _after(*before)
    wrong = event(made.position, act, agency, **facts)
    file = shown([*made.events, wrong])
    assert here(file) == {code}
    assert elsewhere(file) == {code}


def test_every_step_from_every_state_is_admitted_or_named() -> None:
    paths: dict[State, Made] = {}
    open_ = [Made()]
    while open_:
        made = open_.pop(0)
        if made.position.state in paths:
            continue
        paths[made.position.state] = made
        for act in Act:
            by = "lab" if act in (Act.ACCEPT, Act.DECLINE) else made.position.custodian or "alpha"
            tried = event(made.position, act, by, person=str(act))
            if not faults_of(made.position, tried):
                grown = copy.deepcopy(made)
                grown.take(act, by, person=str(act))
                open_.append(grown)
    assert set(paths) == set(State)
    for (state, made), act in product(paths.items(), Act):
        found = faults_of(made.position, event(made.position, act, "alpha", person="z"))
        admitted = {f.code for f in found} & {Code.NOT_ADMITTED, Code.NOT_ACCEPTED}
        assert bool(admitted) != ((state, act) in TABLE), (state, act)


def test_a_text_that_is_nearly_an_event_is_none() -> None:
    text = transferred().events[0].text().decode()
    facts = json.loads(text)
    for wrong in (
        text + " ",
        text.replace('"items":1', '"items":1.0'),
        text.replace('"items":1', '"items":true'),
        text.replace("Z", "+00:00"),
        json.dumps(facts | {"more": 1}, sort_keys=True, separators=(",", ":")),
        text.replace('"act":"acquire"', '"act":"steal"'),
        text.replace(CONTENT, CONTENT.upper()),
        "[]",
        "[" * 100_000,
    ):
        with pytest.raises(InvalidInput):
            read_event(wrong.encode())


def test_a_file_without_any_event_proves_nothing_of_any_file() -> None:
    file = shown(transferred().events) | {"events": 0, "head": "", "chain": []}
    assert elsewhere(file) == {"event-missing"}
    assert elsewhere(file, CONTENT) == {"event-missing", "hash-mismatch"}


def test_what_was_believed_of_the_file_itself_is_said() -> None:
    file = shown(transferred().events)
    read = read_custody(file, "a test")
    notes = check_custody(read, Trust(), Expected(), "a test").notes
    origin = file["chain"][0]["signature"]["origin"]
    assert f"You named no origin; the file says {origin}." in notes
    keys = {line["signature"]["key"]["digest"] for line in file["chain"]}
    assert len(keys) > 1
    assert all(any(key in note for note in notes) for key in keys)
    named = Expected((origin,), tuple(keys))
    assert not [n for n in check_custody(read, Trust(), named, "a test").notes if "named no" in n]


def test_a_receipt_is_of_the_step_of_this_member_and_of_no_other_entry() -> None:
    (first, *_) = read_custody(shown(transferred().events), "a test").events
    said = first.facts
    body = {
        "view": "acting",
        "kind": "custody",
        "at": said["at"],
        "actor": said["membership"],
        "agency": said["agency"],
        "detail": {name: said[name] for name in ("exhibit", "number", "act")}
        | {"event": first.hash},
    }
    assert list(_of_it(replace(first, logged=body))) == []
    detail = body["detail"]
    assert isinstance(detail, dict)
    for wrong in (
        {"kind": "consultation"},
        {"view": "owning", "owner": "lab"},
        {"actor": "lab.one"},
        {"agency": "lab"},
        {"detail": {"event": first.hash}},
        {"detail": detail | {"act": "seal"}},
        {"detail": detail | {"exhibit": "another"}},
        {"detail": None},
    ):
        (failure,) = _of_it(replace(first, logged=body | wrong))
        assert failure.code == "wrong-receipt", wrong


def test_a_chain_of_thousands_of_events_is_read_in_one_pass() -> None:
    """Looking at each event once for each other one would ask for a million hashes."""
    made = Made()
    made.take(Act.ACQUIRE, "alpha")
    for _ in range(500):
        made.take(Act.SEAL, "alpha")
        made.take(Act.UNSEAL, "alpha")
    file = shown(made.events, sign=False)
    asked = 0

    class Counted(Event):
        def __eq__(self, other: object) -> bool:
            nonlocal asked
            asked += 1
            return self is other

        def __hash__(self) -> int:
            return self.number

    counted = [Counted(**{f.name: getattr(e, f.name) for f in fields(e)}) for e in made.events]
    assert _repeated(counted) == []
    assert asked < 10_000
    assert elsewhere(file) == set()


def test_no_chain_at_all_has_come_to_nothing() -> None:
    found = read_chain("an exhibit", [])
    assert (found.faults, found.position) == ((), Position())
