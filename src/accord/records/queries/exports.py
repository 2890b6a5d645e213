"""Read which copies were taken: the actor's own, and those of the actor's agency's records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accord.records.models import ExportCopy

SHOWN = 500


@dataclass(frozen=True, slots=True)
class CopyLine:
    """One copy; its owner does not learn in which case it was taken."""

    id: UUID
    entry_id: UUID
    record_id: UUID
    owner: str
    agency: str
    by_member: str
    at: datetime
    format: str
    schema: str
    parts: tuple[str, ...]
    handling: str
    digest: str
    ends_at: datetime | None


def copies(*, owner: str | None = None, holder: str | None = None) -> tuple[CopyLine, ...]:
    """Return the newest copies that the actor may know of, of one owner or in one agency's hands."""
    rows = ExportCopy.objects.order_by("-at", "id")
    if owner is not None:
        rows = rows.filter(owner_id=owner)
    if holder is not None:
        rows = rows.filter(agency=holder)
    return tuple(
        CopyLine(
            id=row.id,
            entry_id=row.entry_id,
            record_id=row.record_id,
            owner=row.owner_id,
            agency=row.agency,
            by_member=row.by_member,
            at=row.at,
            format=row.format,
            schema=row.schema,
            parts=tuple(row.parts),
            handling=row.handling,
            digest=row.digest,
            ends_at=row.ends_at,
        )
        for row in rows[:SHOWN]
    )
