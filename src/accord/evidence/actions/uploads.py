"""Take in files piece by piece, so that none that was acknowledged is ever sent twice.

A piece is durable before its row is: where the process dies between the two, the store holds bytes
that nothing refers to, and the sender is told the old offset.
"""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from psycopg.errors import LockNotAvailable

from accord.agreements.scope import Scope
from accord.evidence import policy, sealing
from accord.evidence.actions import stored
from accord.evidence.actions.stored import Pieces
from accord.evidence.domain import Hashes, Segment, UploadState
from accord.evidence.domain import Upload as UploadView
from accord.evidence.files import Digests, states, write_segment
from accord.evidence.models import ObjectSegment, Upload
from accord.evidence.queries import uploads as queries
from accord.evidence.sealing import SEGMENT_BYTES
from accord.evidence.store import store
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput
from accord.kernel.phrases import phrase
from accord.platform.db.locks import alone
from accord.records.nodekeys import keys

SHA256 = re.compile(r"[0-9a-f]{64}")
LEAST_PIECE_BYTES = 64 * 1024
"""A shorter piece than this is taken at the end of a file alone: each costs a row and a file."""
MOST_HASHED_AT_ONCE = 256 * 1024 * 1024
"""A file up to this size is read again within the request, where its hash state is gone."""


UNFINISHED_AFTER = timedelta(days=1)
"""No request writes one piece for so long: whoever did was killed."""


class Busy(Conflict):
    """Another request is sending to the same upload at this moment."""


class WrongOffset(Conflict):
    """The piece does not begin where the upload ends."""


def create(
    scope: Scope, *, file_name: str, media_type: str, size_bytes: int, sha256: str | None = None
) -> UploadView:
    """Begin an upload in the case of the working context; `sha256` is what its sender worked out.

    Raises NotAllowed without a case, InvalidInput, and Conflict where a limit is reached.
    """
    case_id = policy.check_in_a_case(scope.context.case_id)
    # INVARIANT: who begins at the same time waits, or both would fit where only one does.
    alone(f"accord.evidence {scope.actor.agency}")
    unfinished, _, kept = queries.room()
    policy.check_new_upload(
        file_name,
        size_bytes,
        largest_bytes=settings.ACCORD_LARGEST_FILE_GB * policy.GIGABYTE,
        unfinished=unfinished,
        at_once=settings.ACCORD_UPLOADS_AT_ONCE,
    )
    policy.check_quota(size_bytes, kept, settings.ACCORD_EVIDENCE_QUOTA_GB * policy.GIGABYTE)
    if sha256 is not None and not SHA256.fullmatch(sha256):
        rule = phrase("a SHA-256 hash has 64 hexadecimal digits")
        raise InvalidInput(policy.UPLOAD, None, "sha256", rule)
    made = _row(scope, case_id, file_name, media_type, size_bytes, sha256)
    Upload.objects.bulk_create([made])
    scope.did("collection", step="began an upload", upload=str(made.id), size=size_bytes)
    return queries.view(made)


def _row(
    scope: Scope, case_id: UUID, file_name: str, media_type: str, size: int, sha256: str | None
) -> Upload:
    upload_id, key, at = ids.uuid7(), sealing.new_key(), now()
    owner = scope.actor.agency
    return Upload(
        id=upload_id,
        owner_id=owner,
        membership_id=scope.actor.membership,
        case_id=case_id,
        case_number=scope.context.case_number or "",
        purpose=scope.context.purpose,
        legal_basis=scope.context.legal_basis,
        size_bytes=size,
        received_bytes=0,
        state=UploadState.RECEIVING,
        sealed_name=sealing.seal_name(key, file_name.strip(), media_type),
        wrapped_key=sealing.wrap(
            key, owner=owner, case_id=case_id, object_id=upload_id, keys=keys()
        ),
        declared_sha256=sha256,
        created_at=at,
        updated_at=at,
        expires_at=at + _life(),
    )


def from_pieces(
    scope: Scope, pieces: Pieces, *, case_id: UUID, file_name: str, media_type: str
) -> None:
    """A whole upload of a file that this node made, with the hashes of its pieces.

    Raises Conflict where the agency keeps as much as it may.
    """
    _, _, kept = queries.room()
    quota = settings.ACCORD_EVIDENCE_QUOTA_GB * policy.GIGABYTE
    policy.check_quota(pieces.size_bytes, kept, quota)
    owner = scope.actor.agency
    made = _row(scope, case_id, file_name, media_type, pieces.size_bytes, None)
    made.id = pieces.id
    made.sealed_name = sealing.seal_name(pieces.key, file_name.strip(), media_type)
    made.wrapped_key = stored.wrapped(pieces, owner, case_id)
    Upload.objects.bulk_create([made])
    ObjectSegment.objects.bulk_create(stored.segment_rows(pieces, owner))
    made.received_bytes = pieces.size_bytes
    made.save(update_fields=["received_bytes"])
    _settle(made, pieces.hashes)


def life_days() -> int:
    """For how many days without a new byte an upload is kept."""
    return int(settings.ACCORD_UPLOAD_DAYS)


def _life() -> timedelta:
    return timedelta(days=life_days())


def append(upload_id: UUID, offset: int, data: bytes) -> UploadView:
    """Take the next bytes of an own upload; they are durable when this transaction commits.

    Raises NotFound, WrongOffset, Busy, InvalidInput for more bytes than were announced, StoreRefused.
    """
    found = _locked(upload_id)
    if found.state != UploadState.RECEIVING or offset != found.received_bytes:
        raise WrongOffset(
            phrase("The upload goes on at byte %(at)s.", at=found.received_bytes),
            who_can_change=phrase("whoever sends it, by asking where it stands"),
        )
    if offset + len(data) > found.size_bytes:
        raise InvalidInput(policy.UPLOAD, None, "length", phrase("is more than was announced"))
    _check_worth_keeping(data, is_last=offset + len(data) == found.size_bytes)
    digests = states.at(found.id, offset)
    for piece in _pieces(found, offset, data, digests):
        ObjectSegment.objects.bulk_create([piece])
    found.received_bytes = offset + len(data)
    found.updated_at = now()
    found.expires_at = found.updated_at + _life()
    found.save(update_fields=["received_bytes", "updated_at", "expires_at"])
    if digests is not None:
        transaction.on_commit(lambda: states.keep(found.id, digests))
    if found.received_bytes == found.size_bytes:
        _finish(found, digests)
    return queries.view(found)


def _locked(upload_id: UUID) -> Upload:
    with connection.cursor() as cursor:
        cursor.execute("set local lock_timeout = '2s'")
    try:
        return queries.row(upload_id, lock=True)
    except DatabaseError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise Busy(phrase("Another request is sending to this upload.")) from None
        raise


def _check_worth_keeping(data: bytes, *, is_last: bool) -> None:
    """Raise InvalidInput for a piece that is too short; one without a byte asks where it stands."""
    if data and not is_last and len(data) < LEAST_PIECE_BYTES:
        rule = phrase(
            "a piece has at least %(least)s bytes, unless it is the last of its file",
            least=LEAST_PIECE_BYTES,
        )
        raise InvalidInput(
            policy.UPLOAD,
            None,
            "piece",
            rule,
            who_can_change=phrase("whoever sends it, by sending larger pieces"),
        )


def _pieces(
    found: Upload, offset: int, data: bytes, digests: Digests | None
) -> list[ObjectSegment]:
    key, kept, view = queries.data_key(found), store(), memoryview(data)
    made: list[Segment] = []
    for start in range(0, len(data), SEGMENT_BYTES):
        piece = bytes(view[start : start + SEGMENT_BYTES]) if len(data) > SEGMENT_BYTES else data
        made.append(write_segment(kept, key, found.id, offset + start, piece, digests))
    return [
        ObjectSegment(
            object_id=found.id, owner_id=found.owner_id, at=s.at, size=s.size, address=s.address
        )
        for s in made
    ]


def _finish(found: Upload, digests: Digests | None) -> None:
    """Settle a whole file: with the hashes of the stream, by reading it again, or by the worker."""
    if digests is not None:
        _settle(found, digests.hashes)
        transaction.on_commit(lambda: states.drop(found.id))
    elif found.size_bytes <= MOST_HASHED_AT_ONCE:
        _settle(found, queries.reader(found).hashes())
    else:
        found.state = UploadState.HASHING
        found.save(update_fields=["state"])


def _settle(found: Upload, hashes: Hashes) -> None:
    declared = found.declared_sha256
    if declared is not None and declared != hashes.sha256:
        found.state, found.failure = UploadState.FAILED, "digest-differs"
    else:
        found.state = UploadState.COMPLETE
        found.sha256, found.sha512 = hashes.sha256, hashes.sha512
    found.save(update_fields=["state", "sha256", "sha512", "failure"])


def settle(upload_id: UUID, hashes: Hashes) -> None:
    """Note the hashes that reading a whole upload gave; raises NotFound."""
    found = queries.row(upload_id, lock=True)
    if found.state == UploadState.HASHING:
        _settle(found, hashes)


def discard(scope: Scope, upload_id: UUID) -> None:
    """Let an own upload go, with everything that came of it; raises NotFound, Busy."""
    found = _locked(upload_id)
    Upload.objects.filter(id=found.id).delete()
    states.drop(found.id)
    scope.did("erasure", step="discarded an upload", upload=str(upload_id))


def expire() -> int:
    """Remove uploads whose time is over; returns how many. The database picks them."""
    with connection.cursor() as cursor:
        cursor.execute("select accord.expire_uploads(%s)", [now()])
        return int(cursor.fetchone()[0])
