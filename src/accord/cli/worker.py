"""The worker process: places ledger entries, discharges duties by time, has waiting files read.

`python -m accord.cli.worker`, started by `accord demo` and `accord serve`. Files are read by a
process of their own (accord.cli.intake_process), held short. A job that fails is
logged by kind and number only; what it was about stays in the database.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType

from accord.cli.intake_process import NOTHING_DONE

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

    from accord.agreements.duties.jobs import discharge_what_is_due
    from accord.ledger.actions import sequence_all
    from accord.records.jobs import is_waiting

    try:
        discharge_what_is_due()
        sequence_all()
        return not is_waiting() or _bring_in()
    except Exception as error:  # the edge of the process: the next round begins afresh
        log.error("a job failed: %s", type(error).__name__)
        connections.close_all()
        return False


def _bring_in() -> bool:
    """Let the intake process work, and place its entries meanwhile; False when it got nowhere."""
    from accord.ledger.actions import sequence_all

    started = [sys.executable, "-m", "accord.cli.intake_process"]
    with subprocess.Popen(started, stdin=subprocess.PIPE) as child:  # noqa: S603 - ourselves
        while child.poll() is None:
            sequence_all()
            if _leaving.wait(IDLE_S):
                child.terminate()
                child.wait()
    sequence_all()
    if child.returncode not in (0, NOTHING_DONE):
        log.error("the intake process ended with %d", child.returncode)
    return child.returncode == 0


if __name__ == "__main__":
    main()
