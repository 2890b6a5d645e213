"""The only writers of the ledger.

`append` writes in the caller's transaction, so an act and its entry commit or fail together; it
takes no lock, so nobody waits for the tree. `sequence` gives committed entries their places, one
process at a time, and signs the new head.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection, connections, transaction

from accord.kernel import clock
from accord.kernel.errors import Conflict, InvalidInput, NotFound
from accord.kernel.ids import uuid7
from accord.kernel.merkle import frontier_of, leaf_hash
from accord.kernel.signednote import Checkpoint as Head
from accord.kernel.signednote import SigningKey, parse_note, sign_note
from accord.ledger import keys, tiles
from accord.ledger.domain import (
    ACTING,
    OPERATOR,
    OWNING,
    Committed,
    Entry,
    EntryId,
    Kind,
    build_leaf,
    check_entry,
    commit,
)
from accord.ledger.models import Checkpoint, EntryRow, Leaf, OwnerView, Tile
from accord.ledger.queries import load_tile
from accord.ledger.sealing import seal_body

SEQUENCE_BATCH = 4096
# One number for all nodes' databases: "accord" in ASCII, and 1 for the sequencer.
SEQUENCER_LOCK = int.from_bytes(b"accord\x00\x01")


def append(entry: Entry, entry_id: EntryId | None = None) -> EntryId:
    """Writes one entry in the current transaction; its place in the tree follows after commit.

    `entry_id` is given where something else names the entry before it is written.
    """
    check_entry(entry)
    committed = commit(entry, entry_id or uuid7())
    _insert_leaf(committed)
    _insert_bodies(entry, committed)
    return committed.entry_id


def append_separately(entry: Entry) -> EntryId:
    """Writes a refusal or a miss after the act was rolled back, in a transaction of its own.

    The seal went with the act, so such an entry tells no owner: absent and forbidden look alike.
    Raises RuntimeError inside another transaction, whose roll-back would take the entry along.
    """
    if entry.kind not in (Kind.REFUSAL, Kind.MISS) or entry.owners:
        raise InvalidInput("ledger entry", None, "kind", "only a refusal or a miss without owners")
    with transaction.atomic(durable=True):
        return append(entry)


def append_by_operator(entry: Entry, using: str) -> EntryId:
    """Writes what the operator did to an agency, in the transaction of the operator's connection.

    The operator has no seal, so no policy lets such an entry in: the database's own function writes
    it, in the operator's name and for the operator's role alone. The agency's oversight reads it.
    """
    if entry.actor != OPERATOR or entry.kind is not Kind.MEMBERSHIP or entry.owners:
        raise InvalidInput("ledger entry", None, "actor", "only what the operator did to an agency")
    check_entry(entry)
    committed = commit(entry, uuid7())
    sealed = seal_body(committed.acting, committed.entry_id, ACTING, keys.body_key(_data_dir()))
    with connections[using].cursor() as cursor:
        cursor.execute(
            "insert into ledger_leaf (entry_id, commitment) values (%s, %s)",
            [committed.entry_id, committed.commitment],
        )
        cursor.execute(
            "select accord.operator_entry(%s, %s, %s, %s, %s)",
            [committed.entry_id, entry.at, entry.agency, sealed.cipher, sealed.key],
        )
    return committed.entry_id


def sequence(limit: int = SEQUENCE_BATCH) -> int:
    """Gives up to `limit` waiting entries their places and signs the new head; returns how many.

    1. take the sequencer's lock until the transaction ends;
    2. check that the last head was signed by this node and that the tree has its size;
    3. number the waiting entries in the order of their ids;
    4. grow the tiles; 5. sign the head of the grown tree.
    """
    with transaction.atomic():
        _lock()
        signer = keys.signing_key(_data_dir())
        size = _checked_size(signer)
        waiting = list(
            Leaf.objects.filter(leaf_index__isnull=True)
            .order_by("entry_id")
            .values_list("entry_id", "commitment")[:limit]
        )
        if waiting or size is None:
            start = size or 0
            _place([entry_id for entry_id, _ in waiting], start)
            _grow([bytes(commitment) for _, commitment in waiting], start)
            _sign(start + len(waiting), signer)
        return len(waiting)


def sequence_all() -> int:
    """Sequences until nothing waits; returns how many entries were placed."""
    total = 0
    while placed := sequence():
        total += placed
    return total


def erase_body(entry_id: EntryId, erasure: Entry) -> EntryId:
    """Erases what the sealed agency holds of one entry, under an erasure entry of its own.

    The agency that acted erases the complete body; an owner erases its own view. Row-level
    security decides which rows are the caller's; the leaf and the tree stay as they are.
    """
    if erasure.kind is not Kind.ERASURE:
        raise Conflict("Erasing an entry is logged as an erasure.")
    with transaction.atomic():
        erasure_id = append(erasure)
        gone = {"body_cipher": None, "body_key": None, "erased_by_id": erasure_id}
        erased = EntryRow.objects.filter(leaf_id=entry_id, erased_by=None).update(**gone)
        erased += OwnerView.objects.filter(leaf_id=entry_id, erased_by=None).update(
            **gone, records=[]
        )
        if not erased:
            raise NotFound()
    return erasure_id


def _insert_leaf(committed: Committed) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into ledger_leaf (entry_id, commitment) values (%s, %s)",
            [committed.entry_id, committed.commitment],
        )


def _insert_bodies(entry: Entry, committed: Committed) -> None:
    entry_id, node_key = committed.entry_id, keys.body_key(_data_dir())
    sealed = seal_body(committed.acting, entry_id, ACTING, node_key)
    EntryRow.objects.create(
        leaf_id=entry_id,
        created_at=entry.at,
        kind=entry.kind.value,
        actor_id=entry.actor,
        agency_id=entry.agency,
        purpose=entry.purpose,
        case_id=entry.case,
        body_cipher=sealed.cipher,
        body_key=sealed.key,
    )
    views = []
    for owner, opening in committed.owning.items():
        sealed = seal_body(opening, entry_id, f"{OWNING} {owner}", node_key)
        views.append(
            OwnerView(
                id=uuid7(),
                leaf_id=entry_id,
                agency_id=owner,
                created_at=entry.at,
                kind=entry.kind.value,
                actor_id=entry.actor,
                actor_agency_id=entry.agency,
                records=list(entry.records_of(owner)),
                body_cipher=sealed.cipher,
                body_key=sealed.key,
            )
        )
    OwnerView.objects.bulk_create(views)


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [SEQUENCER_LOCK])


def _checked_size(signer: SigningKey) -> int | None:
    """The size of the last signed head; None before the first."""
    last = Checkpoint.objects.order_by("-size").first()
    if last is None:
        return None
    head = Head.parse(parse_note(last.note).text)
    if head.origin != signer.name:
        raise Conflict(
            f"The last checkpoint was signed as {head.origin}, and secrets/ledger.key is the key of"
            f" {signer.name}. Signing on would start a second history.",
            who_can_change="the operator, by restoring secrets/ledger.key from the backup",
        )
    fetch = tiles.fetch_from(load_tile)
    if head.size != last.size or frontier_of(head.size, fetch).root() != head.root:
        raise Conflict(
            f"The stored tree does not have the root signed at size {last.size}: it was changed.",
            who_can_change="the operator, after `accord ledger verify`",
        )
    return head.size


def _place(entry_ids: Sequence[UUID], start: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update ledger_leaf set leaf_index = placed.leaf_index"
            " from unnest(%s::uuid[], %s::bigint[]) as placed (entry_id, leaf_index)"
            " where ledger_leaf.entry_id = placed.entry_id",
            [list(entry_ids), list(range(start, start + len(entry_ids)))],
        )
        if cursor.rowcount != len(entry_ids):
            raise Conflict("Waiting entries went away while they were given their places.")


def _grow(commitments: Sequence[bytes], start: int) -> None:
    hashes = [leaf_hash(build_leaf(commitment)) for commitment in commitments]
    changed = tiles.grow(start, hashes, load_tile)
    Tile.objects.bulk_create(
        [
            Tile(level=level, tile_index=index, hashes=content)
            for (level, index), content in changed.items()
        ],
        update_conflicts=True,
        unique_fields=["level", "tile_index"],
        update_fields=["hashes"],
    )


def _sign(size: int, signer: SigningKey) -> None:
    root = frontier_of(size, tiles.fetch_from(load_tile)).root()
    note = sign_note(Head(signer.name, size, root).text, signer)
    Checkpoint.objects.bulk_create(
        [Checkpoint(size=size, root=root, note=str(note), created_at=clock.now())]
    )


def _data_dir() -> Path:
    return Path(settings.ACCORD_DATA_DIR)
