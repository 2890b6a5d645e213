"""Read what people wrote: the narrative parts of notes, titles, reasons and answers."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from accord.agreements.scope import Scope
from accord.records.queries.records import record_views

TEXT_PROPERTIES = ("text", "title", "answer")


def texts(scope: Scope, record_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the text of each of these records that the viewer may read, and note it."""
    found = {}
    for record in record_views(scope, list(record_ids), unseal=True):
        narrative = record.part("narrative")
        if narrative is None:
            continue
        said = [v for name in TEXT_PROPERTIES for v in narrative.values.get(name, ())]
        if said:
            found[record.record_id] = "\n".join(said)
    return found
