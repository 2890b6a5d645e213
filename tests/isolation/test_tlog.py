"""The published log: exactly the specification's files, whatever breaks on the way."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client

from accord.cli import readiness
from accord.cli.main import run
from accord.kernel import clock, merkle, tlog
from accord.kernel.errors import Conflict
from accord.kernel.signednote import Checkpoint, SigningKey, check_note, parse_note, sign_note
from accord.kernel.tlog import Tile
from accord.ledger import actions, comparing, keys, publishing, queries, serving
from accord.ledger.domain import Entry, Kind
from accord.ledger.publishing import publish
from accord.ledger.store import PublishedLog, StoreFailed

MISS = Entry(Kind.MISS, datetime(2026, 3, 1, tzinfo=UTC), "harlan-so.t.cole", "harlan-so")


@pytest.fixture
def folder(node: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A store of its own, which the pages serve too."""
    place = tmp_path / "tlog"
    monkeypatch.setenv("ACCORD_TLOG_STORE", f"file://{place}")
    serving._log.cache_clear()
    yield place
    serving._log.cache_clear()
    (node / comparing.STATE).unlink(missing_ok=True)  # what a test found is true of its own store


def grow(count: int, *, head: bool = True) -> int:
    for _ in range(count):
        actions.append_separately(MISS)
    if head:
        actions.sequence_all()
    newest = queries.head()
    return newest.size if newest else 0


def grow_to(remainder: int) -> int:
    """Grow until the size has this remainder by 256, so that each case is where it is meant."""
    return grow((remainder - grow(0)) % 256)


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(each.relative_to(folder)): each.read_bytes()
        for each in folder.rglob("*")
        if each.is_file()
    }


def check_whole(folder: Path, node: Path) -> Checkpoint:
    """By the letter: everything that the checkpoint needs is there, and hashes to its root."""
    note = parse_note((folder / "checkpoint").read_text("utf-8"))
    check_note(note, [keys.public_key(node)])
    head = Checkpoint.parse(note.text)
    leaves: list[bytes] = []
    for start in range(0, head.size, 256):
        tile = Tile(0, start // 256, min(256, head.size - start))
        raw = (folder / Tile(0, tile.index, tile.width, entries=True).path).read_bytes()
        found = []
        while raw:
            length = int.from_bytes(raw[:2], "big")
            found.append(merkle.leaf_hash(raw[2 : 2 + length]))
            raw = raw[2 + length :]
        assert len(found) == tile.width
        assert (folder / tile.path).read_bytes() == b"".join(found)
        leaves += found
    nodes = merkle.nodes_of(leaves)
    for index in range(head.size >> 8):
        width = min(256, (head.size >> 8) - index // 256 * 256)
        tile = Tile(1, index // 256, width)
        content = (folder / tile.path).read_bytes()
        assert content[index % 256 * 32 :][:32] == nodes(8, index)
    assert merkle.root(leaves) == head.root
    return head


def test_what_is_published_is_whole_at_every_edge(node: Path, folder: Path) -> None:
    for remainder in (250, 255, 0, 1, 2):
        size = grow_to(remainder)
        assert publish(node) == publishing.Published(size, size)
        assert check_whole(folder, node).size == size
        before = files(folder)
        publish(node)
        assert files(folder) == before
    full = Tile(0, size // 256 - 1)
    assert not list(folder.glob(f"{full.path}.p/*"))
    assert sorted(p.name for p in (folder / Tile(0, size // 256).partials).iterdir()) == ["1", "2"]


def test_a_tile_of_each_head_is_there_though_many_were_signed_at_once(
    node: Path, folder: Path
) -> None:
    grow_to(100)
    publish(node)
    sizes = [grow(1), grow(3), grow(2)]
    publish(node)
    for size in sizes:
        assert (folder / Tile(0, size // 256, size % 256).path).is_file()


@pytest.mark.parametrize("step", range(6))
def test_a_crash_at_any_write_loses_nothing(
    node: Path, folder: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    grow_to(254)
    publish(node)
    shown = (folder / "checkpoint").read_bytes()
    size = grow(4)
    written: list[str] = []
    put = PublishedLog._put

    def dies(self: PublishedLog, path: str, content: bytes, mode: str) -> None:
        if len(written) == step:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            if path != tlog.CHECKPOINT:
                (folder / path).write_bytes(content[: len(content) // 2])  # torn
            raise KeyboardInterrupt
        written.append(path)
        put(self, path, content, mode)

    with monkeypatch.context() as broken:
        broken.setattr(PublishedLog, "_put", dies)
        with pytest.raises(KeyboardInterrupt):
            publish(node)
    assert (folder / "checkpoint").read_bytes() == shown
    publish(node)
    assert check_whole(folder, node).size == size


def test_killed_while_publishing_it_goes_on_where_it_stopped(node: Path, folder: Path) -> None:
    grow_to(10)
    killed = (
        "import os, sys\nfrom pathlib import Path\nfrom accord.platform.setup import django_setup\n"
        "django_setup(Path(sys.argv[1]))\nfrom accord.ledger import publishing, store\n"
        "put = store.PublishedLog._put\n"
        "def dies(self, path, content, mode):\n"
        "    if path == 'checkpoint': os.kill(os.getpid(), 9)\n"
        "    put(self, path, content, mode)\n"
        "store.PublishedLog._put = dies\npublishing.publish(Path(sys.argv[1]))\n"
    )
    ended = subprocess.run([sys.executable, "-c", killed, str(node)], check=False)
    assert ended.returncode == -9
    assert not (folder / "checkpoint").exists()
    assert (folder / "tile").exists()
    publish(node)
    check_whole(folder, node)


def test_nothing_that_stands_there_is_replaced(node: Path, folder: Path) -> None:
    size = grow_to(7)
    first = folder / Tile(0, 0, min(size, 256)).path
    first.parent.mkdir(parents=True)
    first.write_bytes(bytes(32 * min(size, 256)))
    with pytest.raises(Conflict, match="something else than the ledger"):
        publish(node)
    assert first.read_bytes() == bytes(32 * min(size, 256))
    assert not (folder / "checkpoint").exists()


def test_a_checkpoint_of_another_history_stops_publishing(node: Path, folder: Path) -> None:
    size = grow_to(9)
    signer = keys.signing_key(node)
    stranger = SigningKey(signer.name, bytes(32))
    folder.mkdir()
    for raw, said in (
        (str(sign_note(Checkpoint(signer.name, size + 5, bytes(32)).text, signer)), "rolled back"),
        (str(sign_note(Checkpoint(signer.name, size, bytes(32)).text, signer)), "another root"),
        (str(sign_note(Checkpoint(signer.name, size, bytes(32)).text, stranger)), "no head"),
        ("", "no head"),
        ("\udcff", "no head"),
    ):
        (folder / "checkpoint").write_bytes(raw.encode("utf-8", "surrogateescape"))
        with pytest.raises(Conflict, match=said):
            publish(node)
        with pytest.raises(Conflict, match=said):
            publishing.published(node)


def test_a_store_that_cannot_be_written_says_so_and_loses_nothing(
    node: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    size = grow_to(20)
    folder.mkdir()
    (folder / "tile").write_text("a file where a folder belongs")
    with pytest.raises(StoreFailed, match="Nothing is lost"):
        publish(node)
    assert run(["ledger", "publish", "--data-dir", str(node)]) == 3
    assert "cannot be published" in capsys.readouterr().err
    assert readiness._published(node).holds, "it may mend itself within the minute"
    with clock.taken_from(clock.FixedClock(clock.now() + timedelta(minutes=2))):
        said = readiness._published(node)
    assert not said.holds
    assert "cannot be published" in said.said
    (folder / "tile").unlink()
    assert publish(node).size == size
    assert readiness._published(node).said == f"up to entry {size} of {size}"
    check_whole(folder, node)


def test_a_changed_leaf_is_not_published(node: Path, folder: Path) -> None:
    grow_to(30)
    stored = queries.leaf_texts

    def changed(start: int, end: int) -> list[bytes]:
        return [bytes(32), *stored(start, end)[1:]]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queries, "leaf_texts", changed)
        with pytest.raises(Conflict, match="do not have the hashes"):
            publish(node)


def test_one_publisher_at_a_time_and_the_checkpoint_never_goes_back(
    node: Path, folder: Path
) -> None:
    grow_to(40)
    publish(node)
    sizes: list[int] = []

    def work() -> None:
        for _ in range(5):
            publish(node)
            sizes.append(int((folder / "checkpoint").read_text("utf-8").split("\n")[1]))
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        grow(1)
    for thread in threads:
        thread.join()
    publish(node)
    assert sizes
    check_whole(folder, node)


def test_it_is_served_to_anybody_without_session_cookie_or_database(
    node: Path, folder: Path
) -> None:
    size = grow_to(50)
    publish(node)
    client = Client(HTTP_COOKIE="accord_session=somebody")

    def refuse(*_: object) -> object:
        raise AssertionError("the database was asked")

    with connection.execute_wrapper(refuse):
        head = client.get("/tlog/checkpoint")
        tile = client.get(f"/tlog/{Tile(0, size // 256, size % 256).path}")
        bundle = client.head(f"/tlog/{Tile(0, size // 256, size % 256, entries=True).path}")
        missing = client.get(f"/tlog/{Tile(3, 9).path}")
        odd = client.get("/tlog/tile/0/../../checkpoint")
        posted = client.post("/tlog/checkpoint")
    assert head.content == (folder / "checkpoint").read_bytes()
    assert head["Content-Type"] == "text/plain; charset=utf-8"
    assert head["Cache-Control"] == "public, max-age=1"
    assert len(tile.content) == size % 256 * 32
    assert (tile["Content-Type"], tile["Cache-Control"]) == (
        "application/octet-stream", "public, max-age=31536000, immutable",
    )  # fmt: skip
    assert (bundle.content, int(bundle["Content-Length"]) > 0) == (b"", True)
    assert (missing.status_code, odd.status_code, posted.status_code) == (404, 404, 405)
    assert missing["Cache-Control"] == "no-store"
    for answer in (head, tile, bundle, missing, odd, posted):
        assert not answer.cookies
        assert "Cookie" not in answer.get("Vary", "")


def test_a_stored_head_gains_signatures_and_nothing_else(node: Path) -> None:
    size = grow(1)
    tried = {
        "note": "note || 'x'",
        "root": "'\\x00'",
        "size": "size + 100000",
        "created_at": "now()",
    }
    line = SigningKey("harlan.example", bytes(32)).cosign("a\n", 1).line
    with pytest.raises(DatabaseError), transaction.atomic():
        _update("delete from ledger_checkpoint where size = %s", [size])
    for column, value in tried.items():
        with pytest.raises(DatabaseError), transaction.atomic():
            _update(f"update ledger_checkpoint set {column} = {value} where size = %s", [size])
    for note in ("", line, f"a\n{line}"):
        with pytest.raises(DatabaseError), transaction.atomic():
            _update("update ledger_checkpoint set note = %s where size = %s", [note, size])
    with transaction.atomic():
        _update("update ledger_checkpoint set note = note || %s where size = %s", [line, size])
        transaction.set_rollback(True)


def _update(statement: str, values: list[object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_a_full_disk_gives_a_clear_error_and_loses_nothing(
    node: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A file system of 64 KiB; the ledger goes on growing meanwhile."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("a small file system needs the right to mount one")
    try:
        monkeypatch.setenv("ACCORD_TLOG_STORE", f"file://{small}/tlog")
        (small / "filler").write_bytes(bytes(60_000))
        grow_to(200)
        with pytest.raises(StoreFailed, match="Nothing is lost"):
            publish(node)
        assert not (small / "tlog" / "checkpoint").exists()
        size = grow(5)
        (small / "filler").unlink()
        subprocess.run(["mount", "-o", "remount,size=8m", str(small)], check=True)
        assert publish(node).size == size
        assert check_whole(small / "tlog", node).size == size
        subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
        grow(1)
        with pytest.raises(StoreFailed, match=r"[Rr]ead-only"):
            publish(node)
        assert check_whole(small / "tlog", node).size == size
    finally:
        subprocess.run(["umount", str(small)], check=True)
