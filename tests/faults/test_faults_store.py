"""Full and read-only disks under a running node: a refusal in words, nothing lost, no restart needed."""

from __future__ import annotations

import hashlib
import http.client
import itertools
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from faults.book import Book
from faults.door import API, Door, Reply
from faults.load import ABOUT, CASE, DESK, SAYS, content
from faults.smalldisk import SmallDisk, small_disk
from faults.supervised import OPERATIONS, Outside, free_port, outside

pytestmark = pytest.mark.xdist_group("faults")
PIECE = 2_000_000
ALVAREZ = "riverbend-pd.m.alvarez"
WITHIN_S = 45.0


@dataclass
class Place:
    """A node whose evidence, published log and database each lie on a small disk."""

    node: Outside
    objects: SmallDisk
    tlog: SmallDisk
    postgres: SmallDisk
    case: Door
    desk: Door

    def ready(self) -> dict[str, Any]:
        """What the operator's port says."""
        port = self.node.port + OPERATIONS
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", "/ready", headers={"Host": f"127.0.0.1:{port}"})
        found: dict[str, Any] = json.loads(connection.getresponse().read())
        connection.close()
        return found

    def begin(self, data: bytes) -> str:
        """A new upload; returns its address."""
        headers = {
            "Tus-Resumable": "1.0.0", "Upload-Length": str(len(data)),
            "Upload-Metadata": "filename YQ==",
        }  # fmt: skip
        reply = self.case.ask("POST", f"{API}/exhibits/uploads", headers=headers)
        assert reply.status == 201, reply.body
        return str(reply.headers["location"])

    def send(self, place: str, data: bytes) -> Reply:
        """Send what is missing in pieces; returns the first refusal or the last answer."""
        head = self.case.ask("HEAD", place, headers={"Tus-Resumable": "1.0.0"})
        at = int(head.headers["upload-offset"])
        while True:
            reply = self.case.ask("PATCH", place, data[at : at + PIECE], headers={
                "Tus-Resumable": "1.0.0", "Upload-Offset": str(at),
                "Content-Type": "application/offset+octet-stream",
            })  # fmt: skip
            if reply.status != 204 or int(reply.headers["upload-offset"]) == len(data):
                return reply
            at = int(reply.headers["upload-offset"])

    def acquire(self, place: str) -> str:
        """Make an exhibit of it; returns its record."""
        upload = place.rpartition("/")[2]
        reply = self.case.ask("POST", f"{API}/exhibits", ABOUT | {"upload": upload})
        assert reply.status == 201, reply.body
        return str(reply.facts["record"])

    def take(self, record: str) -> str:
        """SHA-256 of the file as it is taken out."""
        reply = self.case.ask("POST", f"{API}/exhibits/{record}/file", {"format": "file"})
        assert (reply.status, reply.whole) == (200, True), reply.body
        return hashlib.sha256(reply.body).hexdigest()


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    folder = Path(tempfile.mkdtemp(prefix="accord-faults-"))
    folder.chmod(0o711)
    port = free_port()
    environment = {
        "ACCORD_OPS_PORT": str(port + OPERATIONS), "ACCORD_API_RATE": "1000000",
        "ACCORD_LEAST_FREE_MB": "1",
    }  # fmt: skip
    try:
        with (
            small_disk(folder / "objects", 24) as objects,
            small_disk(folder / "tlog", 4) as tlog,
            small_disk(folder / "postgres", 300, mode="0755") as postgres,
            outside(folder, port, 60, environment) as node,
        ):
            node.administrator().close()  # its address is found while it can still be started
            token = node.people["tokens"][ALVAREZ]
            case, desk = (Door(node.url, ALVAREZ, token, c, Book()) for c in (CASE, DESK))
            yield Place(node, objects, tlog, postgres, case, desk)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def until(holds: Callable[[], Any]) -> None:
    deadline_s = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline_s
        time.sleep(0.3)


def test_a_full_store_refuses_in_words_and_the_upload_goes_on_when_there_is_room(
    place: Place,
) -> None:
    data, web = content("full", 30_000_000), place.node.pids("web")
    upload = place.begin(data)
    refused = place.send(upload, data)
    assert refused.status == 503
    assert "The store of evidence is full" in refused.facts["detail"]
    assert "administrator" in refused.facts["who_can_change"]
    assert "full" in place.ready()["checks"]["evidence"]
    assert "evidence" in place.ready()["failing"]
    head = place.case.ask("HEAD", upload, headers={"Tus-Resumable": "1.0.0"})
    assert int(head.headers["upload-offset"]) >= 20_000_000
    place.objects.resize(120)
    assert place.send(upload, data).status == 204
    assert place.take(place.acquire(upload)) == hashlib.sha256(data).hexdigest()
    assert "evidence" not in place.ready()["failing"]
    assert place.node.pids("web") == web, "nothing was started again"


def test_a_read_only_store_refuses_in_words_and_gives_out_what_it_has(place: Place) -> None:
    before, data = content("there", 3_000_000), content("read-only", 5_000_000)
    there, upload = place.begin(before), place.begin(data)
    place.send(there, before)
    record = place.acquire(there)
    place.objects.read_only(True)
    try:
        refused = place.send(upload, data)
        assert refused.status == 503
        assert "cannot be written to" in refused.facts["detail"]
        assert "cannot be written to" in place.ready()["checks"]["evidence"]
        assert place.take(record) == hashlib.sha256(before).hexdigest()
    finally:
        place.objects.read_only(False)
    assert place.send(upload, data).status == 204
    assert place.take(place.acquire(upload)) == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("how", ["full", "read-only"])
def test_a_ledger_that_cannot_be_published_says_so_and_catches_up(place: Place, how: str) -> None:
    """The entries themselves are in the database: nobody waits, nothing is lost."""
    until(lambda: _is_published(place))
    place.tlog.fill() if how == "full" else place.tlog.read_only(True)
    try:
        for _ in range(5):
            assert place.case.ask("GET", f"{API}/records?limit=5").status == 200
        until(lambda: "cannot be published" in place.ready()["checks"]["published"])
        said = place.ready()["checks"]["published"]
        assert ("No space left" if how == "full" else "Read-only") in said
        assert "Nothing is lost" in said
    finally:
        place.tlog.make_room() if how == "full" else place.tlog.read_only(False)
    until(lambda: _is_published(place))


def _is_published(place: Place) -> bool:
    said = place.ready()["checks"]["published"].removeprefix("up to entry ").split(" of ")
    return len(said) == 2 and said[0] == said[1]


def test_a_full_disk_under_the_database_refuses_in_words_and_keeps_what_was_kept(
    place: Place,
) -> None:
    """No entry can be written, so nothing is shown either; when there is room all goes on."""
    data = content("database", 3_000_000)
    upload = place.begin(data)
    place.send(upload, data)
    record = place.acquire(upload)
    place.postgres.fill()
    try:
        refused = _refused(lambda: place.case.ask("GET", f"{API}/records?limit=5"))
        assert "The disk of the database is full" in refused.facts["detail"]
        assert "makes room" in refused.facts["who_can_change"]
        kept = _steps_until_refused(place, record)
        assert "disk" in place.ready()["failing"]
    finally:
        place.postgres.make_room()
    until(lambda: place.case.ask("GET", f"{API}/records?limit=5").status == 200)
    chain = place.desk.ask("GET", f"{API}/custody/{record}").facts
    assert (chain["events"], chain["faults"]) == (1 + kept, [])
    assert place.take(record) == hashlib.sha256(data).hexdigest()


def _refused(ask: Callable[[], Reply]) -> Reply:
    """The first refusal for want of room: pages that are half empty still take some rows."""
    replies: list[Reply] = []

    def is_refused() -> bool:
        replies.append(ask())
        return replies[-1].status == 503

    until(is_refused)
    return replies[-1]


def _steps_until_refused(place: Place, record: str) -> int:
    """Take steps of custody until one is refused; returns how many were kept before it."""
    acts = itertools.cycle(({"act": "check-out", "receiver": "A. Desai"}, {"act": "check-in"}))
    kept = itertools.count()

    def step() -> Reply:
        reply = place.desk.ask("POST", f"{API}/custody/{record}/steps", SAYS | next(acts))
        assert reply.status in {201, 503}, reply.body
        if reply.status == 201:
            next(kept)
        return reply

    _refused(step)
    return next(kept)


def test_a_database_that_ends_for_want_of_room_comes_back_when_there_is_some(place: Place) -> None:
    """Its log of changes cannot grow: PostgreSQL ends itself, and cannot start while it is full."""
    data = content("no-room", 3_000_000)
    upload = place.begin(data)
    place.send(upload, data)
    record = place.acquire(upload)
    place.postgres.fill()
    try:
        with pytest.raises(psycopg.OperationalError):
            _fill_its_log(place)
        until(lambda: place.case.ask("GET", f"{API}/records?limit=5").status == 503)
        time.sleep(6)  # the supervisor looks every two seconds, and tries in vain
        assert place.node.alive, "the node waits for room"
    finally:
        place.postgres.make_room()
    until(lambda: place.case.ask("GET", f"{API}/records?limit=5").status == 200)
    assert place.take(record) == hashlib.sha256(data).hexdigest()
    until(lambda: place.ready()["ready"])


def _fill_its_log(place: Place) -> None:
    with place.node.administrator() as admin:
        while True:
            admin.execute("select pg_logical_emit_message(false, 'fills', repeat('x', 8000000))")
