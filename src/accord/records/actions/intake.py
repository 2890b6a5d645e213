"""Write intake runs: take a file, bring in one batch of it, cancel it, mark a row as mended.

A file is checked before anything is stored. A batch, its quarantine and the run's progress commit
together, so a run that was killed goes on at exactly the row after its last batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accord.agreements.context import VOCABULARY_VERSION
from accord.agreements.scope import Scope
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from accord.kernel.vocabulary import Vocabulary
from accord.records.actions.contribute import Contribution, check_contribute, contribute
from accord.records.actions.quarantine import quarantine_rows, row_label
from accord.records.domain import RecordDraft
from accord.records.faults import Problem
from accord.records.intake import store
from accord.records.intake.csvfile import open_csv
from accord.records.intake.jsonlines import open_jsonl
from accord.records.intake.mappingfile import parse_mapping
from accord.records.intake.rows import AcceptedRow, RowError
from accord.records.models import IntakeRun, QuarantineEntry
from accord.records.nodekeys import keys
from accord.records.ontology import common_ontology

FORMATS = ("csv", "jsonl")
LONGEST_NAME = 200
OPEN_STATES = ("queued", "running")
EDITABLE = ("state", "next_row", "done_bytes", "loaded", "revised", "unchanged", "quarantined")


def create_run(
    scope: Scope, *, file_name: str, source: BinaryIO, format: str, mapping: str | None = None
) -> UUID:
    """Take a file for import and return the run's id; `source` must be seekable.

    Raises InvalidInput with every fault found in the file's form, its mapping or its header, before
    anything is stored; NotAllowed where no clause lets the actor contribute.
    """
    check_contribute(scope, row_label(scope.actor.agency, "core"))
    name = _file_name(file_name)
    system = _check_file(name, source, format, mapping)
    run_id = ids.uuid7()
    path = stored_path(f"{run_id}.intake")
    owner = scope.actor.agency
    stored = store.store(path, source, run=run_id, owner=owner, keys=keys())
    try:
        _insert(scope, run_id, name, path.name, stored, format, mapping, system)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    scope.did("collection", step="took a file", run=str(run_id), sha256=stored.sha256)
    return run_id


def _insert(
    scope: Scope,
    run_id: UUID,
    name: str,
    stored_as: str,
    stored: store.Stored,
    format: str,
    mapping: str | None,
    system: str,
) -> None:
    at = now()
    IntakeRun.objects.bulk_create(
        [
            IntakeRun(
                id=run_id,
                owner_id=scope.actor.agency,
                membership_id=scope.actor.membership,
                purpose=scope.context.purpose,
                source_system=system,
                file_name=name,
                file_hash=stored.sha256,
                stored_as=stored_as,
                format=format,
                mapping=mapping,
                state="queued",
                total_bytes=stored.size_bytes,
                created_at=at,
                updated_at=at,
            )
        ]
    )


def stored_path(stored_as: str) -> Path:
    """Where the file of a run waits, by the name in its row."""
    return store.folder(Path(settings.ACCORD_DATA_DIR)) / stored_as


def _file_name(given: str) -> str:
    name = PurePath(given.replace("\\", "/")).name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInput("file", None, "name", f"a printable name of 1 to {LONGEST_NAME} letters")
    return name


def _check_file(name: str, source: BinaryIO, format: str, mapping: str | None) -> str:
    """The source system that the file speaks for; raises InvalidInput."""
    if format not in FORMATS:
        raise InvalidInput(name, None, "format", f"is one of {', '.join(FORMATS)}")
    if format == "jsonl":
        if mapping is not None:
            raise InvalidInput(name, None, "mapping", "JSON lines need no mapping")
        open_jsonl(source, file=name)
        return ""
    if not mapping:
        raise InvalidInput(name, None, "mapping", "a CSV file needs a mapping file")
    vocabulary = Vocabulary.load(VOCABULARY_VERSION)
    mapped = parse_mapping(
        mapping, file="mapping", ontology=common_ontology(), vocabulary=vocabulary
    )
    file = open_csv(source, file=name, encoding=mapped.encoding, delimiter=mapped.delimiter)
    mapped.check_header(file.header, name)
    return mapped.source_system


@dataclass(frozen=True)
class Claimed:
    """A run that this transaction holds; nobody else brings in its rows until it ends."""

    row: IntakeRun

    @property
    def next_row(self) -> int:
        return int(self.row.next_row)


def claim(scope: Scope, run_id: UUID) -> Claimed | None:
    """Hold a run until the transaction ends; None when another holds it or it is over."""
    found = (
        IntakeRun.objects.select_for_update(skip_locked=True)
        .filter(id=run_id, owner_id=scope.actor.agency, state__in=OPEN_STATES)
        .first()
    )
    return Claimed(found) if found else None


def start(run: Claimed) -> None:
    """Say that somebody works on a held run, from now."""
    _save(run.row, state="running")


Row = AcceptedRow | RowError


def take_batch(
    scope: Scope, run: Claimed, rows: Sequence[Row], *, done_bytes: int, last: bool
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
        stored_path(found.row.stored_as).unlink(missing_ok=True)
    scope.did("alteration", step="intake failed", run=str(run_id))


def cancel(scope: Scope, run_id: UUID) -> None:
    """Stop a run before its next batch; what was loaded stays. Raises NotFound, Conflict."""
    changed = IntakeRun.objects.filter(
        id=run_id, owner_id=scope.actor.agency, state__in=OPEN_STATES
    ).update(state="cancelled", updated_at=now())
    if not changed:
        if IntakeRun.objects.filter(id=run_id, owner_id=scope.actor.agency).exists():
            raise Conflict("This import is over already.")
        raise NotFound()
    stored_path(f"{run_id}.intake").unlink(missing_ok=True)
    scope.did("alteration", step="cancelled an import", run=str(run_id))


def resolve_row(scope: Scope, entry_id: UUID) -> None:
    """Mark a quarantined row as mended, once its record came in. Raises NotFound, Conflict."""
    entry = QuarantineEntry.objects.filter(id=entry_id).first()
    if entry is None:
        raise NotFound()
    if entry.resolved_at is not None:
        raise Conflict("This row was marked as mended already.")
    QuarantineEntry.objects.filter(id=entry_id).update(resolved_at=now())
    scope.did("alteration", step="mended a quarantined row", entry=str(entry_id))
