"""Whether a node can work now: what the operator's readiness, metrics and `accord check` ask.

INVARIANT: members and outsiders never get an answer from here. How far the ledger lags or whether
the disk fills moves with what others do, so it would tell of what a reader may not see.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from accord.kernel.clock import now
from accord.kernel.errors import AccordError
from accord.platform import configuration

HEARTBEAT = "worker.beat"
SILENT_AFTER_S = 60.0
LEDGER_BEHIND_AFTER = timedelta(seconds=60)
COSIGNED_BEHIND_AFTER = timedelta(minutes=10)
PUBLISHED_TROUBLE_AFTER = timedelta(minutes=1)
OWN_DISKS = ("postgres", "objects", "tlog")
"""Folders of the data directory that an operator may put on disks of their own."""
PUBLISHED_BEHIND = 50_000
"""Entries; that many are published within a minute."""
_MB = 1_000_000


@dataclass(frozen=True)
class Answer:
    """One thing that must hold for the node to work; `value` is its measure, for the metrics."""

    name: str
    holds: bool
    said: str
    value: float


def beat(data_dir: Path) -> None:
    """Say that the worker lives; called between its jobs."""
    (data_dir / HEARTBEAT).touch(mode=0o600)


def answers(data_dir: Path) -> list[Answer]:
    """Ask everything; a question that fails is an answer too."""
    questions: tuple[tuple[str, Callable[[Path], Answer]], ...] = (
        ("database", _database),
        ("migrations", _migrations),
        ("worker", _worker),
        ("ledger", _ledger),
        ("cosigned", _cosigned),
        ("published", _published),
        ("evidence", _evidence),
        ("disk", _disk),
    )
    return [_asked(name, question, data_dir) for name, question in questions]


def _asked(name: str, question: Callable[[Path], Answer], data_dir: Path) -> Answer:
    from django.db import Error, connections

    try:
        return question(data_dir)
    except (Error, OSError) as error:
        connections.close_all()
        return Answer(name, False, f"cannot be asked ({type(error).__name__})", -1)


def _database(_: Path) -> Answer:
    from django.db import connection

    began_s = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    took_s = time.perf_counter() - began_s
    return Answer("database", True, f"answers in {took_s * 1000:.0f} ms", took_s)


def _migrations(_: Path) -> Answer:
    from django.db import connections

    from accord.platform import schema

    with connections["migrate"].cursor() as cursor:
        cursor.execute("select app || '.' || name from django_migrations")
        applied = {name for (name,) in cursor.fetchall()}
    connections["migrate"].close()
    missing, later = len(schema.known() - applied), len(applied - schema.known())
    said = f"{len(applied)} applied, {missing} missing, {later} of a later version"
    return Answer("migrations", not missing and not later, said, missing + later)


def _worker(data_dir: Path) -> Answer:
    try:
        silent_s = max(0.0, time.time() - (data_dir / HEARTBEAT).stat().st_mtime)
    except FileNotFoundError:
        return Answer("worker", False, "never ran here", -1)
    return Answer("worker", silent_s < SILENT_AFTER_S, f"last seen {silent_s:.0f} s ago", silent_s)


def _ledger(data_dir: Path) -> Answer:
    from accord.ledger import comparing, queries

    hold = comparing.held(data_dir)
    if hold is not None:
        return Answer("ledger", False, hold.said, -1)
    oldest = queries.waits_since()
    if oldest is None:
        return Answer("ledger", True, "every entry has its place", 0)
    behind = max(timedelta(0), now() - oldest)
    said = f"the oldest entry without a place is {behind.total_seconds():.0f} s old"
    return Answer("ledger", behind < LEDGER_BEHIND_AFTER, said, behind.total_seconds())


def _cosigned(data_dir: Path) -> Answer:
    """How long entries wait for the agencies' cosigners; who is silent is said in any case."""
    from accord.ledger.cosigning import quorum
    from accord.ledger.quorum import load_policy

    try:
        found = quorum(data_dir, load_policy(data_dir))
    except AccordError as error:
        return Answer("cosigned", False, error.message, -1)
    if found is None:
        return Answer("cosigned", True, "no cosigner is asked for", 0)
    behind = now() - found.behind_since if found.behind_since else timedelta(0)
    behind = max(timedelta(0), behind)
    quiet = [f"{each.name}: {each.trouble}" for each in found.cosigners if each.trouble]
    said = f"up to entry {found.size}, {found.behind} behind"
    return Answer(
        "cosigned",
        behind < COSIGNED_BEHIND_AFTER,
        "; ".join([said, *quiet]),
        behind.total_seconds(),
    )


def _published(data_dir: Path) -> Answer:
    from accord.ledger.publishing import published

    try:
        found = published(data_dir)
    except AccordError as error:
        return Answer("published", False, error.message, -1)
    said = f"up to entry {found.size} of {found.wanted}"
    holds = found.behind < PUBLISHED_BEHIND
    if found.trouble:
        said = f"{said}; {found.trouble}"
        holds = found.since is not None and now() - found.since < PUBLISHED_TROUBLE_AFTER
    return Answer("published", holds, said, found.behind)


def _evidence(_: Path) -> Answer:
    from accord.evidence.store import store

    trouble = store().trouble()
    return Answer("evidence", trouble is None, trouble or "files can be taken in", trouble is None)


def _disk(data_dir: Path) -> Answer:
    """The file system with the least room, of those on which the node keeps anything."""
    least = configuration.number("ACCORD_LEAST_FREE_MB", 512) * _MB
    places = [data_dir, *(p for name in OWN_DISKS if (p := data_dir / name).exists())]
    free, place = min((shutil.disk_usage(place).free, place.name) for place in places)
    said = f"{free // _MB} MB free in {place}, {least // _MB} wanted"
    return Answer("disk", free >= least, said, free)
