"""The worker process: places ledger entries, has them cosigned and published, discharges duties, asks
subscriptions, has files read, and tells other systems of changes.

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
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from accord.cli.intake_process import NOTHING_DONE
from accord.cli.readiness import beat
from accord.platform import collecting, metrics
from accord.platform.frames import in_one_piece
from accord.platform.logs import catch_what_nobody_caught, facts

IDLE_S = 0.25
LONGEST_PAUSE_S = 10.0
WEBHOOK_PAUSE_S = 1.0
SHOW_EVERY_S = 0.5
SWEEP_EVERY_S = 600.0
STAMP_LOOK_S = 30.0
REREAD_PAUSE_S = 60.0
HASH_PAUSE_S = 1.0

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
    threading.Thread(target=_date_heads, name="timestamps", daemon=True).start()
    threading.Thread(target=_show_ledger, args=(data_dir,), name="ledger", daemon=True).start()
    threading.Thread(target=_read_again, name="rereading", daemon=True).start()
    threading.Thread(target=_hash_uploads, name="hashing", daemon=True).start()
    threading.Thread(target=_read_exhibits, name="reading", daemon=True).start()
    threading.Thread(target=_derive_exhibits, name="deriving", daemon=True).start()
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

    from accord.evidence import jobs as evidence
    from accord.exchange.webhooks import jobs
    from accord.identity import jobs as identity

    pause_s, next_sweep_s = IDLE_S, 0.0
    while not _leaving.is_set():
        try:
            if time.monotonic() >= next_sweep_s:
                next_sweep_s = time.monotonic() + SWEEP_EVERY_S  # also where one of them fails
                identity.sweep()
                jobs.sweep()
                evidence.sweep()
            pause_s = IDLE_S if jobs.work() else WEBHOOK_PAUSE_S
        except Exception as error:  # the edge of the process: the next round begins afresh
            log.error("webhooks failed", extra=facts(kind=type(error).__name__), exc_info=error)
            connections.close_all()
            pause_s = LONGEST_PAUSE_S
        _leaving.wait(pause_s)


def _date_heads() -> None:
    """Have heads of the ledger dated where an authority is set; one that is slow holds up nothing."""
    from django.db import connections

    from accord.ledger.jobs import stamp_newest

    while not _leaving.is_set():
        try:
            stamp_newest()
        except Exception as error:  # the edge of the process: the next round begins afresh
            kind = facts(kind=type(error).__name__)
            log.error("no head was dated", extra=kind, exc_info=error)
            connections.close_all()
        _leaving.wait(STAMP_LOOK_S)


def _show_ledger(data_dir: Path) -> None:
    """Have each new head cosigned, and publish it; the sequencer waits for neither."""
    from django.db import connections

    from accord.ledger.cosigning import Gatherer
    from accord.ledger.publishing import publish
    from accord.ledger.quorum import load_policy

    gatherer: Gatherer | None = None
    while not _leaving.is_set():
        pause_s = SHOW_EVERY_S
        try:
            policy = load_policy(data_dir)
            if gatherer is None or gatherer.policy != policy:
                if gatherer:
                    gatherer.close()
                gatherer = Gatherer(data_dir, policy)
            gatherer.round()
            publish(data_dir)
        except Exception as error:  # the edge of the process: the next round begins afresh
            kind = facts(kind=type(error).__name__)
            log.error("the ledger is not published", extra=kind, exc_info=error)
            connections.close_all()
            pause_s = LONGEST_PAUSE_S
        _leaving.wait(pause_s)


def _read_again() -> None:
    """Read stored files of exhibits again, at a set rate, beside everything else."""
    from django.db import connections

    from accord.evidence.custody.rereading import reread

    while not _leaving.is_set():
        try:
            read = reread(leaving=_leaving.is_set, nap=_leaving.wait)
        except Exception as error:  # the edge of the process: the next round begins afresh
            log.error("rereading failed", extra=facts(kind=type(error).__name__), exc_info=error)
            connections.close_all()
            read = 0
        _leaving.wait(IDLE_S if read else REREAD_PAUSE_S)


def _hash_uploads() -> None:
    """Hash large uploads again after a restart: one file may take longer than the ledger can wait."""
    from accord.evidence.jobs import hash_uploads

    _beside_the_rest(hash_uploads)


def _read_exhibits() -> None:
    """Have files of exhibits read in confined processes, one after the other."""
    from accord.evidence.jobs import read_exhibits

    _beside_the_rest(read_exhibits)


def _derive_exhibits() -> None:
    """Make what members derive from exhibits: whoever waits for it does not wait for readings too."""
    from accord.evidence.jobs import make_derivations

    _beside_the_rest(make_derivations)


def _beside_the_rest(job: Callable[[], int]) -> None:
    """Do one kind of work over and over in a thread of its own; what fails of it is tried again."""
    from django.db import connections

    while not _leaving.is_set():
        try:
            done = job()
        except Exception as error:  # the edge of the process: the next round begins afresh
            what = facts(kind=type(error).__name__, job=job.__name__)
            log.error("work beside the ledger failed", extra=what, exc_info=error)
            connections.close_all()
            done = 0
        _leaving.wait(IDLE_S if done else HASH_PAUSE_S)


def _round(data_dir: Path) -> bool:
    """Do what there is to do; False when something failed and a longer pause is due."""
    from django.db import connections

    from accord.agreements.duties.jobs import discharge_what_is_due
    from accord.exchange.jobs import drop_unmapped, is_waiting
    from accord.ledger.actions import sequence_all
    from accord.records.jobs import ask_subscriptions

    def place() -> None:
        metrics.PLACED.inc(sequence_all())

    def bring_in() -> bool:
        return not is_waiting() or _bring_in(data_dir)

    jobs: tuple[Callable[[], object], ...] = (
        discharge_what_is_due, ask_subscriptions, place, drop_unmapped, bring_in,
    )  # fmt: skip
    went_well = True
    for job in jobs:
        try:
            went_well = job() is not False and went_well
        except Exception as error:  # the edge of the process: no job ends what the others do
            log.error("a job failed", extra=facts(kind=type(error).__name__), exc_info=error)
            connections.close_all()
            went_well = False
    return went_well


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
    in_one_piece(main)()
