"""Mappings over the API: saved ones, and the mapping of a file that waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Router, Schema, Status

from accord.agreements.entry import api_desk
from accord.agreements.tokenscope import needs
from accord.exchange import queries
from accord.exchange.actions.mapping_runs import import_mapped
from accord.exchange.actions.mappings import save_mapping
from accord.exchange.mapping.guess import guess
from accord.exchange.preview import PreviewRow, look_at, preview
from accord.exchange.queries import MappingView
from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of
from accord.records.ontology import common_ontology

router = Router(tags=["intake"])

_YAML = """\
schema: Person
source_system: jail
source_ref: [booking_no]
label: {subjects: [suspect], basis: statute}
columns: {booking_no: bookingNumber, name: name}
"""


class MappingOut(Schema):
    """One version of a saved mapping."""

    name: str = Field(examples=["jail-roster"])
    version: int = Field(examples=[2])
    text: str = Field(description="YAML.", examples=[_YAML])
    columns: list[str] = Field(
        description="The header that it fits.", examples=[["booking_no", "name"]]
    )
    by: str = Field(examples=["June Whitfield, Riverbend Police Department"])
    created_at: datetime


class MappingIn(Schema):
    """A mapping to be kept."""

    name: str = Field(examples=["jail-roster"])
    text: str = Field(description="YAML.", examples=[_YAML])
    based_on: int | None = Field(
        None, description="The version you edited; 0 for none. Another one in between is a 409."
    )


class ColumnOut(Schema):
    """One column of a file that waits."""

    name: str = Field(examples=["dob"])
    kind: str = Field(description="What it looks like.", examples=["date"])
    to: str | None = Field(description="The property that is guessed.", examples=["birthDate"])
    date: str | None = Field(description="How its dates are written.", examples=["%m/%d/%Y"])
    sample: list[str] = Field(examples=[["01/22/1980"]])


class Columns(Schema):
    """What a file that waits looks like."""

    said: str = Field(examples=["CSV, UTF-8, split by comma"])
    schema_name: str = Field(description="The schema that is guessed.", examples=["Person"])
    columns: list[ColumnOut]
    fitting: str | None = Field(description="A saved mapping with this header.", examples=[None])


class Try(Schema):
    """A mapping to be tried on a file that waits."""

    mapping: str = Field(description="YAML.", examples=[_YAML])


class Use(Try):
    """A mapping under which a file comes in."""

    name: str | None = Field(
        None, description="Kept under this name too.", examples=["jail-roster"]
    )
    based_on: int | None = None


class TriedPart(Schema):
    """A part that a row would become."""

    part: str = Field(examples=["identity"])
    subjects: list[str] = Field(examples=[["suspect"]])
    sealed: bool = Field(examples=[False])
    minor: bool = Field(examples=[False])
    values: dict[str, str] = Field(examples=[{"Name": "Victor Danilchuk"}])


class TriedRow(Schema):
    """One of the first rows under the mapping."""

    line: int = Field(examples=[2])
    reference: str = Field(examples=["B26-1101"])
    comes_in: bool = Field(examples=[True])
    parts: list[TriedPart]
    problems: list[dict[str, str]] = Field(description="field, rule, reason", examples=[[]])


class Tried(Schema):
    """What the first 20 rows of a file would become."""

    rows: list[TriedRow]


@router.get("/intake-mappings", response=Page[MappingOut], summary="Saved mappings")
@api_desk("records-administration")
def list_mappings(request: Any, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """The newest version of each mapping of your agency, by name."""
    rows = queries.mappings(request.scope)
    shown, following = page_of(rows, after, limit, lambda m: m.name)
    return {"items": [_out(m) for m in shown], "next": following}


@router.post("/intake-mappings", response={201: MappingOut}, summary="Save a mapping")
@api_desk("records-administration")
@needs("contribute")
def save(request: Any, payload: MappingIn) -> Any:
    """Keeps a mapping under a name, as its next version; the same text makes none."""
    kept = save_mapping(
        request.scope, name=payload.name, text=payload.text, based_on=payload.based_on
    )
    return Status(201, _out(kept))


@router.get("/intake-mappings/{name}", response=MappingOut, summary="One mapping")
@api_desk("records-administration")
def one_mapping(request: Any, name: str, version: int | None = None) -> Any:
    """Its newest version, or the one you ask for."""
    if version is not None and not 0 < version < 1_000_000:
        raise InvalidInput("request", None, "version", phrase("is a number from 1"))
    return _out(queries.mapping(request.scope, name, version))


@router.get("/intake-runs/{uuid:run_id}/columns", response=Columns, summary="Columns of a file")
@api_desk("records-administration")
def columns(request: Any, run_id: UUID) -> Any:
    """The columns of a file that you sent and that waits for its mapping, with guesses."""
    head = look_at(request.scope, run_id)
    found = guess(head.columns, head.sample, common_ontology())
    fitting = queries.fitting(request.scope, head.columns)
    made = [
        ColumnOut(
            name=name,
            kind=found.columns[name].kind,
            to=found.columns[name].to,
            date=found.columns[name].date,
            sample=[row[at] for row in head.sample if at < len(row)][:3],
        )
        for at, name in enumerate(head.columns)
    ]
    name = fitting.name if fitting else None
    return {"said": head.said, "schema_name": found.schema, "columns": made, "fitting": name}


@router.post("/intake-runs/{uuid:run_id}/previews", response=Tried, summary="Try a mapping")
@api_desk("records-administration")
@needs("view")
def try_mapping(request: Any, run_id: UUID, payload: Try) -> Any:
    """What the first 20 rows of a file that waits would become; nothing is written."""
    return {"rows": [_row(row) for row in preview(request.scope, run_id, payload.mapping)]}


@router.post("/intake-runs/{uuid:run_id}/mapping", response={204: None}, summary="Map a file")
@api_desk("records-administration")
@needs("contribute")
def use_mapping(request: Any, run_id: UUID, payload: Use) -> Any:
    """Lets a file that waits come in under a mapping; a worker brings its rows in."""
    import_mapped(
        request.scope, run_id, text=payload.mapping, name=payload.name, based_on=payload.based_on
    )
    return Status(204, None)


def _out(found: MappingView) -> MappingOut:
    return MappingOut(
        name=found.name,
        version=found.version,
        text=found.text,
        columns=list(found.columns),
        by=found.by,
        created_at=found.created_at,
    )


def _row(row: PreviewRow) -> TriedRow:
    return TriedRow(
        line=row.line,
        reference=row.reference,
        comes_in=row.comes_in,
        parts=[
            TriedPart(
                part=p.kind,
                subjects=list(p.subjects),
                sealed=p.sealed,
                minor=p.minor,
                values=dict(p.values),
            )
            for p in row.parts
        ],
        problems=[{"field": f, "rule": r, "reason": s} for f, r, s in row.problems],
    )
