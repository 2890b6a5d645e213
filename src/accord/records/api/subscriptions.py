"""Subscriptions over the API: ask from now on, list, pause, resume, end; and the notices."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Router, Schema, Status

from accord.agreements.entry import api_context
from accord.agreements.tokenscope import needs
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of
from accord.records.actions import subscriptions as actions
from accord.records.api.shapes import HANDLE, PURPOSE
from accord.records.queries import subscriptions as queries
from accord.records.queries.subscriptions import Notice, Running
from accord.records.subscriptions import Move, SubscriptionState

router = Router(tags=["subscriptions"])


class SubscriptionAsked(Schema):
    """What to ask from now on, until when, and why."""

    kind: Literal["plate", "phone", "name"] = Field(examples=["plate"])
    value: str = Field(
        max_length=300, description="A whole number, or a full name.", examples=["ZZA1234"]
    )
    until: datetime = Field(description="At most 90 days from now.")
    reason: str = Field(max_length=4_000, examples=["The van was seen at three of the addresses."])


class SubscriptionOut(Schema):
    """One subscription of yours in this context."""

    id: UUID
    kind: str = Field(examples=["plate"])
    value: str = Field(examples=["ZZA1234"])
    purpose: str = Field(examples=[PURPOSE])
    case: str = Field(examples=["HT-2026-014"])
    state: SubscriptionState
    ended_because: str | None = Field(examples=["time"])
    made_at: datetime
    until: datetime


class SubscriptionNoticeOut(Schema):
    """A record that met a subscription, while it is open to you."""

    subscription: UUID
    at: datetime
    read: bool
    level: Literal["view", "hit"]
    owner: str = Field(examples=["harlan-so"])
    schema_name: str = Field(examples=["Vehicle"])
    record: UUID | None = Field(description="Where it is open to you.")
    handle: str | None = Field(
        description="Where you may ask its owner: what to ask with.", examples=[HANDLE]
    )


class SubscriptionStep(Schema):
    """What to do with it."""

    do: Literal["pause", "resume", "end"] = Field(examples=["pause"])


class SubscriptionMade(Schema):
    """The subscription that was made."""

    id: UUID


@router.post("/subscriptions", response={201: SubscriptionMade}, summary="Subscribe")
@api_context
def subscribe(request: Any, payload: SubscriptionAsked) -> Any:
    """Asks for a plate, a telephone or a name from now on, in the case of this request."""
    made = actions.subscribe(
        request.scope,
        kind=payload.kind,
        value=payload.value,
        until=payload.until,
        reason=payload.reason,
    )
    return Status(201, SubscriptionMade(id=made))


@router.get("/subscriptions", response=Page[SubscriptionOut], summary="Your subscriptions")
@api_context
@needs("hit")
def list_subscriptions(request: Any, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """What you subscribe to in this purpose and case."""
    request.scope.did("consultation", of="subscriptions")
    shown, following = page_of(queries.here(request.scope), after, limit, lambda s: str(s.id))
    return {"items": [_out(s) for s in shown], "next": following}


@router.post(
    "/subscriptions/{uuid:subscription_id}/step", response=SubscriptionOut, summary="Pause or end"
)
@api_context
def take_step(request: Any, subscription_id: UUID, payload: SubscriptionStep) -> Any:
    """Pauses, resumes or ends one of your subscriptions."""
    actions.take_step(request.scope, subscription_id, Move(payload.do))
    return _out(queries.subscription(request.scope, subscription_id))


@router.get("/subscription-notices", response=Page[SubscriptionNoticeOut], summary="Notices")
@api_context
@needs("hit")
def list_notices(request: Any, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """What your subscriptions of this purpose and case met, as far as it is open to you now."""
    scope = request.scope
    rows = queries.notices(scope, [s.id for s in queries.here(scope)])
    shown, following = page_of(rows, after, limit, _key)
    return {"items": [_notice(n) for n in shown], "next": following}


def _key(found: Notice) -> str:
    return f"{found.subscription.hex}{found.record.record_id.hex if found.record else found.handle}"


def _out(found: Running) -> dict[str, Any]:
    return {
        "id": found.id,
        "kind": found.kind,
        "value": found.said,
        "purpose": found.purpose,
        "case": found.case_number,
        "state": found.state,
        "ended_because": found.ended_why,
        "made_at": found.made_at,
        "until": found.ends_at,
    }


def _notice(found: Notice) -> dict[str, Any]:
    known = found.record or found.hit
    assert known is not None  # it is one or the other
    return {
        "subscription": found.subscription,
        "at": found.at,
        "read": not found.unread,
        "level": "view" if found.record else "hit",
        "owner": known.owner,
        "schema_name": known.schema,
        "record": found.record.record_id if found.record else None,
        "handle": found.handle,
    }
