"""The worker process: gives ledger entries their places and brings in the files that wait.

`python -m accord.cli.worker`, started by `accord demo` and `accord serve`. A job that fails is
logged by kind and number only; what it was about stays in the database.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from pathlib import Path
from types import FrameType

IDLE_S = 0.25
LONGEST_PAUSE_S = 10.0

log = logging.getLogger("accord.worker")
_leaving = threading.Event()


def _leave(_: int, __: FrameType | None) -> None:
    _leaving.set()


def main() -> None:
    """Work until SIGTERM or Ctrl-C; a batch that has begun is finished first."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    from accord.platform.setup import django_setup

    django_setup(Path(os.environ.get("ACCORD_DATA_DIR", ".accord")))
    pause_s = IDLE_S
    while not _leaving.is_set():
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S) if not _round() else IDLE_S
        _leaving.wait(pause_s)


def _round() -> bool:
    """Do what there is to do; False when something failed and a longer pause is due."""
    from django.db import connections

    from accord.ledger.actions import sequence_all
    from accord.records.jobs import run_next

    try:
        sequence_all()
        while not _leaving.is_set() and run_next(_leaving.is_set, sequence_all):
            sequence_all()
    except Exception as error:  # the edge of the process: the next round begins afresh
        log.error("a job failed: %s", type(error).__name__)
        connections.close_all()
        return False
    return True


if __name__ == "__main__":
    main()
