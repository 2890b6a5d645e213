"""Who acts: an actor is one membership, with what is held and still valid at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DutyDesk:
    """Who answers for an agency now: the single point of contact after a hit (Prüm II)."""

    name: str
    phone: str
    hours: str
    escalation: str


@dataclass(frozen=True, slots=True)
class AgencyEntry:
    """What every member may read about an agency."""

    id: str
    name: str
    kind: str
    country: str
    ori: str
    zone: str
    duty_desk: DutyDesk
    suspended: bool


@dataclass(frozen=True, slots=True)
class CertificateEntry:
    """Training held by a member; `valid` is judged at the moment of reading."""

    training: str
    issued_on: str
    valid_until: str
    attested_by: str
    valid: bool


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting for one agency, as far as facts of this moment bear it out.

    `expires_at` is the earliest moment at which one of these facts stops being true.
    """

    membership: str
    member: str
    name: str
    title: str
    agency: str
    agency_name: str
    agency_kind: str
    country: str
    zone: str
    roles: frozenset[str]
    clearance: str
    nationality: str
    training: frozenset[str]
    assurance: int
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Persona:
    """A member whom the demo offers to sign in as."""

    membership: str
    name: str
    agency_name: str
    title: str
    line: str
