"""Exhibits are records: who may read the content part has the file, and nobody without a basis."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from contributing import LIEUTENANT, acting, superuser, tables_with
from django.db import connection
from django.db.utils import ProgrammingError
from django.test import override_settings
from exhibiting import (
    ABOUT,
    CASE,
    COLLECTED,
    IN_CASE,
    PARTNER,
    PROSECUTOR,
    TRAFFICKING,
    UNRECORDED,
    acquired,
    begin,
    send,
    uploaded,
)

from accord.agencies import queries as agencies
from accord.agreements.scope import Scope
from accord.cases.actions import place_records, withdraw_record
from accord.cases.queries import case as find_case
from accord.evidence import forms, jobs
from accord.evidence.actions import copies, exhibits, grounds, uploads
from accord.evidence.domain import Basis, Hashes, UploadState
from accord.evidence.files import FileReader, states
from accord.evidence.models import ObjectLitter, ObjectSegment, StoredObject
from accord.evidence.queries import exhibits as queries
from accord.evidence.queries import uploads as sent
from accord.evidence.store import StoreRefused
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from accord.records.sealing import CannotOpen

pytestmark = pytest.mark.usefixtures("world")
READS_IT = (PARTNER, TRAFFICKING, CASE)


def place(record: UUID) -> tuple[UUID, ...]:
    with acting(LIEUTENANT, TRAFFICKING, CASE) as scope:
        return place_records(scope, find_case(CASE), [record]).placed


def read(record: UUID, *who: str) -> bytes:
    with acting(*who) as scope:
        seen = queries.exhibit(scope, record)
        assert seen.original is not None
        return queries.reader(seen.original.id).read(0, seen.original.size_bytes)


def test_an_exhibit_says_what_it_is_and_its_file_is_what_was_sent() -> None:
    data = os.urandom(300_000)
    record, number = acquired(data)
    with acting(*IN_CASE) as scope:
        seen = queries.exhibit(scope, record).exhibit
    assert seen.number == number
    assert seen.hashes is not None
    assert seen.hashes.sha256 == hashlib.sha256(data).hexdigest()
    assert seen.hashes.sha512 == hashlib.sha512(data).hexdigest()
    assert (seen.basis, seen.size_bytes, seen.file_name) == (Basis.WARRANT, 300_000, "desk.jpg")
    assert read(record, *IN_CASE) == data


def test_numbers_run_without_a_gap_whatever_fails_between() -> None:
    _, first = acquired()
    upload = uploaded(b"x" * 10)
    with pytest.raises(InvalidInput), acting(*IN_CASE) as scope:
        exhibits.acquire(scope, upload, replace(ABOUT, handling="nonsense"), COLLECTED)
    _, second = acquired()
    assert int(second.rsplit("/", 1)[1]) == int(first.rsplit("/", 1)[1]) + 1


def test_a_partner_has_the_file_when_it_is_placed_and_not_before_or_after() -> None:
    data = os.urandom(1000)
    record, number = acquired(data)
    with pytest.raises(NotFound):
        read(record, *READS_IT)
    assert place(record) == (record,)
    assert read(record, *READS_IT) == data
    with acting(*READS_IT) as scope:
        found = queries.exhibits_of_case(scope, find_case(CASE).id)
        assert number in {s.exhibit.number for s in found}
    with acting(LIEUTENANT, TRAFFICKING, CASE) as scope:
        withdraw_record(scope, find_case(CASE), record)
    with pytest.raises(NotFound):
        read(record, *READS_IT)


def test_a_file_is_open_for_the_action_of_the_seal_alone() -> None:
    record, _ = acquired()
    place(record)
    for who, purpose, may in ((PARTNER, TRAFFICKING, False), (PROSECUTOR, "prosecution", True)):
        with acting(who, purpose, CASE) as scope:
            assert queries.stored_files(record)
            scope.turn_to("export")
            assert bool(queries.stored_files(record)) == may


def test_what_concerns_a_victim_keeps_its_file_and_its_name_shut() -> None:
    secret = "qwxvictimname.jpg"
    upload = uploaded(b"v" * 500, secret)
    about = replace(ABOUT, subjects=frozenset({"victim"}), description="Qwxvictimname asleep.")
    with acting(*IN_CASE) as scope:
        record, _ = exhibits.acquire(scope, upload, about, COLLECTED)
    place(record)
    with acting(*IN_CASE) as scope:
        seen = queries.exhibit(scope, record)
        assert {p.kind for p in seen.record.parts} == {"core"}
        assert seen.original is None
        assert seen.exhibit.hashes is None
        assert not ObjectSegment.objects.filter(object_id=upload).exists()
    with pytest.raises(NotFound):
        read(record, *READS_IT)


def test_nothing_of_a_file_or_its_name_stands_in_clear(world: Path) -> None:
    secret, content = "qwxsecretname.bin", b"QWXCONTENT" * 20_000
    upload = uploaded(content, secret)
    assert tables_with(world, secret) == set()
    kept = [p.read_bytes() for p in (world / "objects").rglob("*") if p.is_file()]
    assert kept
    assert not any(b"QWXCONTENT" in piece for piece in kept)
    with acting(*IN_CASE) as scope:
        uploads.discard(scope, upload)


# -- the basis -------------------------------------------------------------------------------------


def test_what_has_no_recorded_basis_is_placed_by_nobody_until_it_is_recorded() -> None:
    record, _ = acquired(collection=UNRECORDED)
    assert place(record) == ()
    with acting(*IN_CASE) as scope:
        grounds.record_basis(scope, record, basis=Basis.CONSENT, reference="Form 12, signed")
    assert place(record) == (record,)
    assert read(record, *READS_IT) == read(record, *IN_CASE)


def test_a_basis_that_falls_away_takes_the_file_from_everybody_else() -> None:
    record, _ = acquired()
    place(record)
    assert read(record, *READS_IT)
    with acting(*IN_CASE) as scope:
        grounds.record_basis(scope, record, basis=Basis.UNRECORDED, reference=None)
    with pytest.raises(NotFound):
        read(record, *READS_IT)
    assert read(record, *IN_CASE)
    assert place(record) == ()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"reference": " "}, "reference"),
        ({"authority": None}, "authority"),
        ({"zone": "Nowhere/Land"}, "zone"),
        ({"collected_by": ""}, "collected_by"),
        ({"document": "HT-2026-014/riverbend-pd/9999"}, "document"),
        ({"document": "HT-2026-014/riverbend-pd/²"}, "document"),
        ({"document": f"HT-2026-014/riverbend-pd/{'9' * 5000}"}, "document"),
        ({"basis": Basis.UNRECORDED}, "reference"),
    ],
)
def test_a_collection_that_is_not_stated_whole_is_refused(
    changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        acquired(collection=replace(COLLECTED, **changed))
    assert field in {fault.field for fault in refused.value.faults}


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ("0001-01-01 00:00", "Asia/Tokyo"),
        ("9999-12-31 23:59", "America/Chicago"),
        ("20:61", "UTC"),
        ("", "UTC"),
    ],
)
def test_a_moment_that_no_calendar_has_is_refused_with_its_field(said: str, zone: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        forms.collection(forms.Listed({"collected_at": said, "zone": zone, "basis": "tip"}))
    assert {fault.field for fault in refused.value.faults} == {"collected_at"}


def test_whoever_does_not_see_all_of_an_exhibit_drops_nothing_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record, _ = acquired(collection=UNRECORDED)
    whole = queries.worked_on

    def partly(scope: Scope, wanted: UUID, *, unseal: bool = False) -> queries.Seen:
        seen = whole(scope, wanted, unseal=unseal)
        shown = tuple(part for part in seen.record.parts if part.kind != "identity")
        return replace(seen, record=replace(seen.record, parts=shown))

    with monkeypatch.context() as patched, acting(*IN_CASE) as scope:
        patched.setattr(queries, "worked_on", partly)
        with pytest.raises(NotAllowed, match="every part"):
            grounds.record_basis(scope, record, basis=Basis.TIP, reference="Tip 7")
    with acting(*IN_CASE) as scope:
        assert "identity" in {part.kind for part in whole(scope, record).record.parts}


def as_probe(world: Path, statement: str, *values: object) -> None:
    """Past row-level security and every check of the application."""
    with superuser(world) as admin:
        admin.execute(statement, values)


def core_of(world: Path, record: UUID) -> tuple[UUID, int]:
    with superuser(world) as admin:
        row = admin.execute(
            "select id, label_id from part where record_id = %s and kind = 'core'", [record]
        ).fetchone()
    assert row is not None
    return row[0], row[1]


def test_the_database_refuses_a_key_on_what_has_no_basis(world: Path) -> None:
    record, _ = acquired(collection=UNRECORDED)
    part, label = core_of(world, record)
    with pytest.raises(psycopg.errors.CheckViolation, match="no legal basis"):
        as_probe(
            world,
            "insert into part_key (id, part_id, owner_id, label_id, kind, key, valid_from) values "
            "(gen_random_uuid(), %s, 'riverbend-pd', %s, 1, gen_random_uuid(), now())",
            part,
            label,
        )


def test_the_database_refuses_an_exhibit_whose_basis_is_a_mere_word(world: Path) -> None:
    record, _ = acquired()
    part, label = core_of(world, record)
    with pytest.raises(psycopg.errors.CheckViolation, match="one legal basis"):
        as_probe(
            world,
            "insert into part (id, record_id, owner_id, revision, kind, label_id, newest_label_id, "
            "body, assertion, created_at) select gen_random_uuid(), record_id, owner_id, 99, kind, "
            "label_id, label_id, body - 'basisReference', assertion, now() from part where id = %s",
            part,
        )
    del label


def test_the_database_refuses_a_standing_that_opens_what_has_no_basis(world: Path) -> None:
    record, _ = acquired(collection=UNRECORDED)
    _, label = core_of(world, record)
    columns = ", ".join(
        f"{a}_bits" for a in ("hit", "view", "export", "onward", "contribute", "alter", "relabel",
                              "place", "release")
    )  # fmt: skip
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no recorded basis"):
        as_probe(
            world,
            f"insert into accord.standing (id, member_id, agency_id, roles, epoch, valid_until, "
            f"facts, match_bits, {columns}) select gen_random_uuid(), member_id, 'harlan-so', roles, "
            f"epoch, valid_until, facts, set_byte(match_bits, %s, 1), {columns} "
            "from accord.standing limit 1",
            label,
        )


# -- uploads ---------------------------------------------------------------------------------------


def test_an_upload_goes_on_where_it_stopped_also_in_another_process() -> None:
    data = os.urandom(400_000)
    upload = begin(len(data), sha256=hashlib.sha256(data).hexdigest())
    assert send(upload, 0, data[:150_000]).received_bytes == 150_000
    states.drop(upload)  # as after a restart
    found = send(upload, 150_000, data[150_000:])
    assert found.state is UploadState.COMPLETE
    assert found.hashes is not None
    assert found.hashes.sha512 == hashlib.sha512(data).hexdigest()


def test_a_large_upload_is_hashed_again_by_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_HASHED_AT_ONCE", 10)
    data = os.urandom(200_000)
    upload = begin(len(data))
    send(upload, 0, data[:100_000])
    states.drop(upload)
    assert send(upload, 100_000, data[100_000:]).state is UploadState.HASHING
    with pytest.raises(Conflict, match="being hashed"), acting(*IN_CASE) as scope:
        exhibits.acquire(scope, upload, ABOUT, COLLECTED)
    open_meanwhile = []
    whole = FileReader.hashes

    def watched(reader: FileReader) -> Hashes:
        open_meanwhile.append(connection.in_atomic_block)
        return whole(reader)

    monkeypatch.setattr(FileReader, "hashes", watched)
    assert jobs.hash_uploads() >= 1
    assert open_meanwhile
    assert not any(open_meanwhile)  # a seal lives for minutes, and reading may take an hour
    with acting(*IN_CASE):
        found = sent.upload(upload)
    assert found.state is UploadState.COMPLETE
    assert found.hashes is not None
    assert found.hashes.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    "error",
    [StoreRefused("The store of evidence does not answer."), ValueError("an error of ours")],
)
def test_an_upload_that_cannot_be_hashed_now_waits_and_is_named_in_the_log(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(uploads, "MOST_HASHED_AT_ONCE", 10)
    upload = begin(200_000)
    send(upload, 0, b"x" * 100_000)
    states.drop(upload)
    send(upload, 100_000, b"y" * 100_000)

    def away(reader: FileReader) -> Hashes:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(FileReader, "hashes", away)
        jobs.hash_uploads()
    said = [getattr(line, "facts", {}) for line in caplog.records]
    assert {"kind": type(error).__name__, "upload": str(upload)} in said
    assert jobs.hash_uploads() >= 1
    with acting(*IN_CASE):
        assert sent.upload(upload).state is UploadState.COMPLETE


def test_what_is_not_what_its_sender_hashed_becomes_no_exhibit() -> None:
    upload = begin(5, sha256="0" * 64)
    assert send(upload, 0, b"hello").state is UploadState.FAILED
    with pytest.raises(Conflict, match="differs"), acting(*IN_CASE) as scope:
        exhibits.acquire(scope, upload, ABOUT, COLLECTED)


def test_a_piece_in_the_wrong_place_or_too_long_is_refused_and_nothing_is_lost() -> None:
    upload = begin(100_000)
    send(upload, 0, b"a" * 70_000)
    for offset, data in ((0, b"b"), (70_001, b"b")):
        with pytest.raises(uploads.WrongOffset):
            send(upload, offset, data)
    with pytest.raises(InvalidInput, match="more than was announced"):
        send(upload, 70_000, b"c" * 30_001)
    assert send(upload, 70_000, b"d" * 30_000).state is UploadState.COMPLETE


def test_an_upload_is_its_members_alone() -> None:
    upload = begin(10)
    for other in (LIEUTENANT, PARTNER):
        with pytest.raises(NotFound):
            send(upload, 0, b"0123456789", by=other)


UNDER_ITS_NAME = """
insert into upload (id, owner_id, membership_id, case_id, case_number, purpose, legal_basis, size_bytes,
    received_bytes, state, sealed_name, wrapped_key, created_at, updated_at, expires_at)
select %(stored)s, owner_id, membership_id, case_id, case_number, purpose, legal_basis, size_bytes,
    0, state, sealed_name, wrapped_key, created_at, updated_at, expires_at
  from upload where id = %(upload)s
"""
A_PIECE_MORE = """
insert into object_segment (object_id, owner_id, at, size, address)
select object_id, owner_id, at + 16777216, size, address
  from object_segment where object_id = %(stored)s
"""
ANOTHER_ORIGINAL = """
insert into stored_object (id, record_id, owner_id, case_id, role, number, size_bytes, address, list_mac,
    wrapped_key, made_at)
select %(upload)s, record_id, owner_id, case_id, role, 1, size_bytes, address, list_mac, wrapped_key,
    made_at
  from stored_object where id = %(stored)s
"""
A_GAP = "update exhibit_counter set last = last + 2 where owner_id = 'riverbend-pd'"


@pytest.mark.parametrize(
    ("statement", "because"),
    [
        (UNDER_ITS_NAME, "no file that is stored"),
        (A_PIECE_MORE, "row-level security"),
        (ANOTHER_ORIGINAL, "row-level security"),
        (A_GAP, "without a gap"),
    ],
    ids=["under its name", "a piece more", "another original", "a gap"],
)
def test_a_session_that_speaks_sql_leaves_a_stored_file_as_it_is(
    statement: str, because: str
) -> None:
    data = os.urandom(1000)
    record, _ = acquired(data)
    upload = begin(1000)
    with acting(*IN_CASE):
        stored = StoredObject.objects.get(record_id=record)
    with (
        pytest.raises(ProgrammingError, match=because),
        acting(*IN_CASE),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, {"stored": stored.id, "upload": upload})
    assert read(record, *IN_CASE) == data
    with acting(*IN_CASE) as scope:
        uploads.discard(scope, upload)


def test_no_session_ends_an_upload_before_its_time() -> None:
    upload = begin(10)
    with acting(*READS_IT), connection.cursor() as cursor:
        cursor.execute("select accord.expire_uploads('infinity')")
    assert send(upload, 0, b"0123456789").state is UploadState.COMPLETE


def test_limits_are_said_before_anything_is_sent() -> None:
    with (
        override_settings(ACCORD_LARGEST_FILE_GB=1),
        pytest.raises(InvalidInput, match="at most 1 GB"),
    ):
        begin(10**9 + 1)
    with pytest.raises(InvalidInput, match="empty"):
        begin(0)
    with override_settings(ACCORD_UPLOADS_AT_ONCE=0), pytest.raises(Conflict, match="the limit"):
        begin(10)
    with override_settings(ACCORD_EVIDENCE_QUOTA_GB=1), pytest.raises(Conflict, match="limit of 1"):
        begin(10**9 + 1)


def test_what_expires_or_is_discarded_leaves_the_store(world: Path) -> None:
    jobs.sweep()
    upload = uploaded(os.urandom(100))
    with acting(*IN_CASE):
        (piece,) = sent.segments(upload)
    stored = world / "objects" / piece.address[:2] / piece.address
    assert stored.exists()
    with superuser(world) as admin:
        admin.execute("update upload set expires_at = now() where id = %s", [upload])
    jobs.sweep()
    assert not stored.exists()
    assert not ObjectLitter.objects.exists()
    with pytest.raises(NotFound):
        send(upload, 0, b"")


def test_acquiring_without_a_case_is_refused_in_words() -> None:
    with (
        pytest.raises(NotAllowed, match="choose the case"),
        acting(IN_CASE[0], TRAFFICKING) as scope,
    ):
        uploads.create(scope, file_name="a", media_type="", size_bytes=1)


def test_a_piece_that_was_lost_or_left_out_is_told(world: Path) -> None:
    """Put back afterwards: other tests take whatever is in the case."""
    record, _ = acquired(os.urandom(1000))
    with acting(*IN_CASE):
        stored = StoredObject.objects.get(record_id=record)
        (piece,) = sent.segments(stored.id)
    path = world / "objects" / piece.address[:2] / piece.address
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(CannotOpen, match="not in the store"):
        read(record, *IN_CASE)
    path.write_bytes(kept)
    with superuser(world) as admin:
        admin.execute(
            "create temporary table kept as select * from object_segment where object_id = %s",
            [stored.id],
        )
        admin.execute("delete from object_segment where object_id = %s", [stored.id])
        with pytest.raises(CannotOpen, match="missing or exchanged"):
            read(record, *IN_CASE)
        admin.execute("insert into object_segment select * from kept")
    assert len(read(record, *IN_CASE)) == 1000


def test_the_file_of_another_exhibit_does_not_leave_as_this_one(world: Path) -> None:
    one, _ = acquired(os.urandom(1000))
    other, _ = acquired(os.urandom(1000))
    names = {a.id: a.name for a in agencies.agencies()}

    def taken() -> bytes:
        with acting(*IN_CASE) as scope:
            found = copies.take_file(scope, other, "file", names)
        return b"".join(found.chunks())

    assert len(taken()) == 1000
    change = "update stored_object set record_id = %s, role = %s where id = %s"
    with superuser(world) as admin:
        of = {
            row[1]: row[0]
            for row in admin.execute(
                "select id, record_id from stored_object where record_id = any(%s)", [[one, other]]
            )
        }
        admin.execute(change, [other, "preview", of[other]])
        admin.execute(change, [other, "original", of[one]])
        with pytest.raises(CannotOpen, match="SHA-256 differs"):
            taken()
        admin.execute(
            change, [one, "original", of[one]]
        )  # other tests take whatever is in the case
        admin.execute(change, [other, "original", of[other]])
    assert len(taken()) == 1000


def test_a_record_that_is_purged_takes_file_and_key_with_it(world: Path) -> None:
    """Once its chain is at its end (test_exhibit_ends.py); what is left of it goes with the record."""
    record, _ = acquired(os.urandom(1000))
    with superuser(world) as admin:
        admin.execute("update custody_head set state = 'released' where id = %s", [record])
        for table in ("part_key", "search_exact", "search_name", "search_text"):
            admin.execute(
                f"delete from {table} where part_id in (select id from part where record_id = %s)",
                [record],
            )
        admin.execute("delete from part where record_id = %s", [record])
        admin.execute("delete from record where id = %s", [record])
        left = admin.execute(
            "select (select count(*) from exhibit where record_id = %s) as exhibits, "
            "(select count(*) from stored_object where record_id = %s) as objects",
            [record, record],
        ).fetchone()
    assert left == (0, 0)
    assert ObjectLitter.objects.exists()
    jobs.sweep()
