"""What a statement says, what is signed of it, and its life as a table; no input or output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from accord.agencies.keys import KeyRing, SigningKey
from accord.kernel import ids
from accord.kernel.canonical import canonical, content_hash
from accord.kernel.signatures import verifies

TYPE = "accord-statement/1"
CONSENT = "consent"
EMERGENCY = "determination(emergency)"
REVIEW_WITHIN = timedelta(days=7)
"""From the confirmation; the house's choice (decision 0009)."""

LONGEST: Mapping[str, timedelta] = {
    CONSENT: timedelta(days=365),  # 34 U.S.C. 12291(b)(2)(B): reasonably time-limited
    EMERGENCY: timedelta(hours=72),  # between 18 U.S.C. 2518(7) and 50 U.S.C. 1805(e)
}
LONGEST_DETERMINATION = timedelta(days=90)  # 18 U.S.C. 2705(a)


class StatementState(StrEnum):
    """Where a statement is in its life."""

    UNSIGNED = "unsigned"
    AWAITING = "awaiting-second-person"
    ACTIVE = "active"
    REVOKED = "revoked"
    VOID = "void"
    EXPIRED = "expired"


class Act(StrEnum):
    """What may happen to a statement."""

    SIGNED = "signed"
    CONFIRMED = "confirmed"
    REVOKED = "revoked"
    REVIEWED = "reviewed"


ONE_PERSON: Mapping[StatementState, Mapping[Act, StatementState]] = {
    StatementState.UNSIGNED: {
        Act.SIGNED: StatementState.ACTIVE,
        Act.REVOKED: StatementState.REVOKED,
    },
    StatementState.AWAITING: {},
    StatementState.ACTIVE: {Act.REVOKED: StatementState.REVOKED},
    StatementState.REVOKED: {},
    StatementState.VOID: {Act.REVOKED: StatementState.REVOKED},
    StatementState.EXPIRED: {},
}
TWO_PERSONS: Mapping[StatementState, Mapping[Act, StatementState]] = {
    StatementState.UNSIGNED: {
        Act.SIGNED: StatementState.AWAITING,
        Act.REVOKED: StatementState.REVOKED,
    },
    StatementState.AWAITING: {
        Act.CONFIRMED: StatementState.ACTIVE,
        Act.REVOKED: StatementState.REVOKED,
    },
    StatementState.ACTIVE: {
        Act.REVOKED: StatementState.REVOKED,
        Act.REVIEWED: StatementState.ACTIVE,
    },
    StatementState.REVOKED: {Act.REVIEWED: StatementState.REVOKED},
    StatementState.VOID: {
        Act.REVOKED: StatementState.REVOKED,
        Act.REVIEWED: StatementState.VOID,
    },
    StatementState.EXPIRED: {Act.REVIEWED: StatementState.EXPIRED},
}
"""An emergency's life; only one that was confirmed is reviewed (`policy.check_review`).

No act leads to `VOID`: a statement is void while a signature of its steps does not hold (`stands_as`).
"""


@dataclass(frozen=True, slots=True)
class Statement:
    """One signed human statement: its facts, none of which ever changes."""

    id: UUID
    agency: str
    by: str
    person: str
    kind: str
    recipient: str
    purpose: str | None
    record: UUID | None
    parts: tuple[str, ...]
    case: UUID | None
    case_number: str | None
    reason: UUID
    starts: datetime
    ends: datetime
    extends: UUID | None = None

    def facts(self) -> dict[str, Any]:
        """The statement as plain data: what its maker's agency signs."""
        return {
            "type": TYPE,
            "id": str(self.id),
            "agency": self.agency,
            "by": self.by,
            "person": self.person,
            "kind": self.kind,
            "recipient": self.recipient,
            "purpose": self.purpose,
            "record": _text(self.record),
            "parts": list(self.parts),
            "case": _text(self.case),
            "case_number": self.case_number,
            "reason": str(self.reason),
            "from": self.starts.isoformat(),
            "until": self.ends.isoformat(),
            "extends": _text(self.extends),
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Statement:
        """The statement that stored facts say."""
        return cls(
            id=UUID(facts["id"]),
            agency=facts["agency"],
            by=facts["by"],
            person=facts["person"],
            kind=facts["kind"],
            recipient=facts["recipient"],
            purpose=facts["purpose"],
            record=_id(facts["record"]),
            parts=tuple(facts["parts"]),
            case=_id(facts["case"]),
            case_number=facts["case_number"],
            reason=UUID(facts["reason"]),
            starts=datetime.fromisoformat(facts["from"]),
            ends=datetime.fromisoformat(facts["until"]),
            extends=_id(facts["extends"]),
        )

    def canonical(self) -> bytes:
        """The bytes that the maker's agency signs (RFC 8785)."""
        return canonical(self.facts())

    @property
    def content_hash(self) -> str:
        """What a confirmation names."""
        return content_hash(self.facts())

    @property
    def needs_two(self) -> bool:
        """Whether a second person has to confirm it."""
        return self.kind == EMERGENCY

    @property
    def key(self) -> UUID | None:
        """The key that the parts carry which it opens; None for an emergency, which writes none."""
        if self.kind == EMERGENCY:
            return None
        if self.kind == CONSENT:
            assert self.purpose is not None
            return ids.consent_key(self.recipient, self.purpose)
        return ids.determination_key(self.kind, self.recipient, self.case)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a statement; `word` is why it was revoked or how it was judged."""

    act: Act
    by: str
    person: str
    agency: str
    at: datetime
    signature: bytes | None = None
    word: str | None = None


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _id(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)


def confirmation(statement: Statement, by: str, person: str) -> bytes:
    """The bytes that the agency signs when a second person confirms."""
    return canonical(
        {
            "type": TYPE,
            "act": Act.CONFIRMED.value,
            "statement": statement.content_hash,
            "by": by,
            "person": person,
        }
    )


def longest(kind: str) -> timedelta:
    """How long a statement of this kind may hold at most."""
    return LONGEST.get(kind, LONGEST_DETERMINATION)


def state_of(statement: Statement, steps: Iterable[Step], at: datetime) -> StatementState:
    """The state that its steps and the time make; a step that the table does not know is ignored."""
    table = TWO_PERSONS if statement.needs_two else ONE_PERSON
    state = StatementState.UNSIGNED
    for step in steps:
        state = table[state].get(step.act, state)
    if state is not StatementState.REVOKED and statement.ends <= at:
        return StatementState.EXPIRED
    return state


def stands_as(
    statement: Statement, steps: Iterable[Step], keys: KeyRing, at: datetime
) -> StatementState:
    """The state, and `VOID` where its steps lead on by a signature that does not hold."""
    said = tuple(steps)
    state = state_of(statement, said, at)
    if state in (StatementState.AWAITING, StatementState.ACTIVE) and unheld(statement, said, keys):
        return StatementState.VOID
    return state


def unheld(statement: Statement, steps: Iterable[Step], keys: KeyRing) -> tuple[Step, ...]:
    """The signed steps whose signature does not hold under the key that its agency had then."""
    return tuple(
        step
        for step in steps
        if step.act in (Act.SIGNED, Act.CONFIRMED)
        and not _verifies(statement, step, keys.key(step.agency, step.at))
    )


def revoked_under(statement: Statement, step: Step, keys: KeyRing) -> SigningKey | None:
    """The revoked key that a step was signed with, since others had it; None where it is no such."""
    return next(
        (
            key
            for key in keys.of(step.agency)
            if key.revoked_from is not None
            and key.revoked_from <= step.at
            and _verifies(statement, step, key.public)
        ),
        None,
    )


def _verifies(statement: Statement, step: Step, key: bytes) -> bool:
    """Whether a step of the maker's agency is signed under this key."""
    if step.agency != statement.agency or step.signature is None:
        return False
    if step.act is Act.SIGNED:
        return verifies(key, step.signature, statement.canonical())
    payload = confirmation(statement, step.by, step.person)
    return step.person != statement.person and verifies(key, step.signature, payload)


def is_signed(statement: Statement, steps: Iterable[Step], keys: KeyRing) -> bool:
    """Whether the maker's agency signed it and, where two are needed, another person confirmed.

    Steps: (1) its signature verifies over the canonical form, under the key that the agency had when
    it was made; (2) for an emergency, one verifies so over the confirmation by a different person of
    that agency. Left to the caller: state and time.
    """
    needed = {Act.SIGNED, Act.CONFIRMED} if statement.needs_two else {Act.SIGNED}
    return needed <= {
        step.act
        for step in steps
        if step.act in needed and _verifies(statement, step, keys.key(step.agency, step.at))
    }


def holds(statement: Statement, steps: Iterable[Step], keys: KeyRing, at: datetime) -> bool:
    """Whether the statement decides at that moment: in its time, not revoked, and signed."""
    said = tuple(steps)
    return (
        statement.starts <= at
        and state_of(statement, said, at) is StatementState.ACTIVE
        and is_signed(statement, said, keys)
    )
