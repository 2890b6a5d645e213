"""`accord check` tries what it says it tries: what is broken on purpose is found, by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from contributing import superuser

from accord.cli import checks
from accord.platform.db import launcher, probing
from isolation.test_backup_restore import accord

pytestmark = pytest.mark.xdist_group("backup")


def failing(world: Path) -> set[str]:
    return {p.name for p in probing.probe_all(launcher.ensure_running(world)) if not p.holds}


@contextmanager
def done_and_undone(world: Path, do: str, undo: str) -> Iterator[None]:
    with superuser(world) as db:
        db.execute(do)  # type: ignore[arg-type]  # a constant of this file
        try:
            yield
        finally:
            db.execute(undo)  # type: ignore[arg-type]  # a constant of this file


def test_every_feature_is_there_but_the_durability_that_tests_go_without(world: Path) -> None:
    assert failing(world) == {"durability"}
    with superuser(world) as db:
        left = db.execute("select from pg_class where relname like 'probe_of%'").fetchall()
    assert left == [], "probes undo what they do"


@pytest.mark.parametrize(
    ("do", "undo", "found"),
    [
        (
            "alter role accord_app bypassrls",
            "alter role accord_app nobypassrls",
            {"the application's role", "no seal, no rows"},
        ),
        (
            "alter role accord_backup reset default_transaction_read_only",
            "alter role accord_backup set default_transaction_read_only = on",
            {"the backup's role"},
        ),
        (
            "alter database accord set log_error_verbosity = verbose",
            "alter database accord reset log_error_verbosity",
            {"the server's log"},
        ),
    ],
)
def test_what_is_broken_is_found(world: Path, do: str, undo: str, found: set[str]) -> None:
    with done_and_undone(world, do, undo):
        assert failing(world) == {"durability"} | found


def test_a_key_that_others_may_read_is_found(world: Path) -> None:
    key = world / "secrets" / "ledger.key"
    assert {f.state for f in checks._modes(world)} == {"good"}
    key.chmod(0o644)
    try:
        (found,) = checks._modes(world)
    finally:
        key.chmod(0o600)
    assert (found.state, "secrets/ledger.key" in found.said) == ("bad", True)


def test_a_missing_key_is_found(world: Path) -> None:
    key = world / "secrets" / "ledger-body.key"
    aside = key.rename(key.with_suffix(".aside"))
    try:
        (found,) = checks._secrets(world)
    finally:
        aside.rename(key)
    assert (found.state, "ledger-body.key" in found.said) == ("bad", True)


def test_the_command_reports_json_and_exits_by_what_it_found(world: Path) -> None:
    done = accord("check", "--deploy", "--json", data_dir=world)
    said = json.loads(done.stdout)
    bad = {f["name"] for f in said["found"] if f["state"] == "bad"}
    assert (done.returncode, said["fit"]) == (1, False)
    assert {"TLS", "database: durability", "signing keys"} <= bad
    assert "ledger check" not in bad


def test_a_folder_without_a_node_is_wrong_use(tmp_path: Path) -> None:
    assert accord("check", data_dir=tmp_path).returncode == 2
