"""What the first rows of a waiting file would become under a mapping; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from accord.agreements.scope import Scope
from accord.exchange.actions.taking import job_for
from accord.exchange.formats.base import SAMPLE_ROWS
from accord.exchange.sandbox.starter import Reader
from accord.exchange.sandbox.wire import Head
from accord.kernel.errors import NotAllowed, NotFound
from accord.kernel.labels import Label
from accord.kernel.phrases import phrase
from accord.records.actions import intake
from accord.records.actions.contribute import check_contribute
from accord.records.domain import PartDraft
from accord.records.intake.rows import AcceptedRow
from accord.records.ontology import common_ontology
from accord.records.queries import intake as runs
from accord.records.queries.intake import RunView


@dataclass(frozen=True)
class PreviewPart:
    """One part that a row would become."""

    kind: str
    subjects: tuple[str, ...]
    sealed: bool
    minor: bool
    values: tuple[tuple[str, str], ...]
    """(label of the property, values)"""


@dataclass(frozen=True)
class PreviewRow:
    """One row: the parts of its record, or why it would be set aside."""

    line: int
    reference: str
    parts: tuple[PreviewPart, ...]
    problems: tuple[tuple[str, str, str], ...]
    """(field, rule, reason)"""

    @property
    def comes_in(self) -> bool:
        return not self.problems


def waiting_file(scope: Scope, run_id: UUID) -> RunView:
    """A file of the actor's own that waits for its mapping; raises NotFound, NotAllowed.

    INVARIANT: nobody labelled yet what is in it, so only who sent it sees its rows.
    """
    found = runs.run(scope, run_id)
    if found.state != "unmapped":
        raise NotFound()
    if not runs.sent_by(scope, run_id):
        raise NotAllowed(
            phrase("Only who sent a file sees its rows before they are labelled."),
            who_can_change=phrase("who sent it, or you by sending the file yourself"),
        )
    return found


def look_at(scope: Scope, run_id: UUID) -> Head:
    """Columns and first rows of a waiting file; raises NotFound, NotAllowed."""
    found = waiting_file(scope, run_id)
    job = job_for(scope, run_id, found.total_bytes, found.file_name, found.format, None)
    with Reader(intake.stored_path(intake.stored_name(run_id)), job) as reader:
        head = reader.head()
    scope.did("consultation", step="looked at a file that waits", run=str(run_id))
    return head


def preview(scope: Scope, run_id: UUID, mapping: str) -> tuple[PreviewRow, ...]:
    """The first rows of a waiting file under a mapping; raises InvalidInput, NotFound, NotAllowed."""
    found = waiting_file(scope, run_id)
    job = job_for(scope, run_id, found.total_bytes, found.file_name, found.format, mapping)
    job = replace(job, rows=True, most_rows=SAMPLE_ROWS)
    with Reader(intake.stored_path(intake.stored_name(run_id)), job) as reader:
        reader.head()
        rows = list(reader.rows())
    scope.did("consultation", step="tried a mapping", run=str(run_id))
    return tuple(_shown(scope, row) if isinstance(row, AcceptedRow) else PreviewRow(
        row.line, "", (), tuple((p.field, p.rule, p.reason) for p in row.problems)
    ) for row in rows)  # fmt: skip


def _shown(scope: Scope, row: AcceptedRow) -> PreviewRow:
    refused = _refusal(scope, [part.label for part in row.draft.parts])
    parts = tuple(_part(row.draft.schema, part) for part in row.draft.parts)
    return PreviewRow(row.line, row.draft.source_ref, parts, refused)


def _refusal(scope: Scope, labels: list[Label]) -> tuple[tuple[str, str, str], ...]:
    """Why no clause lets the actor write this, the first reason only."""
    for label in labels:
        try:
            check_contribute(scope, label)
        except NotAllowed as error:
            return (("", "not-allowed", error.reason),)
    return ()


def _part(schema: str, part: PartDraft) -> PreviewPart:
    named = common_ontology().schema(schema).properties
    return PreviewPart(
        kind=part.part,
        subjects=tuple(sorted(part.label.subjects)),
        sealed=part.sealed,
        minor=part.label.minor,
        values=tuple((named[name].label, ", ".join(v)) for name, v in part.values.items()),
    )
