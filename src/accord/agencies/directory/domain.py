"""Changes of the directory: their kinds, their states, and a member as administrators read one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from accord.agencies.domain import CertificateEntry

ADMINISTRATOR = "system-administrator"
READERS = frozenset({ADMINISTRATOR, "compliance-officer", "oversight-officer"})
"""Who reads the changes of their agency; the policy of the table says the same."""
PROPOSAL_LIFE = timedelta(days=7)
REVIEW_EVERY = timedelta(days=90)
SOON = timedelta(days=30)
LEAST_ADMINISTRATORS = 2


class ChangeKind(StrEnum):
    """What a change changes."""

    JOIN = "join"
    ROLE = "role"
    CLEARANCE = "clearance"
    ASSURANCE = "assurance"
    TRAINING = "training"
    LEAVE = "leave"
    SUSPEND = "suspend"
    RESUME = "resume"
    ENROLMENT = "enrolment"
    REVIEW = "review"
    NATIONALITY = "nationality"


class ChangeState(StrEnum):
    """How far a change has come; EXPIRED is a proposal that nobody decided in time."""

    PROPOSED = "proposed"
    APPLIED = "applied"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Proposal(Protocol):
    """Whatever one administrator proposes and another decides."""

    @property
    def state(self) -> ChangeState: ...


def standing_of(state: str, proposed_at: datetime, at: datetime) -> tuple[ChangeState, datetime]:
    """How a change stands at a moment, and when its proposal ends or ended."""
    kept, expires = ChangeState(state), proposed_at + PROPOSAL_LIFE
    over = kept is ChangeState.PROPOSED and expires <= at
    return (ChangeState.EXPIRED if over else kept), expires


class Via(StrEnum):
    """The way in which a change was asked for."""

    PAGE = "page"
    API = "api"
    CSV = "csv"
    SCIM = "scim"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one membership."""

    id: UUID
    agency: str
    kind: ChangeKind
    member: str
    membership: str
    facts: Mapping[str, Any]
    held: Mapping[str, Any] | None
    state: ChangeState
    by: str
    at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    via: Via

    @property
    def name(self) -> str | None:
        """Of a person whom the node does not know yet, the name that was proposed."""
        return None if self.known or self.kind is not ChangeKind.JOIN else self.facts.get("name")

    @property
    def known(self) -> bool:
        """Whether a membership is for somebody whom the node knows by another one."""
        return self.kind is ChangeKind.JOIN and self.member != self.membership


@dataclass(frozen=True, slots=True)
class AttestedFact:
    """A fact about a member that clauses can ask for: who attested it, since when, until when.

    `agency` attests it, on the word of the administrators `by` (memberships; none where it came with
    the membership). `until` is None for one that has no end of its own.
    """

    kind: ChangeKind
    value: str
    agency: str
    by: tuple[str, ...]
    since: datetime
    until: datetime | None
    valid: bool


@dataclass(frozen=True, slots=True)
class MemberEntry:
    """One membership with all that an administrator answers for."""

    membership: str
    member: str
    name: str
    title: str
    nationality: str | None
    agency: str
    roles: tuple[str, ...]
    clearance: str
    assurance: int
    attested: tuple[AttestedFact, ...]
    """Every fact that was given, those too whose end has come."""
    since: datetime
    until: datetime | None
    in_force: bool
    suspended: bool
    training: tuple[CertificateEntry, ...]
    first_end: datetime | None
    """The earliest moment at which something that is held now ends by itself."""
    reviewed_at: datetime
    reviewed_by: str | None
    review_due: datetime

    def is_overdue(self, at: datetime) -> bool:
        """Whether the periodic review should have been made."""
        return self.in_force and self.review_due <= at


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of what was asked: in force at once, or waiting for a second person."""

    change: UUID
    applied: bool
    link: str | None = None
