"""Starts a confined process and hears it out: one JSON value a line, under a time limit.

Every end has a name: it finished, it took too long, it wanted too much memory, it crashed, or it
broke the form of its answers. A process that says nothing for too long is killed; so is one whose
listener goes away.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import accord

LONGEST_MESSAGE_BYTES = 32 * 1024**2
BLOCK_BYTES = 1 << 16
ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8"}
SOURCE = str(Path(accord.__path__[0]).parent)
START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from importlib import import_module; "
    "sys.exit(import_module(sys.argv.pop(1)).main())"
)
"""Runs `main()` of a module of the very program that starts it, wherever else one is installed."""


class Ending(StrEnum):
    """Why a confined process says nothing more."""

    TIME = "time"
    MEMORY = "memory"
    CRASH = "crash"
    RULES = "rules"


class Ended(Exception):
    """The process ended before it had said all."""

    def __init__(self, how: Ending, code: int | None = None) -> None:
        super().__init__(how.value)
        self.how, self.code = how, code


class Child:
    """One confined process; close it, or use it as a context."""

    def __init__(
        self,
        module: str,
        asked: Mapping[str, Any],
        *,
        arguments: Sequence[str] = (),
        pass_fds: Sequence[int] = (),
        silence_s: float,
        most_s: float | None = None,
    ) -> None:
        self._silence_s = silence_s
        self._until = None if most_s is None else time.monotonic() + most_s
        self._buffer = b""
        self.process = subprocess.Popen(  # noqa: S603 - ourselves, isolated
            [sys.executable, "-I", "-c", START, SOURCE, module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what a crash prints may quote the file
            pass_fds=tuple(pass_fds),
            env=ENVIRONMENT,
            cwd="/",
            start_new_session=True,
        )
        assert self.process.stdin is not None
        try:
            self.process.stdin.write((json.dumps(asked) + "\n").encode())
            self.process.stdin.close()
        except BrokenPipeError:
            return  # it did not start: that is heard as its end

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process and whatever it became, wherever it is at."""
        if self.process.poll() is None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def message(self) -> list[Any]:
        """The next thing it says; raises Ended where there is none, or none in form."""
        line = self._line()
        if not line:
            raise self._ended()
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, list) or not message:
            self.close()
            raise Ended(Ending.RULES)
        return message

    def _line(self) -> bytes:
        """The next line, or nothing at the end; raises Ended when it does not come."""
        assert self.process.stdout is not None
        handle = self.process.stdout.fileno()
        pieces: list[bytes] = []
        size, until = 0, self._patience()
        while True:
            piece, newline, self._buffer = self._buffer.partition(b"\n")
            pieces.append(piece)
            if newline:
                return b"".join(pieces)
            size += len(piece)
            if size > LONGEST_MESSAGE_BYTES:
                self.close()
                raise Ended(Ending.MEMORY)
            if not select.select([handle], [], [], max(0.0, until - time.monotonic()))[0]:
                self.close()
                raise Ended(Ending.TIME)
            self._buffer = os.read(handle, BLOCK_BYTES)
            if not self._buffer:
                return b""

    def _patience(self) -> float:
        until = time.monotonic() + self._silence_s
        return until if self._until is None else min(until, self._until)

    def _ended(self) -> Ended:
        try:
            code = self.process.wait(max(0.0, self._patience() - time.monotonic()))
        except subprocess.TimeoutExpired:  # it closed its mouth and lives on
            self.close()
            return Ended(Ending.TIME)
        return Ended(ending(code), code)


def ending(code: int) -> Ending:
    """What an exit code says of a confined process that did not finish."""
    if -code in (signal.SIGXCPU, signal.SIGKILL):
        return Ending.TIME
    if -code in (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS):
        return Ending.MEMORY
    return Ending.CRASH
