"""Making, starting, finding and stopping one PostgreSQL server process."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from accord.platform import configuration
from accord.platform.db import exec_as, processes
from accord.platform.db.binaries import Binaries
from accord.platform.db.errors import DatabaseUnavailable
from accord.platform.db.privileges import (
    ServerUser,
    closed_folder,
    command_as,
    give,
    plain_environment,
    run_as,
)
from accord.platform.files import open_log

SLOWEST_START_S = 300.0  # recovery after a crash replays the log
_children: dict[str, subprocess.Popen[bytes]] = {}  # by marker, so that none stays a zombie

# Statement texts and the DETAIL of errors hold what officers typed and what records say. Neither
# goes to the server's log, which is kept outside row-level security.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_wal_size": "2GB",  # fewer checkpoints while files come in; replaying it stays short
    "checkpoint_timeout": "15min",
    "autovacuum_naptime": "15s",  # what a first large file fills is analysed while it comes in
    "random_page_cost": "1.1",  # a solid-state disk
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_min_error_statement": "panic",
    "log_min_messages": "log",  # above ERROR, whose first line quotes the value it could not read
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
    "password_encryption": "scram-sha-256",
}
_WITHOUT_DURABILITY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


def memory_settings(machine_bytes: int) -> dict[str, str]:
    """What PostgreSQL keeps in memory: an eighth of the machine's, from 128 MB to 1 GB.

    `effective_cache_size` reserves nothing: it tells the planner that the rest is likely cached.
    """
    mb = machine_bytes // 2**20
    return {
        "shared_buffers": f"{min(max(mb // 8, 128), 1024)}MB",
        "effective_cache_size": f"{max(mb // 2, 256)}MB",
    }


def connection_settings(web_processes: int) -> dict[str, str]:
    """How many connections there may be: 20 for each web process and its threads, 40 for all else."""
    return {"max_connections": str(40 + 20 * web_processes)}


def _machine_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def initdb(home: Path, user: ServerUser, programs: Binaries, admin: str, password: str) -> None:
    """Make a complete cluster in `data.new`."""
    fresh, word = home / "data.new", home / f"pw-{secrets.token_hex(4)}"
    processes.end_all(str(fresh), grace_s=0)  # one that outlived a killed launcher
    shutil.rmtree(fresh, ignore_errors=True)
    handle = os.open(word, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as stream:
            stream.write(password)
        give(word, user)
        run_as(
            user,
            [
                programs.program("initdb"),
                "-D",
                fresh,
                f"--username={admin}",
                f"--pwfile={word}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                *_locale(programs.major),
            ],
            passing=[programs.program("initdb"), home],
            home=home,
            libraries=programs.libraries,
        )
    finally:
        word.unlink()


def _locale(major: int) -> list[str]:
    """Unicode character classes and code-point order, the same on every machine from 17 on."""
    if major >= 17:
        return ["--locale-provider=builtin", "--locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]


def launch(
    cluster: Path,
    socket: str,
    log: Path,
    user: ServerUser,
    programs: Binaries,
    marker: str,
    *,
    fast: bool,
) -> subprocess.Popen[bytes]:
    """Start the server in a session of its own: the terminal's Ctrl-C does not reach it."""
    _socket_folder(Path(socket), user)
    settings = _SETTINGS | {"unix_socket_directories": socket, "cluster_name": marker}
    settings |= memory_settings(_machine_bytes()) | connection_settings(
        configuration.web_processes()
    )
    settings |= _WITHOUT_DURABILITY if fast else {}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    postgres = programs.program("postgres")
    command: list[str | Path] = [postgres, "-D", cluster, *options]
    with open_log(log) as stream:
        child = subprocess.Popen(  # noqa: S603 - our own programs and words
            command_as(user, command, passing=[postgres, cluster]),
            cwd="/",
            env=plain_environment(cluster.parent, programs.libraries),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    _children[marker] = child
    return child


def _socket_folder(folder: Path, user: ServerUser) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    give(folder, user)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != user.uid:
        raise DatabaseUnavailable(f"{folder} belongs to somebody else; remove it.")


def wait_ready(
    dsn: str,
    alive: Callable[[], bool],
    *,
    patience_s: float,
    slowest_s: float = SLOWEST_START_S,
) -> None:
    """Wait until the server answers; one that is replaying its log is given longer."""
    began = time.monotonic()
    while True:
        try:
            psycopg.connect(dsn, connect_timeout=3).close()
        except psycopg.OperationalError as error:
            waited, said = time.monotonic() - began, str(error)
            limit_s = slowest_s if "starting up" in said or "recovery" in said else patience_s
            if not alive():
                raise DatabaseUnavailable("PostgreSQL ended while it was starting.") from error
            if waited > limit_s or "authentication failed" in said:
                raise DatabaseUnavailable(f"PostgreSQL does not answer: {said}") from error
            time.sleep(0.05)
        else:
            return


def explain_failed_start(
    child: subprocess.Popen[bytes], log: Path, user: ServerUser, cluster: Path, why: str
) -> DatabaseUnavailable:
    """The error for a server that did not start, with the end of its log."""
    tail = log.read_text("utf-8", errors="replace")[-1500:]
    if child.poll() == exec_as.CANNOT_PASS_FOLDERS and user.is_other:
        return closed_folder(user, [cluster], tail.splitlines()[-1] if tail else why)
    return DatabaseUnavailable(f"{why} The end of its log, {log}:\n{tail}")


def is_alive(cluster: Path, marker: str) -> bool:
    """Whether the process named in postmaster.pid lives and is this cluster's."""
    return _pid(cluster) in processes.mentioning(marker)


def _pid(cluster: Path) -> int | None:
    try:
        return int((cluster / "postmaster.pid").read_text("utf-8").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def forget(cluster: Path, socket: str) -> None:
    """Remove what a killed server left.

    INVARIANT: called only when no process carries the cluster's marker. PostgreSQL itself refuses
    to start where the number in postmaster.pid is in use again by any process of its user.
    """
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    shutil.rmtree(socket, ignore_errors=True)


def shut_down(cluster: Path, marker: str) -> None:
    """Stop the server: transactions are ended, the log is flushed."""
    pid = _pid(cluster)
    if pid is not None and pid in processes.mentioning(marker):
        processes.send({pid}, signal.SIGINT)
        _reap(marker)
        if processes.wait_gone(marker, 30):
            return
    processes.end_all(marker, grace_s=5)
    _reap(marker)


def _reap(marker: str) -> None:
    child = _children.pop(marker, None)
    if child is None:
        return
    try:
        child.wait(30)
    except subprocess.TimeoutExpired:
        _children[marker] = child  # the caller goes on to stronger signals
