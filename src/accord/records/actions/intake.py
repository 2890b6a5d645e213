"""Write intake runs: take a file, bring in one batch of it, cancel it, mark a row as mended.

A file is checked before anything is stored. A batch, its quarantine and the run's progress commit
together, so a run that was killed goes on at exactly the row after its last batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path, PurePath
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from accord.agreements.scope import Scope
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from accord.kernel.phrases import phrase
from accord.records.actions.contribute import Contribution, check_contribute, contribute
from accord.records.actions.quarantine import quarantine_rows, row_label
from accord.records.domain import RecordDraft
from accord.records.faults import Problem
from accord.records.intake import store
from accord.records.intake.rows import AcceptedRow, RowError
from accord.records.models import IntakeRun, QuarantineEntry

LONGEST_NAME = 200
OPEN_STATES = ("unmapped", "queued", "running")
WORKABLE = ("queued", "running")
EDITABLE = (
    "state", "next_row", "done_bytes", "loaded", "revised", "unchanged", "quarantined", "remarks",
)  # fmt: skip


@dataclass(frozen=True)
class Meaning:
    """What the columns of a run mean: the text that its rows are read by, and where it came from."""

    text: str | None = None
    source_system: str = ""
    name: str | None = None
    version: int | None = None


@dataclass(frozen=True)
class Taken:
    """A stored file whose form was looked at."""

    run_id: UUID
    file_name: str
    stored: store.Stored
    format: str
    said: str


def create_run(scope: Scope, taken: Taken, meaning: Meaning | None) -> None:
    """Write a run for a stored file; without a meaning it waits until somebody gives it one.

    Raises NotAllowed where no clause lets the actor contribute.
    """
    check_contribute(scope, row_label(scope.actor.agency, "core"))
    at = now()
    mapped = meaning or Meaning()
    IntakeRun.objects.bulk_create(
        [
            IntakeRun(
                id=taken.run_id,
                owner_id=scope.actor.agency,
                membership_id=scope.actor.membership,
                purpose=scope.context.purpose,
                source_system=mapped.source_system,
                file_name=taken.file_name,
                file_hash=taken.stored.sha256,
                stored_as=stored_name(taken.run_id),
                format=taken.format,
                said=taken.said,
                mapping=mapped.text,
                mapping_name=mapped.name,
                mapping_version=mapped.version,
                state="queued" if meaning else "unmapped",
                total_bytes=taken.stored.size_bytes,
                created_at=at,
                updated_at=at,
            )
        ]
    )
    scope.did(
        "collection",
        step="took a file",
        run=str(taken.run_id),
        sha256=taken.stored.sha256,
        format=taken.format,
    )


def give_meaning(scope: Scope, run_id: UUID, meaning: Meaning) -> None:
    """Let a run that waits for its mapping come in; raises NotFound, Conflict.

    INVARIANT: a run is given its meaning once. What is saved under the mapping's name later does not
    reach a run that has begun.
    """
    changed = IntakeRun.objects.filter(
        id=run_id, owner_id=scope.actor.agency, state="unmapped"
    ).update(
        state="queued",
        mapping=meaning.text,
        mapping_name=meaning.name,
        mapping_version=meaning.version,
        source_system=meaning.source_system,
        updated_at=now(),
    )
    if not changed:
        if IntakeRun.objects.filter(id=run_id, owner_id=scope.actor.agency).exists():
            raise Conflict(phrase("This file has its mapping already."))
        raise NotFound()
    scope.did("alteration", step="mapped a file", run=str(run_id))


def stored_name(run_id: UUID) -> str:
    """What the file of a run is called in the node's intake folder."""
    return f"{run_id}.intake"


def stored_path(stored_as: str) -> Path:
    """Where the file of a run waits, by the name in its row."""
    return store.folder(Path(settings.ACCORD_DATA_DIR)) / stored_as


def check_file_name(given: str) -> str:
    """The name of a file without its folder; raises InvalidInput."""
    name = PurePath(given.replace("\\", "/")).name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInput(
            "file",
            None,
            "name",
            phrase("a printable name of 1 to %(longest_name)s letters", longest_name=LONGEST_NAME),
        )
    return name


@dataclass(frozen=True)
class Claimed:
    """A run that this transaction holds; nobody else brings in its rows until it ends."""

    row: IntakeRun

    @property
    def next_row(self) -> int:
        return int(self.row.next_row)

    @property
    def facts(self) -> RunFacts:
        """What a worker reads the file by."""
        row = self.row
        return RunFacts(
            id=row.id,
            owner=row.owner_id,
            file_name=row.file_name,
            stored_as=row.stored_as,
            total_bytes=row.total_bytes,
            format=row.format,
            mapping=row.mapping,
            next_row=row.next_row,
            taken_on=row.created_at.date(),
        )


@dataclass(frozen=True)
class RunFacts:
    """What a run says of its file, and how far it has come."""

    id: UUID
    owner: str
    file_name: str
    stored_as: str
    total_bytes: int
    format: str
    mapping: str | None
    next_row: int
    taken_on: date


def claim(scope: Scope, run_id: UUID) -> Claimed | None:
    """Hold a run until the transaction ends; None when another holds it or it is over."""
    found = (
        IntakeRun.objects.select_for_update(skip_locked=True)
        .filter(id=run_id, owner_id=scope.actor.agency, state__in=WORKABLE)
        .first()
    )
    return Claimed(found) if found else None


def start(run: Claimed) -> None:
    """Say that somebody works on a held run, from now."""
    _save(run.row, state="running")


Row = AcceptedRow | RowError


def take_batch(
    scope: Scope,
    run: Claimed,
    rows: Sequence[Row],
    *,
    done_bytes: int,
    last: bool,
    remarks: str | None = None,
) -> None:
    """Bring in the next rows of a held run; `last` when the file has no more."""
    accepted = [row for row in rows if isinstance(row, AcceptedRow)]
    refused = [row for row in rows if isinstance(row, RowError)]
    scope.number({part.label for row in accepted for part in row.draft.parts})
    result = _contribute_each(scope, accepted, refused)
    quarantine_rows(scope, run.row.id, run.row.file_name, refused)
    row = run.row
    row.state = "done" if last else "running"
    row.next_row = rows[-1].row if rows else row.next_row
    row.done_bytes = row.total_bytes if last else done_bytes
    row.remarks = remarks or row.remarks
    row.loaded += result.loaded
    row.revised += result.revised
    row.unchanged += result.unchanged
    row.quarantined += len(refused)
    _save(row)
    counts = {"loaded": result.loaded, "revised": result.revised, "unchanged": result.unchanged}
    scope.did(
        "alteration" if result.revised and not result.loaded else "collection",
        run=str(row.id),
        until_row=row.next_row,
        quarantined=len(refused),
        **counts,
    )


def _save(row: IntakeRun, **changes: object) -> None:
    values = {name: getattr(row, name) for name in EDITABLE} | changes
    IntakeRun.objects.filter(id=row.id).update(**values, updated_at=now())


def _contribute_each(
    scope: Scope, accepted: Sequence[AcceptedRow], refused: list[RowError]
) -> Contribution:
    """Contribute rows together; where that is refused, halve until the refused rows stand alone."""
    if not accepted:
        return Contribution(0, 0, 0, ())
    noted = dict(scope.items)
    try:
        with transaction.atomic():
            drafts: list[RecordDraft] = [row.draft for row in accepted]
            return contribute(scope, drafts, collected_at=now())
    except (InvalidInput, NotAllowed) as error:
        scope.items = noted
        if len(accepted) == 1:
            refused.append(_refusal(accepted[0], error))
            return Contribution(0, 0, 0, ())
    half = len(accepted) // 2
    one = _contribute_each(scope, accepted[:half], refused)
    other = _contribute_each(scope, accepted[half:], refused)
    return Contribution(
        one.loaded + other.loaded,
        one.revised + other.revised,
        one.unchanged + other.unchanged,
        one.record_ids + other.record_ids,
    )


def _refusal(row: AcceptedRow, error: InvalidInput | NotAllowed) -> RowError:
    if isinstance(error, InvalidInput):
        problem = Problem(error.field, "record", error.rule)
    else:
        problem = Problem("", "not-allowed", error.reason)
    return RowError(row.row, row.line, (problem,), row.raw)


def fail(scope: Scope, run_id: UUID, why: str) -> None:
    """End a run that cannot go on; what was loaded stays, the file goes: nobody would read it again."""
    found = claim(scope, run_id)
    if found is not None:
        _save(found.row, state="failed", failure=why)
        transaction.on_commit(partial(stored_path(found.row.stored_as).unlink, missing_ok=True))
    scope.did("alteration", step="intake failed", run=str(run_id))


def cancel(scope: Scope, run_id: UUID, states: Sequence[str] = OPEN_STATES) -> None:
    """Stop a run before its next batch; what was loaded stays. Raises NotFound, Conflict."""
    changed = IntakeRun.objects.filter(
        id=run_id, owner_id=scope.actor.agency, state__in=states
    ).update(state="cancelled", updated_at=now())
    if not changed:
        if IntakeRun.objects.filter(id=run_id, owner_id=scope.actor.agency).exists():
            raise Conflict(phrase("This import is over already."))
        raise NotFound()
    transaction.on_commit(partial(stored_path(stored_name(run_id)).unlink, missing_ok=True))
    scope.did("alteration", step="cancelled an import", run=str(run_id))


def end_unmapped(before: datetime) -> list[UUID]:
    """End the files that nobody has mapped since before then, of members not in force; which ones.

    None is younger than a day, whatever moment is given: the database sees to it.
    Nobody has standing for it, so it is done outside a scope, by the database's own function.
    """
    why = phrase(
        "Nobody said what its columns mean, and who sent it no longer acts for the agency."
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select * from accord.end_unmapped_runs(%s, %s)", [before, str(why)])
        ended = [row[0] for row in cursor.fetchall()]
        # Before the commit: whoever is cut off in between ends the run again, and finds no file.
        for run_id in ended:
            stored_path(stored_name(run_id)).unlink(missing_ok=True)
    return ended


def resolve_row(scope: Scope, entry_id: UUID) -> None:
    """Mark a quarantined row as mended, once its record came in. Raises NotFound, Conflict."""
    entry = QuarantineEntry.objects.filter(id=entry_id).first()
    if entry is None:
        raise NotFound()
    if entry.resolved_at is not None:
        raise Conflict(phrase("This row was marked as mended already."))
    QuarantineEntry.objects.filter(id=entry_id).update(resolved_at=now())
    scope.did("alteration", step="mended a quarantined row", entry=str(entry_id))
