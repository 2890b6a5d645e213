"""Brings in the files that wait, in a process of its own that is held short.

`python -m accord.cli.intake_process`, started by the worker while a file waits. Each file is read by a
confined process of its own (accord.exchange.sandbox); here its drafts are written, a batch in at most
five minutes. What goes wrong takes this process with it, not the worker. It ends when nothing waits, on
SIGTERM after its batch, and when the worker that holds the other end of its standard input is gone.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from accord.platform.frames import in_one_piece

MEMORY_BYTES = 2 * 1024**3
OPEN_FILES = 128
NOTHING_DONE = 3

_leaving = threading.Event()


def limit() -> None:
    """Hold this process short: memory, open files, no picture of its memory left behind."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def _leave(_: int, __: FrameType | None) -> None:
    _leaving.set()


def _watch_parent() -> None:
    while os.read(sys.stdin.fileno(), 64):  # empty when the worker closes its end or dies
        pass
    _leaving.set()


def main() -> int:
    """Bring in what waits; returns 0, or 3 when no waiting file could be worked on."""
    limit()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    threading.Thread(target=_watch_parent, daemon=True).start()
    from accord.platform.setup import django_setup

    django_setup(Path(os.environ.get("ACCORD_DATA_DIR", ".accord")))
    from accord.exchange.jobs import run_next

    done = False
    while not _leaving.is_set() and run_next(_leaving.is_set):
        done = True
    return 0 if done else NOTHING_DONE


if __name__ == "__main__":
    sys.exit(in_one_piece(main)())
