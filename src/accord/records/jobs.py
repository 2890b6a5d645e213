"""Background work of records: bring in the files that wait, each as the member who sent it.

A job has standing too: every batch runs in a scope of the run's own membership and purpose, and
what that member may no longer contribute is quarantined like any other refused row.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from itertools import islice
from typing import BinaryIO
from uuid import UUID

from django.db import connection

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor
from accord.agreements.context import VOCABULARY_VERSION, WorkingContext, resolve
from accord.agreements.scope import open_scope
from accord.kernel.clock import now
from accord.kernel.errors import AccordError
from accord.kernel.vocabulary import Vocabulary
from accord.records.actions import intake
from accord.records.intake import store
from accord.records.intake.csvfile import CsvFile, open_csv
from accord.records.intake.drafting import Intake
from accord.records.intake.jsonlines import JsonFile, open_jsonl
from accord.records.intake.mapping import Mapped
from accord.records.intake.mappingfile import parse_mapping
from accord.records.intake.rows import read_csv, read_jsonl
from accord.records.models import IntakeRun
from accord.records.nodekeys import keys
from accord.records.ontology import common_ontology

BATCH_ROWS = 500
STALE_AFTER = timedelta(seconds=15)
"""A running run whose progress stood still for so long is taken over."""

log = logging.getLogger("accord.intake")


Leaving = Callable[[], bool]
"""Whether the worker is asked to stop: then a run is left after its batch, for the next worker."""


def _never() -> bool:
    return False


def is_waiting() -> bool:
    """Return whether a file waits for somebody to bring it in."""
    return bool(_waiting())


def _waiting() -> list[tuple[UUID, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("select * from accord.waiting_runs(%s)", [now() - STALE_AFTER])
        return list(cursor.fetchall())


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
    except AccordError as error:
        _fail(run_id, actor, context, str(error))
    except Exception as error:  # a fault of the program: named without its data, and not repeated
        log.error("intake run %s: %s", run_id, type(error).__name__)
        _fail(run_id, actor, context, "The program failed; the administrator has the reason.")
        raise
    return True


def _fail(run_id: UUID, actor: Actor, context: WorkingContext, why: str) -> None:
    with open_scope(actor, context) as scope:
        intake.fail(scope, run_id, why)
    log.warning("intake run %s failed", run_id)


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
        row = self._begin()
        if row is None:
            return False
        with closing(self._open(row)) as source:
            file = self._file(row, source)
            rows = self._rows(row, file)
            at = row.next_row
            while True:
                batch = list(islice(rows, BATCH_ROWS))
                last = len(batch) < BATCH_ROWS
                if not self._batch(at, batch, file.bytes_read, last):
                    return False
                self._told()
                if last:
                    break
                if self._until():
                    return True
                at = batch[-1].row
        intake.stored_path(row.stored_as).unlink(missing_ok=True)
        log.info("intake run %s is done", self._id)
        return True

    def _begin(self) -> IntakeRun | None:
        with open_scope(self._actor, self._context) as scope:
            found = intake.claim(scope, self._id)
            if found is None:
                return None
            intake.start(found)
            scope.did("collection", step="began to import", run=str(self._id))
            return found.row

    def _batch(self, at: int, batch: list[intake.Row], done_bytes: int, last: bool) -> bool:
        with open_scope(self._actor, self._context) as scope:
            held = intake.claim(scope, self._id)
            if held is None or held.next_row != at:
                scope.did("consultation", step="left an import to another", run=str(self._id))
                return False
            intake.take_batch(scope, held, batch, done_bytes=done_bytes, last=last)
            return True

    def _open(self, row: IntakeRun) -> BinaryIO:
        return store.open_stored(
            intake.stored_path(row.stored_as),
            run=row.id,
            owner=row.owner_id,
            size_bytes=row.total_bytes,
            keys=keys(),
        )

    def _file(self, row: IntakeRun, source: BinaryIO) -> CsvFile | JsonFile:
        if row.format == "jsonl":
            return open_jsonl(source, file=row.file_name)
        mapped = self._mapped(row)
        return open_csv(
            source, file=row.file_name, encoding=mapped.encoding, delimiter=mapped.delimiter
        )

    def _rows(self, row: IntakeRun, file: CsvFile | JsonFile) -> Iterator[intake.Row]:
        taking = Intake(
            owner=row.owner_id,
            ontology=common_ontology(),
            vocabulary=Vocabulary.load(VOCABULARY_VERSION),
            collected=row.created_at.date(),
            region=self._actor.country,
        )
        if isinstance(file, JsonFile):
            return read_jsonl(file, taking, start_after=row.next_row)
        return read_csv(file, self._mapped(row), taking, start_after=row.next_row)

    def _mapped(self, row: IntakeRun) -> Mapped:
        return parse_mapping(
            row.mapping or "",
            file="mapping",
            ontology=common_ontology(),
            vocabulary=Vocabulary.load(VOCABULARY_VERSION),
        )
