"""Disclosure requests: their life as a table, and the rules about who may take which step."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from accord.agencies.domain import Actor
from accord.kernel.deadlines import is_overdue
from accord.kernel.errors import InvalidInput, NotAllowed, refusal_of
from accord.kernel.phrases import phrase

ANSWER_WITHIN = timedelta(days=5)
LONGEST_GRANT = timedelta(days=365)
LONGEST_REASON = 4_000
SHORTEST_REASON = 20
ANSWERING_ROLES = frozenset({"records-custodian", "supervisor", "victim-advocate"})


class RequestState(StrEnum):
    """Where a disclosure request is in its life."""

    OPEN = "open"
    GRANTED = "granted"
    PARTLY_GRANTED = "partly-granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


TRANSITIONS: dict[RequestState, frozenset[RequestState]] = {
    RequestState.OPEN: frozenset(
        {
            RequestState.GRANTED,
            RequestState.PARTLY_GRANTED,
            RequestState.REFUSED,
            RequestState.WITHDRAWN,
        }
    ),
    RequestState.GRANTED: frozenset({RequestState.REVOKED}),
    RequestState.PARTLY_GRANTED: frozenset({RequestState.REVOKED}),
    RequestState.REFUSED: frozenset(),
    RequestState.WITHDRAWN: frozenset(),
    RequestState.REVOKED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """A disclosure request as its two sides may read it."""

    id: UUID
    requester_agency: str
    requester_agency_name: str
    requester_name: str
    requester_membership: str
    owner: str
    owner_name: str
    handle: str
    schema: str
    purpose: str
    legal_basis: str
    case_id: UUID | None
    case_number: str | None
    state: RequestState
    created_at: datetime
    due_at: datetime
    answered_at: datetime | None
    answered_by_name: str | None
    granted_until: datetime | None
    reason: str | None
    reason_closed: bool
    """Sealed: it opens after a new proof. So with the answer."""
    answer: str | None
    answer_closed: bool
    granted: tuple[str, ...]
    refused: tuple[str, ...]
    record_id: UUID | None
    """The record, for whoever may see it: its owner, and the requester once something is open."""

    def is_overdue(self, at: datetime) -> bool:
        """An open request is overdue after its deadline."""
        return is_overdue(self.state is RequestState.OPEN, self.due_at, at)


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A disclosure request in a list: who asks whom, for what, until when; none of its texts."""

    id: UUID
    requester_agency: str
    requester_membership: str
    owner: str
    schema: str
    purpose: str
    case_number: str | None
    state: RequestState
    created_at: datetime
    due_at: datetime

    def is_overdue(self, at: datetime) -> bool:
        """An open request is overdue after its deadline."""
        return is_overdue(self.state is RequestState.OPEN, self.due_at, at)


def check_reason(reason: str) -> str:
    """Return the reason, stripped; raises InvalidInput when it says too little or too much."""
    text = reason.strip()
    if len(text) < SHORTEST_REASON:
        raise InvalidInput(
            "request",
            None,
            "reason",
            phrase(
                "say in at least %(shortest_reason)s characters why",
                shortest_reason=SHORTEST_REASON,
            ),
        )
    if len(text) > LONGEST_REASON:
        raise InvalidInput(
            "request",
            None,
            "reason",
            phrase("at most %(longest_reason)s characters", longest_reason=LONGEST_REASON),
        )
    return text


def check_step(state: RequestState, to: RequestState) -> None:
    """Raise NotAllowed when a request in `state` cannot become `to`."""
    if to not in TRANSITIONS[state]:
        raise NotAllowed(
            phrase("A request that is %(state)s cannot become %(to)s.", state=state, to=to)
        )


def check_answer(actor: Actor, owner: str) -> None:
    """Raise NotAllowed unless the actor may answer for the owning agency."""
    if actor.agency != owner:
        raise NotAllowed(
            phrase("Only the agency that owns the record answers."), who_can_change=owner
        )
    if not actor.roles & ANSWERING_ROLES:
        raise NotAllowed(
            phrase(
                "A records custodian, a supervisor or a victim advocate answers disclosure requests."
            ),
            who_can_change=phrase("one of these at %(agency_name)s", agency_name=actor.agency_name),
        )


def check_withdraw(actor: Actor, request: RequestFacts) -> None:
    """Raise NotAllowed unless the actor asked the question."""
    if actor.membership != request.requester_membership:
        raise NotAllowed(
            phrase("Only the member who asked withdraws a request."),
            who_can_change=request.requester_name,
        )


def can_answer(actor: Actor, owner: str) -> str | None:
    """Return None when allowed, else the reason shown beside the disabled control."""
    return refusal_of(check_answer, actor, owner)


def outcome(granted: Collection[str], existing: Collection[str]) -> RequestState:
    """Return the state that granting these of the existing kinds of part amounts to."""
    unknown = set(granted) - set(existing)
    if unknown:
        raise InvalidInput(
            "request",
            None,
            "parts",
            phrase("the record has no such part: %(unknown)s", unknown=", ".join(sorted(unknown))),
        )
    if not granted:
        return RequestState.REFUSED
    return RequestState.GRANTED if set(granted) == set(existing) else RequestState.PARTLY_GRANTED


def check_until(until: datetime, at: datetime) -> datetime:
    """Return the end of a grant; raises InvalidInput when it is past or too far."""
    if until <= at:
        raise InvalidInput("request", None, "until", phrase("must lie in the future"))
    if until > at + LONGEST_GRANT:
        raise InvalidInput(
            "request",
            None,
            "until",
            phrase("at most %(days)s days from today", days=LONGEST_GRANT.days),
        )
    return until
