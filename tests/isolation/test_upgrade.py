"""A node at an earlier state of the migrations, full of data, comes to the present one whole."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from accord.platform import schema
from accord.platform.db import launcher
from isolation.test_backup_restore import _said, rules, run

STATE = Path(__file__).with_name("earlier_state.py")
pytestmark = pytest.mark.xdist_group("backup")
Columns = dict[str, list[str]]


def brought_to(data_dir: Path, state: str) -> str:
    done = run([sys.executable, str(STATE), str(data_dir), state])
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stderr


def admin(data_dir: Path) -> psycopg.Connection[Any]:
    cluster = launcher.ensure_running(data_dir, fast=True)
    return psycopg.connect(cluster.admin_dsn, dbname="accord", autocommit=True)


def columns(db: psycopg.Connection[Any]) -> Columns:
    found: Columns = {}
    for table, column in db.execute(
        "select table_name, column_name from information_schema.columns c join"
        " information_schema.tables t using (table_schema, table_name)"
        " where table_schema = 'public' and table_type = 'BASE TABLE' and is_generated = 'NEVER'"
        " and table_name not like 'django%' order by table_name, ordinal_position"
    ):
        found.setdefault(table, []).append(column)
    return found


def content(db: psycopg.Connection[Any], table: str, names: list[str]) -> list[tuple[Any, ...]]:
    """The rows as text, in an order of their own."""
    listed = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(n)) for n in names)
    query = sql.SQL("select {} from {}").format(listed, sql.Identifier(table))
    return sorted(db.execute(query).fetchall(), key=repr)


AS_THEN = {
    ("record", "retain_until"): "case when intelligence then least(retain_until,"
    " ((created_at at time zone 'UTC')::date + interval '5 years')::date) else retain_until end",
}
"""What the earlier state would not have let in: intelligence that was validated again."""
ELSEWHERE_NOW = {
    (
        "agency",
        "public_key",
    ): "(select k.public_key from agency_key k where k.agency_id = agency.id)",
    ("ledger_leaf", "commitment"): "committed",
}
"""Columns of then whose values stand elsewhere now."""
ONCE_THEN = {
    "certificate": "c where not exists (select 1 from certificate d where d.member_id = c.member_id"
    " and d.training = c.training and d.issued_on = c.issued_on and d.id < c.id)",
    "export_copy": "where format in ('html', 'json')",
}
"""Rows of now that were one then (a course was attested by one agency alone), or were not then."""
LEAF = ["entry_id", "leaf_index", "committed"]
KEYS = ["agency_id", "public_key", "valid_from", "retired_at", "predecessor"]
READ = AS_THEN | ELSEWHERE_NOW


def carry(
    source: psycopg.Connection[Any], target: psycopg.Connection[Any], tables: Columns
) -> None:
    """Copy rows past keys and triggers: they were checked where they come from."""
    target.execute("set session_replication_role = replica")
    for table, names in tables.items():
        listed = sql.SQL(", ").join(map(sql.Identifier, names))
        read = sql.SQL(", ").join(
            sql.SQL(READ[table, n]) if (table, n) in READ else sql.Identifier(n) for n in names
        )
        out = sql.SQL("copy (select {} from {} {}) to stdout").format(
            read, sql.Identifier(table), sql.SQL(ONCE_THEN.get(table, ""))
        )
        into = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), listed)
        with source.cursor().copy(out) as reading, target.cursor().copy(into) as writing:
            for block in reading:
                writing.write(block)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    parent = tmp_path_factory.mktemp("old")
    parent.chmod(0o755)
    brought_to(parent / "node", "earlier")
    yield parent / "node"
    launcher.stop(parent / "node")


def test_an_old_node_with_data_comes_to_the_present_state_whole(world: Path, old: Path) -> None:
    with admin(old) as db:
        then = columns(db)
    before = set(schema.applied(launcher.ensure_running(old)))
    assert len(schema.known() - before) >= 6, "it is an earlier state"
    with admin(world) as source, admin(old) as target:
        present = columns(source)
        common = {t: [n for n in names if n in present.get(t, ())] for t, names in then.items()}
        common = {t: names for t, names in common.items() if names}
        moved = {t: [n for n in then[t] if (t, n) in ELSEWHERE_NOW] for t in common}
        carry(source, target, {t: [*names, *moved[t]] for t, names in common.items()})
        keys = content(source, "agency_key", KEYS)
        leaves = content(source, "ledger_leaf", LEAF)
        filled = {t: content(target, t, names) for t, names in common.items()}
    assert sum(map(len, filled.values())) > 2000
    assert len(filled["part"]) > 300
    said = brought_to(old, "present")
    assert "was copied to" in said
    assert list((old / "backups").glob("before-*.dump"))
    assert set(schema.applied(launcher.ensure_running(old))) == schema.known()
    with admin(old) as target:
        assert columns(target) == present
        for table, rows in filled.items():
            assert content(target, table, common[table]) == rows, table
        assert content(target, "agency_key", KEYS) == keys
        assert content(target, "ledger_leaf", LEAF) == leaves
        versions = target.execute("select distinct version from ledger_leaf").fetchall()
        assert versions == [(1,)], "what was there before is of the first version"
    assert _said(rules(old)) == _said(rules(world))
