"""Write quarantine: the text of a refused row is a part; its place and reason quote no value."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from accord.agreements.scope import Scope
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.labels import Label
from accord.records.actions.contribute import contribute
from accord.records.domain import Assertion, PartDraft, RecordDraft
from accord.records.intake.rows import RowError
from accord.records.models import QuarantineEntry

SCHEMA = "QuarantinedRow"
SOURCE_SYSTEM = "accord-intake"
MAX_TEXT_CHARS = 4_000


def row_label(owner: str, part: str) -> Label:
    """The label of what nobody could read.

    INVARIANT: it may speak of a victim or a child, so it is labelled as a minor's: its text is
    encrypted at rest, and no clause that leaves minors out opens it.
    """
    return Label(
        owner=owner,
        schema=SCHEMA,
        part=part,
        subjects=frozenset({"unknown"}),
        sensitivity="sensitive",
        handling="none",
        basis="statute",
        offence="none",
        minor=True,
        sealed=False,
        intelligence=False,
    )


def quarantine_rows(scope: Scope, run_id: UUID, file_name: str, rows: Sequence[RowError]) -> None:
    """Keep refused rows for their owner to mend."""
    if not rows:
        return
    at = now()
    drafts = [_draft(scope.actor.agency, run_id, file_name, row) for row in rows]
    written = contribute(scope, drafts, collected_at=at)
    QuarantineEntry.objects.bulk_create(
        QuarantineEntry(
            id=ids.uuid7(),
            run_id=run_id,
            owner_id=scope.actor.agency,
            line=row.line,
            field=row.field,
            rule=row.rule,
            reason=row.reason,
            record_id=record_id,
        )
        for row, record_id in zip(rows, written.record_ids, strict=True)
    )


def _draft(owner: str, run_id: UUID, file_name: str, row: RowError) -> RecordDraft:
    core = {"line": (str(row.line),), "rule": (row.rule,)}
    if row.field:
        core["field"] = (row.field[:200],)
    narrative = {"sourceFile": (file_name,), "reason": (row.reason,)}
    if text := _storable(row.raw):
        narrative["text"] = (text,)
    return RecordDraft(
        owner=owner,
        source_system=SOURCE_SYSTEM,
        source_ref=f"{run_id}/{row.row}",
        schema=SCHEMA,
        occurred_at=None,
        grading=None,
        assertion=Assertion.FACT,
        retain_until=None,
        basis_of_suspicion=None,
        parts=(
            PartDraft("core", row_label(owner, "core"), core),
            PartDraft("narrative", row_label(owner, "narrative"), narrative),
        ),
        cases=(),
    )


def _storable(raw: str) -> str:
    """The row's text as JSON and PostgreSQL can hold it."""
    text = raw[:MAX_TEXT_CHARS].replace("\x00", "\ufffd").rstrip("\r\n")
    return text.encode("utf-8", errors="replace").decode("utf-8")
