"""Recalls over the API: withdraw what was given; answer, hold, escalate and close a notice."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Query, Router, Schema

from accord.agreements.entry import api_context
from accord.agreements.tokenscope import needs
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of
from accord.records.actions import recalling as actions
from accord.records.queries import recalls as queries
from accord.records.queries.recalls import Recall
from accord.records.recalls import RecallState

router = Router(tags=["recalls"])

DIGEST = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"


class ListedCopy(Schema):
    """A copy that left the node before the recall."""

    id: UUID
    taken_at: datetime
    taken_by: str = Field(examples=["riverbend-pd.d.okafor"])
    format: str = Field(examples=["html"])
    parts: list[str] = Field(examples=[["core"]])
    sha256: str = Field(examples=[DIGEST])


class SaidOut(Schema):
    """What was done about a notice."""

    act: str = Field(examples=["answer"])
    by: str = Field(examples=["riverbend-pd.d.okafor"])
    at: datetime
    outcome: str | None = Field(examples=["destroyed"])
    signed: bool = Field(description="By the agency's key; else the ledger entry stands for it.")
    ledger_entry: UUID


class RecallOut(Schema):
    """One notice to one recipient, for both sides."""

    id: UUID
    owner: str = Field(examples=["harlan-so"])
    recipient: str = Field(examples=["riverbend-pd"])
    record: UUID
    schema_name: str = Field(examples=["Person"])
    parts: list[str] = Field(examples=[["core", "identity"]])
    what: str = Field(examples=["grant"])
    because: str = Field(examples=["inaccurate"])
    sent_at: datetime
    due_at: datetime
    signed: bool = Field(description="By the owner's key; else the ledger entry stands for it.")
    ledger_entry: UUID
    copies: list[ListedCopy]
    state: RecallState
    overdue: bool
    said: list[SaidOut]


class RecallAsked(Schema):
    """Why everything that was given of a record is withdrawn."""

    because: Literal[
        "inaccurate",
        "court-order",
        "source-at-risk",
        "consent-withdrawn",
        "given-in-error",
        "no-longer-needed",
    ] = Field(examples=["inaccurate"])


class Recalled(Schema):
    """Which agencies have their notices."""

    told: list[str] = Field(examples=[["riverbend-pd"]])


class RecallReceiptIn(Schema):
    """What became of copies."""

    outcome: Literal["nothing-held", "destroyed", "returned"] = Field(examples=["destroyed"])


class Held(Schema):
    """Which proceeding of the recipient needs the copies; the owner reads it."""

    reason: str = Field(max_length=4_000, examples=["They are exhibits in State v. Doe."])


Side = Annotated[
    Literal["ours", "from-us"],
    Query(description="What your agency recalled, or what is recalled from it.", examples=["ours"]),
]


@router.post("/records/{uuid:record_id}/recall", response=Recalled, summary="Recall a record")
@api_context
@needs("alter")
def recall_record(request: Any, record_id: UUID, payload: RecallAsked) -> Any:
    """Ends everything that was given of an own record, and asks every recipient about copies."""
    return {"told": list(actions.recall_record(request.scope, record_id, payload.because))}


@router.get("/recalls", response=Page[RecallOut], summary="Recalls")
@api_context
def list_recalls(
    request: Any, side: Side = "ours", after: After = None, limit: Limit = DEFAULT_LIMIT
) -> Any:
    """Recalls of your agency or from it, overdue first, for those who follow them up."""
    agency = request.scope.actor.agency
    request.scope.did("consultation", of=f"recalls: {side}")
    rows = queries.recalls(owner=agency) if side == "ours" else queries.recalls(to=agency)
    shown, following = page_of(rows, after, limit, lambda r: str(r.notice.id))
    return {"items": [_out(r) for r in shown], "next": following}


@router.get("/recalls/{uuid:notice_id}", response=RecallOut, summary="One recall")
@api_context
def one_recall(request: Any, notice_id: UUID) -> Any:
    """One notice with what was said about it."""
    request.scope.did("consultation", of=f"recall {notice_id}")
    return _out(queries.recall(notice_id))


@router.post("/recalls/{uuid:notice_id}/receipt", response=RecallOut, summary="Send the receipt")
@api_context
def answer(request: Any, notice_id: UUID, payload: RecallReceiptIn) -> Any:
    """Says, signed where the key is here, what became of copies."""
    actions.answer(request.scope, notice_id, payload.outcome)
    return _out(queries.recall(notice_id))


@router.post("/recalls/{uuid:notice_id}/held", response=RecallOut, summary="State a legal hold")
@api_context
def hold(request: Any, notice_id: UUID, payload: Held) -> Any:
    """Says that a legal hold of the recipient keeps the copies; the recall stays open."""
    actions.hold(request.scope, notice_id, payload.reason)
    return _out(queries.recall(notice_id))


@router.post("/recalls/{uuid:notice_id}/escalation", response=RecallOut, summary="Escalate")
@api_context
def escalate(request: Any, notice_id: UUID) -> Any:
    """Escalates an overdue recall to the recipient's duty desk."""
    actions.escalate(request.scope, notice_id)
    return _out(queries.recall(notice_id))


@router.post("/recalls/{uuid:notice_id}/closing", response=RecallOut, summary="Take note")
@api_context
def note(request: Any, notice_id: UUID) -> Any:
    """Takes note of a receipt as the owner, which closes the recall towards that recipient."""
    actions.note(request.scope, notice_id)
    return _out(queries.recall(notice_id))


def _out(found: Recall) -> dict[str, Any]:
    notice = found.notice
    return {
        "id": notice.id,
        "owner": notice.owner,
        "recipient": notice.to,
        "record": notice.record,
        "schema_name": notice.schema,
        "parts": list(notice.parts),
        "what": notice.what,
        "because": notice.because,
        "sent_at": notice.at,
        "due_at": notice.due,
        "signed": found.signed,
        "ledger_entry": notice.entry,
        "copies": [
            {
                "id": c.id,
                "taken_at": c.at,
                "taken_by": c.by,
                "format": c.form,
                "parts": list(c.parts),
                "sha256": c.sha256,
            }
            for c in notice.copies
        ],
        "state": found.state,
        "overdue": found.overdue,
        "said": [
            {
                "act": s.act,
                "by": s.member,
                "at": s.at,
                "outcome": s.outcome,
                "signed": s.signed,
                "ledger_entry": s.entry,
            }
            for s in found.acts
        ],
    }
