"""What there is to say about who can see a part: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from accord.agreements.domain import READ_ACTIONS, Obligation, Requester, Words
from accord.agreements.simulation import Cited
from accord.kernel.labels import Label


@dataclass(frozen=True)
class Party:
    """An agency of the directory, as far as clauses can tell."""

    id: str
    kind: str
    country: str


@dataclass(frozen=True)
class CaseWay:
    """A case that a key on a part names. Who works on it is None where the reader may not know."""

    name: str
    key: UUID
    case_id: UUID | None
    purposes: Words | None
    holders: Words | None


@dataclass(frozen=True)
class Exposed:
    """A part with the keys that it carries, by key."""

    name: str
    label: Label
    keys: Mapping[UUID, str]


@dataclass(frozen=True)
class Way:
    """What a clause opens, to whom, for what and with which keys."""

    action: str
    cited: tuple[Cited, ...]
    roles: Words
    purposes: Words
    cases: frozenset[str]
    training: Words
    assurance: int | None
    clearance: str | None
    keys: Words
    obligations: tuple[Obligation, ...]


@dataclass(frozen=True)
class Person:
    """A membership that could ask, with the facts that hold of it now."""

    membership: str
    requester: Requester


@dataclass(frozen=True)
class Opening:
    """The circumstances in which one person reaches an action."""

    action: str
    purpose: str
    basis: str
    case: str | None


@dataclass(frozen=True)
class Seen:
    """A person for whom the part is open in some circumstances, and in which."""

    membership: str
    openings: tuple[Opening, ...]

    @property
    def action(self) -> str:
        """The highest action that any of them reaches."""
        return max((o.action for o in self.openings), key=READ_ACTIONS.index)


@dataclass(frozen=True)
class Exposure:
    """One part towards one agency."""

    part: str
    agency: str
    ways: tuple[Way, ...]
    people: tuple[Seen, ...]

    @property
    def action(self) -> str | None:
        """The highest action that a clause opens to somebody of the agency who asks as it says."""
        return max((w.action for w in self.ways), key=READ_ACTIONS.index, default=None)

    @property
    def seen(self) -> str | None:
        """The highest action that somebody in fact has now, as far as the reader may know."""
        return max((p.action for p in self.people), key=READ_ACTIONS.index, default=None)
