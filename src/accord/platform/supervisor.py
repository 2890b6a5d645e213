"""Starts the processes of a node, starts them again when they end, and stops them together.

A child that ends is started again after a pause that doubles with each quick end. A supervisor that
is killed takes its children with it (accord.platform.lifeline); the database outlives it and is
found again at the next start.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Self

from accord.kernel.errors import AccordError, Conflict
from accord.platform.files import Locked, data_folder, lock, open_log

TICK_S = 0.2
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STEADY_AFTER_S = 20.0  # a child that lived this long starts afresh with short pauses
STOP_GRACE_S = 10.0
_LARGEST_LOG_BYTES = 5_000_000

Say = Callable[[str], None]


@dataclass(frozen=True)
class Service:
    """One child: a Python module with its arguments."""

    name: str
    module: str
    arguments: tuple[str, ...] = ()
    pass_fds: tuple[int, ...] = ()


@dataclass
class _Child:
    service: Service
    process: subprocess.Popen[bytes] | None = None
    started_at_s: float = 0.0
    restart_at_s: float = 0.0
    quick_ends: int = 0


@dataclass
class Supervisor:
    """The children of one data directory. Use it as a context: leaving it stops them all."""

    data_dir: Path
    services: Sequence[Service]
    environment: Mapping[str, str]
    say: Say
    watch: Callable[[], None] = lambda: None  # called every few ticks; keeps the database up
    _children: list[_Child] = field(default_factory=list)
    _lifeline: tuple[int, int] = (-1, -1)
    _next_watch_s: float = 0.0

    def __enter__(self) -> Self:
        self._lifeline = os.pipe()
        self._children = [_Child(service) for service in self.services]
        try:
            for child in self._children:
                self._start(child)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with unstoppable():
            self.stop()

    def run(self, until: Callable[[], bool]) -> None:
        """Look after the children until the condition holds."""
        while not until():
            self.tick()
            time.sleep(TICK_S)

    def tick(self) -> None:
        """Notice what ended, and start again what has paused long enough."""
        now_s = time.monotonic()
        if now_s >= self._next_watch_s:
            self.watch()
            self._next_watch_s = now_s + 2.0
        for child in self._children:
            if child.process is None and now_s >= child.restart_at_s:
                self._start(child)
            elif child.process is not None and (code := child.process.poll()) is not None:
                self._ended(child, code, now_s)

    def is_up(self, name: str) -> bool:
        """Whether the named child runs now."""
        return any(
            child.process is not None and child.process.poll() is None
            for child in self._children
            if child.service.name == name
        )

    def process_id(self, name: str) -> int | None:
        """The process of the named child; None while it does not run."""
        for child in self._children:
            if child.service.name == name and child.process is not None:
                return child.process.pid
        return None

    def quick_ends(self, name: str) -> int:
        """How often in a row the named child ended soon after its start."""
        return max(c.quick_ends for c in self._children if c.service.name == name)

    def log(self, name: str) -> Path:
        """Where the named child writes."""
        return self.data_dir / "logs" / f"{name}.log"

    def stop(self) -> None:
        """Ask every child to stop, wait, and end those that do not."""
        running = [c.process for c in self._children if c.process is not None]
        for process in running:
            _signal_group(process, signal.SIGTERM)
        deadline_s = time.monotonic() + STOP_GRACE_S
        for process in running:
            try:
                process.wait(max(0.0, deadline_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal_group(process, signal.SIGKILL)
                process.wait()
        for child in self._children:
            child.process = None
        for descriptor in self._lifeline:
            with suppress(OSError):
                os.close(descriptor)

    def _start(self, child: _Child) -> None:
        service, reading = child.service, self._lifeline[0]
        command = [
            sys.executable,
            "-m",
            "accord.platform.lifeline",
            str(reading),
            service.module,
        ]
        with open_log(self.log(service.name)) as stream:
            child.process = subprocess.Popen(  # noqa: S603 - our own modules
                [*command, *service.arguments],
                env={**os.environ, **self.environment, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                pass_fds=(reading, *service.pass_fds),
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops all
            )
        child.started_at_s = time.monotonic()

    def _ended(self, child: _Child, code: int, now_s: float) -> None:
        steady = now_s - child.started_at_s >= STEADY_AFTER_S
        child.quick_ends = 0 if steady else child.quick_ends + 1
        pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** max(0, child.quick_ends - 1))
        child.process, child.restart_at_s = None, now_s + pause_s
        name = child.service.name
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        self.say(f"{name} ended ({how}); it starts again in {pause_s:g} s. See {self.log(name)}")


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


@contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal all raise KeyboardInterrupt inside the block."""

    def leave(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _handled(leave):
        yield


@contextmanager
def stoppable() -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal all end the block, quietly and once."""
    with suppress(KeyboardInterrupt), interruptible():
        yield


@contextmanager
def unstoppable() -> Iterator[None]:
    """An impatient second Ctrl-C does not interrupt stopping."""
    with _handled(signal.SIG_IGN):
        yield


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


@contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """One node runs on a data directory; a second is refused with the first's process number."""
    data_folder(data_dir)
    with ExitStack() as stack:
        try:
            stack.enter_context(lock(data_dir / "node.lock"))
        except Locked as error:
            raise Conflict(
                f"Accord already runs on {data_dir} (process {error.holder}). Stop that one first"
                " (Ctrl-C where it runs), or choose another --data-dir.",
                who_can_change="whoever started it",
            ) from error
        yield


def listen(host: str, port: int, *, tries: int = 50) -> socket.socket:
    """A listening socket on the port, or on the next one that is free."""
    for candidate in range(port, min(port + tries, 65_536)):
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            if not _is_taken(host, candidate):
                listener.bind((host, candidate))
                listener.listen(128)
                return listener
        except PermissionError as error:
            listener.close()
            raise AccordError(
                f"Port {candidate} may not be used by this user.",
                who_can_change="choose a port of 1024 or more with --port",
            ) from error
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                listener.close()
                raise AccordError(f"Cannot listen on {host}: {error.strerror}.") from error
        listener.close()
    raise AccordError(f"No port from {port} to {port + tries - 1} is free on {host}.")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address; a name that is not `localhost` may be any."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _is_taken(host: str, port: int) -> bool:
    """Whether somebody answers there; macOS would let us bind beside a wider listener."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
