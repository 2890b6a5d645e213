"""Intake over the API: one record, or a file that a worker brings in."""

from __future__ import annotations

from datetime import datetime
from typing import Any, BinaryIO, cast
from uuid import UUID

from ninja import Field, File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from accord.agreements.context import VOCABULARY_VERSION
from accord.agreements.entry import api_context, api_desk
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput
from accord.kernel.vocabulary import Vocabulary
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of
from accord.records.actions import intake as actions
from accord.records.actions.contribute import contribute
from accord.records.intake.drafting import Intake, Rejected, draft_record
from accord.records.intake.worldline import raw_from_line
from accord.records.ontology import common_ontology
from accord.records.queries import intake as queries
from accord.records.queries.intake import QuarantineView, RunView

router = Router(tags=["intake"])

MOST_RUNS = 1_000


class RecordIn(Schema):
    """One record of your agency, in the form of a line of a world."""

    source_system: str = Field(examples=["rms"])
    source_ref: str = Field(examples=["RP-26-0999"])
    schema_: str = Field(alias="schema", examples=["Person"])
    occurred_at: str | None = Field(None, examples=["2026-11-02T21:40:00-06:00"])
    label: dict[str, Any] = Field(examples=[{"subjects": ["suspect"], "basis": "statute"}])
    part_labels: dict[str, dict[str, Any]] = Field(
        default_factory=dict, examples=[{"narrative": {"sensitivity": "sensitive"}}]
    )
    parts: dict[str, dict[str, list[str]]] = Field(
        examples=[{"core": {"status": ["open"]}, "identity": {"name": ["Victor Danilchuk"]}}]
    )
    grading: dict[str, str] | None = Field(
        None, examples=[{"scheme": "3x5x2", "source": "1", "information": "B"}]
    )
    assertion: str | None = Field(None, description="fact or assessment", examples=["fact"])
    retain_until: str | None = Field(None, examples=["2031-10-31"])
    basis_of_suspicion: str | None = Field(
        None, description="Required of criminal intelligence (28 CFR 23.20).", examples=[None]
    )


class Contributed(Schema):
    """What became of one record."""

    id: UUID
    outcome: str = Field(description="loaded, revised or unchanged", examples=["loaded"])


class RunOut(Schema):
    """A file on its way in, or arrived."""

    id: UUID
    file_name: str = Field(examples=["tow-log.csv"])
    format: str = Field(examples=["csv"])
    state: str = Field(description="queued, running, done, failed or cancelled", examples=["done"])
    by: str = Field(examples=["June Whitfield, Riverbend Police Department"])
    percent: int = Field(examples=[100])
    rows: int = Field(description="Rows read so far.", examples=[120])
    loaded: int = Field(examples=[117])
    revised: int = Field(examples=[1])
    unchanged: int = Field(examples=[0])
    quarantined: int = Field(description="Rows set apart to be mended.", examples=[2])
    failure: str | None = Field(examples=[None])
    created_at: datetime
    updated_at: datetime


class RefusedRow(Schema):
    """A row that broke a rule; its text is the narrative part of the record."""

    id: UUID
    line: int = Field(examples=[3])
    field: str = Field(examples=["issued"])
    rule: str = Field(examples=["date-format"])
    reason: str = Field(examples=["issued: the date is not written as %Y-%m-%d"])
    record: UUID
    resolved_at: datetime | None


@router.post(
    "/records", response={200: Contributed, 201: Contributed}, summary="Contribute a record"
)
@api_context
def contribute_record(request: Any, payload: RecordIn) -> Any:
    """Adds a record of your agency, or the next revision of it; the same content is no change."""
    scope = request.scope
    at = now()
    intake = Intake(
        owner=scope.actor.agency,
        ontology=common_ontology(),
        vocabulary=Vocabulary.load(VOCABULARY_VERSION),
        collected=at.date(),
        region=scope.actor.country,
    )
    line = {"agency": scope.actor.agency, **payload.model_dump(by_alias=True)}
    try:
        draft = draft_record(raw_from_line(line, intake), intake)
    except Rejected as rejected:
        first, *others = [
            InvalidInput("record", None, problem.field, problem.reason)
            for problem in rejected.problems
        ]
        raise InvalidInput("record", None, first.field, first.rule, others=others) from None
    done = contribute(scope, [draft], collected_at=at)
    outcome = "loaded" if done.loaded else "revised" if done.revised else "unchanged"
    status = 201 if done.loaded else 200
    return Status(status, Contributed(id=done.record_ids[0], outcome=outcome))


@router.post("/intake-runs", response={202: RunOut}, summary="Send a file")
@api_desk("records-administration")
def send_file(
    request: Any,
    file: File[UploadedFile],
    mapping: Form[str | None] = None,
    format: Form[str | None] = None,
) -> Any:
    """Takes CSV with a mapping (YAML), or JSON lines, after checking its form; a worker brings it in."""
    name = file.name or ""
    told = format or ("jsonl" if name.lower().endswith((".jsonl", ".ndjson")) else "csv")
    run_id = actions.create_run(
        request.scope,
        file_name=name,
        source=cast(BinaryIO, file.file),
        format=told,
        mapping=mapping or None,
    )
    return Status(202, _run(queries.run(request.scope, run_id)))


@router.get("/intake-runs", response=Page[RunOut], summary="The latest files")
@api_desk("records-administration")
def list_runs(request: Any, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """Your agency's files, newest first."""
    rows = queries.runs(request.scope, limit=MOST_RUNS)
    shown, following = page_of(rows, after, limit, lambda r: str(r.id))
    return {"items": [_run(r) for r in shown], "next": following}


@router.get("/intake-runs/{uuid:run_id}", response=RunOut, summary="One file")
@api_desk("records-administration")
def one_run(request: Any, run_id: UUID) -> Any:
    """How far a file has come."""
    return _run(queries.run(request.scope, run_id))


@router.get(
    "/intake-runs/{uuid:run_id}/quarantine",
    response=Page[RefusedRow],
    summary="Rows set apart",
)
@api_desk("records-administration")
def quarantine(
    request: Any, run_id: UUID, after: After = None, limit: Limit = DEFAULT_LIMIT
) -> Any:
    """The rows that broke a rule, by line."""
    if after is not None and not after.isdigit():
        raise InvalidInput("request", None, "after", "the `next` of the page before this one")
    found = queries.quarantine(request.scope, run_id, after_line=int(after or 0), limit=limit + 1)
    more = str(found[limit - 1].line) if len(found) > limit else None
    return {"items": [_row(row) for row in found[:limit]], "next": more}


@router.post("/intake-runs/{uuid:run_id}/cancel", response=RunOut, summary="Stop a file")
@api_desk("records-administration")
def cancel(request: Any, run_id: UUID) -> Any:
    """Stops before the next batch; what was loaded stays."""
    actions.cancel(request.scope, run_id)
    return _run(queries.run(request.scope, run_id))


@router.post(
    "/quarantine/{uuid:entry_id}/resolve", response={204: None}, summary="Mark a row as mended"
)
@api_desk("records-administration")
def resolve(request: Any, entry_id: UUID) -> Any:
    """Says that the record of a refused row came in another way."""
    actions.resolve_row(request.scope, entry_id)
    return Status(204, None)


def _run(view: RunView) -> RunOut:
    return RunOut(**{name: getattr(view, name) for name in RunOut.model_fields})


def _row(view: QuarantineView) -> RefusedRow:
    return RefusedRow(
        id=view.id,
        line=view.line,
        field=view.field,
        rule=view.rule,
        reason=view.reason,
        record=view.record_id,
        resolved_at=view.resolved_at,
    )
