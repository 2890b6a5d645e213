"""The life of a statement is the table, and only true signatures count."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accord.agencies.keys import KeyRing, SigningKey
from accord.agreements.statements import policy
from accord.agreements.statements.domain import (
    CONSENT,
    EMERGENCY,
    ONE_PERSON,
    TWO_PERSONS,
    Act,
    Statement,
    StatementState,
    Step,
    confirmation,
    holds,
    is_signed,
    revoked_under,
    stands_as,
    state_of,
    unheld,
)
from accord.agreements.statements.naming import clauses_naming, owners_concerned
from accord.agreements.statements.words import kind_says, plainly, wanted
from accord.kernel import ids
from accord.kernel.errors import NotAllowed

from . import example

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
KEYS = KeyRing((SigningKey("state-bi", KEY.public_key().public_bytes_raw(), since=None),))
PATHS: dict[str, dict[StatementState, tuple[Act, ...]]] = {
    CONSENT: {
        StatementState.UNSIGNED: (),
        StatementState.ACTIVE: (Act.SIGNED,),
        StatementState.REVOKED: (Act.SIGNED, Act.REVOKED),
    },
    EMERGENCY: {
        StatementState.UNSIGNED: (),
        StatementState.AWAITING: (Act.SIGNED,),
        StatementState.ACTIVE: (Act.SIGNED, Act.CONFIRMED),
        StatementState.REVOKED: (Act.SIGNED, Act.CONFIRMED, Act.REVOKED),
    },
}


def said(kind: str = EMERGENCY) -> Statement:
    return Statement(
        id=UUID(int=1),
        agency="state-bi",
        by="state-bi.one",
        person="one",
        kind=kind,
        recipient="state-bi" if kind == EMERGENCY else "harlan-so",
        purpose="victim-protection" if kind == CONSENT else None,
        record=None if kind == EMERGENCY else UUID(int=2),
        parts=() if kind == EMERGENCY else ("core",),
        case=UUID(int=3) if kind == EMERGENCY else None,
        case_number="IN-1" if kind == EMERGENCY else None,
        reason=UUID(int=4),
        starts=AT - timedelta(hours=1),
        ends=AT + timedelta(hours=1),
    )


def step(act: Act, statement: Statement, person: str = "two") -> Step:
    """A step with its true signature; whoever signs is the first person."""
    who = "one" if act is Act.SIGNED else person
    by = f"state-bi.{who}"
    payload = statement.canonical() if act is Act.SIGNED else confirmation(statement, by, who)
    return Step(act, by, who, "state-bi", AT, KEY.sign(payload))


@pytest.mark.parametrize("kind", [CONSENT, EMERGENCY])
def test_every_state_takes_exactly_the_acts_of_its_table(kind: str) -> None:
    table = TWO_PERSONS if kind == EMERGENCY else ONE_PERSON
    for (state, path), act in product(PATHS[kind].items(), Act):
        statement = said(kind)
        steps = tuple(step(a, statement) for a in path)
        assert state_of(statement, steps, AT) is state
        after = state_of(statement, (*steps, step(act, statement)), AT)
        assert after is table[state].get(act, state), (state, act)
        ended = state_of(statement, steps, statement.ends)
        assert ended is (
            StatementState.REVOKED if state is StatementState.REVOKED else StatementState.EXPIRED
        )


def test_what_has_ended_or_was_revoked_never_holds_again() -> None:
    for table in (ONE_PERSON, TWO_PERSONS):
        for state in (StatementState.REVOKED, StatementState.EXPIRED):
            assert set(table[state].values()) <= {state}


def test_an_emergency_holds_with_two_true_signatures_in_its_time() -> None:
    statement = said()
    both = (step(Act.SIGNED, statement), step(Act.CONFIRMED, statement))
    assert holds(statement, both, KEYS, AT)
    assert not holds(statement, both[:1], KEYS, AT)
    assert not holds(statement, both, KEYS, statement.ends)
    assert not holds(statement, both, KEYS, statement.starts - timedelta(seconds=1))
    assert not holds(statement, (*both, step(Act.REVOKED, statement)), KEYS, AT)
    assert not holds(statement, both, KeyRing(()), AT)


def test_a_signature_of_anything_else_does_not_count() -> None:
    statement = said()
    first, second = step(Act.SIGNED, statement), step(Act.CONFIRMED, statement)
    for wrong in (
        (replace(first, signature=None), second),
        (replace(first, signature=b"\x00" * 64), second),
        (replace(first, signature=b"short"), second),
        (first, replace(second, signature=first.signature)),
        (first, replace(second, by="state-bi.three")),
        (first, replace(second, person="three")),
        (first, step(Act.CONFIRMED, statement, "one")),  # the same person, truly signed
        (first, replace(second, agency="harlan-so")),
    ):
        assert not is_signed(statement, wrong, KEYS)
    for changed in (
        {"case": UUID(int=9)},
        {"ends": statement.ends + timedelta(days=1)},
        {"agency": "harlan-so"},
        {"kind": CONSENT, "purpose": "prosecution"},
    ):
        assert not is_signed(replace(statement, **changed), (first, second), KEYS), changed


@pytest.mark.parametrize("kind", [CONSENT, EMERGENCY, "determination(necessity)"])
def test_a_statement_is_what_its_facts_say(kind: str) -> None:
    statement = said(kind)
    assert Statement.from_facts(statement.facts()) == statement
    assert statement.facts()["type"] == "accord-statement/1"


def test_an_emergency_has_no_key_and_the_others_have_their_own() -> None:
    assert said().key is None
    assert said(CONSENT).key == ids.consent_key("harlan-so", "victim-protection")
    necessity = said("determination(necessity)")
    assert necessity.key == ids.determination_key("determination(necessity)", "harlan-so", None)
    in_case = replace(necessity, case=UUID(int=3))
    assert in_case.key != necessity.key


def test_the_clauses_that_name_a_statement_are_found() -> None:
    memorandum = example.mou()
    recipient = sorted(memorandum.parties)[0]
    found = clauses_naming([memorandum], CONSENT, recipient=recipient)
    named = {
        c.id
        for c in memorandum.clauses
        if CONSENT in c.when or (c.unless is not None and CONSENT in c.unless.when)
    }
    assert {c.clause_id for c, _ in found} == named != set()
    assert clauses_naming([memorandum], CONSENT, recipient="nobody") == ()
    assert clauses_naming([memorandum], CONSENT, recipient=recipient, owner="nobody") == ()
    concerned = owners_concerned([memorandum], CONSENT, recipient=recipient)
    assert set(concerned) == set(memorandum.parties) - {recipient}


def test_a_wanted_key_says_who_gives_it() -> None:
    assert "victim advocate" in plainly("key: consent")
    assert "second person" in plainly("key: determination(emergency)")
    assert "supervisor of the owner" in wanted("determination(child-at-risk)")
    assert plainly("role: analyst") == "role: analyst"
    assert kind_says("determination(child-at-risk)") == "Child at risk"


# -- void with the key -----------------------------------------------------------------------------


def revoked(since: datetime) -> KeyRing:
    """The agency's key, which others had since a moment."""
    return KeyRing(
        tuple(
            replace(k, revoked_at=AT + timedelta(hours=1), revoked_from=since, reason="A copy")
            for k in KEYS.keys
        )
    )


@pytest.mark.parametrize(
    ("kind", "acts"),
    [
        (CONSENT, (Act.SIGNED,)),
        (EMERGENCY, (Act.SIGNED,)),
        (EMERGENCY, (Act.SIGNED, Act.CONFIRMED)),
    ],
)
def test_a_statement_is_void_while_its_key_was_others_at_its_signing(
    kind: str, acts: tuple[Act, ...]
) -> None:
    statement = said(kind)
    steps = tuple(step(a, statement) for a in acts)
    assert stands_as(statement, steps, KEYS, AT) is state_of(statement, steps, AT)
    lost = revoked(AT)
    assert stands_as(statement, steps, lost, AT) is StatementState.VOID
    assert unheld(statement, steps, lost) == steps
    assert {revoked_under(statement, s, lost) for s in steps} == set(lost.keys)
    kept = revoked(AT + timedelta(seconds=1))
    assert stands_as(statement, steps, kept, AT) is state_of(statement, steps, AT)
    assert stands_as(statement, steps, lost, statement.ends) is StatementState.EXPIRED
    back = (*steps, step(Act.REVOKED, statement))
    assert stands_as(statement, back, lost, AT) is StatementState.REVOKED
    assert stands_as(statement, (), lost, AT) is StatementState.UNSIGNED


def test_a_signature_that_never_matched_names_no_revoked_key() -> None:
    statement = said(CONSENT)
    noise = replace(step(Act.SIGNED, statement), signature=b"\x01" * 64)
    assert stands_as(statement, (noise,), KEYS, AT) is StatementState.VOID
    assert revoked_under(statement, noise, revoked(AT)) is None


def test_nothing_leads_to_a_void_statement_and_it_is_not_confirmed() -> None:
    for table in (ONE_PERSON, TWO_PERSONS):
        led = {to for state, acts in table.items() if state is not StatementState.VOID
               for to in acts.values()}  # fmt: skip
        assert StatementState.VOID not in led
    with pytest.raises(NotAllowed, match="void"):
        policy.check_not_void(StatementState.VOID)
    policy.check_not_void(StatementState.AWAITING)
