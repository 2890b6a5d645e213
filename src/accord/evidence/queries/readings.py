"""Read what the worker read of exhibits' files, as far as the file is open to the viewer.

Whoever calls has shown the exhibit in this scope, so that its content part is noted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from accord.evidence.domain import ObjectRole, ReadingState
from accord.evidence.files import FileReader
from accord.evidence.models import ExhibitReading, StoredObject
from accord.evidence.queries.exhibits import reader
from accord.evidence.reading.kinds import KINDS, Kind
from accord.evidence.reading.results import Lack, Note, Refusal, SetAside, Tool
from accord.evidence.readingfile import Kept, from_bytes
from accord.evidence.store import StoreRefused
from accord.kernel.clock import now
from accord.kernel.errors import NotFound
from accord.platform.db.nodeword import saying
from accord.records.sealing import CannotOpen


@dataclass(frozen=True, slots=True)
class ReadingView:
    """How far the reading of a file has come, in the node's words."""

    record_id: UUID
    state: ReadingState
    asked_at: datetime
    done_at: datetime | None
    next_at: datetime
    tries: int
    lost: int
    """How often a worker was gone before its end."""
    kind: Kind | None
    refusal: Refusal | None
    """Why it was set apart, or why the last try failed."""
    notes: tuple[Note, ...]
    tools: tuple[Tool, ...]
    reading: int

    @property
    def over(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.state in (ReadingState.READ, ReadingState.APART)

    @property
    def may_be_asked(self) -> bool:
        """Whether somebody may have it read again: it is over, or waits for another time."""
        return self.over or (self.state is ReadingState.WAITING and self.next_at > now())


def reading(record_id: UUID) -> ReadingView | None:
    """The reading of an exhibit whose file is open; None where it was never asked for."""
    row = ExhibitReading.objects.filter(record_id=record_id).first()
    return None if row is None else _view(row)


def _view(row: ExhibitReading) -> ReadingView:
    return ReadingView(
        record_id=row.record_id,
        state=ReadingState(row.state),
        asked_at=row.asked_at,
        done_at=row.done_at,
        next_at=row.next_at,
        tries=row.tries,
        lost=row.lost,
        kind=KINDS.get(row.kind) if row.kind else None,
        refusal=Refusal(SetAside(row.reason)) if row.reason else None,
        notes=tuple(Note(Lack(word)) for word in row.notes),
        tools=tuple(Tool(name, version) for name, version in row.tools),
        reading=row.reading,
    )


def kept(record_id: UUID) -> Kept:
    """What was read of a file; empty where nothing is kept. Raises CannotOpen, StoreRefused."""
    found = _object(record_id, ObjectRole.TEXT, 0)
    if found is None:
        return Kept()
    text = reader(found)
    return from_bytes(text.read(0, text.size_bytes))


def kept_or_lost(record_id: UUID) -> tuple[Kept, str | None]:
    """What was read of a file; where it cannot be had now, nothing of it and why, in a sentence.

    For pages of the exhibit itself, which is whole whatever became of what was read of it.
    """
    try:
        return kept(record_id), None
    except (CannotOpen, StoreRefused) as error:
        return Kept(), error.message


def preview(record_id: UUID, role: ObjectRole, number: int) -> FileReader:
    """What reads a preview or the thumbnail that is open to the viewer; raises NotFound."""
    found = _object(record_id, role, number)
    if found is None:
        raise NotFound("There is no such preview for you.")
    return reader(found)


def with_thumbnail(record_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Which of these exhibits have a thumbnail that is open."""
    rows = StoredObject.objects.filter(record_id__in=list(record_ids), role=ObjectRole.THUMBNAIL)
    return frozenset(rows.values_list("record_id", flat=True))


def _object(record_id: UUID, role: ObjectRole, number: int) -> UUID | None:
    rows = StoredObject.objects.filter(record_id=record_id, role=role, number=number)
    return rows.values_list("id", flat=True).first()


def to_read(at: datetime) -> list[tuple[UUID, str, str, str, str]]:
    """Files to be read: (record, membership, purpose, legal basis, case number)."""
    with saying("reading"), connection.cursor() as cursor:
        cursor.execute("select * from accord.exhibits_to_read(%s)", [at])
        return list(cursor.fetchall())
