"""The ledger in the database: who reads what, what survives, and one gapless tree."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from accord.kernel.errors import Conflict, InvalidInput, NotFound
from accord.kernel.ids import uuid7
from accord.ledger import actions, checking, exporting, proving, queries
from accord.ledger.domain import Entry, Item, Kind
from accord.platform.db.cluster import Cluster
from accord.platform.db.seal import Backend, seal_text
from accord.platform.secrets import secret_bytes
from isolation.contributing import superuser
from naming import named, wrong_with

AT = datetime(2026, 3, 1, tzinfo=UTC)
ACTIONS = [
    "match",
    "hit",
    "view",
    "export",
    "onward",
    "contribute",
    "alter",
    "relabel",
    "place",
    "release",
]
CLOSED = bytes(65_792)
ALVAREZ = ("riverbend-pd.m.alvarez", "riverbend-pd", ["investigator"])
COLLEAGUE = ("riverbend-pd.j.reed", "riverbend-pd", ["investigator"])
OVERSIGHT = ("riverbend-pd.o.kim", "riverbend-pd", ["oversight-officer"])
HARLAN = ("harlan-so.t.cole", "harlan-so", ["analyst"])
HARLAN_OVERSIGHT = ("harlan-so.o.diaz", "harlan-so", ["oversight-officer"])
BUREAU = ("state-bi.r.shaw", "state-bi", ["investigator"])
Who = tuple[str, str, list[str]]


@contextmanager
def sealed(node: Path, who: Who) -> Iterator[None]:
    """A transaction in which PostgreSQL knows who acts."""
    with transaction.atomic(), connection.cursor() as cursor:
        made, marks = uuid.uuid4(), ", ".join(["%s"] * len(ACTIONS))
        columns = ", ".join(f"{action}_bits" for action in ACTIONS)
        cursor.execute(
            "insert into accord.standing (id, member_id, agency_id, roles, epoch, valid_until,"
            f" facts, {columns}) values (%s, %s, %s, %s, 1, now() + interval '1 hour', '{{}}',"
            f" {marks})",
            [made, *who, *[CLOSED] * len(ACTIONS)],
        )
        cursor.execute(
            "select pg_backend_pid(),"
            " (extract(epoch from transaction_timestamp()) * 1000000)::bigint"
        )
        backend = Backend(*cursor.fetchone())
        text = seal_text(
            secret_bytes(node, "seal.key"),
            standing=made,
            action="view",
            keys=[],
            expires_us=backend.transaction_us + 60_000_000,
            backend=backend,
        )
        cursor.execute("select set_config('accord.seal', %s, true)", [text])
        yield


def disclosure(who: Who = ALVAREZ, kind: Kind = Kind.DISCLOSURE) -> Entry:
    return Entry(
        kind=kind,
        at=AT,
        actor=who[0],
        agency=who[1],
        purpose="human-trafficking-investigation",
        case="HT-2026-014",
        legal_basis="statute",
        items=(
            Item("r1", "core", "harlan-so", "mou-2026-007", "4.2"),
            Item("r2", "core", "safe-harbor", "mou-2026-009", "2.1"),
        ),
        detail={"query": "lopez"},
    )


def plain(who: Who, kind: Kind) -> Entry:
    return Entry(kind=kind, at=AT, actor=who[0], agency=who[1])


def act_and_fail(node: Path) -> None:
    """An act that logs itself and then fails."""
    try:
        with sealed(node, ALVAREZ):
            actions.append(disclosure())
            raise ZeroDivisionError
    except ZeroDivisionError:
        assert not connection.in_atomic_block


@pytest.fixture
def logged(node: Path) -> uuid.UUID:
    with sealed(node, ALVAREZ):
        entry_id = actions.append(disclosure())
    actions.sequence_all()
    return entry_id


def test_the_actor_and_oversight_read_the_whole_entry(node: Path, logged: uuid.UUID) -> None:
    for who in (ALVAREZ, OVERSIGHT):
        with sealed(node, who):
            found = queries.entry(logged)
            assert found.line.case == "HT-2026-014"
            assert found.body is not None
            assert found.body["detail"] == {"query": "lopez"}
            assert len(found.body["items"]) == 2


def test_the_owner_reads_who_and_clause_and_not_the_case(node: Path, logged: uuid.UUID) -> None:
    with sealed(node, HARLAN):
        found = queries.entry(logged)
        assert (found.line.view, found.line.actor) == ("owning", ALVAREZ[0])
        assert found.body is not None
        assert [(item["record"], item["clause"]) for item in found.body["items"]] == [("r1", "4.2")]
        assert "HT-2026-014" not in str(found)
        assert "safe-harbor" not in str(found)
        assert [line.id for line in queries.owner_entries(queries.Filter(record="r1"))][:1] == [
            logged
        ]
        assert queries.owner_entries(queries.Filter(record="r2")) == []
        with pytest.raises(Conflict):
            queries.owner_entries(queries.Filter(case="HT-2026-014"))


def test_nobody_else_finds_the_entry(node: Path, logged: uuid.UUID) -> None:
    for who in (COLLEAGUE, BUREAU):
        with sealed(node, who):
            assert logged not in [line.id for line in queries.own_entries()]
            assert logged not in [line.id for line in queries.owner_entries()]
            with pytest.raises(NotFound):
                queries.entry(logged)
            with pytest.raises(NotFound):
                proving.receipt(logged)
    with pytest.raises(NotFound):
        queries.entry(logged)


def test_an_entry_in_anothers_name_is_refused(node: Path) -> None:
    for wrong in (disclosure(COLLEAGUE), disclosure(HARLAN)):
        with pytest.raises(DatabaseError), sealed(node, ALVAREZ):
            actions.append(wrong)
    with pytest.raises(DatabaseError), transaction.atomic():
        actions.append(disclosure())


def test_an_act_and_its_entry_fail_together(node: Path) -> None:
    before = queries.Leaf.objects.count()
    act_and_fail(node)
    assert queries.Leaf.objects.count() == before


@pytest.mark.parametrize("half", ["_leaf_part", "_body_parts"])
def test_an_entry_left_out_of_the_tree_or_of_the_log_fails_its_act(
    node: Path, half: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, half, lambda *_: [])
    with pytest.raises(DatabaseError), sealed(node, ALVAREZ):
        actions.append(disclosure())


def test_a_refusal_survives_the_roll_back_of_the_refused_act(node: Path) -> None:
    act_and_fail(node)
    refused = actions.append_separately(plain(ALVAREZ, Kind.REFUSAL))
    with sealed(node, ALVAREZ):
        assert queries.entry(refused).line.kind == "refusal"


def test_without_a_seal_only_a_refusal_or_a_miss_is_written(node: Path) -> None:
    with pytest.raises(InvalidInput):
        actions.append_separately(plain(ALVAREZ, Kind.DISCLOSURE))
    with pytest.raises(InvalidInput):
        actions.append_separately(disclosure(kind=Kind.REFUSAL))
    with pytest.raises(DatabaseError), transaction.atomic():
        actions.append(plain(ALVAREZ, Kind.CONSULTATION))
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.append_separately(plain(ALVAREZ, Kind.MISS))


def test_a_receipt_and_an_export_verify_outside_accord(
    node: Path, logged: uuid.UUID, tmp_path: Path
) -> None:
    with sealed(node, ALVAREZ):
        proof = proving.receipt(logged)
        exporting.write_lines(tmp_path / "mine.jsonl", exporting.export_lines())
    exporting.write_lines(tmp_path / "receipt.json", iter([proof]))
    exporting.write_export(tmp_path / "nobody.jsonl")
    assert "lopez" in (tmp_path / "mine.jsonl").read_text()
    assert "openings" not in (tmp_path / "nobody.jsonl").read_text()
    assert (tmp_path / "receipt.json").stat().st_size < 4096
    assert named() == ["--key", proof["key"]]
    assert wrong_with(tmp_path) == set()
    with pytest.raises(InvalidInput, match="exists already"):
        exporting.write_export(tmp_path / "nobody.jsonl")


def test_what_others_did_shows_in_no_number_of_statements(node: Path, logged: uuid.UUID) -> None:
    """The size of the tree is everybody's; a reader's own question must not count it otherwise."""
    counted = []
    for more in (0, 250, 300, 600):
        with sealed(node, BUREAU):
            for _ in range(more):
                actions.append(plain(BUREAU, Kind.CONSULTATION))
        actions.sequence_all()
        with sealed(node, ALVAREZ), CaptureQueriesContext(connection) as asked:
            proving.receipt(logged)
            lines = list(exporting.export_lines())
        assert len(lines) > more
        assert sum("openings" in line for line in lines) >= 2
        counted.append(len(asked))
    assert len(set(counted)) == 1, counted


def test_the_application_can_change_nothing_that_was_logged(node: Path, logged: uuid.UUID) -> None:
    for statement in (
        "delete from ledger_leaf",
        "delete from ledger_entry",
        "delete from ledger_checkpoint",
        "update ledger_leaf set leaf_index = leaf_index + 1000000",
        "update ledger_leaf set committed = committed",
        "update ledger_checkpoint set note = ''",
        "update ledger_tile set hashes = substr(hashes, 2)",
        "update ledger_entry set actor_id = 'x'",
        "update ledger_entry set body_cipher = '\\x00'",
        "update ledger_entry set body_cipher = null, body_key = null, records = '{}',"
        " clauses = '{}', erased_by_id = id",
        "update ledger_view set body_cipher = null, body_key = null, records = '{}',"
        " clauses = '{}', erased_by_id = entry_id",
        "truncate ledger_leaf cascade",
    ):
        with pytest.raises(DatabaseError), sealed(node, OVERSIGHT), connection.cursor() as cursor:
            cursor.execute(statement)


def test_concurrent_appends_and_two_sequencers_give_a_gapless_tree(node: Path) -> None:
    before = queries.Leaf.objects.count()
    failures: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    def append_some() -> None:
        for _ in range(15):
            with sealed(node, ALVAREZ):
                actions.append(disclosure())

    def sequence_some() -> None:
        for _ in range(20):
            actions.sequence(limit=7)

    threads = [
        threading.Thread(target=run, args=(work,))
        for work in (append_some, append_some, append_some, sequence_some, sequence_some)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    actions.sequence_all()
    newest = queries.head()
    assert newest is not None
    assert (newest.size, newest.waiting) == (before + 45, 0)
    assert [leaf.index for leaf in queries.leaves(newest.size)] == list(range(newest.size))
    assert checking.check_ledger().verifies


@contextmanager
def as_operator(node: Path, *statements: str) -> Iterator[None]:
    """What somebody with the whole database can do, undone afterwards."""
    tables = ("ledger_leaf", "ledger_tile", "ledger_checkpoint", "ledger_entry", "ledger_view")
    with psycopg.connect(_cluster(node).admin_dsn, dbname="accord", autocommit=True) as admin:
        admin.execute("create schema kept")
        for table in tables:
            admin.execute(f"create table kept.{table} as table public.{table}")
        try:
            admin.execute("set session_replication_role = replica")
            for statement in statements:
                admin.execute(statement)
            yield
        finally:
            for table in tables:
                admin.execute(f"delete from public.{table}")
                admin.execute(f"insert into public.{table} select * from kept.{table}")
            admin.execute("drop schema kept cascade")


def _cluster(node: Path) -> Cluster:
    from accord.platform.db import launcher

    return launcher.ensure_running(node, fast=True)


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("update ledger_leaf set committed = sha256('x') where leaf_index = 0", "leaf-altered"),
        ("delete from ledger_leaf where leaf_index = 0", "leaf-missing"),
        (
            "delete from ledger_checkpoint where size = (select max(size) from ledger_checkpoint)",
            "head-missing",
        ),
        ("update ledger_checkpoint set root = sha256('x')", "head-altered"),
        (
            "update ledger_checkpoint set note = replace(note, chr(10) || size, chr(10) || size"
            " || '0')",
            "signature-invalid",
        ),
        (
            "update ledger_leaf set leaf_index = 1 - leaf_index where leaf_index in (0, 1)",
            "leaf-altered",
        ),
    ],
)
def test_an_operator_who_edits_the_database_is_noticed(
    node: Path, logged: uuid.UUID, statement: str, code: str
) -> None:
    with sealed(node, ALVAREZ):
        actions.append(disclosure())
    actions.sequence_all()
    if "1 - leaf_index" in statement:
        statement = "; ".join(
            f"update ledger_leaf set leaf_index = {new} where leaf_index = {old}"
            for old, new in ((0, -5), (1, 0), (-5, 1))
        )
    with as_operator(node, *statement.split("; ")):
        assert code in {finding.code for finding in checking.check_ledger().findings}
    assert checking.check_ledger().verifies


def test_a_body_exchanged_by_an_operator_is_noticed(node: Path, logged: uuid.UUID) -> None:
    edit = (
        "update ledger_entry set body_cipher = set_byte(body_cipher, 20,"
        f" get_byte(body_cipher, 20) # 1) where id = '{logged}'"
    )
    with as_operator(node, edit), sealed(node, ALVAREZ):
        assert "body-altered" in {one.code for one in checking.check_ledger().findings}


def test_a_lost_signing_key_starts_no_second_history(node: Path, logged: uuid.UUID) -> None:
    key = node / "secrets" / "ledger.key"
    kept = key.read_bytes()
    try:
        key.unlink()
        with pytest.raises(Conflict, match="second history"):
            actions.sequence()
        assert key.stat().st_mode & 0o077 == 0
    finally:
        key.write_bytes(kept)


def test_waiting_leaves_of_version_1_are_placed_before_those_of_version_2(
    node: Path, logged: uuid.UUID
) -> None:
    """Or an export of a ledger that was written by both would say that it goes back."""
    actions.sequence_all()  # `logged` is of version 2
    size, first = queries.head().size, uuid7()  # type: ignore[union-attr]
    insert = "insert into ledger_leaf (entry_id, committed, version) values (%s, %s, 1)"
    with superuser(node) as admin:
        admin.execute("grant insert (version) on ledger_leaf to accord_app")
        try:
            with sealed(node, ALVAREZ):
                second = actions.append(plain(ALVAREZ, Kind.CONSULTATION), uuid.UUID(int=7))
                with connection.cursor() as cursor:
                    cursor.execute(insert, [first, bytes(32)])
                actions.sequence()
                placed = [(leaf.entry_id, leaf.version) for leaf in queries.leaves(size + 2)]
                assert placed[size:] == [(first, 1), (second, 2)]
                found = [each.code for each in checking.check_ledger().findings]
                assert set(found) == {"version-back"}
                transaction.set_rollback(True)
        finally:
            admin.execute("revoke insert (version) on ledger_leaf from accord_app")
    with pytest.raises(DatabaseError), sealed(node, ALVAREZ), connection.cursor() as cursor:
        cursor.execute(insert, [first, bytes(32)])


def test_the_version_of_a_waiting_leaf_is_never_changed(node: Path, logged: uuid.UUID) -> None:
    with (
        superuser(node) as admin,
        admin.transaction(force_rollback=True),
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="never changed"),
    ):
        admin.execute("update ledger_leaf set version = 1 where entry_id = %s", [logged])


def test_a_process_of_before_leaves_of_version_2_cannot_write_or_place(node: Path) -> None:
    """It would give its commitments out as leaves of version 2, and place those as its own."""
    for statement in (
        "insert into ledger_leaf (entry_id, commitment) values (gen_random_uuid(), sha256('x'))",
        "select entry_id, commitment from ledger_leaf where leaf_index is null",
    ):
        with (
            pytest.raises(DatabaseError, match="commitment"),
            sealed(node, ALVAREZ),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_the_migration_is_not_taken_back_once_a_leaf_has_version_2(
    node: Path, logged: uuid.UUID
) -> None:
    migration = import_module("accord.ledger.migrations.0006_one_slot_a_reader")
    with superuser(node) as admin:
        with (
            admin.transaction(force_rollback=True),
            pytest.raises(psycopg.errors.RaiseException, match="older versions cannot read"),
        ):
            admin.execute(migration.BACK)
        with admin.transaction(force_rollback=True):
            admin.execute("set local session_replication_role = replica")
            admin.execute("delete from ledger_leaf")
            admin.execute(migration.BACK)
            admin.execute(migration.VERSION)
