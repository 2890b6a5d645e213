"""How records, decisions and duty desks read over the API."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Field, Schema

from accord.agencies.domain import DutyDesk
from accord.agreements.domain import Decision
from accord.records.queries.records import PartView, RecordView
from accord.records.queries.search import RecordSummary

HANDLE = "k5xh3mzq2v7c4n6wj5xh3mzq2v7c4n6wj5xh3mzq2v7c4n6w"
HASH = "b6ac40de2bce1eabfada30635f692761fd601adad515065cb1b5c8adfdd49f28"
PURPOSE = "human-trafficking-investigation"
CLOSED = (
    "It is sealed, and the proof behind your token is older than ten minutes: a new one opens it."
)


class WhyOut(Schema):
    """The clause that allows it, and what it asks in return."""

    action: str = Field(examples=["view"])
    agreement: str | None = Field(examples=["mou-2026-007"])
    agreement_hash: str | None = Field(examples=[HASH])
    clause: str | None = Field(examples=["4.2"])
    obligations: list[str] = Field(examples=[["end-access: P1Y", "no-onward"]])


class PartOut(Schema):
    """One field group of a record, and why it is open to you."""

    id: UUID
    kind: str = Field(examples=["identity"])
    revision: int
    values: dict[str, list[str]] = Field(examples=[{"name": ["Victor Danilchuk"]}])
    label: dict[str, Any] = Field(
        description="The attributes on which sharing turns.",
        examples=[
            {
                "owner": "harlan-so",
                "schema": "Person",
                "part": "identity",
                "subjects": ["suspect"],
                "sensitivity": "official",
                "handling": "none",
                "basis": "statute",
                "offence": "human-trafficking",
                "minor": False,
                "sealed": False,
                "intelligence": False,
            }
        ],
    )
    sealed: bool = Field(
        description="Kept encrypted under its own key (victims and minors). Its values are empty in "
        "lists, and where the proof behind your token is older than ten minutes."
    )
    grading: dict[str, str] | None = Field(
        description="In the source's own scheme.",
        examples=[{"scheme": "3x5x2", "source": "1", "information": "B"}],
    )
    assertion: str = Field(description="fact or assessment (LED art. 7)", examples=["fact"])
    created_at: datetime
    superseded_at: datetime | None
    open_until: datetime | None = Field(description="When the keys that open it end.")
    why: WhyOut


class RecordLine(Schema):
    """A record in a list, as far as you may see it."""

    id: UUID
    schema_name: str = Field(examples=["Person"])
    caption: str = Field(examples=["Victor Danilchuk"])
    pseudonym: bool = Field(description="No part that holds a name is open to you.")
    owner: str = Field(examples=["riverbend-pd"])
    parts: list[str] = Field(description="Open to you.", examples=[["core", "identity"]])
    sensitivity: list[str] = Field(examples=[["official"]])
    handling: list[str] = Field(examples=[["H2"]])
    occurred_at: datetime | None
    updated_at: datetime


class FoundRecord(RecordLine):
    """A record that answers a question, and why."""

    score: float = Field(description="0 to 1: a reason to look, no finding.", examples=[0.96])
    reasons: list[str] = Field(examples=[["spelling differs by 1 letter"]])
    snippet: str | None = Field(examples=[None])
    handle: str | None = Field(
        description="A part you may only ask for matched: ask its owner with this.",
        examples=[None],
    )


class RecordOut(Schema):
    """A record with every part that is open to you; others do not show."""

    id: UUID
    schema_name: str = Field(examples=["Person"])
    caption: str = Field(examples=["Victor Danilchuk"])
    pseudonym: bool
    owner: str = Field(examples=["riverbend-pd"])
    source_system: str = Field(examples=["rms"])
    source_ref: str = Field(examples=["RP-26-0911"])
    revision: int
    occurred_at: datetime | None
    created_at: datetime
    updated_at: datetime
    retain_until: date | None
    legal_hold: bool
    parts: list[PartOut]


class DeskOut(Schema):
    """Who answers for an agency now."""

    name: str = Field(examples=["Harlan duty desk"])
    phone: str = Field(examples=["+1 312 555 0100"])
    hours: str = Field(examples=["24/7"])
    escalation: str = Field(examples=["watch commander"])


class HitOut(Schema):
    """That a record exists and whom to ask; nothing of its content."""

    handle: str = Field(description="Means something to your agency alone.", examples=[HANDLE])
    schema_name: str = Field(examples=["Person"])
    category: str = Field(examples=["Person"])
    handling: str = Field(examples=["none"])
    owner: str = Field(examples=["harlan-so"])
    owner_name: str = Field(examples=["Harlan County Sheriff's Office"])
    desk: DeskOut
    why: WhyOut


def why(decision: Decision) -> WhyOut:
    """A decision that allowed something."""
    return WhyOut(
        action=decision.action,
        agreement=decision.agreement_id,
        agreement_hash=decision.agreement_hash,
        clause=decision.clause_id,
        obligations=[str(o) for o in decision.obligations],
    )


def desk(known: DutyDesk) -> DeskOut:
    """A duty desk."""
    return DeskOut(
        name=known.name, phone=known.phone, hours=known.hours, escalation=known.escalation
    )


def part(view: PartView) -> PartOut:
    """A visible part."""
    return PartOut(
        id=view.part_id,
        kind=view.kind,
        revision=view.revision,
        values={name: list(values) for name, values in view.values.items()},
        label=view.label.facts(),
        sealed=view.sealed,
        grading=dict(view.grading) if view.grading else None,
        assertion=view.assertion,
        created_at=view.created_at,
        superseded_at=view.superseded_at,
        open_until=view.open_until,
        why=why(view.decision),
    )


def line(found: RecordSummary) -> dict[str, Any]:
    """The fields of a line; also those of a found record, but for why it was found."""
    labels = [p.label for p in found.record.parts]
    return {
        "id": found.record_id,
        "schema_name": found.schema,
        "caption": found.caption,
        "pseudonym": found.pseudonym,
        "owner": found.owner,
        "parts": [p.kind for p in found.record.parts],
        "sensitivity": sorted({label.sensitivity for label in labels}),
        "handling": sorted({label.handling for label in labels} - {"none"}),
        "occurred_at": found.record.occurred_at,
        "updated_at": found.record.updated_at,
    }


def whole(record: RecordView, caption: str, *, pseudonym: bool) -> RecordOut:
    """A record with its visible parts."""
    return RecordOut(
        id=record.record_id,
        schema_name=record.schema,
        caption=caption,
        pseudonym=pseudonym,
        owner=record.owner,
        source_system=record.source_system,
        source_ref=record.source_ref,
        revision=record.revision,
        occurred_at=record.occurred_at,
        created_at=record.created_at,
        updated_at=record.updated_at,
        retain_until=record.retain_until,
        legal_hold=record.legal_hold,
        parts=[part(p) for p in record.parts],
    )
