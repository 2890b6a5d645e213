"""The worker process: places ledger entries, discharges duties, asks subscriptions, has files read,
and tells other systems of changes.

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
import time
from pathlib import Path
from types import FrameType

from accord.cli.intake_process import NOTHING_DONE
from accord.cli.readiness import beat
from accord.platform import collecting, metrics
from accord.platform.logs import catch_what_nobody_caught, facts

IDLE_S = 0.25
LONGEST_PAUSE_S = 10.0
WEBHOOK_PAUSE_S = 1.0
SWEEP_EVERY_S = 600.0

log = logging.getLogger("accord.worker")
_leaving = threading.Event()


def _leave(_: int, __: FrameType | None) -> None:
    _leaving.set()


def main() -> None:
    """Work until SIGTERM or Ctrl-C; a batch that has begun is finished first."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    from accord.platform.setup import django_setup

    data_dir = Path(os.environ.get("ACCORD_DATA_DIR", ".accord"))
    django_setup(data_dir)
    catch_what_nobody_caught()
    collecting.settle()
    threading.Thread(target=_tell_others, name="webhooks", daemon=True).start()
    pause_s = IDLE_S
    while not _leaving.is_set():
        _beat(data_dir)
        went_well = _round(data_dir)
        metrics.ROUNDS.labels("well" if went_well else "badly").inc()
        pause_s = IDLE_S if went_well else min(pause_s * 2, LONGEST_PAUSE_S)
        _leaving.wait(pause_s)


def _beat(data_dir: Path) -> None:
    """Say that this process lives; where even that cannot be written, readiness says so."""
    try:
        beat(data_dir)
    except OSError as error:
        log.error("the heartbeat cannot be written", extra=facts(kind=type(error).__name__))


def _tell_others() -> None:
    """Send webhooks beside everything else: a receiver that is slow holds up nothing here.

    What is over is swept meanwhile.
    """
    from django.db import connections

    from accord.exchange.webhooks import jobs
    from accord.identity import jobs as identity

    pause_s, next_sweep_s = IDLE_S, 0.0
    while not _leaving.is_set():
        try:
            if time.monotonic() >= next_sweep_s:
                identity.sweep()
                jobs.sweep()
                next_sweep_s = time.monotonic() + SWEEP_EVERY_S
            pause_s = IDLE_S if jobs.work() else WEBHOOK_PAUSE_S
        except Exception as error:  # the edge of the process: the next round begins afresh
            log.error("webhooks failed", extra=facts(kind=type(error).__name__), exc_info=error)
            connections.close_all()
            pause_s = LONGEST_PAUSE_S
        _leaving.wait(pause_s)


def _round(data_dir: Path) -> bool:
    """Do what there is to do; False when something failed and a longer pause is due."""
    from django.db import connections

    from accord.agreements.duties.jobs import discharge_what_is_due
    from accord.exchange.jobs import drop_unmapped, is_waiting
    from accord.ledger.actions import sequence_all
    from accord.records.jobs import ask_subscriptions

    try:
        discharge_what_is_due()
        ask_subscriptions()
        metrics.PLACED.inc(sequence_all())
        drop_unmapped()
        return not is_waiting() or _bring_in(data_dir)
    except Exception as error:  # the edge of the process: the next round begins afresh
        log.error("a job failed", extra=facts(kind=type(error).__name__), exc_info=error)
        connections.close_all()
        return False


def _bring_in(data_dir: Path) -> bool:
    """Let the intake process work, and place its entries meanwhile; False when it got nowhere."""
    from accord.ledger.actions import sequence_all

    started = [sys.executable, "-m", "accord.cli.intake_process"]
    # It counts nothing: each of these short processes would leave a file of counters behind.
    environment = {k: v for k, v in os.environ.items() if k != "PROMETHEUS_MULTIPROC_DIR"}
    with subprocess.Popen(  # noqa: S603 - ourselves
        started, stdin=subprocess.PIPE, env=environment
    ) as child:
        while child.poll() is None:
            metrics.PLACED.inc(sequence_all())
            _beat(data_dir)
            if _leaving.wait(IDLE_S):
                child.terminate()
                child.wait()
    sequence_all()
    if child.returncode not in (0, NOTHING_DONE):
        log.error("the intake process ended badly", extra=facts(code=child.returncode))
    return child.returncode == 0


if __name__ == "__main__":
    main()
