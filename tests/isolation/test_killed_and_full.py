"""Processes are killed and disks fill in the middle of work: nothing is lost, nothing half there."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from contributing import acting, run_of, send, superuser
from django.db import OperationalError, connections

from accord.exchange import jobs
from accord.kernel.errors import AccordError
from accord.kernel.ids import uuid7
from accord.ledger import actions as ledger
from accord.ledger import checking
from accord.records.intake import store
from accord.records.nodekeys import keys
from isolation.worlds import copy_database, take_back

pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.xdist_group("killed")]
NAMES = ("Alba", "Boris", "Clio", "Dario", "Elba", "Fenn", "Gilda", "Hugo", "Iris", "Jonas")


@pytest.fixture(scope="module", autouse=True)
def _put_back(world: Path) -> Iterator[None]:
    """Thousands of records and what their import left would crowd out what other tests look for."""
    name = connections["default"].settings_dict["NAME"]
    copy_database(world, name, "as_before")
    yield
    take_back(world, "as_before", name)


def people(prefix: str, count: int) -> str:
    rows = [
        f"{prefix}-{i},{NAMES[i % 10]} {NAMES[i // 10 % 10]}sen,19{i % 70 + 20}-01-{i % 27 + 1:02}"
        for i in range(count)
    ]
    return "\n".join(["no,name,dob", *rows, ""])


def stored(world: Path, prefix: str) -> tuple[int, int]:
    """Records, and records without any part."""
    with superuser(world) as db:
        row = db.execute(
            "select count(*), count(*) filter (where not exists"
            " (select from part p where p.record_id = r.id)) from record r"
            " where source_system = 'test-csv' and source_ref like %s",
            [prefix + "-%"],
        ).fetchone()
    assert row
    return int(row[0]), int(row[1])


@contextmanager
def child(world: Path, *command: str) -> Iterator[subprocess.Popen[str]]:
    """A process of the node in a group of its own, killed with all it started."""
    environment = os.environ | {"ACCORD_DATA_DIR": str(world)}
    process = subprocess.Popen(
        [sys.executable, *command], env=environment, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()


def drain() -> None:
    while jobs.run_next():
        pass


def until(holds: Callable[[], bool], timeout_s: float = 240) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


def progress(run_id: UUID) -> tuple[str, int]:
    view = run_of(run_id)
    return view.state, view.rows


def test_an_import_goes_on_after_the_worker_and_its_reader_are_killed(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 3000
    run_id = send(people("sig9", count))
    with child(world, "-m", "accord.cli.worker"):
        until(lambda: progress(run_id)[1] > 0)
    state, rows = progress(run_id)
    assert (state, 0 < rows < count) == ("running", True), rows
    records, broken = stored(world, "sig9")
    assert (records, broken) == (rows, 0), "a batch is there whole or not at all"
    monkeypatch.setattr(jobs, "STALE_AFTER", jobs.STALE_AFTER * 0)
    drain()
    done = run_of(run_id)
    assert (done.state, done.loaded, done.quarantined) == ("done", count, 0)
    assert stored(world, "sig9") == (count, 0)
    ledger.sequence_all()
    assert checking.check_ledger().findings == ()


HANGS = """
import time
from pathlib import Path
from accord.platform.setup import django_setup
import os
django_setup(Path(os.environ["ACCORD_DATA_DIR"]))
from accord.ledger import actions
def hang(*_):
    print("placed and grown", flush=True)
    time.sleep(600)
actions._sign = hang
actions.sequence()
"""


def waiting(world: Path) -> int:
    with superuser(world) as db:
        row = db.execute("select count(*) from ledger_leaf where leaf_index is null").fetchone()
    assert row
    return int(row[0])


def test_a_sequencer_that_is_killed_before_it_signs_has_placed_nothing(world: Path) -> None:
    ledger.sequence_all()
    for _ in range(5):
        with acting() as scope:
            scope.did("consultation", of="a page")
    before = checking.check_ledger()
    assert waiting(world) >= 5
    with child(world, "-c", HANGS) as process:
        assert process.stdout
        assert process.stdout.readline().strip() == "placed and grown"
        kept = waiting(world)
    assert kept >= 5
    assert waiting(world) == kept, "what was placed without a signed head came back"
    assert checking.check_ledger().size == before.size
    assert ledger.sequence_all() == kept
    after = checking.check_ledger()
    assert (after.findings, after.size, after.waiting) == ((), before.size + kept, 0)


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 24 MB that can really be full; the server's user reaches it."""
    folder = Path(tempfile.mkdtemp(prefix="accord-small-"))
    folder.chmod(0o711)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m,mode=0777", "tmpfs", str(folder)],
        capture_output=True, check=False,
    )  # fmt: skip
    if mounted.returncode != 0:
        folder.rmdir()
        pytest.skip("a file system can be mounted by root alone")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
    folder.rmdir()


def fill(folder: Path) -> Path:
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as stream, suppress(OSError):
        while stream.write(b"x" * 4096):
            pass
    return ballast


def move(world: Path, table: str, place: str) -> None:
    connections.close_all()
    with superuser(world) as db:
        db.execute(f"alter table {table} set tablespace {place}")  # type: ignore[arg-type]  # a constant


def test_an_import_on_a_full_disk_is_undone_and_goes_on_when_there_is_room(
    world: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL's own ENOSPC: the table of parts lies on a file system that is full."""
    monkeypatch.setattr(jobs, "STALE_AFTER", jobs.STALE_AFTER * 0)
    place = small_disk / "space"
    place.mkdir(mode=0o700)
    owner = (world / "postgres" / "data").stat()
    os.chown(place, owner.st_uid, owner.st_gid)
    with superuser(world) as db:
        db.execute(f"create tablespace small location '{place}'")  # type: ignore[arg-type]  # a constant
    try:
        move(world, "part", "small")
        run_id = send(people("full", 1200))
        ballast = fill(small_disk)
        with pytest.raises(OperationalError) as refused:
            drain()
        assert getattr(refused.value.__cause__, "sqlstate", None) == "53100"
        connections.close_all()
        state, rows = progress(run_id)
        assert state in ("queued", "running"), "the file is not at fault"
        assert stored(world, "full") == (rows, 0)
        assert rows < 1200
        ballast.unlink()
        drain()
        done = run_of(run_id)
        assert (done.state, done.loaded) == ("done", 1200)
        assert stored(world, "full") == (1200, 0)
        ledger.sequence_all()
        assert checking.check_ledger().findings == ()
    finally:
        (small_disk / "ballast").unlink(missing_ok=True)
        move(world, "part", "pg_default")
        with superuser(world) as db:
            db.execute("drop tablespace small")


def test_a_file_for_which_there_is_no_room_leaves_no_half(small_disk: Path) -> None:
    ballast = fill(small_disk)
    with ballast.open("r+b") as stream:
        stream.truncate(ballast.stat().st_size - 64 * 1024)
    source: Any = io.BytesIO(b"x" * 1_000_000)
    with pytest.raises(AccordError, match="No space left"):
        store.store(small_disk / "a.intake", source, run=uuid7(), owner="riverbend-pd", keys=keys())
    assert [p.name for p in small_disk.iterdir()] == ["ballast"]


def test_a_backup_for_which_there_is_no_room_leaves_no_half(world: Path, small_disk: Path) -> None:
    from test_backup_restore import accord

    fill(small_disk)
    words = world / "logs" / "words-of-this-test"
    words.write_text("correct horse battery staple")
    done = accord(
        "backup", small_disk / "copy", "--keys", world / "logs" / "copy.keys",
        "--passphrase-file", words, data_dir=world,
    )  # fmt: skip
    words.unlink()
    assert done.returncode == 3
    assert "No space left" in done.stderr
    assert [p.name for p in small_disk.iterdir()] == ["ballast"]
    assert not (world / "logs" / "copy.keys").exists()
