"""Who acts: an actor is one membership, with what is held and still valid at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accord.agencies.hours import Hours
from accord.agencies.places import Place


@dataclass(frozen=True, slots=True)
class Rung:
    """Whom to call when nobody answered for so many minutes."""

    name: str
    phone: str
    after_min: int


@dataclass(frozen=True, slots=True)
class DutyDesk:
    """Who answers for an agency now: the single point of contact after a hit (Prüm II).

    `hours` and `escalation` say it in words; `when` and `ladder` are the same as facts, where the
    agency gave them.
    """

    name: str
    phone: str
    hours: str
    escalation: str
    when: Hours | None = None
    ladder: tuple[Rung, ...] = ()

    def is_open(self, at: datetime) -> bool | None:
        """Whether somebody answers at a moment; None where the hours are words alone."""
        return None if self.when is None else self.when.is_open(at)


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
    light: bool = False
    territory: tuple[Place, ...] = ()
    territory_words: str = ""
    """What it answers for, where it is said in words alone."""
    offences: tuple[str, ...] = ()
    courts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CertificateEntry:
    """Training held by a member; `valid` is judged at the moment of reading."""

    training: str
    issued_on: str
    valid_until: str
    attested_by: str
    valid: bool


@dataclass(frozen=True, slots=True)
class TokenScope:
    """What a token may be used for: these purposes, and these actions of its member's standing."""

    purposes: frozenset[str]
    actions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, or a system, acting for one agency, as far as facts of this moment bear it out.

    `expires_at` is the earliest moment at which one of these facts stops being true. `only` is the
    scope of the token that acts; None where the member acts in person. `light` says that the agency is
    a light member of the node (decision 0020).
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
    nationality: str | None
    training: frozenset[str]
    assurance: int
    expires_at: datetime | None = None
    only: TokenScope | None = None
    light: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """What a membership holds at a moment; `ends` are the moments at which some of it stops.

    A role whose end has come is none, a level is the lowest, a nationality is not known.
    """

    roles: frozenset[str]
    clearance: str
    assurance: int
    nationality: str | None
    ends: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Persona:
    """A member whom the demo offers to sign in as."""

    membership: str
    name: str
    agency_name: str
    title: str
    line: str
