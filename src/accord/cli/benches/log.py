"""The ledger: entries a second, durable and under signed heads; proofs; and checking a million.

Two things are told apart. The log alone takes commitments, makes leaves, grows tiles, signs the head
and forces both to disk, batch by batch. The whole path is what a request pays: bodies made, committed
to, sealed and written under row-level security in the transaction of an act, then placed and signed.
References of the same run: pymerkle's durable single appends, and plain COPY of the same rows.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accord.cli.benches.noding import PURPOSE, VIEWER, scope_of
from accord.cli.benches.page import Compared

BATCHES = (256, 4096)
CORE = 400_000
ACTS = 1_000
TOGETHER = 5_000
PLACED = 100_000
PROOFS = 2_000
SINGLE = 2_000
GOAL = "50,000 a second and 50 times pymerkle's"
SCRIPT = Path("dev/bench_pymerkle.py")
COPIED = """
create schema copied;
create table copied.leaf (id uuid primary key, commitment bytea);
create table copied.entry
    (id uuid primary key, at timestamptz, actor text, cipher bytea, key bytea);
create table copied.view
    (id uuid primary key, at timestamptz, actor text, cipher bytea, key bytea)
"""


@dataclass(frozen=True)
class Foreign:
    """What pymerkle did, durably, one entry after the other."""

    appends: float
    proofs: float
    root: str


def figures(admin: Any, python: Path | None, size: int) -> Iterator[Compared]:
    """Every figure beside its references."""
    foreign = _pymerkle(python)
    copied = _copied(admin)
    yield from _core(foreign, copied)
    yield from _path(admin, foreign, copied)
    yield from _proofs(foreign)
    yield from _checked(size)


def _pymerkle(python: Path | None) -> Foreign | None:
    """The reference, where an interpreter has it; its root must be ours."""
    if python is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(  # noqa: S603 - an interpreter that the caller names
            [str(python), str(SCRIPT), folder, str(SINGLE), str(SINGLE)],
            check=True,
            capture_output=True,
            text=True,
        )
    found = Foreign(**json.loads(done.stdout))
    from accord.kernel.merkle import leaf_hash, root

    ours = root(leaf_hash(number.to_bytes(8) * 9) for number in range(SINGLE)).hex()
    if ours != found.root:
        raise AssertionError(f"pymerkle's root is {found.root}, ours {ours}")
    return found


def _against(rate: float, foreign: Foreign | None, copied: float) -> tuple[str, str]:
    """References and ratios of a rate of appended entries."""
    said, ratio = [f"COPY of the same rows: {copied:,.0f}/s"], [f"{rate / copied:.2f}×"]
    if foreign is None:
        return "pymerkle is not installed; " + said[0], ratio[0]
    said.insert(0, f"pymerkle, single and durable: {foreign.appends:,.0f}/s")
    return "; ".join(said), f"{rate / foreign.appends:,.1f}×; {ratio[0]}"


def _core(foreign: Foreign | None, copied: float) -> Iterator[Compared]:
    for batch in BATCHES:
        rate = _log_alone(CORE, batch)
        reference, ratio = _against(rate, foreign, copied)
        yield Compared(
            f"the log alone: entries a second, a signed head and fsync each {batch}",
            f"{rate:,.0f}/s",
            reference,
            ratio,
            GOAL,
        )


def _log_alone(count: int, batch: int) -> float:
    from accord.kernel.merkle import frontier_of, leaf_hash
    from accord.kernel.signednote import Checkpoint, SigningKey, sign_note
    from accord.ledger import tiles
    from accord.ledger.domain import build_leaf

    signer = SigningKey.generate("accord.ledger/bench")
    commitments = [os.urandom(32) for _ in range(count)]
    stored: dict[tuple[int, int], bytes] = {}
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        file = os.open(Path(folder) / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            begun = time.perf_counter()
            for start in range(0, count, batch):
                part = commitments[start : start + batch]
                leaves = [build_leaf(commitment) for commitment in part]
                hashes = [leaf_hash(leaf) for leaf in leaves]
                stored.update(tiles.grow(start, hashes, lambda *at: stored.get(at, b"")))
                size = start + len(part)
                fetch = tiles.fetch_from(lambda *at: stored.get(at, b""))
                root = frontier_of(size, fetch).root()
                note = sign_note(Checkpoint(signer.name, size, root).text, signer)
                os.write(file, b"\n".join(leaves) + b"".join(hashes) + str(note).encode())
                os.fsync(file)
            return count / (time.perf_counter() - begun)
        finally:
            os.close(file)


def _path(admin: Any, foreign: Foreign | None, copied: float) -> Iterator[Compared]:
    from accord.ledger import actions

    actions.sequence_all()
    rows = (
        (f"acts of one entry, each its own transaction and scope ({ACTS:,})", _acts(ACTS)),
        (f"append alone, {TOGETHER:,} entries in one transaction", _together(TOGETHER)),
        (f"the sequencer alone: places, tiles, signed heads ({PLACED:,})", _placed(admin)),
    )
    for what, rate in rows:
        reference, ratio = _against(rate.each_s, foreign, copied)
        said = f"{rate.each_s:,.0f}/s ({rate.cpu_us:,.0f} µs of this process each)"
        yield Compared(f"the whole path: {what}", said, reference, ratio, GOAL)


def _entry() -> Any:
    from accord.kernel.clock import now
    from accord.kernel.ids import uuid7
    from accord.ledger.domain import Entry, Item, Kind

    record, part = str(uuid7()), str(uuid7())
    return Entry(
        kind=Kind.CONSULTATION,
        at=now(),
        actor=VIEWER,
        agency=VIEWER.partition(".")[0],
        purpose=PURPOSE,
        legal_basis="statute",
        items=(Item(record, part, "state-bi", "mou-2026-007", "4.2", ("no-onward",)),),
        detail={"of": "a benchmark"},
    )


@dataclass(frozen=True)
class Rate:
    """How many a second by the clock, and the processor time of this process for each."""

    each_s: float
    cpu_us: float


class _Clock:
    """Started when it is made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def rate(self, count: int) -> Rate:
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        return Rate(count / wall, cpu * 1_000_000 / count)


def _acts(count: int) -> Rate:
    """One request after the other, each with its entry, and all of them under a signed head."""
    from accord.agreements.scope import open_scope
    from accord.cli.benches.noding import asking
    from accord.ledger import actions

    who = asking()
    clock = _Clock()
    for _ in range(count):
        with open_scope(*who) as scope:
            scope.did("consultation", of="a benchmark")
    actions.sequence_all()
    return clock.rate(count)


def _together(count: int) -> Rate:
    """Entries with an owner's view each, one after the other, then placed and signed."""
    from accord.ledger import actions

    entries = [_entry() for _ in range(count)]
    with scope_of():
        clock = _Clock()
        for entry in entries:
            actions.append(entry)
    actions.sequence_all()
    return clock.rate(count)


def _placed(admin: Any) -> Rate:
    """Leaves that wait, without the entries that they stand for, given their places."""
    from accord.kernel.ids import uuid7
    from accord.ledger import actions

    with admin.transaction(), admin.cursor() as cursor:
        cursor.execute(
            "set local session_replication_role = replica"
        )  # no entry, on a node to throw away
        with cursor.copy(
            "copy ledger_leaf (entry_id, committed) from stdin (format binary)"
        ) as copy:
            copy.set_types(["uuid", "bytea"])
            for _ in range(PLACED):
                copy.write_row((uuid7(), os.urandom(32)))
    clock = _Clock()
    return clock.rate(actions.sequence_all())


def _copied(admin: Any) -> float:
    """Rows as an entry makes them, made beforehand, copied into plain tables: a commit each 4,096."""
    from accord.kernel.ids import uuid7

    admin.execute(COPIED)
    rows = [(uuid7(), os.urandom(32), os.urandom(1400), os.urandom(40)) for _ in range(40_960)]
    begun = time.perf_counter()
    for start in range(0, len(rows), 4_096):
        part = rows[start : start + 4_096]
        with admin.transaction(), admin.cursor() as cursor:
            with cursor.copy("copy copied.leaf from stdin") as copy:
                for identity, commitment, _, _ in part:
                    copy.write_row((identity, commitment))
            _copy_bodies(cursor, "copy copied.entry from stdin", part)
            _copy_bodies(cursor, "copy copied.view from stdin", part)
    taken_s = time.perf_counter() - begun
    admin.execute("drop schema copied cascade")
    return len(rows) / taken_s


def _copy_bodies(cursor: Any, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    with cursor.copy(statement) as copy:
        for identity, _, cipher, key in rows:
            copy.write_row((identity, "2026-03-01T00:00:00Z", VIEWER, cipher, key))


def _proofs(foreign: Foreign | None) -> Iterator[Compared]:
    from accord.ledger import queries
    from accord.ledger.proving import inclusions, receipt

    head = queries.head()
    assert head is not None
    indexes = [number * 7919 % head.size for number in range(PROOFS)]
    reference = f"pymerkle: {foreign.proofs:,.0f}/s" if foreign else "pymerkle is not installed"
    for what, size in (("one statement each", 1), ("500 a statement", 500)):
        begun = time.perf_counter()
        for start in range(0, len(indexes), size):
            inclusions([(index, head.size) for index in indexes[start : start + size]])
        rate = PROOFS / (time.perf_counter() - begun)
        ratio = f"{rate / foreign.proofs:,.1f}×" if foreign else ""
        yield Compared(
            f"inclusion proofs from {head.size:,} leaves in the database, {what}",
            f"{rate:,.0f}/s",
            reference,
            ratio,
        )
    with scope_of():
        mine = [line.id for line in queries.own_entries(limit=200)]
        begun = time.perf_counter()
        for entry in mine:
            receipt(entry)
        rate = len(mine) / (time.perf_counter() - begun)
    yield Compared("whole receipts, body opened", f"{rate:,.0f}/s", "", "")


def _checked(size: int) -> Iterator[Compared]:
    """An export of so many leaves, its bodies shown for one in a hundred, checked by accord-verify."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ledger.jsonl"
        bodies = _write_export(file, size)
        with file.open(encoding="utf-8") as handle:
            key = json.loads(handle.readline())["key"]
        taken_s, memory_mb, said = _run(
            [sys.executable, "-m", "accord_verify", str(file), "--key", key]
        )
        if b"It verifies." not in said:
            raise AssertionError("the export does not verify")
        megabytes = file.stat().st_size / 1e6
        begun = time.perf_counter()
        _sha256(file)
        plain_s = time.perf_counter() - begun
    yield Compared(
        f"accord-verify on {size:,} leaves, {bodies:,} bodies, {megabytes:,.0f} MB",
        f"{taken_s:,.1f} s, {memory_mb:,.0f} MB of memory",
        f"SHA-256 of the file alone: {plain_s:,.1f} s",
        f"{size / taken_s:,.0f} leaves/s",
    )


def _run(words: list[str]) -> tuple[float, float, bytes]:
    """Seconds, megabytes at the most, and what was said."""
    with tempfile.TemporaryFile() as out:
        begun = time.perf_counter()
        child = subprocess.Popen(words, stdout=out)  # noqa: S603 - ourselves
        _, status, used = os.wait4(child.pid, 0)
        taken_s = time.perf_counter() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        return taken_s, used.ru_maxrss / 1024, out.read()


def _sha256(file: Path) -> None:
    from hashlib import file_digest

    with file.open("rb") as handle:
        file_digest(handle, "sha256")


def _write_export(file: Path, size: int) -> int:
    from accord.kernel.ids import uuid7
    from accord.kernel.merkle import Frontier, leaf_hash
    from accord.kernel.signednote import Checkpoint, SigningKey, sign_note
    from accord.ledger.domain import build_leaf, commit, export_head, export_leaf

    signer, tree, bodies = SigningKey.generate("accord.ledger/bench"), Frontier(), 0

    def lines() -> Iterator[dict[str, Any]]:
        nonlocal bodies
        yield export_head(origin=signer.name, size=size, key=signer.public.text)
        for index in range(size):
            shown = [commit(_entry(), uuid7()).acting] if index % 100 == 0 else []
            commitment = shown[0].commitment() if shown else os.urandom(32)
            bodies += len(shown)
            tree.append(leaf_hash(build_leaf(commitment)))
            yield export_leaf(index, commitment, shown)
            if tree.size % 4096 == 0 or tree.size == size:
                text = Checkpoint(signer.name, tree.size, tree.root()).text
                yield {"checkpoint": str(sign_note(text, signer))}
        yield {"end": size}

    with file.open("w", encoding="utf-8") as handle:
        for line in lines():
            handle.write(json.dumps(line, separators=(",", ":")) + "\n")
    return bodies
