"""Background work of intake: bring in the files that wait, each as the member who sent it.

A job has standing too: every batch runs in a scope of the run's own membership and purpose, and
what that member may no longer contribute is quarantined like any other refused row. The file itself
is read by a confined process (accord.exchange.sandbox); here arrive drafts.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from types import FrameType
from uuid import UUID

from django.db import OperationalError

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor
from accord.agreements.context import WorkingContext, resolve
from accord.agreements.scope import open_scope
from accord.exchange.actions.taking import job_for
from accord.exchange.sandbox.starter import Reader
from accord.exchange.sandbox.wire import Row
from accord.kernel.clock import now
from accord.kernel.errors import AccordError
from accord.kernel.phrases import phrase
from accord.platform import collecting
from accord.platform.logs import facts as logged
from accord.records.actions import intake
from accord.records.actions.contribute import WrittenMeanwhile
from accord.records.actions.intake import RunFacts
from accord.records.queries import intake as runs

BATCH_ROWS = 500
STALE_AFTER = timedelta(seconds=15)
"""A running run whose progress stood still for so long is taken over."""

UNMAPPED_FOR = timedelta(days=1)
"""A file that nobody mapped for so long is removed: nothing labels what is in it."""
BATCH_LIMIT_S = 300
"""A batch that takes longer ends its run; a batch of usual rows takes less than a second."""

log = logging.getLogger("accord.intake")


Leaving = Callable[[], bool]
"""Whether the worker is asked to stop: then a run is left after its batch, for the next worker."""


def _never() -> bool:
    return False


def is_waiting() -> bool:
    """Return whether a file waits for somebody to bring it in."""
    return bool(_waiting())


def _waiting() -> list[tuple[UUID, str, str]]:
    return runs.waiting(now() - STALE_AFTER)


def drop_unmapped() -> None:
    """Cancel, as who sent them, the files that nobody has mapped in time.

    Of whoever is not in force any more they are ended without an entry: nobody could write it.
    """
    for run_id, member, purpose in runs.unmapped(now() - UNMAPPED_FOR):
        actor = agencies.actor_or_none(member)
        if actor is None:  # not in force since a moment ago: the next round ends it
            continue
        try:
            with open_scope(actor, resolve(actor, purpose, "statute", None)) as scope:
                intake.cancel(scope, run_id, ("unmapped",))
        except AccordError as error:
            log.warning(
                "a file that nobody mapped could not be removed",
                extra=logged(run=run_id, kind=type(error).__name__),
            )
    for run_id in intake.end_unmapped(now() - UNMAPPED_FOR):
        log.warning("a file of a member not in force was removed", extra=logged(run=run_id))


def run_next(until: Leaving = _never) -> bool:
    """Bring in one waiting file, or what is left of it; returns whether there was one."""
    return any(work_on(run_id, member, purpose, until) for run_id, member, purpose in _waiting())


def work_on(
    run_id: UUID,
    membership: str,
    purpose: str,
    until: Leaving = _never,
    told: Callable[[], object] = _never,
) -> bool:
    """Bring in a run to its end; False when its member is gone or another worker has it.

    `told` is called after each batch, for a progress bar.
    """
    actor = agencies.actor_or_none(membership)
    if actor is None:
        return False
    context = resolve(actor, purpose, "statute", None)
    try:
        return _Work(run_id, actor, context, until, told).run()
    except WrittenMeanwhile as error:  # the batch was undone; the run goes on at that row
        log.warning("intake run waits", extra=logged(run=run_id, kind=type(error).__name__))
        return False
    except AccordError as error:
        _fail(run_id, actor, context, str(error))
    except OperationalError as error:
        # The disk is full, the server went away: the batch was undone, and the run goes on at that
        # row once the cause is gone (`STALE_AFTER`). The file is not at fault.
        log.error("intake run is interrupted", extra=logged(run=run_id, kind=_cause(error)))
        raise
    except Exception as error:  # a fault of the program: named without its data, and not repeated
        log.error("intake run failed", extra=logged(run=run_id, kind=type(error).__name__))
        _fail(run_id, actor, context, "The program failed; the administrator has the reason.")
        raise
    return True


def _cause(error: Exception) -> str:
    return type(error.__cause__ or error).__name__


def _fail(run_id: UUID, actor: Actor, context: WorkingContext, why: str) -> None:
    with open_scope(actor, context) as scope:
        intake.fail(scope, run_id, why)
    log.warning("intake run ended with a refusal", extra=logged(run=run_id))


class _Work:
    """One run in the hands of one worker."""

    def __init__(
        self,
        run_id: UUID,
        actor: Actor,
        context: WorkingContext,
        until: Leaving,
        told: Callable[[], object],
    ) -> None:
        self._id, self._actor, self._context = run_id, actor, context
        self._until, self._told = until, told

    def run(self) -> bool:
        """Batch by batch to the end; False when another worker has the run."""
        begun = self._begin()
        if begun is None:
            return False
        facts, reader = begun
        with reader, collecting.seldom():
            reader.head()
            rows, at = reader.rows(), facts.next_row
            while True:
                batch = list(islice(rows, BATCH_ROWS))
                last = len(batch) < BATCH_ROWS
                with _in_time():
                    done = self._batch(at, batch, reader, last)
                if not done:
                    return False
                self._told()
                if last:
                    break
                if self._until():
                    return True
                at = batch[-1].row
        intake.stored_path(facts.stored_as).unlink(missing_ok=True)
        log.info("intake run is done", extra=logged(run=self._id))
        return True

    def _begin(self) -> tuple[RunFacts, Reader] | None:
        with open_scope(self._actor, self._context) as scope:
            found = intake.claim(scope, self._id)
            if found is None:
                return None
            intake.start(found)
            scope.did("collection", step="began to import", run=str(self._id))
            facts = found.facts
        asked = job_for(
            scope, facts.id, facts.total_bytes, facts.file_name, facts.format, facts.mapping
        )
        asked = replace(
            asked,
            collected=facts.taken_on.isoformat(),
            rows=True,
            start_after=facts.next_row,
        )
        return facts, Reader(intake.stored_path(facts.stored_as), asked)

    def _batch(self, at: int, batch: list[Row], reader: Reader, last: bool) -> bool:
        with open_scope(self._actor, self._context) as scope:
            held = intake.claim(scope, self._id)
            if held is None or held.next_row != at:
                scope.did("consultation", step="left an import to another", run=str(self._id))
                return False
            remarks = _remarks(reader.left) if last else None
            intake.take_batch(
                scope, held, batch, done_bytes=reader.at, last=last, remarks=remarks
            )  # fmt: skip
            return True


def _remarks(left: dict[str, int]) -> str | None:
    """What a file had that has no place here, in words."""
    if not left:
        return None
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(left.items()))
    return phrase("Left out, since it has no place here: %(kinds)s.", kinds=kinds)


class TooSlow(AccordError):
    """A batch was not done in time."""


@contextmanager
def _in_time() -> Iterator[None]:
    """Break off what takes longer than a batch may; only the main thread of a process can."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_: int, __: FrameType | None) -> None:
        raise TooSlow(f"A batch of this file took longer than {BATCH_LIMIT_S} seconds.")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, BATCH_LIMIT_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
