"""Files of exhibits in a backup: what is named is copied once, and what is damaged is said by name."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from obstore.store import LocalStore

from accord.cli.backup_objects import Taken, check_brought_back, check_source, named
from accord.cli.main import WRONG_USE, run
from accord.evidence.copied import Outcome, check_there, copy_out, put_back
from accord.evidence.models import ObjectSegment, StoredObject
from accord.evidence.store import FOLDER, ObjectStore, path_of, store
from accord.kernel.errors import AccordError, InvalidInput
from accord.platform.backup import archive
from accord.platform.db import launcher
from accord.platform.db.cluster import Cluster
from isolation.contributing import superuser
from isolation.exhibiting import acquired

pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.xdist_group("backup")]


@pytest.fixture
def cluster(world: Path) -> Cluster:
    return launcher.ensure_running(world, fast=True)


def pieces(world: Path, record: UUID) -> list[str]:
    with superuser(world) as db:
        rows = db.execute(
            "select s.address from object_segment s join stored_object o on o.id = s.object_id"
            " where o.record_id = %s",
            [record],
        ).fetchall()
    return [address for (address,) in rows]


@pytest.fixture
def mine(world: Path) -> str:
    """The only piece of a new exhibit's file."""
    (address,) = pieces(world, acquired()[0])
    return address


@pytest.fixture
def spoiled(world: Path, mine: str) -> Iterator[str]:
    """A piece that the disk gives otherwise than it was written, until the test is over."""
    place = world / FOLDER / path_of(mine)
    whole = place.read_bytes()
    place.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    yield mine
    place.write_bytes(whole)


@pytest.fixture
def lost(world: Path, mine: str) -> Iterator[str]:
    place = world / FOLDER / path_of(mine)
    place.rename(place.with_name("away"))
    yield mine
    place.with_name("away").rename(place)


def taken(cluster: Cluster, folder: Path, since: Path | None = None) -> Taken:
    folder.mkdir()
    made = Taken(since=since)
    made.take(cluster, folder)
    made.finish(cluster, folder)
    return made


def listed(folder: Path) -> frozenset[str]:
    return archive.read_list(folder / archive.LIST)


def test_what_rows_name_is_copied_and_what_none_names_is_not(
    cluster: Cluster, mine: str, tmp_path: Path
) -> None:
    litter = store().put(os.urandom(100))
    made = taken(cluster, tmp_path / "copy")
    assert mine in listed(tmp_path / "copy")
    assert litter not in listed(tmp_path / "copy")
    copied = tmp_path / "copy" / archive.OBJECTS / path_of(mine)
    assert copied.read_bytes() == store().get(mine)
    assert copied.stat().st_mode & 0o077 == 0
    assert not (copied.parents[1] / path_of(litter)).exists()
    assert "pieces copied, 0 linked" in made.said()
    check_there(listed(tmp_path / "copy"), tmp_path / "copy" / archive.OBJECTS)


def test_what_comes_while_the_database_is_copied_is_taken_after_it(
    world: Path, cluster: Cluster, tmp_path: Path
) -> None:
    made = Taken()
    made.take(cluster, tmp_path)
    (late,) = pieces(world, acquired()[0])
    assert not (tmp_path / archive.OBJECTS / path_of(late)).exists()
    made.take(cluster, tmp_path)
    made.finish(cluster, tmp_path)
    assert late in listed(tmp_path)
    assert (tmp_path / archive.OBJECTS / path_of(late)).exists()


def test_what_an_earlier_backup_has_is_linked(cluster: Cluster, mine: str, tmp_path: Path) -> None:
    taken(cluster, tmp_path / "first")
    second = taken(cluster, tmp_path / "second", since=tmp_path / "first")
    one, other = (tmp_path / n / archive.OBJECTS / path_of(mine) for n in ("first", "second"))
    assert one.stat().st_ino == other.stat().st_ino
    assert listed(tmp_path / "first") <= listed(tmp_path / "second")
    assert " 0 linked" not in second.said()
    one.unlink()  # an old backup that is removed takes nothing from the next
    assert other.read_bytes() == store().get(mine)


def test_nothing_is_linked_from_a_store_or_from_a_backup_that_was_not_finished(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A node's own store would be no copy of it; what a killed backup wrote last may be cut short."""
    where = ["--keys", str(tmp_path / "keys"), "--data-dir", str(world)]
    assert (world / FOLDER).is_dir()
    assert run(["backup", str(tmp_path / "copy"), "--since", str(world), *where]) == WRONG_USE
    assert "is no finished backup" in capsys.readouterr().err
    assert not (tmp_path / "copy").exists()


def test_a_damaged_piece_is_named_and_all_others_are_kept(
    cluster: Cluster, spoiled: str, tmp_path: Path
) -> None:
    made = taken(cluster, tmp_path / "copy")
    assert spoiled in made.wanting
    assert spoiled not in listed(tmp_path / "copy")
    assert listed(tmp_path / "copy") == named(cluster) - made.wanting
    with pytest.raises(
        AccordError, match=r"The backup was kept, but .* gone or damaged"
    ) as refused:
        made.check_whole()
    assert len(made.wanting) > 3 or spoiled in refused.value.message


def test_a_piece_that_is_gone_is_named(cluster: Cluster, lost: str, tmp_path: Path) -> None:
    made = taken(cluster, tmp_path / "copy")
    assert lost in made.wanting
    assert lost not in listed(tmp_path / "copy")


def test_a_piece_that_nothing_names_any_more_is_not_missed(tmp_path: Path) -> None:
    ((_, outcome),) = copy_out(["0" * 64], store(), tmp_path)
    assert outcome is Outcome.ABSENT
    assert not (tmp_path / path_of("0" * 64)).exists()


def test_files_can_be_left_where_they_are(cluster: Cluster, mine: str, tmp_path: Path) -> None:
    made = Taken(left=True)
    made.take(cluster, tmp_path)
    made.finish(cluster, tmp_path)
    assert mine in listed(tmp_path)
    assert not (tmp_path / archive.OBJECTS).exists()
    assert "left in their store" in made.said()
    made.check_whole()


def test_a_backup_that_lacks_a_piece_or_has_one_more_is_refused(tmp_path: Path) -> None:
    kept = ObjectStore(LocalStore(str(tmp_path)), tmp_path)
    one, other = kept.put(b"one"), kept.put(b"other")
    check_there(frozenset({one, other}), tmp_path)
    with pytest.raises(InvalidInput, match="is missing from the backup"):
        check_there(frozenset({one, other, "0" * 64}), tmp_path)
    with pytest.raises(InvalidInput, match="is no part of the backup"):
        check_there(frozenset({one}), tmp_path)


def test_a_piece_with_other_bytes_stays_out_and_keeps_no_other_from_coming_back(
    tmp_path: Path,
) -> None:
    (tmp_path / "from").mkdir()
    (tmp_path / "to").mkdir()
    source = ObjectStore(LocalStore(str(tmp_path / "from")), tmp_path / "from")
    target = ObjectStore(LocalStore(str(tmp_path / "to")), tmp_path / "to")
    good, bad = source.put(b"good"), source.put(b"bad")
    (tmp_path / "from" / path_of(bad)).write_bytes(b"worse")
    came = dict(put_back([bad, "0" * 64, good], tmp_path / "from", target))
    assert came == {bad: Outcome.DAMAGED, "0" * 64: Outcome.DAMAGED, good: Outcome.COPIED}
    assert target.get(good) == b"good"
    assert [p.name for p in (tmp_path / "to").glob("*/*")] == [good]


def test_what_stayed_out_is_said_by_name() -> None:
    check_brought_back(frozenset())
    with pytest.raises(AccordError, match=f"was restored, but 1 pieces .* {'a' * 64}") as refused:
        check_brought_back(frozenset({"a" * 64}))
    assert not isinstance(refused.value, InvalidInput)


@pytest.mark.parametrize("line", ["../../etc/passwd", "", "A" * 64, "0" * 63])
def test_a_list_holds_names_of_pieces_alone(tmp_path: Path, line: str) -> None:
    (tmp_path / archive.LIST).write_text(f"{'0' * 64}\n{line}\n")
    with pytest.raises(InvalidInput, match=r":2: is no SHA-256"):
        archive.read_list(tmp_path / archive.LIST)


def test_a_backup_of_before_is_read_and_lists_no_files(tmp_path: Path) -> None:
    for name in archive.PIECES[1]:
        (tmp_path / name).write_bytes(b"what it was")
    said = {
        "made_at": "2026-11-01T00:00:00+00:00", "accord": "0.1", "postgresql": "17", "format": 1,
        "migrations": [], "ledger_size": 0, "ledger_root": "",
        "pieces": {n: vars(archive.digest(tmp_path / n)) for n in archive.PIECES[1]},
    }  # fmt: skip
    (tmp_path / archive.MANIFEST).write_text(json.dumps(said))
    manifest = archive.read_manifest(tmp_path)
    assert check_source(tmp_path, manifest) == frozenset()
    (tmp_path / archive.OBJECTS).mkdir()
    with pytest.raises(InvalidInput, match="is no part of the backup"):
        archive.read_manifest(tmp_path)


def test_every_piece_that_a_file_has_is_named_whoever_s_it_is(cluster: Cluster) -> None:
    assert StoredObject.objects.count() == 0, "the application's role sees no row without standing"
    assert ObjectSegment.objects.count() == 0
    assert len(named(cluster)) > 0
