"""Holds what the node said against what is stored, read by an administrator past every scope."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from accord.cli.benches import judging, stored
from accord.cli.benches.judging import Verdict
from faults.book import Book
from faults.load import MARK

MOST_CHAINS = 40
KEEPERS = {"riverbend-pd": "riverbend-pd.m.alvarez", "state-bi": "state-bi.v.petrov"}
LEFT_OUT = ("postgres", "secrets")
_NAMED = """
select table_name from information_schema.columns
 where column_name = 'entry_id' and table_schema = 'public' and table_name <> 'ledger_leaf'
"""
_FILES = """
select s.object_id::text as id, sum(s.size)::bigint as size,
       (select o.record_id::text from stored_object o where o.id = s.object_id) as record
  from object_segment s group by s.object_id
"""


def verdicts(
    folder: Path, url: str, admin: Any, book: Book, began: float, chains: int = MOST_CHAINS
) -> list[Verdict]:
    """Every question, answered; the node's processes have stopped and its database runs.

    So many chains at most are checked outside, by a program that is started for each.
    """
    admin.row_factory = dict_row
    ledger = stored.Ledger(admin, folder, began)
    records = {r["id"] for r in admin.execute("select id::text from record").fetchall()}
    return [
        Verdict("nothing went wrong while it ran", f"{len(book.files)} files", tuple(book.faults)),
        judging.unlogged(book.diary.answers, ledger.entries, records, {}),
        entries_there(admin, book),
        uploads_there(folder, admin, book),
        numbers_without_gap(admin),
        chains_whole(admin, book),
        chains_verify(folder, url, admin, chains),
        store_whole(folder, admin),
        stored.verified(folder, folder / "faults.export"),
        published_verifies(folder),
        cosigners_agree(folder),
        no_clear_text(folder),
    ]


def entries_there(admin: Any, book: Book) -> Verdict:
    """Every entry whose id came with content is committed and has its place; so has every row's."""
    placed = {
        r["id"]
        for r in admin.execute(
            "select l.entry_id::text as id from ledger_leaf l join ledger_entry e on e.id = l.entry_id"
            " where l.leaf_index is not null"
        ).fetchall()
    }
    faults = [
        f"entry {one} came with content and is not in the ledger" for one in book.entries - placed
    ]
    counted = 0
    for row in admin.execute(_NAMED).fetchall():
        table = sql.Identifier(row["table_name"])
        asked = sql.SQL("select entry_id::text as id from {} where entry_id is not null").format(
            table
        )
        for named in admin.execute(asked).fetchall():
            counted += 1
            if named["id"] not in placed:
                faults.append(
                    f"a row of {row['table_name']} names entry {named['id']}, not in the ledger"
                )
    waits = admin.execute(
        "select count(*) as n from ledger_leaf where leaf_index is null"
    ).fetchone()
    if waits["n"]:
        faults.append(f"{waits['n']} entries never got their place")
    bare = admin.execute(
        "select count(*) as n from ledger_leaf l"
        " where not exists (select from ledger_entry e where e.id = l.entry_id)"
    ).fetchone()
    if bare["n"]:
        faults.append(f"{bare['n']} leaves have no entry")
    return Verdict(
        "no disclosure without an entry",
        f"{len(book.entries):,} files given out under an entry's id, {counted:,} rows that name one",
        tuple(faults),
    )


def uploads_there(folder: Path, admin: Any, book: Book) -> Verdict:
    """Every byte that was acknowledged is stored, and what is whole reads back as it was sent."""
    found = {r["id"]: r for r in admin.execute(_FILES).fetchall()}
    faults, size = [], 0
    for upload, sent in book.files.items():
        row = found.get(upload)
        if row is None and sent.acknowledged:
            faults.append(f"upload {upload} is gone")
            continue
        if row is None:
            continue
        if row["size"] < sent.acknowledged:
            faults.append(
                f"upload {upload} has {row['size']} of {sent.acknowledged} acknowledged bytes"
            )
        if sent.record and row["record"] != sent.record:
            faults.append(f"exhibit {sent.number} is not the file {upload}")
        if sent.record:
            digest = _digest(admin, upload)
            size += sent.size
            if digest != sent.sha256:
                faults.append(f"exhibit {sent.number} reads back with another SHA-256")
    whole = sum(bool(sent.record) for sent in book.files.values())
    return Verdict(
        "no lost upload",
        f"{len(book.files)} uploads, {whole} of them exhibits whose {size / 1e6:,.0f} MB were decrypted"
        " and hashed again; sends went on"
        f" {sum(s.resumed for s in book.files.values())} times after a kill",
        tuple(faults),
    )


def _digest(admin: Any, object_id: str) -> str:
    """SHA-256 of a stored file, read with the node's keys past the application's queries."""
    from accord.evidence import sealing
    from accord.evidence.domain import Segment
    from accord.evidence.files import FileReader
    from accord.evidence.store import store
    from accord.records.nodekeys import keys

    row = admin.execute("select * from stored_object where id = %s", [object_id]).fetchone()
    key = sealing.unwrap(
        bytes(row["wrapped_key"]), owner=row["owner_id"], case_id=row["case_id"],
        object_id=row["id"], keys=keys(),
    )  # fmt: skip
    rows = admin.execute(
        "select at, size, address from object_segment where object_id = %s order by at", [object_id]
    ).fetchall()
    segments = tuple(Segment(r["at"], r["size"], r["address"]) for r in rows)
    sealing.check_list(key, row["id"], segments, bytes(row["list_mac"]))
    digest = hashlib.sha256()
    for piece in FileReader(store(), key, row["id"], segments).chunks():
        digest.update(piece)
    return digest.hexdigest()


def numbers_without_gap(admin: Any) -> Verdict:
    """Exhibits are numbered from 1 in each case of each agency; a kill leaves no gap and no twin."""
    rows = admin.execute(
        "select owner_id, case_id::text, array_agg(serial order by serial) as serials"
        " from exhibit group by 1, 2"
    ).fetchall()
    faults = [
        f"{row['owner_id']} has the numbers {row['serials']}"
        for row in rows
        if row["serials"] != list(range(1, len(row["serials"]) + 1))
    ]
    return Verdict(
        "numbers without gap", f"{sum(len(r['serials']) for r in rows)} exhibits", tuple(faults)
    )


def chains_whole(admin: Any, book: Book) -> Verdict:
    """Every chain replays without a fault and ends at its head; what was acknowledged is in it."""
    from accord.evidence.custody.chain import Written, read_chain
    from accord.evidence.custody.sealing import EVENT, unseal

    faults, events, there = [], 0, set()
    for head in admin.execute("select * from custody_head").fetchall():
        rows = admin.execute(
            "select * from custody_event where record_id = %s order by number", [head["id"]]
        ).fetchall()
        written = [Written(unseal(EVENT, r["id"], r["sealed"]).encode(), r["hash"]) for r in rows]
        found = read_chain(str(head["id"]), written)
        events += len(rows)
        there |= {(str(head["id"]), r["number"], r["hash"]) for r in rows}
        faults += [f"{head['exhibit_number']}: {fault.sentence}" for fault in found.faults]
        last = (rows[-1]["number"], rows[-1]["hash"], str(found.position.state)) if rows else None
        if last != (head["number"], head["hash"], head["state"]):
            faults.append(f"{head['exhibit_number']}: its head is not its last event")
    told = {(s.exhibit, s.number, s.hash) for s in book.steps if s.hash is not None}
    faults += [
        f"event {number} of {exhibit} was acknowledged and is gone"
        for exhibit, number, _ in told - there
    ]
    alone = admin.execute(
        "select count(*) as n from exhibit e where not exists"
        " (select from custody_head h where h.id = e.record_id)"
    ).fetchone()
    if alone["n"]:
        faults.append(f"{alone['n']} exhibits have no chain")
    return Verdict(
        "no broken chain", f"{events:,} events, {len(told):,} acknowledged", tuple(faults)
    )


def chains_verify(folder: Path, url: str, admin: Any, most: int) -> Verdict:
    """Files of chains, checked by accord-verify, which shares no code with the node."""
    from accord.ledger import keys

    rows = admin.execute(
        "select id, custodian_id from custody_head where custodian_id = any(%s)"
        " order by cardinality(custodians) desc, id",
        [list(KEEPERS)],
    ).fetchall()
    some, faults = rows[:most], []
    key = keys.public_key(folder).text
    for row in some:
        file = folder / f"{row['id']}.custody.json"
        found = _custody_file(KEEPERS[row["custodian_id"]], row["id"])
        file.write_text(json.dumps(found), encoding="utf-8")
        done = _outside("accord_verify", str(file), "--origin", url, "--key", key)
        if done.returncode != 0:
            faults.append(f"{row['id']}: {(done.stdout + done.stderr)[-400:]}")
    return Verdict("chains verify outside", f"{len(some)} of {len(rows)} chains", tuple(faults))


def _custody_file(member: str, exhibit: Any) -> dict[str, Any]:
    from accord.agencies import queries as agencies
    from accord.agreements.context import resolve
    from accord.agreements.scope import open_scope
    from accord.evidence.custody import queries

    actor = agencies.actor(member)
    with open_scope(actor, resolve(actor, "case-administration", "statute", None)) as scope:
        found = queries.custody_file(exhibit)
        scope.did("disclosure", of="custody file", exhibit=str(exhibit), head=found["head"])
    return found


def store_whole(folder: Path, admin: Any) -> Verdict:
    """Every stored file read again by the node's own round; and what in the store nothing refers to."""
    from accord.evidence.custody.rereading import Outcome, reread_all

    found = reread_all(1_000)
    named = {r["address"] for r in admin.execute("select address from object_segment").fetchall()}
    stored = {path.name for path in (folder / "objects").glob("??/*")}
    alone = len(stored - named)
    bad = {str(o): n for o, n in found.items() if o is not Outcome.SAME and n}
    faults = [f"{count} files are {outcome}" for outcome, count in bad.items()]
    return Verdict(
        "stored files are what they were",
        f"{found[Outcome.SAME]} read again; {alone} encrypted pieces in the store belong to no file,"
        " since their request was killed before it was committed",
        tuple(faults),
    )


def published_verifies(folder: Path) -> Verdict:
    """The published log under the policy of the cosigners, and that it is up to the newest head."""
    from accord.ledger.publishing import published

    found = published(folder)
    faults = [f"published up to {found.size} of {found.wanted}"] if found.behind else []
    done = _outside(
        "accord_verify", str(folder / "tlog"), "--policy", str(folder / "ledger.policy")
    )
    if done.returncode != 0:
        faults.append((done.stdout + done.stderr)[-600:])
    return Verdict("the published log verifies", f"{found.size:,} entries, cosigned", tuple(faults))


def cosigners_agree(folder: Path) -> Verdict:
    """Each cosigner's own state is sound: none was shown a fork or a rollback."""
    faults = []
    places = sorted((folder / "cosigners").iterdir())
    for place in places:
        done = _outside("accord.cli.main", "cosign", "status", "--dir", str(place))
        if done.returncode != 0:
            faults.append(f"{place.name}: {(done.stdout + done.stderr)[-400:]}")
    return Verdict("cosigners hold one history", f"{len(places)} cosigners", tuple(faults))


def no_clear_text(folder: Path) -> Verdict:
    """No file that the node left has clear bytes of an exhibit in it; nothing half-written stays."""
    looked, faults = 0, []
    for path in _left(folder):
        looked += 1
        if MARK in path.read_bytes():
            faults.append(f"{path.relative_to(folder)} holds clear bytes")
    left = [p for p in (folder / "tmp").rglob("*") if p.is_file()]
    faults += [f"{p.relative_to(folder)} was left behind" for p in left]
    return Verdict("nothing left in clear", f"{looked:,} files searched", tuple(faults))


def _left(folder: Path) -> Iterator[Path]:
    for top in folder.iterdir():
        if top.name in LEFT_OUT:
            continue
        yield from (p for p in ([top] if top.is_file() else top.rglob("*")) if p.is_file())


def _outside(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False
    )
