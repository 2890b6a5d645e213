"""Copies the ledger's tree, leaves and heads to where everybody may read them (C2SP tlog-tiles).

1. one publisher at a time, under a lock of its own: the sequencer never waits for a store;
2. the checkpoint that stands there says how far publishing came; it must be one of this ledger;
3. every tile and bundle that the heads since then need is created, full ones first;
4. the checkpoint is put last, in one step; 5. partial tiles whose place is full now are removed.

Published is the newest head that met the policy. A crash between any two steps leaves what the old
checkpoint covers whole, and the next publisher does the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import connection

from accord.kernel import clock, tlog
from accord.kernel.errors import AccordError, Conflict
from accord.kernel.merkle import HASH_BYTES, leaf_hash
from accord.kernel.tlog import Tile
from accord.ledger import comparing, queries
from accord.ledger.quorum import load_policy
from accord.ledger.store import PublishedLog
from accord.platform.files import write_private

# One number for all nodes' databases: "accord" in ASCII, and 2 for the publisher.
PUBLISHER_LOCK = int.from_bytes(b"accord\x00\x02")
STATE = "publishing.json"


@dataclass(frozen=True)
class Published:
    """How far the published log is: its head, and the head that it should show."""

    size: int
    wanted: int
    trouble: str | None = None
    """Why the last try failed; None where it went well."""
    since: datetime | None = None

    @property
    def behind(self) -> int:
        return max(0, self.wanted - self.size)


def publish(data_dir: Path) -> Published:
    """Publishes up to the newest head that met the policy; does nothing where another process does.

    Raises StoreFailed, and Conflict where what stands there is not this ledger.
    """
    try:
        return _publish(data_dir)
    except AccordError as error:
        _note(data_dir, error.message)
        raise


def _publish(data_dir: Path) -> Published:
    log = PublishedLog(data_dir)
    with _alone() as alone:
        shown = comparing.compare(log, data_dir)
        head = queries.head_to_publish(needs_quorum=load_policy(data_dir).quorum != "none")
        since = shown.size if shown else 0
        if not alone or head is None or since > head.size:
            return Published(since, head.size if head else since)
        if shown is None or shown.note != head.note:
            _extend(log, since, head)
        (data_dir / STATE).unlink(missing_ok=True)
        return Published(head.size, head.size)


def published(data_dir: Path) -> Published:
    """How far publishing came, as the store itself says. Raises as `publish` does."""
    shown = comparing.shown(PublishedLog(data_dir), data_dir)
    head = queries.head_to_publish(needs_quorum=load_policy(data_dir).quorum != "none")
    size = shown.size if shown else 0
    return Published(size, head.size if head else size, *_noted(data_dir))


def _note(data_dir: Path, trouble: str) -> None:
    """Leave word for readiness and `accord ledger status`; on a full disk they see that themselves."""
    _, since = _noted(data_dir)
    facts = {"trouble": trouble, "since": (since or clock.now()).isoformat()}
    with suppress(OSError):
        write_private(data_dir / STATE, json.dumps(facts))


def _noted(data_dir: Path) -> tuple[str | None, datetime | None]:
    try:
        said = json.loads((data_dir / STATE).read_text("utf-8"))
    except FileNotFoundError:
        return None, None
    return said["trouble"], datetime.fromisoformat(said["since"])


def _extend(log: PublishedLog, since: int, head: queries.HeadNote) -> None:
    full = list[Tile]()
    sizes = queries.sizes_between(since, head.size)
    for tile in tlog.added(since, sizes) if sizes else ():
        log.create(tile.path, _content(tile))
        if tile.width == tlog.WIDTH:
            full.append(tile)
    log.put_checkpoint(head.note)
    for tile in full:
        log.drop(tile.partials)


def _content(tile: Tile) -> bytes:
    hashes = queries.load_tile(tile.level, tile.index)[: tile.width * HASH_BYTES]
    if len(hashes) != tile.width * HASH_BYTES:
        raise _changed(f"tile {tile.level}/{tile.index} is too short")
    if not tile.entries:
        return hashes
    start = tile.index * tlog.WIDTH
    leaves = queries.leaf_texts(start, start + tile.width)
    if b"".join(map(leaf_hash, leaves)) != hashes:
        raise _changed(f"leaves from {start} on do not have the hashes that the tree holds")
    return tlog.bundle(leaves)


def _changed(what: str) -> Conflict:
    return Conflict(
        f"The ledger is not published further: {what}.",
        who_can_change="the operator, after `accord ledger verify`",
    )


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether this process publishes; no transaction is held open while a store is written."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [PUBLISHER_LOCK])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s)", [PUBLISHER_LOCK])
