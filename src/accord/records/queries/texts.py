"""Read what people wrote: the narrative parts of notes, titles, reasons and answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from accord.agreements.scope import Scope
from accord.records.queries.records import record_views

TEXT_PROPERTIES = ("text", "title", "answer")


@dataclass(frozen=True, slots=True)
class Texts:
    """What was written in some records, as far as this viewer reads it now."""

    said: Mapping[UUID, str]
    closed: frozenset[UUID]
    """Sealed because of whom they are about: these open after a new proof."""

    def get(self, record_id: UUID | None) -> str | None:
        """The text; None where it is not open to the viewer, or closed for now."""
        return self.said.get(record_id) if record_id else None

    def is_closed(self, record_id: UUID | None) -> bool:
        """Whether the viewer reads it once they have proven again who they are."""
        return record_id in self.closed


def texts(scope: Scope, record_ids: Iterable[UUID]) -> Texts:
    """Return the texts of these records that the viewer may read, and note them."""
    said: dict[UUID, str] = {}
    closed: set[UUID] = set()
    for record in record_views(scope, list(record_ids), unseal=True):
        narrative = record.part("narrative")
        if narrative is None:
            continue
        if narrative.sealed and not scope.unseals:
            closed.add(record.record_id)
            continue
        found = [v for name in TEXT_PROPERTIES for v in narrative.values.get(name, ())]
        if found:
            said[record.record_id] = "\n".join(found)
    return Texts(said, frozenset(closed))
