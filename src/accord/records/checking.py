"""Quick checks: a look-up without a case, with a reason, sampled for review (LED art. 25, 29).

Which checks are reviewed follows from the check's id under a key of the node: whoever asks cannot
foresee it, and whoever holds the key can show that nobody picked.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accord.agencies.domain import Actor
from accord.agreements.context import WorkingContext
from accord.kernel.errors import InvalidInput, NotAllowed, refusal_of
from accord.kernel.phrases import phrase

PURPOSE = "general-policing"
OTHER = "other"
REASONS = {
    "stop": "Stop on the road or on foot",
    "call": "Call for service",
    "safety": "Safety of officers or of somebody there",
    "property": "Property found, offered or towed",
    "custody": "Who somebody in custody is",
}
SHORTEST, LONGEST = 10, 300
_SAY_SOMETHING = phrase(
    "must say something in %(shortest)s to %(longest)s characters",
    shortest=SHORTEST,
    longest=LONGEST,
)
REVIEWERS = frozenset({"supervisor", "oversight-officer"})
VERDICTS = {"justified": "Justified", "not-justified": "Not justified"}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody checks: a word of the list, or their own."""

    code: str
    typed: str = ""

    @property
    def said(self) -> str:
        """The reason in words."""
        return self.typed or REASONS[self.code]


@dataclass(frozen=True, slots=True)
class Check:
    """One quick check that waits for its review, or has it."""

    id: UUID
    membership: str
    basis: str
    reason: Reason
    asked: str
    at: datetime
    entry_id: UUID
    verdict: str | None = None
    because: str | None = None
    reviewer: str | None = None
    reviewed_at: datetime | None = None


def is_quick(context: WorkingContext) -> bool:
    """Whether what is asked in this context is a quick check."""
    return context.purpose == PURPOSE and context.case_number is None


def reason_of(code: str, typed: str) -> Reason:
    """The reason that was given; raises InvalidInput when there is none, or too little of one."""
    text = " ".join(typed.split())
    if code in REASONS:
        return Reason(code)
    if not text:
        raise InvalidInput(
            "check", None, "reason", phrase("say why you check: tap one, or write your own")
        )
    if not SHORTEST <= len(text) <= LONGEST:
        raise InvalidInput("check", None, "why", _SAY_SOMETHING)
    return Reason(OTHER, text)


def is_sampled(key: bytes, check_id: UUID, percent: int) -> bool:
    """Whether this check is among the share that is reviewed."""
    digest = hmac.new(key, check_id.bytes, hashlib.sha256).digest()
    return int.from_bytes(digest[:4]) * 100 < percent << 32


def check_reviewer(actor: Actor) -> None:
    """Raise NotAllowed unless the actor reviews quick checks of the agency."""
    if not actor.roles & REVIEWERS:
        raise NotAllowed(
            phrase("Quick checks are reviewed by supervisors and oversight officers."),
            who_can_change=phrase("a supervisor of %(agency_name)s", agency_name=actor.agency_name),
        )


def can_review(actor: Actor) -> str | None:
    """Return None when allowed, else the reason."""
    return refusal_of(check_reviewer, actor)


def check_verdict(actor: Actor, of: Check, verdict: str, because: str) -> str:
    """Return the reviewer's reason, put right; raises NotAllowed or InvalidInput."""
    check_reviewer(actor)
    if of.membership == actor.membership:
        raise NotAllowed(
            phrase("Nobody reviews a check of their own."), who_can_change=phrase("a colleague")
        )
    if verdict not in VERDICTS:
        words: Sequence[str] = tuple(VERDICTS)
        raise InvalidInput(
            "review", None, "verdict", phrase("must be %(words)s", words=" or ".join(words))
        )
    text = " ".join(because.split())
    if not SHORTEST <= len(text) <= LONGEST:
        raise InvalidInput("review", None, "because", _SAY_SOMETHING)
    return text
