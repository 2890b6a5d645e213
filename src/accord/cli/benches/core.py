"""The core at scale: import, search, lists, record pages, sizes and memory, at a tenth and in full."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from accord.cli.benches import importing, searching
from accord.cli.benches.noding import OWNERS, PURPOSE, count, number_labels, scope_of
from accord.cli.benches.page import Compared
from accord.cli.benches.times import Figure, timed

LABELS = 5_000
STRETCH = 10_000
GENERATED = 60_000
COPIED = 20_000
OPENED = 50
QUESTIONS = 40


def figures(folder: Path, admin: Any, records: int) -> Iterator[Compared]:
    """Fill to a tenth, measure, fill up, measure again: how each figure grows can be read off."""
    yield importing.generated(GENERATED)
    begun_kb = _memory_kb(os.getpid())
    bringing = importing.Importing(folder, admin, records)
    there = 0
    for target in (records // 10, records):
        yield from _import(bringing, admin, target - there)
        there = target
        if (missing := LABELS - count(admin, "label")) > 0:
            number_labels(missing)
        admin.execute("vacuum analyze")
        parts = count(admin, "part")
        for figure in _asked(admin):
            yield Compared(
                f"{parts:,} parts: {figure.what}",
                figure.figure,
                figure.reference,
                figure.ratio,
                figure.goal,
            )
        yield from _sizes(admin, parts)
    yield from _memory(begun_kb)


def _import(bringing: importing.Importing, admin: Any, records: int) -> Iterator[Compared]:
    """The last stretch is the figure: the tables have then the size that the row says."""
    last = min(STRETCH, records)
    left = records - last
    while left > 0:
        bringing.bring(min(STRETCH, left))
        left -= min(STRETCH, left)
    brought = bringing.bring(last)
    plain = importing.copied(admin, min(COPIED, brought.parts))
    yield importing.compare(brought, plain)


def _asked(admin: Any) -> Iterator[Compared]:
    viewers = _viewers(admin)
    yield from searching.compare(admin, viewers, QUESTIONS)
    for who, viewer in viewers.items():
        pages, records = _lists(viewer)
        for figure in (pages, records):
            if figure.times_ms:
                yield Compared(
                    f"{figure.what}, a viewer who sees {who}", figure.said, "", "", figure.note
                )


def _viewers(admin: Any) -> dict[str, str]:
    """Who sees most parts for this purpose, and who sees fewest but some."""
    from accord.agencies import queries as agencies
    from accord.agreements import queries
    from accord.kernel.errors import AccordError

    rows = admin.execute("select label_id, count(*) from part group by label_id").fetchall()
    labels = queries.labels([number for number, _ in rows])
    seen: dict[str, int] = {}
    for actor in agencies.members_of(OWNERS):
        try:
            with scope_of(actor.membership, PURPOSE) as scope:
                may = sum(parts for number, parts in rows if scope.may("view", labels[number]))
        except AccordError:  # this purpose is not theirs
            continue
        if may:
            seen[actor.membership] = may
    ordered = sorted(seen, key=lambda member: (seen[member], member))
    total = sum(parts for _, parts in rows)
    return {f"{seen[m] / total:.0%} of the parts": m for m in (ordered[-1], ordered[0])}


def _lists(viewer: str) -> tuple[Figure, Figure]:
    """The latest list, and the queries of a record's page for the records on it."""
    from accord.records.queries.records import record_view
    from accord.records.queries.search import latest

    found: list[Any] = []

    def page(_: int) -> None:
        with scope_of(viewer) as scope:
            found[:] = [record.record_id for record in latest(scope).records]

    def record(record_id: Any) -> None:
        with scope_of(viewer) as scope:
            record_view(scope, record_id)

    pages = timed("the latest list with its standing and ledger entry", page, range(OPENED))
    records = timed(
        "a record's page: queries, standing, unsealing, ledger entry", record, found[:OPENED]
    )
    goal = "page under 100 ms, p95 300 ms"
    return (
        Figure(pages.what, pages.times_ms, goal),
        Figure(records.what, records.times_ms, goal),
    )


SIZES = """
select c.relname, pg_table_size(c.oid), pg_indexes_size(c.oid)
  from pg_class c
 where c.relname = any(%s) and c.relnamespace = 'public'::regnamespace
"""


def _sizes(admin: Any, parts: int) -> Iterator[Compared]:
    """Megabytes of tables and indexes, for a million parts."""
    rows = admin.execute(SIZES, [[*importing.TABLES, "ledger_entry", "ledger_view"]]).fetchall()
    share = 1_000_000 / parts / 1_000_000
    for name, table, indexes in sorted(rows):
        yield Compared(
            f"size of {name} for a million parts, at {parts:,}",
            f"{table * share:,.0f} MB",
            f"its indexes: {indexes * share:,.0f} MB",
            "",
        )


def _memory(begun_kb: int) -> Iterator[Compared]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        backend = cursor.fetchone()[0]
    yield Compared(
        "memory of the importing and asking process, before and after all this",
        f"{begun_kb / 1024:,.0f} MB, {_memory_kb(os.getpid()) / 1024:,.0f} MB",
        f"its PostgreSQL backend, shared buffers included: {_memory_kb(backend) / 1024:,.0f} MB",
        "",
    )


def _memory_kb(process: int) -> int:
    """Resident memory of a process."""
    status = Path(f"/proc/{process}/status").read_text("utf-8")
    return int(status.partition("VmRSS:")[2].split()[0])
