"""How fast records come in, beside plain COPY of the very same rows.

Measured through the actions, with everything they check and write: cleaning, labels, row-level
security, sealing, search terms, the ledger entry. The reference copies the rows of the same records
into tables with the same indexes and no rules, as a superuser, from memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from psycopg import sql

from accord.cli.benches.noding import WORLD, count
from accord.cli.benches.page import Compared

HANDS = 2
TABLES = ("record", "part", "search_name", "search_exact", "search_text")


@dataclass(frozen=True)
class Brought:
    """What one stretch of records took."""

    parts: int
    rows: int
    """Of all tables that a record's content stands in: `TABLES`."""
    seconds: float
    own_seconds: float
    """Processor time of this process alone."""

    @property
    def rate(self) -> float:
        return self.parts / self.seconds

    @property
    def row_rate(self) -> float:
        return self.rows / self.seconds


class Importing:
    """The generated records of the demo world on their way in, a stretch at a time."""

    def __init__(self, folder: Path, admin: Any, size: int) -> None:
        from accord.cli.load import load_world
        from accord.cli.world import parties
        from accord.cli.world.deliver import Delivery
        from accord.cli.world.read import read_world

        load_world(folder, WORLD, size=0)
        world = read_world(WORLD)
        cases = {case.number: facts for case, facts in parties.put_cases(world)}
        self._admin = admin
        self._delivery = Delivery(world, cases, lambda _: None, hands=HANDS)
        self._lines: Iterator[Mapping[str, Any]] = world.generation(size=size).lines

    def bring(self, records: int) -> Brought:
        """Bring in so many records more; making them up is not counted."""
        lines: Iterable[Mapping[str, Any]] = list(islice(self._lines, records))
        before = self._counts()
        begun, begun_own = perf_counter(), process_time()
        self._delivery.take(lines)
        seconds, own = perf_counter() - begun, process_time() - begun_own
        came = {name: there - before[name] for name, there in self._counts().items()}
        return Brought(came["part"], sum(came.values()), seconds, own)

    def _counts(self) -> dict[str, int]:
        return {name: count(self._admin, name) for name in TABLES}


def copied(admin: Any, parts: int) -> Brought:
    """Plain COPY of the last records that came in, all their rows; undone at the end."""
    admin.execute("begin")
    for name in TABLES:
        admin.execute(
            sql.SQL("create temporary table {} (like public.{} including indexes)").format(
                sql.Identifier(f"copied_{name}"), sql.Identifier(name)
            )
        )
    admin.execute(
        "create temporary table chosen on commit drop as"
        " select id, record_id from part order by ctid desc limit %s",
        [parts],
    )
    rows = {name: _rows_of(admin, name) for name in TABLES}
    copied = 0
    begun, begun_own = perf_counter(), process_time()
    for name, blocks in rows.items():
        into = sql.SQL("copy {} from stdin (format binary)").format(
            sql.Identifier(f"copied_{name}")
        )
        cursor = admin.cursor()
        with cursor.copy(into) as copy:
            for block in blocks:
                copy.write(block)
        copied += cursor.rowcount
    seconds, own = perf_counter() - begun, process_time() - begun_own
    admin.execute("rollback")
    return Brought(parts, copied, seconds, own)


def _rows_of(admin: Any, name: str) -> list[bytes]:
    column = {"record": "id", "part": "id"}.get(name, "part_id")
    chosen = "record_id" if name == "record" else "id"
    query = sql.SQL(
        "copy (select * from public.{} where {} in (select {} from chosen)) to stdout (format binary)"
    ).format(sql.Identifier(name), sql.Identifier(column), sql.Identifier(chosen))
    with admin.cursor().copy(query) as copy:
        return [bytes(block) for block in copy]


def generated(records: int) -> Compared:
    """How long the generator takes for a world of this size, beside reading the same from JSON lines."""
    from accord.cli.world.read import read_world

    begun = perf_counter()
    lines = list(read_world(WORLD).records(size=records))
    made_s = perf_counter() - begun
    texts = [json.dumps(line) for line in lines]
    begun = perf_counter()
    for text in texts:
        json.loads(text)
    read_s = perf_counter() - begun
    return Compared(
        f"the generator makes {len(lines):,} records",
        f"{made_s:.1f} s",
        f"reading the same from JSON lines: {read_s:.1f} s",
        f"{made_s / read_s:.1f}×",
        "under 20 s",
    )


def compare(brought: Brought, plain: Brought) -> Compared:
    """One stretch beside COPY of its rows."""
    own = brought.parts / brought.own_seconds
    return Compared(
        f"import of {brought.parts:,} parts ({brought.rows:,} rows of {len(TABLES)} tables) with"
        f" cleaning, labels, sealing, search terms, ledger, {HANDS} hands ({own:,.0f} parts a second of"
        " the process's own processor time)",
        f"{brought.row_rate:,.0f} rows/s, {brought.rate:,.0f} parts/s",
        f"plain COPY of the same rows: {plain.row_rate:,.0f} rows/s, {plain.rate:,.0f} parts/s",
        f"{plain.rate / brought.rate:,.1f}×",
        "at least 10,000 rows/s",
    )
