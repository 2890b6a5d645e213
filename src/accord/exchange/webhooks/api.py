"""Webhooks over the API: what other systems of the agency are told."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from ninja import Field, Query, Router, Schema, Status

from accord.agreements.entry import api_desk
from accord.exchange.webhooks import actions, policy, queries
from accord.exchange.webhooks.domain import (
    TOPICS,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointState,
)
from accord.exchange.webhooks.signing import secret_of
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of

Only = Annotated[DeliveryState | None, Query(description="dead: those that were given up.")]
router = Router(tags=["webhooks"])
DESK = "records-administration"


class SetUp(Schema):
    """An endpoint to set up."""

    url: str = Field(
        description="https; the node does not go into private networks unless its operator allows it.",
        examples=["https://93.184.215.14/accord"],
    )
    topics: list[str] = Field(
        description="Kinds of change: " + ", ".join(TOPICS) + ".",
        examples=[["request", "duty"]],
    )
    membership: str | None = Field(
        None,
        description="Yours: only what you may fetch in records administration is told.",
        examples=["riverbend-pd.d.okafor"],
    )


class Webhook(Schema):
    """An endpoint of your agency."""

    id: UUID
    url: str = Field(examples=["https://93.184.215.14/accord"])
    topics: list[str] = Field(examples=[["request", "duty"]])
    membership: str = Field(examples=["riverbend-pd.d.okafor"])
    state: EndpointState
    reason: str | None = Field(
        None, description="Why the node itself paused it; null where it did not.", examples=[None]
    )
    created_at: datetime


class WebhookSecret(Webhook):
    """An endpoint with the secret by which its receiver checks the signature."""

    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw0123456789AB"])


class Message(Schema):
    """One message: kind and ids, and how it went."""

    id: UUID
    topic: str = Field(
        description="One of the kinds; test; or missed, where changes may have gone by unread.",
        examples=["request"],
    )
    subject: UUID
    record: UUID | None = Field(examples=[None])
    made_at: datetime
    state: DeliveryState
    attempts: int = Field(examples=[1])
    next_at: datetime
    status: int | None = Field(description="What the receiver last answered.", examples=[204])
    fault: str | None = Field(
        description="Why there was no answer: name, connection, timeout, tls, refused;"
        " withheld where it was not sent, since you may not fetch the thing; while it waits, that is"
        " asked again.",
        examples=[None],
    )


@router.get("/webhooks", response=Page[Webhook], summary="The webhooks of your agency")
@api_desk(DESK)
def list_webhooks(request: Any, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """Those that a supervisor may see, and those that are told under your standing."""
    shown, following = page_of(queries.endpoints(), after, limit, lambda e: str(e.id))
    request.scope.did("consultation", of="webhooks")
    return {"items": [_webhook(e) for e in shown], "next": following}


@router.post("/webhooks", response={201: WebhookSecret}, summary="Set up a webhook")
@api_desk(DESK)
def set_up(request: Any, payload: SetUp) -> Any:
    """Tells the endpoint of changes from now on: ids and kinds, signed after Standard Webhooks."""
    made = actions.create(
        request.scope,
        url=payload.url,
        topics=payload.topics,
        membership=payload.membership or request.scope.actor.membership,
    )
    return Status(201, _with_secret(made))


@router.post("/webhooks/{uuid:webhook}/pause", response=Webhook, summary="Pause a webhook")
@api_desk(DESK)
def pause(request: Any, webhook: UUID) -> Any:
    """Nothing is sent until it is resumed; what changes meanwhile is not told later."""
    actions.set_state(request.scope, queries.endpoint(webhook), EndpointState.PAUSED)
    return _webhook(queries.endpoint(webhook))


@router.post("/webhooks/{uuid:webhook}/resume", response=Webhook, summary="Resume a webhook")
@api_desk(DESK)
def resume(request: Any, webhook: UUID) -> Any:
    """Tells it of changes from now on."""
    actions.set_state(request.scope, queries.endpoint(webhook), EndpointState.ACTIVE)
    return _webhook(queries.endpoint(webhook))


@router.get("/webhooks/{uuid:webhook}/secret", response=WebhookSecret, summary="Its secret")
@api_desk(DESK)
def secret(request: Any, webhook: UUID) -> Any:
    """For a supervisor: the secret with which its receiver checks messages."""
    policy.check_manage(request.scope.actor)
    request.scope.did("consultation", of="a webhook's secret")
    return _with_secret(queries.endpoint(webhook))


@router.post("/webhooks/{uuid:webhook}/secret", response=WebhookSecret, summary="A new secret")
@api_desk(DESK)
def renew_secret(request: Any, webhook: UUID) -> Any:
    """Signs with another secret from now on; the old one is worth nothing any more."""
    return _with_secret(actions.renew_secret(request.scope, queries.endpoint(webhook)))


@router.post("/webhooks/{uuid:webhook}/test", response={202: Message}, summary="Send a test")
@api_desk(DESK)
def test(request: Any, webhook: UUID) -> Any:
    """Sends a message that is about nothing; see its state in the list of messages."""
    made = actions.send_test(request.scope, queries.endpoint(webhook))
    return Status(202, _message(queries.delivery(webhook, made)))


@router.get(
    "/webhooks/{uuid:webhook}/messages", response=Page[Message], summary="What was sent to it"
)
@api_desk(DESK)
def messages(
    request: Any,
    webhook: UUID,
    state: Only = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Any:
    """The newest messages, those that wait and those that were given up among them."""
    endpoint = queries.endpoint(webhook)
    rows = queries.deliveries(endpoint.id, state)
    shown, following = page_of(rows, after, limit, lambda d: str(d.id))
    request.scope.did("consultation", of="a webhook's messages")
    return {"items": [_message(d) for d in shown], "next": following}


@router.post(
    "/webhooks/{uuid:webhook}/messages/{uuid:message}/retry",
    response={202: Message},
    summary="Try a message again",
)
@api_desk(DESK)
def retry(request: Any, webhook: UUID, message: UUID) -> Any:
    """Tries one that was given up from the beginning."""
    actions.retry(request.scope, queries.delivery(webhook, message))
    return Status(202, _message(queries.delivery(webhook, message)))


@router.get("/webhooks/{uuid:webhook}", response=Webhook, summary="One webhook")
@api_desk(DESK)
def one(request: Any, webhook: UUID) -> Any:
    """Where it goes, for which kinds, and under whose standing."""
    request.scope.did("consultation", of="a webhook")
    return _webhook(queries.endpoint(webhook))


@router.delete("/webhooks/{uuid:webhook}", response={204: None}, summary="Remove a webhook")
@api_desk(DESK)
def remove(request: Any, webhook: UUID) -> Any:
    """Nothing is sent any more, what waits neither."""
    actions.set_state(request.scope, queries.endpoint(webhook), EndpointState.REMOVED)
    return Status(204, None)


def _webhook(endpoint: Endpoint) -> Webhook:
    return Webhook(**{name: getattr(endpoint, name) for name in Webhook.model_fields})


def _with_secret(endpoint: Endpoint) -> WebhookSecret:
    made = secret_of(Path(settings.ACCORD_DATA_DIR), endpoint.id, endpoint.generation)
    return WebhookSecret(**dict(_webhook(endpoint)), secret=made)


def _message(delivery: Delivery) -> Message:
    return Message(**{name: getattr(delivery, name) for name in Message.model_fields})
