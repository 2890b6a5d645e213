"""Intake over the API: one record, or a file that a worker brings in."""

from __future__ import annotations

from datetime import datetime
from typing import Any, BinaryIO, cast
from uuid import UUID

from ninja import Field, File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from accord.agreements.context import VOCABULARY_VERSION
from accord.agreements.entry import api_context, api_desk
from accord.agreements.tokenscope import needs
from accord.exchange.actions.push import push_records
from accord.exchange.actions.taking import take_file
from accord.exchange.domain import Stated
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase
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
    said: str = Field(description="The format in words.", examples=["CSV, UTF-8, split by comma"])
    mapping_name: str | None = Field(description="A saved mapping.", examples=["jail-roster"])
    mapping_version: int | None = Field(examples=[2])
    remarks: str | None = Field(description="What was left out, by kind.", examples=[None])
    state: str = Field(
        description="unmapped, queued, running, done, failed or cancelled", examples=["done"]
    )
    by: str = Field(examples=["June Whitfield, Riverbend Police Department"])
    percent: int = Field(examples=[100])
    rows: int = Field(description="Rows read so far.", examples=[120])
    loaded: int = Field(examples=[117])
    revised: int = Field(examples=[1])
    unchanged: int = Field(examples=[0])
    quarantined: int = Field(description="Rows set apart to be mended.", examples=[2])
    failure: str | None = Field(examples=[None])
    sender_away: bool = Field(
        description="It stands aside: who sent it does not act for the agency at present.",
        examples=[False],
    )
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
@needs("contribute")
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


class Pushed(Schema):
    """Records of your agency, each in the form of one record."""

    records: list[dict[str, Any]] = Field(
        description="1 to 500; the same fields as one contributed record.",
        examples=[
            [
                {
                    "source_system": "rms",
                    "source_ref": "RP-26-0998",
                    "schema": "Person",
                    "label": {"subjects": ["suspect"], "basis": "statute"},
                    "parts": {"identity": {"name": ["Victor Danilchuk"]}},
                }
            ]
        ],
    )


class RowProblem(Schema):
    """One broken rule."""

    field: str = Field(examples=["parts.identity.birthDate"])
    rule: str = Field(examples=["date"])
    reason: str = Field(examples=["there is no such day"])


class RowAnswer(Schema):
    """What became of one record of a batch."""

    row: int = Field(description="Its place in the batch, from 1.", examples=[1])
    outcome: str = Field(description="loaded, revised, unchanged or refused", examples=["loaded"])
    id: UUID | None = Field(description="The record; null when refused.")
    problems: list[RowProblem] = Field(default_factory=list)


class BatchAnswer(Schema):
    """One answer for each record, in their order."""

    rows: list[RowAnswer]


@router.post("/records/batches", response=BatchAnswer, summary="Push records")
@api_desk("records-administration")
@needs("contribute")
def push(request: Any, payload: Pushed) -> Any:
    """Takes up to 500 records from your records-management system, each known by its source reference.

    A batch may be sent again: the same content is no change, other content is a revision. A record
    that breaks a rule is refused alone, with every rule that it broke; nothing of it is kept.
    """
    done = push_records(request.scope, payload.records)
    return BatchAnswer(
        rows=[
            RowAnswer(
                row=answer.row,
                outcome=answer.outcome,
                id=answer.record_id,
                problems=[
                    RowProblem(field=p.field, rule=p.rule, reason=p.reason) for p in answer.problems
                ],
            )
            for answer in done
        ]
    )


@router.post("/intake-runs", response={202: RunOut}, summary="Send a file")
@api_desk("records-administration")
@needs("contribute")
def send_file(
    request: Any,
    file: File[UploadedFile],
    mapping: Form[str | None] = None,
    mapping_name: Form[str | None] = None,
    format: Form[str | None] = None,
    basis: Form[str | None] = None,
    wait: Form[bool] = False,
) -> Any:
    """Takes CSV, a spreadsheet, JSON lines, NIBRS, CASE/UCO or followthemoney, after checking its form.

    The format is recognised by content unless it is named. A table needs `mapping` (YAML), or the
    `mapping_name` of a saved one, or a saved one that fits its header. CASE/UCO and followthemoney
    need `basis`. With `wait` a table without a mapping waits a day for one. A worker brings the rows
    in.
    """
    stated = Stated(
        format=format or None,
        mapping=mapping or None,
        mapping_name=mapping_name or None,
        basis=basis or None,
    )
    run_id = take_file(
        request.scope,
        file_name=file.name or "",
        source=cast(BinaryIO, file.file),
        stated=stated,
        may_wait=wait,
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
        raise InvalidInput(
            "request", None, "after", phrase("the `next` of the page before this one")
        )
    found = queries.quarantine(request.scope, run_id, after_line=int(after or 0), limit=limit + 1)
    more = str(found[limit - 1].line) if len(found) > limit else None
    return {"items": [_row(row) for row in found[:limit]], "next": more}


@router.post("/intake-runs/{uuid:run_id}/cancel", response=RunOut, summary="Stop a file")
@api_desk("records-administration")
@needs("contribute")
def cancel(request: Any, run_id: UUID) -> Any:
    """Stops before the next batch; what was loaded stays."""
    actions.cancel(request.scope, run_id)
    return _run(queries.run(request.scope, run_id))


@router.post(
    "/quarantine/{uuid:entry_id}/resolve", response={204: None}, summary="Mark a row as mended"
)
@api_desk("records-administration")
@needs("contribute")
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
