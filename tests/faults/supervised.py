"""A node that a test runs from outside: started, found by its processes, killed, started again."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from faults.onenode import PEOPLE, READY

MODULES = {
    "web": "accord.platform.webserver",
    "worker": "accord.cli.worker",
    "live": "accord.cli.liveserver",
    "operations": "accord.cli.operations",
    "cosigner": "accord.cosign.server",
}
OPERATIONS = 9
"""The operator's port, counted from that of the pages."""
READY_WITHIN_S = 240.0
LOOK_S = 0.05


@dataclass
class Outside:
    """One node and the files it leaves for whoever runs it."""

    folder: Path
    port: int
    records: int
    environment: Mapping[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None
    _dsn: str = ""

    @property
    def url(self) -> str:
        """By the name under which passkeys are made."""
        return f"http://localhost:{self.port}"

    @property
    def people(self) -> dict[str, dict[str, str]]:
        """Tokens and links by membership."""
        found: dict[str, dict[str, str]] = json.loads((self.folder / PEOPLE).read_text("utf-8"))
        return found

    def start(self) -> None:
        """Start it and wait until it answers; raises RuntimeError with the end of its log."""
        log = self.folder / "logs" / "outside.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        (self.folder / READY).unlink(missing_ok=True)
        kept = self.folder / "tmp"
        kept.mkdir(exist_ok=True)
        own = {k: v for k, v in os.environ.items() if not k.startswith("ACCORD_")}
        with log.open("ab") as stream:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "faults.onenode", *self._arguments()],
                env=own | {"TMPDIR": str(kept), "PYTHONPATH": _path()} | dict(self.environment),
                stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, start_new_session=True,
            )  # fmt: skip
        self._until((self.folder / READY).exists, READY_WITHIN_S)
        said = json.loads((self.folder / READY).read_text("utf-8"))["url"]
        if not said.endswith(f":{self.port}"):
            raise RuntimeError(f"port {self.port} is taken: the node is at {said}")

    def _arguments(self) -> list[str]:
        return [str(self.folder), str(self.port), str(self.records)]

    def _until(self, holds: Callable[[], bool], within_s: float) -> None:
        deadline_s = time.monotonic() + within_s
        while not holds():
            ended = self._process is None or self._process.poll() is not None
            if ended or time.monotonic() > deadline_s:
                log = (self.folder / "logs" / "outside.log").read_text("utf-8", errors="replace")
                raise RuntimeError(f"the node does not come up: {log[-3000:]}")
            time.sleep(LOOK_S)

    @property
    def alive(self) -> bool:
        """Whether the supervisor itself runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Ask it to stop, as Ctrl-C does."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill_all()
        self._process = None

    def kill_all(self) -> None:
        """Kill the supervisor; its children end by themselves when it is gone."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def pids(self, role: str) -> list[int]:
        """The processes of a role that this node runs now."""
        if self._process is None:
            return []
        return [
            pid
            for pid, parent, command in _processes()
            if parent == self._process.pid and MODULES[role] in command
        ]

    def postmaster(self) -> int:
        """The first process of the database."""
        file = self.folder / "postgres" / "data" / "postmaster.pid"
        return int(file.read_text("utf-8").split("\n", 1)[0])

    def administrator(self) -> Any:
        """A superuser's connection; raises psycopg.OperationalError while the database is away."""
        if not self._dsn:
            self._dsn = self._find_dsn()
        return psycopg.connect(self._dsn, autocommit=True)

    def _find_dsn(self) -> str:
        from accord.platform.db import launcher

        cluster = launcher.ensure_running(self.folder)
        return make_conninfo(cluster.admin_dsn, dbname="accord", connect_timeout="5")

    def answers(self) -> bool:
        """Whether the web process serves a page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/sign-in/", headers={"Host": f"localhost:{self.port}"})
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def free_port() -> int:
    """A port that is free with the nine behind it, below those that the system gives to callers."""
    while True:
        first = secrets.randbelow(10_000) + 20_000
        if all(_is_free(first + n) for n in range(OPERATIONS + 1)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as tried, suppress(OSError):
        tried.bind(("127.0.0.1", port))
        return True
    return False


@contextmanager
def outside(
    folder: Path, port: int, records: int, environment: Mapping[str, str] | None = None
) -> Iterator[Outside]:
    """A node that runs, and is stopped at the end."""
    made = Outside(folder, port, records, environment or {})
    try:
        made.start()
        yield made
    finally:
        made.stop()


def _processes() -> Iterator[tuple[int, int, list[str]]]:
    """Every process of this machine: its number, its parent's, its command line (Linux)."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            stat = (entry / "stat").read_text("utf-8")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
        yield int(entry.name), int(stat.rpartition(")")[2].split()[1]), command


def _path() -> str:
    here = str(Path(__file__).parents[1])
    return os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
