"""The judge of the kills finds what it is there to find: each loss made on purpose, each by name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.rows import dict_row

from accord.evidence.custody.domain import CustodyAct as Act
from accord.ledger.actions import sequence_all
from faults import judge
from faults.book import Book, Sent, Step
from faults.load import MARK
from isolation.contributing import superuser
from isolation.custodying import ALVAREZ, take
from isolation.exhibiting import acquired, begin, send


@pytest.fixture
def admin(world: Path) -> Iterator[Any]:
    sequence_all()
    with superuser(world) as db:
        db.row_factory = dict_row
        yield db


@pytest.fixture
def undone(admin: Any) -> Iterator[Any]:
    """What is done to the tables is taken back."""
    admin.execute("begin")
    yield admin
    admin.execute("rollback")


def new(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    """What is said now and was not before: other tests of this world leave exhibits too."""
    return " ".join(sorted(set(after) - set(before)))


def sent(upload: UUID | str, acknowledged: int, **more: Any) -> Book:
    book = Book()
    book.files[str(upload)] = Sent("seed", 100, more.pop("sha256", "00"), acknowledged, **more)
    return book


def test_content_under_an_entry_that_was_never_committed_is_found(admin: Any) -> None:
    book, before = Book(), judge.entries_there(admin, Book()).faults
    book.gave(str(uuid4()))
    assert "is not in the ledger" in new(before, judge.entries_there(admin, book).faults)


def test_a_row_whose_entry_is_gone_is_found(undone: Any) -> None:
    exhibit = acquired()[0]
    sequence_all()
    before = judge.entries_there(undone, Book()).faults
    undone.execute("set session_replication_role = replica")
    undone.execute(
        "delete from ledger_entry where id ="
        " (select entry_id from custody_event where record_id = %s)",
        [exhibit],
    )
    assert "custody_event" in new(before, judge.entries_there(undone, Book()).faults)


def test_an_upload_that_lost_bytes_is_found(admin: Any, world: Path) -> None:
    upload = begin(200_000)
    send(upload, 0, os.urandom(100_000))
    assert judge.uploads_there(world, admin, sent(upload, 100_000)).holds
    faults = judge.uploads_there(world, admin, sent(upload, 100_001)).faults
    assert "100000 of 100001 acknowledged bytes" in faults[0]
    assert "is gone" in judge.uploads_there(world, admin, sent(uuid4(), 1)).faults[0]


def test_an_exhibit_that_reads_back_as_something_else_is_found(admin: Any, world: Path) -> None:
    exhibit, number = acquired()
    row = admin.execute("select id from stored_object where record_id = %s", [exhibit]).fetchone()
    book = sent(row["id"], 100, record=str(exhibit), number=number)
    assert "another SHA-256" in judge.uploads_there(world, admin, book).faults[0]


def test_a_chain_that_lost_its_last_event_is_found(undone: Any) -> None:
    exhibit = acquired()[0]
    event = take(ALVAREZ, exhibit, Act.CHECK_OUT, receiver="A. Desai")
    book = Book()
    book.stepped(Step(str(exhibit), "check-out", event.number, event.hash))
    before = judge.chains_whole(undone, book).faults
    undone.execute("set session_replication_role = replica")
    undone.execute("delete from custody_event where record_id = %s and number = 1", [exhibit])
    said = new(before, judge.chains_whole(undone, book).faults)
    assert "its head is not its last event" in said
    assert "was acknowledged and is gone" in said


def test_a_gap_in_the_numbers_is_found(undone: Any) -> None:
    acquired()
    acquired()
    before = judge.numbers_without_gap(undone).faults
    undone.execute("set session_replication_role = replica")
    undone.execute("delete from exhibit where serial = 1")
    assert "has the numbers" in new(before, judge.numbers_without_gap(undone).faults)


def test_clear_bytes_on_the_disk_are_found(tmp_path: Path) -> None:
    for name in ("tmp", "logs"):
        (tmp_path / name).mkdir()
    assert judge.no_clear_text(tmp_path).holds
    (tmp_path / "logs" / "web.log").write_bytes(b"..." + MARK + b"...")
    (tmp_path / "tmp" / "half").touch()
    assert len(judge.no_clear_text(tmp_path).faults) == 2
