"""Entries are found by what their reader's own body names; owners take every disclosure with proof."""

from __future__ import annotations

import csv
import io
import json
import uuid
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from accord.kernel.errors import Conflict, NotFound
from accord.ledger import actions, disclosures, exporting, finding, jobs, proving, queries
from accord.ledger.domain import Entry, Item, Kind
from accord.ledger.models import Timestamp
from accord.ledger.queries import Filter
from accord.ledger.receipts import Wanted, size_of
from accord.platform.db import launcher
from accord_verify import main as program
from isolation.direct import administrator
from isolation.test_ledger import (
    ALVAREZ,
    AT,
    BUREAU,
    COLLEAGUE,
    HARLAN,
    OVERSIGHT,
    Who,
    plain,
    sealed,
)
from naming import named
from timestamp_authority import TimestampAuthority, serving

OURS, THEIRS = "mou-2026-007/4.2", "mou-2026-009/2.1"


def acted(who: Who, *items: Item, case: str | None = "HT-1", hours: int = 0) -> Entry:
    return Entry(
        kind=Kind.DISCLOSURE,
        at=AT + timedelta(hours=hours),
        actor=who[0],
        agency=who[1],
        case=case,
        items=items,
    )


@pytest.fixture
def records() -> tuple[str, str, str]:
    """Ids that no other test has: two records of Harlan's, one of Safe Harbor's."""
    return str(uuid.uuid4()), str(uuid.uuid4()), str(uuid.uuid4())


@pytest.fixture
def logged(node: Path, records: tuple[str, str, str]) -> list[uuid.UUID]:
    one, other, hidden = records
    first = Item(one, "core", "harlan-so", "mou-2026-007", "4.2", ("no-onward",))
    again = Item(one, "identity", "harlan-so", "mou-2026-007", "4.9")
    second = Item(other, None, "harlan-so", "mou-2026-007", "4.1", handle=f"handle-{other}")
    third = Item(hidden, "core", "safe-harbor", "mou-2026-009", "2.1")
    with sealed(node, ALVAREZ):
        made = [actions.append(acted(ALVAREZ, first, again, third))]
    with sealed(node, ALVAREZ):
        made.append(actions.append(acted(ALVAREZ, second, case="HT-2", hours=5)))
    with sealed(node, COLLEAGUE):
        made.append(actions.append(acted(COLLEAGUE, second, hours=9)))
    actions.sequence_all()
    with administrator(
        node
    ) as db:  # heads that agencies vouched for come first, where there are any
        db.execute(
            "update ledger_checkpoint set quorum_at = now() where quorum_at is null"
            " and size = (select max(size) from ledger_checkpoint)"
        )
    return made


def own(**wanted: object) -> list[uuid.UUID]:
    return [line.id for line in queries.own_entries(Filter(**wanted))]  # type: ignore[arg-type]


def owned(**wanted: object) -> list[uuid.UUID]:
    return [line.id for line in queries.owner_entries(Filter(**wanted))]  # type: ignore[arg-type]


def test_the_actor_finds_his_entries_by_record_handle_case_and_clause(
    node: Path, logged: list[uuid.UUID], records: tuple[str, str, str]
) -> None:
    one, other, hidden = records
    with sealed(node, ALVAREZ):
        assert own(record=one) == own(record=hidden) == [logged[0]]
        assert own(record=one, clause=OURS) == own(record=one, clause="mou-2026-007") == [logged[0]]
        assert own(record=one, clause=THEIRS) == [logged[0]]
        assert own(record=one, clause="mou-2026-007/9.9") == []
        assert own(record=other) == []  # a hit: he does not know its id
        assert own(record=f"handle-{other}") == [logged[1]]
        assert own(record=one, case="HT-2") == []
        assert own(record=one, since=AT, until=AT + timedelta(hours=1)) == [logged[0]]
        assert own(record=one, since=AT + timedelta(hours=1)) == []
    with sealed(node, OVERSIGHT):
        assert own(record=f"handle-{other}") == [logged[2], logged[1]]
        assert own(record=f"handle-{other}", actor=COLLEAGUE[0]) == [logged[2]]
        assert finding.count("acting", Filter(record=f"handle-{other}")) == 2


def test_an_owner_finds_by_what_the_owners_body_names_and_by_nothing_else(
    node: Path, logged: list[uuid.UUID], records: tuple[str, str, str]
) -> None:
    one, other, hidden = records
    with sealed(node, HARLAN):
        assert owned(record=one) == owned(record=one, clause=OURS) == [logged[0]]
        assert owned(record=other) == [logged[2], logged[1]]
        assert owned(record=other, actor=COLLEAGUE[0]) == [logged[2]]
        assert owned(record=one, agency="state-bi") == []
        # The acting body cites another owner's record and clause too; nothing here tells of them.
        assert owned(record=hidden) == owned(record=one, clause=THEIRS) == []
        assert owned(record=f"handle-{other}") == []
        line = queries.owner_entries(Filter(record=one))[0]
        assert line.clauses == ("mou-2026-007", "mou-2026-007/4.2", "mou-2026-007/4.9")
        choices = finding.choices("owning")
        assert THEIRS not in choices.clauses
        assert choices.cases == ()
        assert OURS in choices.clauses
        with pytest.raises(Conflict):
            owned(record=one, case="HT-1")


def test_a_stranger_finds_nothing_by_any_filter(
    node: Path, logged: list[uuid.UUID], records: tuple[str, str, str]
) -> None:
    with sealed(node, BUREAU):
        for wanted in ({"record": records[0]}, {"record": records[2]}, {"clause": THEIRS}):
            assert own(**wanted) == owned(**wanted) == []
        assert finding.count("owning", Filter(record=records[0])) == 0
        with pytest.raises(NotFound):
            proving.receipt(logged[0], Wanted(record=records[0]))


def test_pages_of_a_list_meet_in_both_directions(
    node: Path, logged: list[uuid.UUID], records: tuple[str, str, str]
) -> None:
    wanted = Filter(record=f"handle-{records[1]}")
    with sealed(node, OVERSIGHT):
        whole = [line.id for line in queries.own_entries(wanted)]
        newest = queries.own_entries(wanted, limit=1)
        older = queries.own_entries(wanted, before=newest[0].id, limit=1)
        back = queries.own_entries(wanted, after=older[0].id, limit=1)
    assert [line.id for line in (*newest, *older)] == whole
    assert back == newest


def test_entries_of_before_are_found_once_the_migration_has_filled_their_lists(
    node: Path, logged: list[uuid.UUID], records: tuple[str, str, str]
) -> None:
    migration = import_module("accord.ledger.migrations.0004_found_and_dated")
    dsn = launcher.ensure_running(node, fast=True).admin_dsn
    with psycopg.connect(dsn, dbname="accord", autocommit=True) as admin:
        admin.execute("set session_replication_role = replica")
        admin.execute("update ledger_entry set records = '{}', clauses = '{}'")
        admin.execute("update ledger_view set clauses = '{}'")
    with sealed(node, ALVAREZ):
        assert own(record=records[0]) == []

    class Editor:
        connection = connections["migrate"]

    with transaction.atomic(using="migrate"), connections["migrate"].cursor() as cursor:
        cursor.execute("set local role accord_owner")
        migration.fill(None, Editor)
    with sealed(node, ALVAREZ):
        assert own(record=records[0], clause=THEIRS) == [logged[0]]
    with sealed(node, HARLAN):
        assert owned(record=records[0], clause=OURS) == [logged[0]]
        assert owned(record=records[0], clause=THEIRS) == []
    with psycopg.connect(dsn, dbname="accord") as admin:
        grants = admin.execute(
            "select count(*) from information_schema.column_privileges where grantee ="
            " 'accord_probe' and table_name in ('ledger_entry', 'ledger_view') and"
            " privilege_type = 'UPDATE' and column_name = 'clauses'"
        ).fetchone()
        # what migration 0007 gives again, and this test took
        admin.execute(
            "grant update (records, clauses) on ledger_entry, ledger_view to accord_probe"
        )
    assert grants == (0,)


def test_the_owner_takes_every_disclosure_of_a_record_with_its_proof(
    node: Path, logged: list[uuid.UUID], records: tuple[str, str, str], tmp_path: Path
) -> None:
    file, wanted = tmp_path / "disclosures.jsonl", Filter(record=records[0])
    with sealed(node, HARLAN):
        exporting.write_lines(file, disclosures.lines(wanted))
        rows = list(csv.reader(io.StringIO(disclosures.table(wanted))))
    assert program.main([str(file), *named()]) == 0
    said = file.read_text("utf-8")
    assert records[0] in said
    assert not any(hidden in said for hidden in ("HT-1", records[2], "safe-harbor", THEIRS))
    assert [row[2:8] for row in rows[1:]] == [
        [ALVAREZ[0], "riverbend-pd", records[0], "core", "mou-2026-007", "4.2"],
        [ALVAREZ[0], "riverbend-pd", records[0], "identity", "mou-2026-007", "4.9"],
    ]
    with sealed(node, BUREAU):
        assert [set(line) for line in disclosures.lines(wanted)] == [
            {"format", "key", "asked"},
            {"end"},
        ]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda lines: lines.insert(1, lines[1]), "receipt-repeated"),
        (lambda lines: lines[1]["receipt"].update(leaf_index=0), "not-included"),
        (lambda lines: lines[1]["receipt"]["shown"][0].update(at=1), "item-mismatch"),
        (lambda lines: lines.pop(1), None),
    ],
)
def test_tampering_with_a_file_of_disclosures_is_named(
    node: Path,
    logged: list[uuid.UUID],
    records: tuple[str, str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: object,
    name: str | None,
) -> None:
    with sealed(node, HARLAN):
        lines = json.loads(json.dumps(list(disclosures.lines(Filter(record=records[0])))))
    change(lines)  # type: ignore[operator]
    if name:
        lines[-1]["end"] = len(lines) - 2
    file = tmp_path / "a.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    assert program.main([str(file)]) == (1 if name else 2)
    if name:
        assert name in capsys.readouterr().out


def test_a_file_of_disclosures_takes_as_many_statements_whatever_others_did(
    node: Path, logged: list[uuid.UUID], records: tuple[str, str, str]
) -> None:
    counted = []
    for more in (0, 300, 300):
        with sealed(node, BUREAU):
            for _ in range(more):
                actions.append(plain(BUREAU, Kind.CONSULTATION))
        actions.sequence_all()
        with sealed(node, HARLAN), CaptureQueriesContext(connection) as asked:
            list(disclosures.lines(Filter(record=records[0])))
        counted.append(len(asked))
    assert len(set(counted)) == 1, counted


def test_one_of_hundreds_of_hits_is_shown_to_its_actor_and_to_its_owner_in_under_4_kb(
    node: Path, tmp_path: Path
) -> None:
    many = [str(uuid.uuid4()) for _ in range(300)]
    items = [Item(r, None, "harlan-so", "mou-2026-007", "4.1", handle=f"h-{r}") for r in many]
    with sealed(node, ALVAREZ):
        made = actions.append(acted(ALVAREZ, *items))
    actions.sequence_all()
    for who, record in ((ALVAREZ, f"h-{many[7]}"), (HARLAN, many[7])):
        with sealed(node, who):
            proof, whole = proving.receipt(made, Wanted(record=record)), proving.receipt(made)
        assert size_of(proof) < 4096
        assert size_of(whole) < 4096
        file = tmp_path / "receipt.json"
        file.write_text(json.dumps(proof), "utf-8")
        assert program.main([str(file), *named()]) == 0
        said = json.dumps(proof)
        assert record in said
        assert sum(each in said for each in many) == 1


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TimestampAuthority:
    return TimestampAuthority(tmp_path_factory.mktemp("authority") / "here")


@pytest.mark.parametrize(
    "answer", [b"", b"garbage", bytes(70_000)], ids=["none", "garbage", "long"]
)
def test_an_authority_that_answers_badly_dates_nothing(
    node: Path, logged: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    before = Timestamp.objects.count()
    with serving(answer) as url:
        monkeypatch.setattr(settings, "ACCORD_TSA_URL", url)
        assert not jobs.stamp_newest()
    assert not jobs.stamp_newest()  # it is gone
    assert Timestamp.objects.count() == before


def test_a_token_over_something_else_is_not_kept(authority: TimestampAuthority) -> None:
    reply = authority.reply(
        jobs.TimestampRequestBuilder()
        .data(b"another head")
        .hash_algorithm(jobs.HashAlgorithm.SHA256)
        .build()
        .as_bytes()
    )
    with serving(reply) as url, pytest.raises(jobs.NotStamped, match="something else"):
        jobs.ask(url, b"this head")
    with serving(reply, 503) as url, pytest.raises(jobs.NotStamped, match="503"):
        jobs.ask(url, b"this head")


def test_a_token_that_the_configured_authority_did_not_sign_is_not_kept(
    authority: TimestampAuthority,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    other = TimestampAuthority(tmp_path_factory.mktemp("authority") / "other", "other")
    pem = tmp_path / "authority.pem"
    monkeypatch.setattr(settings, "ACCORD_TSA_CERT", str(pem))

    def told(*certificates: Path) -> None:
        pem.write_bytes(b"".join(each.read_bytes() for each in certificates))

    told(authority.certificate, authority.root)
    with serving(authority) as url:
        assert jobs.ask(url, b"this head").token
    refused: list[tuple[TimestampAuthority, list[Path]]] = [
        (other, [authority.certificate, authority.root]),
        (authority, [authority.certificate, other.root]),
        (authority, [authority.root]),
        (authority, []),
    ]
    for who, certificates in refused:
        told(*certificates)
        with serving(who) as url, pytest.raises(jobs.NotStamped, match="not signed by"):
            jobs.ask(url, b"this head")
    pem.unlink()
    with serving(authority) as url, pytest.raises(jobs.NotStamped, match="not signed by"):
        jobs.ask(url, b"this head")


def test_a_head_is_dated_by_the_authority_and_its_receipts_say_so(
    node: Path,
    logged: list[uuid.UUID],
    monkeypatch: pytest.MonkeyPatch,
    authority: TimestampAuthority,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(settings, "ACCORD_TSA_URL", "")
    assert not jobs.stamp_newest()
    with serving(authority) as url:
        monkeypatch.setattr(settings, "ACCORD_TSA_URL", url)
        assert jobs.stamp_newest()
        with sealed(node, BUREAU):
            later = actions.append(plain(BUREAU, Kind.CONSULTATION))
        actions.sequence_all()
        assert not jobs.stamp_newest()  # not so soon again
    with sealed(node, ALVAREZ):
        proof = proving.receipt(logged[0])
        proven = proving.prove(logged[0])
    assert "timestamp" in proof
    assert proven.head.authority == "127.0.0.1"
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(proof), "utf-8")
    assert program.main([str(file), *named(), "--tsa-cert", str(authority.certificate)]) == 0
    with sealed(node, BUREAU):
        assert "timestamp" not in proving.receipt(later)
    with pytest.raises(DatabaseError, match="permission denied"):
        Timestamp.objects.all().delete()


def test_an_authority_whose_clock_is_ahead_puts_off_nothing(
    node: Path, logged: list[uuid.UUID]
) -> None:
    with transaction.atomic():
        for dated in (True, False):
            with sealed(node, BUREAU):
                actions.append(plain(BUREAU, Kind.CONSULTATION))
            actions.sequence_all()
            head = queries.newest_head()
            assert head is not None
            if dated:
                ahead = datetime(2999, 1, 1, tzinfo=UTC)
                actions.keep_timestamp(head.size, b"token", ahead, "ahead.example")
        due = queries.unstamped_head(datetime.now(UTC) + timedelta(minutes=1))
        transaction.set_rollback(True)
    assert due is not None
    assert due[0] == head.size
