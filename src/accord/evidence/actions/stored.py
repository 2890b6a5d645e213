"""Store a file in pieces under a key of its own: the pieces first, their rows in the transaction."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from accord.evidence import sealing
from accord.evidence.domain import Hashes, ObjectRole, Segment
from accord.evidence.files import Digests, write_segment
from accord.evidence.models import ObjectSegment, StoredObject
from accord.evidence.sealing import SEGMENT_BYTES
from accord.evidence.store import StoreRefused, store
from accord.kernel import ids
from accord.kernel.clock import now
from accord.platform.logs import facts
from accord.records.nodekeys import keys

log = logging.getLogger("accord.evidence")


@dataclass(frozen=True)
class Pieces:
    """A file whose pieces are in the store, and that no row refers to yet."""

    id: UUID
    key: bytes = field(repr=False)
    size_bytes: int
    hashes: Hashes
    segments: tuple[Segment, ...]


def write(blocks: Iterable[bytes]) -> Pieces:
    """Encrypt and store a file in pieces of at most 16 MiB; raises StoreRefused."""
    made, key, digests = ids.uuid7(), sealing.new_key(), Digests()
    segments: list[Segment] = []
    at = 0
    for block in blocks:
        segments.append(write_segment(store(), key, made, at, block, digests))
        at += len(block)
    return Pieces(made, key, at, digests.hashes, tuple(segments))


def of_path(path: Path) -> Pieces:
    """Store the file at a path; raises OSError, StoreRefused."""

    def blocks() -> Iterable[bytes]:
        with path.open("rb") as source:
            while block := source.read(SEGMENT_BYTES):
                yield block

    return write(blocks())


def forget(pieces: Iterable[Pieces]) -> None:
    """Remove from the store what no row came to refer to.

    It comes where something went wrong before, and takes nobody's eyes from that: a piece that the store
    does not let go of is logged, and is left to the sweep of the store.
    """
    for segment in (segment for one in pieces for segment in one.segments):
        try:
            store().remove(segment.address)
        except StoreRefused as error:
            said = facts(kind=type(error).__name__)
            log.error("a piece stays in the store for the sweep", extra=said, exc_info=error)


def segment_rows(pieces: Pieces, owner: str) -> list[ObjectSegment]:
    """The rows of its pieces."""
    return [
        ObjectSegment(object_id=pieces.id, owner_id=owner, at=s.at, size=s.size, address=s.address)
        for s in pieces.segments
    ]


def wrapped(pieces: Pieces, owner: str, case_id: UUID) -> bytes:
    """Its key as a row holds it."""
    return sealing.wrap(pieces.key, owner=owner, case_id=case_id, object_id=pieces.id, keys=keys())


def beside(
    pieces: Pieces, *, record_id: UUID, owner: str, case_id: UUID, role: ObjectRole, number: int
) -> None:
    """Keep what was made from an exhibit's file beside it."""
    listed = sealing.list_text(pieces.id, pieces.segments)
    StoredObject.objects.bulk_create(
        [
            StoredObject(
                id=pieces.id,
                record_id=record_id,
                owner_id=owner,
                case_id=case_id,
                role=role,
                number=number,
                size_bytes=pieces.size_bytes,
                address=sealing.address_of(listed),
                list_mac=sealing.mac_of(pieces.key, listed),
                wrapped_key=wrapped(pieces, owner, case_id),
                made_at=now(),
            )
        ]
    )
    ObjectSegment.objects.bulk_create(segment_rows(pieces, owner))
