"""The only writers of the ledger.

`append` writes in the caller's transaction, so an act and its entry commit or fail together; it
takes no lock, so nobody waits for the tree. `sequence` gives committed entries their places, one
process at a time, and signs the new head.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, connections, transaction
from psycopg.sql import SQL, Composable, Identifier

from accord.kernel import clock
from accord.kernel.errors import Conflict, InvalidInput
from accord.kernel.ids import uuid7
from accord.kernel.merkle import frontier_of, leaf_hash
from accord.kernel.signednote import Checkpoint as Head
from accord.kernel.signednote import Note, Signature, SigningKey, check_note, parse_note, sign_note
from accord.kernel.tlogpolicy import Policy
from accord.ledger import comparing, keys, tiles
from accord.ledger.domain import (
    ACTING,
    OPERATOR,
    OWNING,
    Committed,
    Entry,
    EntryId,
    Kind,
    Opening,
    build_leaf,
    check_entry,
    commit,
)
from accord.ledger.models import Checkpoint, Leaf, Tile, Timestamp
from accord.ledger.queries import load_tile
from accord.ledger.sealing import seal_body

SEQUENCE_BATCH = 4096
# One number for all nodes' databases: "accord" in ASCII, and 1 for the sequencer.
SEQUENCER_LOCK = int.from_bytes(b"accord\x00\x01")


def append(entry: Entry, entry_id: EntryId | None = None) -> EntryId:
    """Writes one entry in the current transaction; its place in the tree follows after commit.

    `entry_id` is given where something else names the entry before it is written.
    """
    return append_shown(entry, entry_id).entry_id


def append_shown(entry: Entry, entry_id: EntryId | None = None) -> Committed:
    """The same, and returns what shows its bodies: for whoever else is to hold its receipt."""
    check_entry(entry)
    committed = commit(entry, entry_id or uuid7())
    _insert(entry, committed)
    return committed


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
            "insert into ledger_leaf (entry_id, committed) values (%s, %s)",
            [committed.entry_id, committed.commitment],
        )
        cursor.execute(
            "select accord.operator_entry(%s, %s, %s, %s, %s)",
            [committed.entry_id, entry.at, entry.agency, sealed.cipher, sealed.key],
        )
    return committed.entry_id


def sequence(limit: int = SEQUENCE_BATCH) -> int:
    """Gives up to `limit` waiting entries their places and signs the new head; returns how many.

    Raises Held, before it begins, where what is published says that this is an older state.

    1. take the sequencer's lock until the transaction ends;
    2. check that the last head was signed by this node and that the tree has its size;
    3. number the waiting entries in the order of their ids, older versions of leaves first;
    4. grow the tiles; 5. sign the head of the grown tree.
    """
    comparing.check_goes_on(_data_dir())
    with transaction.atomic():
        _lock()
        signer = keys.signing_key(_data_dir())
        size = _checked_size(signer)
        waiting = list(
            Leaf.objects.filter(leaf_index__isnull=True)
            .order_by("version", "entry_id")
            .values_list("entry_id", "commitment", "version")[:limit]
        )
        if waiting or size is None:
            start = size or 0
            _place([entry_id for entry_id, _, _ in waiting], start)
            _grow([build_leaf(bytes(made), version) for _, made, version in waiting], start)
            _sign(start + len(waiting), signer)
        return len(waiting)


def sequence_all() -> int:
    """Sequences until nothing waits; returns how many entries were placed."""
    total = 0
    while placed := sequence():
        total += placed
    return total


def keep_timestamp(size: int, token: bytes, at: datetime, authority: str) -> None:
    """Keeps the token of a timestamp authority over the head of this size."""
    Timestamp.objects.create(checkpoint_id=size, token=token, stamped_at=at, authority=authority)


def add_cosignatures(size: int, signatures: Sequence[Signature], policy: Policy) -> bool:
    """Adds cosignatures to a stored head, each once; returns whether the head meets the policy now.

    Raises NoteError unless witnesses of the policy made them over this very head.
    """
    with transaction.atomic():
        row = Checkpoint.objects.select_for_update().get(size=size)
        note = parse_note(row.note)
        made = {(each.name, each.key_id) for each in note.signatures}
        for signature in signatures:
            if (signature.name, signature.key_id) not in made:
                known = [witness.key for witness in policy.witnesses.values()]
                check_note(Note(note.text, (signature,)), known)
                note = note.with_signature(signature)
        met = row.quorum_at is not None or policy.met_by(policy.cosigners_of(note))
        if str(note) != row.note or (met and row.quorum_at is None):
            if met and row.quorum_at is None:
                row.quorum_at, row.quorum_policy = clock.now(), policy.digest
            row.note = str(note)
            row.save(update_fields=["note", "quorum_at", "quorum_policy"])
        return met


def _insert(entry: Entry, committed: Committed) -> None:
    """Writes leaf and bodies in one statement: every request appends, and waits for each answer."""
    parts = [*_leaf_part(committed), *_body_parts(entry, committed)]
    written = SQL(", ").join(
        SQL("{} as ({})").format(Identifier(f"w{at}"), part.sql) for at, part in enumerate(parts)
    )
    with connection.cursor() as cursor:
        statement = SQL("with {} select").format(written)
        cursor.execute(statement, [value for part in parts for value in part.values])


@dataclass(frozen=True)
class _Part:
    """One insert of the statement."""

    sql: Composable
    values: list[Any]


def _leaf_part(committed: Committed) -> list[_Part]:
    sql = SQL("insert into ledger_leaf (entry_id, committed) values (%s, %s)")
    return [_Part(sql, [committed.entry_id, committed.commitment])]


def _body_parts(entry: Entry, committed: Committed) -> list[_Part]:
    node_key = keys.body_key(_data_dir())
    sealed = seal_body(committed.acting, committed.entry_id, ACTING, node_key)
    acting = _Part(
        SQL(
            "insert into ledger_entry (id, created_at, kind, actor_id, agency_id, purpose, case_id,"
            " records, clauses, body_cipher, body_key)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s::text[], %s::text[], %s, %s)"
        ),
        [
            committed.entry_id,
            entry.at,
            entry.kind.value,
            entry.actor,
            entry.agency,
            entry.purpose,
            entry.case,
            list(entry.known_records()),
            list(entry.clauses_of()),
            sealed.cipher,
            sealed.key,
        ],
    )
    views = [
        _view_row(entry, committed.entry_id, owner, opening, node_key)
        for owner, opening in committed.owning.items()
    ]
    if not views:
        return [acting]
    row = SQL("(%s, %s, %s, %s, %s, %s, %s, %s::text[], %s::text[], %s, %s)")
    owning = _Part(
        SQL(
            "insert into ledger_view (id, entry_id, agency_id, created_at, kind, actor_id,"
            " actor_agency_id, records, clauses, body_cipher, body_key) values {}"
        ).format(SQL(", ").join([row] * len(views))),
        [value for view in views for value in view],
    )
    return [acting, owning]


def _view_row(
    entry: Entry, entry_id: EntryId, owner: str, opening: Opening, node_key: bytes
) -> list[Any]:
    sealed = seal_body(opening, entry_id, f"{OWNING} {owner}", node_key)
    return [
        uuid7(),
        entry_id,
        owner,
        entry.at,
        entry.kind.value,
        entry.actor,
        entry.agency,
        list(entry.records_of(owner)),
        list(entry.clauses_of(owner)),
        sealed.cipher,
        sealed.key,
    ]


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


def _grow(leaves: Sequence[bytes], start: int) -> None:
    hashes = [leaf_hash(leaf) for leaf in leaves]
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
