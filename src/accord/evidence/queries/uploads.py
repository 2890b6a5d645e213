"""Read a member's own uploads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from accord.evidence import sealing
from accord.evidence.domain import Hashes, Segment, UploadState
from accord.evidence.domain import Upload as UploadView
from accord.evidence.files import FileReader
from accord.evidence.models import ObjectSegment, Upload
from accord.evidence.store import store
from accord.kernel.errors import NotFound
from accord.platform.db.nodeword import saying
from accord.records.nodekeys import keys


def upload(upload_id: UUID) -> UploadView:
    """Return one of the sealed member's uploads; raises NotFound."""
    return view(row(upload_id))


def uploads(case_id: UUID | None = None) -> tuple[UploadView, ...]:
    """Return the sealed member's uploads (of one case), the newest first."""
    found = Upload.objects.order_by("-created_at", "id")
    if case_id is not None:
        found = found.filter(case_id=case_id)
    return tuple(view(one) for one in found)


def row(upload_id: UUID, *, lock: bool = False) -> Upload:
    """The row of an own upload, locked for this transaction where asked; raises NotFound."""
    rows = Upload.objects.select_for_update() if lock else Upload.objects
    found = rows.filter(id=upload_id).first()
    if found is None:
        raise NotFound("There is no such upload of yours.")
    return found


def data_key(found: Upload) -> bytes:
    """The key of an upload; raises CannotOpen."""
    return sealing.unwrap(
        bytes(found.wrapped_key),
        owner=found.owner_id,
        case_id=found.case_id,
        object_id=found.id,
        keys=keys(),
    )


def reader(found: Upload) -> FileReader:
    """What reads the bytes of an upload that are here; raises CannotOpen."""
    return FileReader(store(), data_key(found), found.id, segments(found.id))


def unhashed(upload_id: UUID) -> FileReader | None:
    """What reads a whole upload that waits for its hashes; None where it waits no more.

    The worker reads it outside of any transaction: a seal lives for minutes, and a terabyte is read for
    an hour. Raises NotFound.
    """
    found = row(upload_id)
    return reader(found) if found.state == UploadState.HASHING else None


def view(found: Upload) -> UploadView:
    """A row as the rest of the house reads it."""
    file_name, media_type = sealing.open_name(data_key(found), bytes(found.sealed_name))
    hashed = found.sha256 and found.sha512
    return UploadView(
        id=found.id,
        owner=found.owner_id,
        member=found.membership_id,
        file_name=file_name,
        media_type=media_type,
        size_bytes=found.size_bytes,
        received_bytes=found.received_bytes,
        state=UploadState(found.state),
        hashes=Hashes(found.sha256 or "", found.sha512 or "") if hashed else None,
        declared_sha256=found.declared_sha256,
        failure=found.failure,
        created_at=found.created_at,
        expires_at=found.expires_at,
    )


def segments(object_id: UUID) -> tuple[Segment, ...]:
    """The pieces of an upload or a stored object, in order, as far as they are open."""
    found = ObjectSegment.objects.filter(object_id=object_id).order_by("at")
    return tuple(Segment(s.at, s.size, s.address) for s in found)


def room() -> tuple[int, int, int]:
    """The sealed member's uploads and their bytes, and the bytes that the agency keeps."""
    with connection.cursor() as cursor:
        cursor.execute("select uploads, uploading_bytes, agency_bytes from accord.evidence_room()")
        uploads_now, uploading, kept = cursor.fetchone()
    return int(uploads_now), int(uploading), int(kept)


def named(addresses: Sequence[str]) -> frozenset[str]:
    """Which of these stored pieces a file or an upload has, whoever's: for the sweep of the store."""
    with saying("sweeping"), connection.cursor() as cursor:
        cursor.execute("select * from accord.named_pieces(%s)", [list(addresses)])
        return frozenset(address for (address,) in cursor.fetchall())


def to_hash(at: datetime) -> list[tuple[UUID, str, str, str, str]]:
    """Uploads to be hashed: (upload, membership, purpose, legal basis, case number)."""
    with saying("hashing"), connection.cursor() as cursor:
        cursor.execute("select * from accord.uploads_to_hash(%s)", [at])
        return list(cursor.fetchall())
