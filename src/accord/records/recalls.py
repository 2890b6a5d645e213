"""Recall: what an owner withdraws, the notice to each recipient, and its receipt.

A notice and a receipt are plain data, made canonical (RFC 8785) and signed by the agency's key where
the node holds it. Their states are the table below; what it does not name is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from accord.agencies.domain import Actor
from accord.kernel import deadlines
from accord.kernel.canonical import canonical, content_hash
from accord.kernel.errors import InvalidInput, NotAllowed
from accord.kernel.phrases import phrase

NOTICE, RECEIPT = "accord-recall/1", "accord-recall-receipt/1"
ANSWER_WITHIN = timedelta(days=7)
ANSWERING_ROLES = frozenset({"records-custodian", "supervisor", "oversight-officer"})

WHAT: Mapping[str, str] = MappingProxyType(
    {
        "record": "Everything that was given of the record",
        "grant": "What was granted on your request",
        "placement": "What was placed in a case",
        "label": "What is labelled more strictly now",
    }
)
BECAUSE: Mapping[str, str] = MappingProxyType(
    {
        "inaccurate": "It is not accurate",
        "court-order": "A court ordered it",
        "source-at-risk": "It could put somebody at risk",
        "consent-withdrawn": "The person withdrew the consent",
        "given-in-error": "It was given in error",
        "no-longer-needed": "The purpose for which it was given is served",
        "stricter-label": "Its label became stricter",
        "withdrawn": "Its owner withdrew it",
    }
)
OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        "nothing-held": "No copy was taken, and nothing is held",
        "destroyed": "Every copy was destroyed",
        "returned": "Every copy was returned",
    }
)


class RecallState(StrEnum):
    """How a notice stands."""

    SENT = "sent"
    ESCALATED = "escalated"
    HELD = "held"
    ANSWERED = "answered"
    CLOSED = "closed"


class Act(StrEnum):
    """What somebody does about a notice."""

    ANSWER = "answer"
    HOLD = "hold"
    ESCALATE = "escalate"
    NOTE = "note"


STEPS: Mapping[tuple[RecallState, Act], RecallState] = MappingProxyType(
    {
        (RecallState.SENT, Act.ANSWER): RecallState.ANSWERED,
        (RecallState.SENT, Act.HOLD): RecallState.HELD,
        (RecallState.SENT, Act.ESCALATE): RecallState.ESCALATED,
        (RecallState.ESCALATED, Act.ANSWER): RecallState.ANSWERED,
        (RecallState.ESCALATED, Act.HOLD): RecallState.HELD,
        (RecallState.HELD, Act.ANSWER): RecallState.ANSWERED,
        (RecallState.ANSWERED, Act.NOTE): RecallState.CLOSED,
    }
)
OPEN = frozenset({RecallState.SENT, RecallState.ESCALATED, RecallState.HELD})
"""Where the recipient still has to say what became of copies."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that left the node, as the notice lists it."""

    id: UUID
    at: datetime
    by: str
    form: str
    parts: tuple[str, ...]
    sha256: str

    def facts(self) -> dict[str, Any]:
        """The copy as plain data."""
        return {
            "id": str(self.id),
            "at": self.at.isoformat(),
            "by": self.by,
            "format": self.form,
            "parts": list(self.parts),
            "sha256": self.sha256,
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Copy:
        """The copy that stored facts say."""
        return cls(
            id=UUID(facts["id"]),
            at=datetime.fromisoformat(facts["at"]),
            by=facts["by"],
            form=facts["format"],
            parts=tuple(facts["parts"]),
            sha256=facts["sha256"],
        )


@dataclass(frozen=True, slots=True)
class Notice:
    """What one recipient is told: neither the case nor why anybody else had it."""

    id: UUID
    owner: str
    to: str
    record: UUID
    schema: str
    parts: tuple[str, ...]
    what: str
    because: str
    by: str
    at: datetime
    due: datetime
    copies: tuple[Copy, ...]
    entry: UUID

    def facts(self) -> dict[str, Any]:
        """The notice as plain data: what the owner's agency signs."""
        return {
            "type": NOTICE,
            "id": str(self.id),
            "owner": self.owner,
            "to": self.to,
            "record": str(self.record),
            "schema": self.schema,
            "parts": list(self.parts),
            "what": self.what,
            "because": self.because,
            "by": self.by,
            "at": self.at.isoformat(),
            "due": self.due.isoformat(),
            "copies": [copy.facts() for copy in self.copies],
            "entry": str(self.entry),
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Notice:
        """The notice that stored facts say."""
        return cls(
            id=UUID(facts["id"]),
            owner=facts["owner"],
            to=facts["to"],
            record=UUID(facts["record"]),
            schema=facts["schema"],
            parts=tuple(facts["parts"]),
            what=facts["what"],
            because=facts["because"],
            by=facts["by"],
            at=datetime.fromisoformat(facts["at"]),
            due=datetime.fromisoformat(facts["due"]),
            copies=tuple(Copy.from_facts(c) for c in facts["copies"]),
            entry=UUID(facts["entry"]),
        )

    def canonical(self) -> bytes:
        """The bytes that the owner's agency signs."""
        return canonical(self.facts())

    def receipt(self, *, outcome: str, by: str, at: datetime, entry: UUID) -> dict[str, Any]:
        """What a recipient signs: what became of the copies that this notice lists."""
        return {
            "type": RECEIPT,
            "notice": str(self.id),
            "notice_hash": content_hash(self.facts()),
            "agency": self.to,
            "outcome": outcome,
            "copies": [str(copy.id) for copy in self.copies],
            "by": by,
            "at": at.isoformat(),
            "entry": str(entry),
        }


def state_of(acts: Iterable[Act]) -> RecallState:
    """The state that these acts lead to, in their order; one that does not fit is an error."""
    state = RecallState.SENT
    for act in acts:
        state = step(state, act)
    return state


def step(state: RecallState, act: Act) -> RecallState:
    """The state that an act leads to; raises NotAllowed."""
    to = STEPS.get((state, act))
    if to is None:
        raise NotAllowed(
            phrase("A recall that is %(state)s does not admit this step.", state=state)
        )
    return to


def is_overdue(state: RecallState, due: datetime, at: datetime) -> bool:
    """Whether the recipient should have answered; under its own legal hold it has said why not."""
    return deadlines.is_overdue(state in (RecallState.SENT, RecallState.ESCALATED), due, at)


def check_because(word: str) -> str:
    """Return a reason that an owner may give; raises InvalidInput."""
    if word not in BECAUSE:
        raise InvalidInput(
            "recall",
            None,
            "because",
            phrase("is one of %(because)s", because=", ".join(sorted(BECAUSE))),
        )
    return word


def check_outcome(word: str, copies: tuple[Copy, ...]) -> str:
    """Return what became of copies; raises InvalidInput, also where it overlooks a known copy."""
    if word not in OUTCOMES:
        raise InvalidInput(
            "recall",
            None,
            "outcome",
            phrase("is one of %(outcomes)s", outcomes=", ".join(OUTCOMES)),
        )
    if word == "nothing-held" and copies:
        rule = phrase("copies were taken and are listed; say what became of them")
        raise InvalidInput("recall", None, "outcome", rule)
    return word


def check_recipient(actor: Actor, to: str) -> None:
    """Raise NotAllowed unless the actor may answer a notice to that agency."""
    if actor.agency != to or not actor.roles & ANSWERING_ROLES:
        raise NotAllowed(
            phrase(
                "A records custodian, a supervisor or an oversight officer of the recipient answers."
            ),
            who_can_change=phrase("one of these at %(to)s", to=to),
        )


def check_owner(actor: Actor, owner: str) -> None:
    """Raise NotAllowed unless the actor may follow up a notice of that owner."""
    if actor.agency != owner or not actor.roles & ANSWERING_ROLES:
        raise NotAllowed(
            phrase(
                "A records custodian, a supervisor or an oversight officer of the owner follows it up."
            ),
            who_can_change=phrase("one of these at %(owner)s", owner=owner),
        )


def check_escalate(state: RecallState, due: datetime, at: datetime) -> None:
    """Raise NotAllowed before the deadline: until then the recipient has its time."""
    step(state, Act.ESCALATE)
    deadlines.check_overdue(due, at)
