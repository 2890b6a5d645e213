"""Finding and ending server processes by what their command line says.

A server that was started by a supervisor which is gone must be found again. Every PostgreSQL
process of a cluster carries the cluster's marker in its command line, which on Linux any user may
read; process numbers alone say nothing, since they are used again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def mentioning(marker: str) -> set[int]:
    """The live processes, other than this one, whose command line contains the marker."""
    found = _from_proc(marker) if sys.platform.startswith("linux") else _from_ps(marker)
    return found - {os.getpid()}


def _from_proc(marker: str) -> set[int]:
    found = set()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            line = (entry / "cmdline").read_bytes()  # empty for a zombie
        except OSError:
            continue  # it ended, or is none of ours
        words = line.decode(errors="replace").split("\0")
        if marker in line.decode(errors="replace") and _is_server(words[0]):
            found.add(int(entry.name))
    return found


def _from_ps(marker: str) -> set[int]:
    listing = subprocess.run(
        ["/bin/ps", "-A", "-o", "pid=,command="], check=True, capture_output=True, text=True
    )
    lines = (line.strip().split(maxsplit=1) for line in listing.stdout.splitlines())
    return {int(w[0]) for w in lines if len(w) == 2 and marker in w[1] and _is_server(w[1])}


def _is_server(program: str) -> bool:
    return any(name in program for name in ("postgres", "initdb", "pg0"))


def send(pids: set[int], number: signal.Signals) -> None:
    """Signal each process that still lives."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def wait_gone(marker: str, timeout_s: float) -> bool:
    """Whether every process with the marker ended within the time."""
    deadline = time.monotonic() + timeout_s
    while mentioning(marker):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def end_all(marker: str, *, grace_s: float) -> None:
    """End every process with the marker: wait, then interrupt, then kill."""
    if wait_gone(marker, grace_s):
        return
    send(mentioning(marker), signal.SIGQUIT)
    if wait_gone(marker, grace_s):
        return
    send(mentioning(marker), signal.SIGKILL)
    wait_gone(marker, 10)
