"""The store: a damaged place is told from a store that is away, and nothing lies there for nobody."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from obstore.exceptions import GenericError
from obstore.store import MemoryStore

from accord.evidence import jobs
from accord.evidence.actions import sweeping
from accord.evidence.custody import queries, rereading
from accord.evidence.custody.rereading import Fetch, Outcome, Pace, examine, reread
from accord.evidence.models import ObjectLitter
from accord.evidence.store import DiskFault, ObjectStore, StoreRefused, store
from accord.kernel.clock import now
from isolation.contributing import acting, superuser
from isolation.custodying import DESK, OKAFOR, acquired
from isolation.exhibiting import begin, send

BAD_SECTOR = "Generic LocalFileSystem error: Input/output error (os error 5)"


@pytest.fixture
def admin(world: Path) -> Iterator[Any]:
    with superuser(world) as db:
        db.execute("delete from stored_object; delete from custody_reread")
        yield db
        db.execute("delete from stored_object; delete from custody_reread")
        db.execute("update custody_alarm set closed_at = now() where closed_at is null")


@pytest.fixture
def exhibit(admin: Any) -> UUID:
    made = acquired()
    admin.execute("update stored_object set made_at = now() - interval '90 days'")
    return made


def fails(times: int) -> Fetch:
    """The node's own store, whose disk does not give the first piece so many times."""
    first, left = rereading.due()[0].pieces[0], [times]

    def fetch(address: str) -> bytes | None:
        if address == first and left[0]:
            left[0] -= 1
            raise DiskFault("a bad sector")
        return store().get(address)

    return fetch


def alarms(exhibit: UUID) -> list[str]:
    with acting(OKAFOR, DESK):
        return [a.outcome for a in queries.alarms_of(exhibit)]


class Broken:
    """A store of obstore of which every reading fails so."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def get(self, _: str) -> Any:
        raise self._error

    def get_range(self, *_: Any, **__: Any) -> Any:
        raise self._error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (GenericError(BAD_SECTOR), DiskFault),
        (OSError(5, "Input/output error"), DiskFault),
        (GenericError("Structure needs cleaning (os error 117)"), DiskFault),
        (GenericError("error sending request"), StoreRefused),
        (GenericError("Connection refused (os error 111)"), StoreRefused),
    ],
    ids=["bad sector", "EIO", "file system", "away", "refused"],
)
def test_an_error_of_the_disk_is_told_from_a_store_that_is_away(
    error: Exception, kind: type[StoreRefused]
) -> None:
    with pytest.raises(StoreRefused) as found:
        ObjectStore(Broken(error)).get("ab" * 32)
    assert type(found.value) is kind
    assert not ObjectStore(Broken(error)).answers()


def test_a_piece_that_the_disk_does_not_give_twice_is_a_finding(exhibit: UUID) -> None:
    assert reread(fails(2)) == 1
    assert alarms(exhibit) == [Outcome.UNREADABLE]


def test_one_that_is_given_at_the_second_asking_is_as_it_was(exhibit: UUID) -> None:
    assert reread(fails(1)) == 1
    assert alarms(exhibit) == []


def test_where_the_whole_store_is_at_fault_nothing_is_found() -> None:
    def fetch(_: str) -> bytes | None:
        raise DiskFault("the disk is gone")

    with pytest.raises(StoreRefused):
        examine(["ab" * 32], fetch, Pace(1e9), answers=lambda: False)
    assert examine(["ab" * 32], fetch, Pace(1e9), answers=lambda: True) is Outcome.UNREADABLE


def test_the_store_of_the_node_answers(world: Path) -> None:
    assert store().answers()


# -- what lies there for nobody --------------------------------------------------------------------


def lying(made: bytes, *, days: int) -> str:
    """A piece in the node's store that no row names, put so many days ago."""
    address = store().put(made)
    path = Path(os.environ["ACCORD_DATA_DIR"]) / "objects" / address[:2] / address
    moment = time.time() - days * 86_400
    os.utime(path, (moment, moment))
    return address


def is_there(address: str) -> bool:
    return address in {name for name, _ in store().names(address[:2])}


def test_a_piece_that_no_row_names_goes_after_two_days(world: Path) -> None:
    old, young = lying(os.urandom(100), days=3), lying(os.urandom(100), days=1)
    for address in (old, young):
        sweeping.sweep_unnamed(address[:2])
    assert (is_there(old), is_there(young)) == (False, True)


def test_what_a_row_names_stays_however_old(exhibit: UUID, admin: Any) -> None:
    (pieces,) = admin.execute(
        "select array_agg(g.address) from object_segment g join stored_object o on o.id = g.object_id"
        " where o.record_id = %s",
        [exhibit],
    ).fetchone()
    for address in pieces:
        path = Path(os.environ["ACCORD_DATA_DIR"]) / "objects" / address[:2] / address
        os.utime(path, (0, 0))
        sweeping.sweep_unnamed(address[:2], most=100_000)
        assert is_there(address)


def test_a_piece_whose_transaction_was_rolled_back_is_swept(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload, put = begin(200_000), list[str]()
    kept = store().put

    def noted(self: ObjectStore, stored: bytes) -> str:
        put.append(kept(stored))
        raise RuntimeError("the process ends here")

    monkeypatch.setattr(ObjectStore, "put", noted)
    with pytest.raises(RuntimeError):
        send(upload, 0, b"x" * 200_000)
    monkeypatch.undo()
    (address,) = put
    path = Path(os.environ["ACCORD_DATA_DIR"]) / "objects" / address[:2] / address
    assert path.exists()
    os.utime(path, (0, 0))
    assert sweeping.sweep_unnamed(address[:2], most=100_000) >= 1
    assert not path.exists()


def test_every_folder_has_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, turns = now(), set[str]()
    for number in range(sweeping.FOLDERS):
        moment = begun + timedelta(seconds=number * sweeping.EVERY_S)
        monkeypatch.setattr(sweeping, "now", lambda moment=moment: moment)
        turns.add(sweeping.folder_of_now())
    assert turns == {f"{n:02x}" for n in range(256)}


def test_a_name_that_came_among_the_litter_while_a_file_has_it_is_kept(
    exhibit: UUID, admin: Any
) -> None:
    """An upload may be given rows that name others' pieces; letting it go must not take those."""
    (address,) = admin.execute(
        "select g.address from object_segment g join stored_object o on o.id = g.object_id"
        " where o.record_id = %s limit 1",
        [exhibit],
    ).fetchone()
    admin.execute("insert into object_litter (address, at) values (%s, now())", [address])
    sweeping.sweep(most=100_000)
    assert is_there(address)
    assert not ObjectLitter.objects.filter(address=address).exists()


def test_a_bucket_is_listed_like_a_folder() -> None:
    inner = MemoryStore()
    bucket = ObjectStore(inner)
    address = bucket.put(b"a piece")
    inner.put("ab/not-an-address", b"x")
    inner.put(f"{hashlib.sha256(b'b').hexdigest()}", b"elsewhere")
    found = [n for folder in (address[:2], "ab") for n, _ in bucket.names(folder)]
    assert set(found) == {address}


def test_in_a_bucket_nothing_is_taken_for_nobody_s(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another node may use it, or a newer backup name what lies there."""
    looked = list[str]()
    monkeypatch.setattr(sweeping, "sweep_unnamed", lambda folder: looked.append(folder) or 0)
    jobs.sweep()
    assert len(looked) == 1
    monkeypatch.setattr(settings, "ACCORD_OBJECT_STORE", "memory:///")
    jobs.sweep()
    assert len(looked) == 1
