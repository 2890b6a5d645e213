"""What proves an entry that the viewer may read: its place, the path to a signed head, and receipts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings

from accord.kernel.errors import Conflict, InvalidInput, NotFound
from accord.kernel.merkle import inclusion_proof
from accord.kernel.signednote import (
    BadSignatureError,
    Note,
    NoteKey,
    Signature,
    UnknownKeyError,
    check_note,
    parse_note,
)
from accord.ledger import keys, tiles
from accord.ledger.domain import EntryId, Opening
from accord.ledger.queries import ProvingHead, load_tiles, opened, place_of, proving_head
from accord.ledger.quorum import load_policy
from accord.ledger.receipts import ENTRY, Place, Wanted, build_receipt

COSIGNATURE_BYTES = 72
"""Eight of the time, then the signature (C2SP tlog-cosignature)."""
LATEST_S = 253_402_300_800
"""The year 10000, beyond which no clock here goes."""


@dataclass(frozen=True)
class Proven:
    """One entry under one signed head."""

    opening: Opening
    place: Place
    head: ProvingHead


def prove(entry_id: EntryId, view: str | None = None) -> Proven:
    """What proves an entry that the viewer may read, in his own view of it or in the one named.

    Raises NotFound where nothing is there for him or it was erased, and Conflict before it has a
    place.
    """
    row, opening = opened(entry_id, view)
    if opening is None:
        raise NotFound("The body of this entry was erased; the ledger keeps only its place.")
    return _proven(opening, row.leaf.leaf_index)


def receipt_of(entry_id: EntryId, opening: Opening, *, vouched: bool = False) -> dict[str, Any]:
    """The proof of an entry whose body the caller holds; raises Conflict while it has no place, and
    where it has to be `vouched` for, while no head over it meets the policy of cosigners.
    """
    proven = _proven(opening, place_of(entry_id))
    if vouched and not proven.head.vouched and _asks_cosigners():
        raise Conflict("The agencies have not cosigned this entry yet; they do within seconds.")
    return build_receipt(proven.opening, proven.place, ENTRY)


def _asks_cosigners() -> bool:
    try:
        return load_policy(Path(settings.ACCORD_DATA_DIR)).quorum != "none"
    except InvalidInput:
        return False  # readiness and `accord ledger status` tell the operator why


def _proven(opening: Opening, index: int | None) -> Proven:
    head = proving_head(-1 if index is None else index)
    if index is None or head is None:
        raise Conflict("The entry has no place in the ledger yet; it gets one within a second.")
    place = Place(
        leaf_index=index,
        inclusion=inclusions([(index, head.size)])[0],
        checkpoint=head.note,
        key=keys.public_key(Path(settings.ACCORD_DATA_DIR)).text,
        timestamp=head.token,
    )
    return Proven(opening, place, head)


def receipt(entry_id: EntryId, wanted: Wanted = ENTRY, view: str | None = None) -> dict[str, Any]:
    """The proof of one entry, or of some of its items, checkable offline. Raises as `prove` does."""
    proven = prove(entry_id, view)
    return build_receipt(proven.opening, proven.place, wanted)


@dataclass(frozen=True)
class SignedBy:
    """One signature under a head; `holds` is None where the key is not known here."""

    name: str
    key_id: str
    cosigner: bool
    holds: bool | None
    at: datetime | None = None


def signatures(note_text: str, known: Iterable[NoteKey] = ()) -> tuple[SignedBy, ...]:
    """Who signed a head: this ledger first, then cosigners; checked where the key is known."""
    note = parse_note(note_text)
    keys_known = [keys.public_key(Path(settings.ACCORD_DATA_DIR)), *known]
    return tuple(_signed_by(note, signature, keys_known) for signature in note.signatures)


def cosigner_keys() -> tuple[NoteKey, ...]:
    """The keys of the cosigners that the node's policy names; none where it cannot be read.

    A reader of an entry cannot mend a policy: its cosigners are shown as not checked here, and
    readiness and `accord ledger status` tell the operator why.
    """
    try:
        policy = load_policy(Path(settings.ACCORD_DATA_DIR))
    except InvalidInput:
        return ()
    return tuple(witness.key for witness in policy.witnesses.values())


def _signed_by(note: Note, signature: Signature, known: Sequence[NoteKey]) -> SignedBy:
    try:
        check_note(Note(note.text, (signature,)), known)
        holds: bool | None = True
    except BadSignatureError:
        holds = False
    except UnknownKeyError:
        holds = None
    time_first = len(signature.value) == COSIGNATURE_BYTES
    at = int.from_bytes(signature.value[:8]) if time_first else None
    return SignedBy(
        name=signature.name,
        key_id=signature.key_id.hex(),
        cosigner=time_first,
        holds=holds,
        at=datetime.fromtimestamp(at, UTC) if at is not None and at < LATEST_S else None,
    )


def inclusions(asked: Sequence[tuple[int, int]]) -> list[tuple[bytes, ...]]:
    """The proofs of leaves, each in the tree of its size (index, size).

    INVARIANT: one statement, however many tiles the sizes make it take: others' acts move the size.
    """
    proofs = [partial(inclusion_proof, index, size) for index, size in asked]
    held = load_tiles({name for proof in proofs for name in tiles.wanted(proof)})
    fetch = tiles.fetch_from(lambda level, tile_index: held.get((level, tile_index), b""))
    return [proof(fetch) for proof in proofs]
