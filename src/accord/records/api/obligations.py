"""Obligations and copies over the API: list, discharge, take a copy."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpResponse
from ninja import Field, Query, Router, Schema

from accord.agreements.duties import actions, queries
from accord.agreements.duties.queries import DutyFacts, DutyState
from accord.agreements.entry import api_context, freshly_proven_person
from accord.agreements.obligations import DutyKind
from accord.agreements.tokenscope import needs
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of
from accord.records.api.shapes import HASH
from accord.records.duty_screen import asked
from accord.records.queries import exports as copies
from accord.records.queries.exports import CopyLine
from accord.records.views.exports import copy_response

router = Router(tags=["obligations"])

DIGEST = "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"


class ObligationOut(Schema):
    """What one agency owes another for one record, under one clause."""

    id: UUID
    kind: DutyKind
    asks: str = Field(examples=["end access after 1 year"])
    owes: str = Field(examples=["riverbend-pd"])
    owner: str = Field(examples=["harlan-so"])
    record: UUID
    parts: list[str] = Field(examples=[["core", "identity"]])
    agreement: str = Field(examples=["mou-2026-007"])
    agreement_hash: str = Field(examples=[HASH])
    clause: str = Field(examples=["4.2"])
    ledger_entry: UUID = Field(description="The entry of the disclosure.")
    made_at: datetime
    due_at: datetime | None = Field(description="Null where no day is set.")
    state: DutyState
    discharged_at: datetime | None
    how: str | None = Field(examples=["The notice stands in the owner's list"])
    noted: bool = Field(description="Done, and a notice taken note of by the owner.")


class CopyOut(Schema):
    """A copy of a record that left the node."""

    id: UUID
    record: UUID
    owner: str = Field(examples=["harlan-so"])
    holder: str = Field(examples=["riverbend-pd"])
    taken_by: str = Field(examples=["riverbend-pd.d.okafor"])
    taken_at: datetime
    format: str = Field(examples=["html"])
    parts: list[str] = Field(examples=[["core"]])
    handling: str = Field(examples=["Official"])
    sha256: str = Field(description="Of the file, as it was handed over.", examples=[DIGEST])
    ledger_entry: UUID
    destroy_or_return_by: datetime | None


class Discharge(Schema):
    """How an obligation was discharged."""

    how: Literal["told", "destroyed", "returned", "noted"] = Field(examples=["destroyed"])


class CopyAsked(Schema):
    """Which form the copy takes."""

    format: Literal["html", "json"] = Field("json", examples=["json"])


Side = Annotated[
    Literal["ours", "owed"],
    Query(description="What your agency owes, or what is owed to it.", examples=["ours"]),
]


@router.get("/obligations", response=Page[ObligationOut], summary="Obligations")
@api_context
def list_obligations(
    request: Any,
    side: Side = "ours",
    state: Annotated[DutyState | None, Query(description="Only of this state.")] = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Any:
    """Obligations of your own reading (all of the agency's for oversight) or towards your agency."""
    agency = request.scope.actor.agency
    known = queries.duties(owes=agency) if side == "ours" else queries.duties(owner=agency)
    found = [d for d in known if state in (None, d.state)]
    shown, following = page_of(found, after, limit, lambda d: str(d.id))
    return {"items": [_out(d) for d in shown], "next": following}


@router.get("/obligations/{uuid:duty_id}", response=ObligationOut, summary="One obligation")
@api_context
def one_obligation(request: Any, duty_id: UUID) -> Any:
    """One obligation, for whoever owes it and whoever it is owed to."""
    return _out(queries.duty(duty_id))


@router.post("/obligations/{uuid:duty_id}/discharge", response=ObligationOut, summary="Discharge")
@api_context
def discharge(request: Any, duty_id: UUID, payload: Discharge) -> Any:
    """Tells the owner now, attests what became of copies, or takes note of a notice."""
    actions.discharge(request.scope, duty_id, payload.how)
    return _out(queries.duty(duty_id))


@router.get("/exports", response=Page[CopyOut], summary="Copies taken")
@api_context
def list_copies(
    request: Any, side: Side = "ours", after: After = None, limit: Limit = DEFAULT_LIMIT
) -> Any:
    """Copies in your agency's hands that you took, or copies of your agency's records."""
    agency = request.scope.actor.agency
    found = copies.copies(holder=agency) if side == "ours" else copies.copies(owner=agency)
    shown, following = page_of(found, after, limit, lambda c: str(c.id))
    return {"items": [_copy_out(c) for c in shown], "next": following}


@router.post(
    "/records/{uuid:record_id}/export",
    response={200: None},
    summary="Take a copy of a record",
)
@freshly_proven_person
@api_context
@needs("export")
def take_copy(request: Any, record_id: UUID, payload: CopyAsked) -> HttpResponse:
    """What is open to you for `export`, part by part, stamped; as a file, logged as a disclosure."""
    return copy_response(request.scope, record_id, payload.format)


def _out(duty: DutyFacts) -> dict[str, Any]:
    return {
        "id": duty.id,
        "kind": duty.kind,
        "asks": asked(duty),
        "owes": duty.agency,
        "owner": duty.owner,
        "record": duty.record_id,
        "parts": list(duty.parts),
        "agreement": duty.agreement,
        "agreement_hash": duty.agreement_hash,
        "clause": duty.clause,
        "ledger_entry": duty.entry_id,
        "made_at": duty.made_at,
        "due_at": duty.due_at,
        "state": duty.state,
        "discharged_at": duty.discharged_at,
        "how": duty.how,
        "noted": duty.closed,
    }


def _copy_out(copy: CopyLine) -> dict[str, Any]:
    return {
        "id": copy.id,
        "record": copy.record_id,
        "owner": copy.owner,
        "holder": copy.agency,
        "taken_by": copy.by_member,
        "taken_at": copy.at,
        "format": copy.format,
        "parts": list(copy.parts),
        "handling": copy.handling,
        "sha256": copy.digest,
        "ledger_entry": copy.entry_id,
        "destroy_or_return_by": copy.ends_at,
    }
