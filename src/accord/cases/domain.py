"""Cases, their members and notes, as the rest of the house reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class CaseState(StrEnum):
    """Where a case is in its life."""

    OPEN = "open"
    CLOSED = "closed"


TRANSITIONS: dict[CaseState, frozenset[CaseState]] = {
    CaseState.OPEN: frozenset({CaseState.CLOSED}),
    CaseState.CLOSED: frozenset({CaseState.OPEN}),
}
"""A closed case can be opened again by a supervisor of its lead agency; nothing is lost by closing."""


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case as it stands: enough for every rule about it."""

    id: UUID
    number: str
    lead_agency: str
    purposes: tuple[str, ...]
    state: CaseState
    opened_at: datetime
    opened_by: str
    title_record: UUID
    shared_number: bool = False
    """Another case of the viewer's, led by another agency, goes by the same number."""

    @property
    def address(self) -> str:
        """What names the case in an address: its number, with its lead where that is not enough."""
        return f"{self.number}~{self.lead_agency}" if self.shared_number else self.number


@dataclass(frozen=True, slots=True)
class CaseMember:
    """Somebody with a need to know the case."""

    membership: str
    name: str
    agency: str
    agency_name: str
    title: str
    roles: tuple[str, ...]
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class NoteText:
    """One revision of a note as this viewer may read it."""

    note_id: UUID
    revision_id: UUID
    record_id: UUID
    author: str
    author_name: str
    agency: str
    at: datetime
    text: str | None
    closed: bool
    """Sealed because of whom it is about: its text opens after a new proof."""
    revision: int
    concurrent: bool
    """True when this revision started from one that another revision had already replaced."""


@dataclass(frozen=True, slots=True)
class PlacedRecord:
    """A record in the case that this viewer may see."""

    record_id: UUID
    owner: str
    placed_by_name: str
    placed_at: datetime
