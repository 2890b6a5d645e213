"""A node is copied while it runs, lost, and comes back: rows, rules, keys, ledger and pages."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psycopg
import pytest

from accord.cli import node as cli_node
from accord.kernel.errors import Conflict
from accord.platform import schema
from accord.platform.backup import archive, seal, sealedkeys
from accord.platform.db import launcher, processes
from accord.platform.setup import DEMO_MARK
from isolation.contributing import acting
from isolation.exhibiting import acquired

LOOKING = Path(__file__).with_name("looking.py")
pytestmark = pytest.mark.xdist_group("backup")


def accord(*words: str | Path, data_dir: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "accord.cli.main", *map(str, words)]
    return run([*command, "--data-dir", str(data_dir)])


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ACCORD_")}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def pages(data_dir: Path) -> dict[str, list[Any]]:
    done = run([sys.executable, str(LOOKING), str(data_dir)])
    assert done.returncode == 0, done.stderr[-3000:]
    said: dict[str, list[Any]] = json.loads(done.stdout)
    return said


def rules(data_dir: Path) -> list[tuple[Any, ...]]:
    """Policies, forced tables, owners and grants: what guards the rows."""
    cluster = launcher.ensure_running(data_dir)
    with psycopg.connect(cluster.admin_dsn, dbname="accord") as db:
        return [
            *db.execute("select tablename, policyname, cmd, roles, qual, with_check"
                        " from pg_policies order by 1, 2"),
            *db.execute("select relname, relowner::regrole::text, relrowsecurity,"
                        " relforcerowsecurity, relacl::text from pg_class where relnamespace in"
                        " ('public'::regnamespace, 'accord'::regnamespace) and relkind in ('r', 'S')"
                        " order by 1"),
            *db.execute("select proname, proowner::regrole::text, prosecdef, proacl::text from pg_proc"
                        " where pronamespace = 'accord'::regnamespace order by 1, 2, 4"),
        ]  # fmt: skip


@pytest.fixture(scope="module")
def safe(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a backup of the world, its keys, and the passphrase."""
    from accord.ledger.actions import sequence_all

    record, number = acquired(b"What the camera above the desk saw.")
    assert record
    (world / "attestation-roots").mkdir(exist_ok=True)
    (world / "attestation-roots" / "maker.pem").write_text("a certificate")
    pages(world)  # a first look makes duties with a time of their own; later looks make none
    sequence_all()
    folder = tmp_path_factory.mktemp("safe")
    folder.chmod(0o755)
    (folder / "words").write_text("correct horse battery staple\n")
    (folder / "other").write_text("wrong horse battery staple\n")
    with _hooked():
        done = accord("backup", folder / "copy", *_keys(folder), data_dir=world)
    # Other tests damage files of exhibits: such a backup is kept, and says so.
    assert done.returncode == 0 or "The backup was kept" in done.stderr, done.stderr
    (folder / "number").write_text(number)
    return folder


@contextmanager
def _hooked() -> Iterator[None]:
    """A webhook that is there meanwhile."""
    from accord.exchange.webhooks import actions
    from accord.exchange.webhooks.domain import EndpointState

    with acting("harlan-so.e.rasmussen") as scope:
        url = "https://hook.example/told"
        made = actions.create(scope, url=url, topics=["run"], membership=scope.actor.membership)
    yield
    with acting("harlan-so.e.rasmussen") as scope:
        actions.set_state(scope, made, EndpointState.REMOVED)


def _keys(folder: Path, words: str = "words") -> list[str | Path]:
    return ["--keys", folder / "copy.keys", "--passphrase-file", folder / words]


@pytest.fixture(scope="module")
def restored(safe: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    parent = tmp_path_factory.mktemp("restored")
    parent.chmod(0o755)
    done = accord("restore", safe / "copy", *_keys(safe), data_dir=parent / "node")
    assert done.returncode == 0, done.stderr
    yield parent / "node"
    launcher.stop(parent / "node")


def test_the_restored_node_shows_every_page_as_before(world: Path, restored: Path) -> None:
    before, after = pages(world), pages(restored)
    assert len(before) > 20
    assert all(status == 200 for status, _ in before.values())
    assert set(after) == set(before)
    for path, said in before.items():
        lines = difflib.unified_diff(said[1].splitlines(), after[path][1].splitlines(), n=0)
        assert after[path][0] == said[0], path
        assert "\n".join(lines) == "", path


def test_the_restored_node_is_guarded_as_before(world: Path, restored: Path) -> None:
    before = rules(world)
    assert len(before) > 100
    assert _said(rules(restored)) == _said(before)


def _said(found: list[tuple[Any, ...]]) -> list[str]:
    """The rules without the casts and brackets that PostgreSQL adds when it reads its own text."""
    return [re.sub(r"::(character varying|text)(\[\])?|[()\s]", "", repr(row)) for row in found]


def test_each_webhook_is_told_that_changes_went_by_between_the_backup_and_the_restore(
    restored: Path,
) -> None:
    """A new server counts its transactions from the beginning: what was read up to lies ahead of it."""
    with psycopg.connect(launcher.ensure_running(restored).admin_dsn, dbname="accord") as db:
        hooks = db.execute(
            "select pg_snapshot_xmax(seen::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot()),"
            " seen_at <= now() - interval '23 hours' from webhook_endpoint where state <> 'removed'"
        ).fetchall()
        told = db.execute("select count(*) from outbox").fetchone()
    assert hooks == [(True, True)]
    assert told == (0,), "what another server numbered"


def test_the_restored_node_has_the_files_of_exhibits(safe: Path, restored: Path) -> None:
    """A piece is in the backup as it lay in the store; keys and rows come with it."""
    got, number = restored.parent / "got", (safe / "number").read_text()
    words = ["--alone", "--member", "riverbend-pd.m.alvarez", "--case", "HT-2026-014"]
    (restored / DEMO_MARK).touch()  # so that a command may act as a member
    done = accord("exhibit", "get", number, got, *words, data_dir=restored)
    (restored / DEMO_MARK).unlink()
    assert done.returncode == 0, done.stderr
    assert got.read_bytes() == b"What the camera above the desk saw."
    assert (restored / "attestation-roots" / "maker.pem").read_text() == "a certificate"


def test_the_restored_ledger_goes_on(restored: Path) -> None:
    done = accord("ledger", "verify", "--json", data_dir=restored)
    said = json.loads(done.stdout)
    assert (done.returncode, said["verifies"]) == (0, True)
    assert said["size"] > 0


def test_no_password_of_the_database_and_no_key_lies_in_the_backup(world: Path, safe: Path) -> None:
    secret = (world / "secrets" / "ledger.key").read_bytes()
    passwords = json.loads((world / "secrets" / "db.json").read_text())["roles"].values()
    for file in [*(p for p in (safe / "copy").rglob("*") if p.is_file()), safe / "copy.keys"]:
        content = file.read_bytes()
        assert file.stat().st_mode & 0o077 == 0, file
        assert secret not in content
        assert not any(word.encode() in content for word in passwords)


def test_a_wrong_passphrase_leaves_nothing_behind(safe: Path, tmp_path: Path) -> None:
    target = tmp_path / "node"
    done = accord("restore", safe / "copy", *_keys(safe, "other"), data_dir=target)
    assert done.returncode == 2
    assert "does not open" in done.stderr
    assert not target.exists()


def test_a_restore_overwrites_no_node(world: Path, safe: Path) -> None:
    before = (world / "secrets" / "ledger.key").read_bytes()
    done = accord("restore", safe / "copy", *_keys(safe), data_dir=world)
    assert done.returncode == 1
    assert "overwrites nothing" in done.stderr
    assert (world / "secrets" / "ledger.key").read_bytes() == before


def test_a_restore_that_was_killed_starts_no_node(tmp_path: Path) -> None:
    (tmp_path / cli_node.HALF_RESTORED).touch()
    with pytest.raises(Conflict, match="killed before its end"):
        cli_node.prepare(tmp_path, demo=False)


@pytest.mark.parametrize("begun", [cli_node.HALF_RESTORED, "postgres/data/postmaster.pid"])
def test_a_restore_that_is_told_to_end_leaves_nothing_behind(
    safe: Path, tmp_path: Path, begun: str
) -> None:
    target = tmp_path / "node"
    tmp_path.chmod(0o755)
    command = [sys.executable, "-m", "accord.cli.main", "restore", str(safe / "copy")]
    command += [*map(str, _keys(safe)), "--data-dir", str(target)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ACCORD_")}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        deadline_s = time.monotonic() + 120
        while not (target / begun).exists():
            assert process.poll() is None, "it was through before it was told to end"
            assert time.monotonic() < deadline_s
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=120)
    assert process.returncode == 1
    assert not target.exists()
    assert processes.mentioning(str(target)) == set()


def test_data_of_a_later_version_is_refused_and_left_alone(restored: Path) -> None:
    cluster = launcher.ensure_running(restored)
    with psycopg.connect(cluster.admin_dsn, dbname="accord", autocommit=True) as db:
        db.execute("insert into django_migrations (app, name, applied)"
                   " values ('records', '9999_later', now())")  # fmt: skip
        done = run([sys.executable, "-m", "accord.cli.main", "serve", "--port", "9871",
                    "--data-dir", str(restored)])  # fmt: skip
        cluster = launcher.ensure_running(restored)
    with psycopg.connect(cluster.admin_dsn, dbname="accord", autocommit=True) as db:
        db.execute("delete from django_migrations where name = '9999_later'")
    assert done.returncode == 1
    assert "later version of Accord" in done.stderr
    assert "records.9999_later" in done.stderr


def test_the_database_is_copied_before_it_is_migrated(
    world: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = schema.known()
    monkeypatch.setattr(schema, "known", lambda: {*known, "records.9998_next"})
    cluster = launcher.ensure_running(world)
    cli_node._copy_before_migrating(cluster, world)
    (copy,) = (world / "backups").iterdir()
    assert copy.stat().st_mode & 0o077 == 0
    assert copy.stat().st_size > 10_000
    assert str(copy) in capsys.readouterr().err
    monkeypatch.undo()
    cli_node._copy_before_migrating(cluster, world)
    assert list((world / "backups").iterdir()) == [copy]


def _forged(safe: Path, parent: Path, change: str) -> Path:
    """A copy of the backup that somebody without the passphrase wrote, consistent in itself."""
    copy = parent / "copy"
    shutil.copytree(safe / "copy", copy)
    if change == "added":
        (copy / "more.sql").write_text("select 1")
        return copy
    if change == "missing":
        (copy / archive.DATABASE).unlink()
        return copy
    if change == archive.OBJECTS:
        next((copy / archive.OBJECTS).glob("*/*")).unlink()
        return copy
    if change == "cut":
        os.truncate(copy / archive.DATABASE, 1000)
        return copy
    with (copy / change).open("ab") as file:
        file.write(b"\0" * 512)
    said = json.loads((copy / archive.MANIFEST).read_text())
    said["pieces"][change] = asdict(archive.digest(copy / change))
    (copy / archive.MANIFEST).write_text(json.dumps(said))
    return copy


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (archive.DATABASE, "backup.json"),
        (archive.FILES, "backup.json"),
        ("cut", "database.dump"),
        ("missing", "database.dump"),
        ("added", "more.sql"),
        (archive.LIST, "backup.json"),
        (archive.OBJECTS, "objects/"),
    ],
)
def test_a_backup_that_somebody_changed_is_refused_before_anything_is_made(
    safe: Path, tmp_path: Path, change: str, named: str
) -> None:
    forged, target = _forged(safe, tmp_path, change), tmp_path / "node"
    done = accord("restore", forged, *_keys(safe), data_dir=target)
    assert done.returncode == 2, done.stderr
    assert named in done.stderr
    assert not target.exists()


def _closed(plain: bytes, place: Path) -> list[str | Path]:
    words = place.with_name("own-words")
    words.write_text("correct horse battery staple\n")
    place.write_bytes(sealedkeys.close(plain, sealedkeys.Lock("correct horse battery staple")))
    return ["--keys", place, "--passphrase-file", words]


def test_a_damaged_piece_of_a_file_keeps_no_node_from_coming_back(
    safe: Path, tmp_path: Path
) -> None:
    copy, target = tmp_path / "copy", tmp_path / "node"
    tmp_path.chmod(0o755)
    shutil.copytree(safe / "copy", copy)
    piece = next((copy / archive.OBJECTS).glob("*/*"))
    piece.write_bytes(b"decayed")
    done = accord("restore", copy, *_keys(safe), data_dir=target)
    assert done.returncode == 3, done.stderr
    assert "The node was restored, but 1 pieces of files are damaged" in done.stderr
    assert piece.name in done.stderr
    assert not list((target / archive.OBJECTS).glob(f"*/{piece.name}"))
    assert not (target / cli_node.HALF_RESTORED).exists()


def test_the_keys_of_another_backup_are_refused(world: Path, safe: Path, tmp_path: Path) -> None:
    secrets = archive.keys_of(world)
    digest = hashlib.sha256(secrets).hexdigest()
    other = seal.Seal("0" * 64, "2026-01-01T00:00:00+00:00", digest)
    keys = _closed(seal.join(other, secrets), tmp_path / "k")
    done = accord("restore", safe / "copy", *keys, data_dir=tmp_path / "node")
    assert done.returncode == 2
    assert "of another backup" in done.stderr
    assert "2026-01-01" in done.stderr
    assert not (tmp_path / "node").exists()


def test_a_backup_from_before_they_were_sealed_needs_a_word(
    world: Path, safe: Path, tmp_path: Path
) -> None:
    keys = _closed(archive.keys_of(world), tmp_path / "k")
    done = accord("restore", safe / "copy", *keys, data_dir=tmp_path / "node")
    assert done.returncode == 2
    assert "--unsealed" in done.stderr
    assert not (tmp_path / "node").exists()
