"""Disclosure requests over the API: ask the owner of a hit; answer, withdraw, revoke."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from accord.agreements.entry import api_context
from accord.agreements.tokenscope import needs
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of
from accord.records.actions import requests as actions
from accord.records.api.shapes import CLOSED, HANDLE, PURPOSE
from accord.records.queries import requests as queries
from accord.records.requests import RequestFacts, RequestLine, RequestState

router = Router(tags=["requests"])

REASON = "He was stopped with six passengers; we need his identity to plan the interviews."


class Reason(Schema):
    """Why the record is needed; the answering person reads it."""

    reason: str = Field(max_length=4_000, examples=[REASON])


class Answering(Schema):
    """A person's answer: the kinds of part that open, until when, and why. None of them refuses."""

    granted: list[str] = Field(max_length=20, examples=[["core", "identity"]])
    until: datetime | None = Field(None, description="When the access ends.")
    text: str = Field(max_length=4_000, examples=["Granted for the interviews in this case only."])


class RequestLineOut(Schema):
    """A disclosure request in a list."""

    id: UUID
    requester_agency: str = Field(examples=["riverbend-pd"])
    requester: str = Field(examples=["riverbend-pd.m.alvarez"])
    owner: str = Field(examples=["harlan-so"])
    schema_name: str = Field(examples=["Person"])
    purpose: str = Field(examples=[PURPOSE])
    case: str | None = Field(examples=["HT-2026-014"])
    state: RequestState
    created_at: datetime
    due_at: datetime


class RequestOut(RequestLineOut):
    """A disclosure request with what was said, as far as you may read it."""

    handle: str | None = Field(description="For the agency that asked.", examples=[HANDLE])
    legal_basis: str = Field(examples=["statute"])
    reason: str | None = Field(examples=[REASON])
    reason_closed: bool = Field(description=CLOSED, examples=[False])
    answer: str | None = Field(examples=["Granted for the interviews in this case only."])
    answer_closed: bool = Field(description=CLOSED, examples=[False])
    answered_at: datetime | None
    answered_by: str | None = Field(examples=["Elena Rasmussen, Harlan County Sheriff's Office"])
    granted: list[str] = Field(examples=[["core", "identity"]])
    granted_until: datetime | None
    record: UUID | None = Field(description="For its owner, and once something of it is open.")


class Asked(Schema):
    """The request that was made."""

    id: UUID


Side = Annotated[
    Literal["sent", "received"],
    Query(description="Asked by you and in your cases, or of your agency.", examples=["sent"]),
]


@router.post("/hits/{handle}/requests", response={201: Asked}, summary="Ask the owner of a hit")
@api_context
def ask(request: Any, handle: str, payload: Reason) -> Any:
    """Asks the owner to disclose the record behind a hit, in the context of this request."""
    return Status(201, Asked(id=actions.ask(request.scope, handle, payload.reason)))


@router.get("/requests", response=Page[RequestLineOut], summary="Disclosure requests")
@api_context
@needs("hit")
def list_requests(
    request: Any, side: Side = "sent", after: After = None, limit: Limit = DEFAULT_LIMIT
) -> Any:
    """Requests without their texts."""
    scope = request.scope
    rows = queries.sent_lines(scope) if side == "sent" else queries.inbox_lines(scope)
    shown, following = page_of(rows, after, limit, lambda r: str(r.id))
    scope.did("consultation", of=f"disclosure requests {side}")
    return {"items": [RequestLineOut(**_line(r)) for r in shown], "next": following}


@router.get("/requests/{uuid:request_id}", response=RequestOut, summary="One disclosure request")
@api_context
@needs("hit")
def one_request(request: Any, request_id: UUID) -> Any:
    """One request with its reason and answer, as far as clauses let you read them."""
    return _whole(request.scope, request_id)


@router.post("/requests/{uuid:request_id}/answer", response=RequestOut, summary="Answer")
@api_context
@needs("release")
def answer(request: Any, request_id: UUID, payload: Answering) -> Any:
    """Answers as a person of the owning agency: what is granted opens through a key on the part."""
    actions.answer(
        request.scope,
        request_id,
        granted=payload.granted,
        until=payload.until,
        text=payload.text,
    )
    return _whole(request.scope, request_id)


@router.post("/requests/{uuid:request_id}/withdraw", response=RequestOut, summary="Withdraw")
@api_context
def withdraw(request: Any, request_id: UUID) -> Any:
    """Takes back one's own question while it is open."""
    actions.withdraw(request.scope, request_id)
    return _whole(request.scope, request_id)


@router.post("/requests/{uuid:request_id}/revoke", response=RequestOut, summary="Revoke")
@api_context
@needs("release")
def revoke(request: Any, request_id: UUID) -> Any:
    """Takes back what was granted, effective on the next request."""
    actions.revoke(request.scope, request_id)
    return _whole(request.scope, request_id)


def _line(found: RequestLine | RequestFacts) -> dict[str, Any]:
    return {
        "id": found.id,
        "requester_agency": found.requester_agency,
        "requester": found.requester_membership,
        "owner": found.owner,
        "schema_name": found.schema,
        "purpose": found.purpose,
        "case": found.case_number,
        "state": found.state,
        "created_at": found.created_at,
        "due_at": found.due_at,
    }


def _whole(scope: Any, request_id: UUID) -> RequestOut:
    found = queries.request(scope, request_id)
    ours = found.requester_agency == scope.actor.agency
    return RequestOut(
        **_line(found),
        handle=found.handle if ours else None,
        legal_basis=found.legal_basis,
        reason=found.reason,
        reason_closed=found.reason_closed,
        answer=found.answer,
        answer_closed=found.answer_closed,
        answered_at=found.answered_at,
        answered_by=found.answered_by_name,
        granted=list(found.granted),
        granted_until=found.granted_until,
        record=found.record_id,
    )
