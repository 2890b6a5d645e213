"""Have the file of an exhibit read, and keep what was read beside it, encrypted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from accord.agreements.scope import Scope
from accord.evidence.actions import stored
from accord.evidence.actions.stored import Pieces
from accord.evidence.actions.tries import MOST_LOST, change, lost
from accord.evidence.domain import ObjectRole, ReadingState
from accord.evidence.files import FileReader
from accord.evidence.models import ExhibitReading, StoredObject
from accord.evidence.queries import exhibits as queries
from accord.evidence.reading.results import Reading, Refusal, SetAside, Use
from accord.evidence.readingfile import kept_of, to_bytes
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, NotAllowed
from accord.kernel.phrases import phrase
from accord.platform.db.nodeword import saying

MOST_TRIES = 8
FIRST_PAUSE_S, LONGEST_PAUSE_S = 60, 6 * 3600
NO_STANDING_PAUSE = timedelta(hours=1)
LEFT_AFTER = timedelta(minutes=30)
"""Whoever took it up before then and has not ended it is gone."""


def ask(scope: Scope, record_id: UUID) -> None:
    """Have an own exhibit's file read, again where it was read already.

    Raises NotFound where the file is not open, NotAllowed for another agency's, Conflict while it waits.
    """
    seen = queries.worked_on(scope, record_id)
    seen.file()  # as a check that it is open
    if seen.exhibit.owner != scope.actor.agency:
        raise NotAllowed(
            phrase("Only the agency that owns an exhibit has it read."),
            who_can_change=seen.exhibit.owner,
        )
    row = ExhibitReading.objects.select_for_update().filter(record_id=record_id).first()
    if row is None:
        begin(scope, record_id)
    elif row.state == ReadingState.READING:
        # What is read of it now would be read for nothing if it waited anew.
        raise Conflict(
            phrase(
                "It is being read now. Ask again when that is over; what broke off is taken up again "
                "within half an hour."
            )
        )
    elif row.state == ReadingState.WAITING and row.next_at <= now():
        raise Conflict(phrase("It waits to be read already."))
    else:
        change(row, **_waiting(scope))
    scope.did("collection", step="asked for a reading", exhibit=seen.exhibit.number)


def begin(scope: Scope, record_id: UUID) -> None:
    """Let the file of a new own exhibit be read by the worker, under the standing of this member."""
    row = ExhibitReading(record_id=record_id, owner_id=scope.actor.agency, **_waiting(scope))
    ExhibitReading.objects.bulk_create([row])


def _waiting(scope: Scope) -> Mapping[str, Any]:
    at = now()
    return {
        "membership_id": scope.actor.membership,
        "case_number": scope.context.case_number or "",
        "purpose": scope.context.purpose,
        "legal_basis": scope.context.legal_basis,
        "state": ReadingState.WAITING,
        "tries": 0,
        "lost": 0,
        "asked_at": at,
        "next_at": at,
        "reason": None,
    }


@dataclass(frozen=True)
class ToRead:
    """A file that is to be read now, in clear bytes once its reader is asked."""

    record_id: UUID
    name: str
    sha256: str | None
    reader: FileReader


def claim(scope: Scope, record_id: UUID) -> ToRead | None:
    """Take the reading of a file; None where another worker has it, or there is none to read.

    Half an hour later another worker may take it: this one is gone by then. The third time it is set
    apart instead.
    """
    rows = ExhibitReading.objects.select_for_update(skip_locked=True)
    row = rows.filter(record_id=record_id, next_at__lte=now()).first()
    if row is None or row.state not in (ReadingState.WAITING, ReadingState.READING):
        return None
    gone = lost(row, ReadingState.READING)
    if gone >= MOST_LOST:
        _end(row, Refusal(SetAside.GIVEN_UP), lost=gone)
        return None
    seen = queries.worked_on(scope, record_id, unseal=True)
    if seen.original is None:
        return None
    change(
        row,
        state=ReadingState.READING,
        tries=row.tries + 1,
        lost=gone,
        next_at=now() + LEFT_AFTER,
    )
    hashes = seen.exhibit.hashes
    return ToRead(
        record_id,
        seen.exhibit.file_name or "file",
        hashes.sha256 if hashes else None,
        queries.reader(seen.original.id),
    )


def _end(row: ExhibitReading, refusal: Refusal, **values: object) -> None:
    change(row, state=ReadingState.APART, reason=refusal.reason.value, done_at=now(), **values)


@dataclass(frozen=True)
class Written:
    """A reading whose previews and text are in the store, encrypted, with no row yet."""

    reading: Reading
    text: Pieces
    previews: tuple[Pieces, ...]
    thumbnail: Pieces | None

    @property
    def pieces(self) -> tuple[Pieces, ...]:
        """All of them."""
        more = (self.thumbnail,) if self.thumbnail else ()
        return (self.text, *self.previews, *more)


def write(reading: Reading) -> Written:
    """Encrypt what was read and put it into the store; raises OSError, StoreRefused."""
    done: list[Pieces] = []

    def put(path: Path) -> Pieces:
        done.append(stored.of_path(path))
        return done[-1]

    try:
        previews = tuple(put(p.path) for p in reading.previews if p.use is not Use.THUMBNAIL)
        small = [put(p.path) for p in reading.previews if p.use is Use.THUMBNAIL]
        done.append(stored.write([to_bytes(kept_of(reading))]))
        return Written(reading, done[-1], previews, small[0] if small else None)
    except BaseException:
        stored.forget(done)
        raise


def keep(scope: Scope, record_id: UUID, written: Written) -> bool:
    """Keep a reading in place of the one before; False where there is nothing to keep it for.

    What is no fault of the file is tried again later, a few times. Raises NotFound.
    """
    row = ExhibitReading.objects.select_for_update().filter(record_id=record_id).first()
    if row is None or row.state != ReadingState.READING:
        return False
    seen = queries.worked_on(scope, record_id)
    reading = written.reading
    said = {
        "kind": reading.kind.name,
        "notes": sorted({str(note.lack) for note in reading.notes}),
        "tools": [[tool.name, tool.version] for tool in reading.tools],
        "reading": row.reading + 1,
        "done_at": now(),
    }
    _replace(row, seen.exhibit.case_id, written)
    refusal = reading.quarantine
    if refusal is None:
        change(row, state=ReadingState.READ, reason=None, **said)
    else:
        change(row, state=ReadingState.APART, reason=refusal.reason.value, **said)
    outcome = refusal.reason.value if refusal else "read"
    scope.did("collection", step="had a file read", exhibit=seen.exhibit.number, outcome=outcome)
    return True


def _replace(row: ExhibitReading, case_id: UUID, written: Written) -> None:
    StoredObject.objects.filter(record_id=row.record_id).exclude(role=ObjectRole.ORIGINAL).delete()

    def beside(pieces: Pieces, role: ObjectRole, number: int = 0) -> None:
        stored.beside(
            pieces,
            record_id=row.record_id,
            owner=row.owner_id,
            case_id=case_id,
            role=role,
            number=number,
        )

    beside(written.text, ObjectRole.TEXT)
    for number, pieces in enumerate(written.previews):
        beside(pieces, ObjectRole.PREVIEW, number)
    if written.thumbnail:
        beside(written.thumbnail, ObjectRole.THUMBNAIL)


def try_later(record_id: UUID, reason: SetAside) -> None:
    """Note that a reading failed by no fault of the file; it waits longer each time.

    One that could not even be taken up waits still: that was a try too.
    """
    row = ExhibitReading.objects.select_for_update().filter(record_id=record_id).first()
    if row is None or row.state not in (ReadingState.WAITING, ReadingState.READING):
        return
    tries = row.tries + (row.state == ReadingState.WAITING)
    if tries >= MOST_TRIES:
        _end(row, Refusal(reason))
        return
    pause_s = min(FIRST_PAUSE_S * 2 ** (tries - 1), LONGEST_PAUSE_S)
    change(
        row,
        state=ReadingState.WAITING,
        tries=tries,
        reason=reason.value,
        next_at=now() + timedelta(seconds=pause_s),
    )


def put_off(record_id: UUID) -> None:
    """Let a reading wait whose member has no standing now: the membership may come back."""
    with saying("reading"), connection.cursor() as cursor:
        until = now() + NO_STANDING_PAUSE
        cursor.execute("select accord.put_off_reading(%s, %s)", [record_id, until])
