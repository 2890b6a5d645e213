"""The pages of webhooks: what other systems of the agency are told, and how it went."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agreements.entry import own_desk
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.evidence.custody.screen import TOLD as CUSTODY_TOLD
from accord.exchange.webhooks import actions, policy, queries
from accord.exchange.webhooks.domain import (
    MISSED,
    TEST,
    TOPICS,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointState,
)
from accord.exchange.webhooks.signing import secret_of
from accord.kernel.errors import InvalidInput, NotFound
from accord.kernel.phrases import joined, phrase
from accord.web.components import Chip, Code, Column, Moment, Option, Tone
from accord.web.faults import faults_of
from accord.web.filters import words

DESK = "records-administration"
LABELS = {"url": phrase("Address"), "topics": phrase("Kinds"), "membership": phrase("Member")}
TOPIC_NAMES = {
    "case": phrase("A case: notes, records placed, members"),
    "record": phrase("A record has a new revision"),
    "request": phrase("A request for disclosure, or its answer"),
    "duty": phrase("An obligation"),
    "run": phrase("An import"),
    "statement": phrase("A consent or determination"),
    "notice": phrase("A notice of another agency"),
    "custody": CUSTODY_TOLD,
}
COLUMNS = (
    Column("url", phrase("Address")),
    Column("topics", phrase("Told of"), narrow=False),
    Column("member", phrase("As far as this member sees"), narrow=False),
    Column("state", phrase("State")),
)
SENT = (
    Column("at", phrase("Made")),
    Column("topic", phrase("Kind")),
    Column("subject", phrase("About"), narrow=False),
    Column("state", phrase("State")),
    Column("tried", phrase("Tried"), align="end"),
    Column("said", phrase("Answer")),
)
TONES: dict[str, Tone] = {
    "active": "good", "paused": "warn", "waiting": "info", "delivered": "good", "dead": "bad",
}  # fmt: skip
KINDS = {TEST: phrase("Test"), MISSED: phrase("Look at everything anew")}
FAULTS = {
    "name": phrase("The name was not found"),
    "connection": phrase("No connection"),
    "timeout": phrase("No answer in time"),
    "tls": phrase("The certificate is not good"),
    "withheld": phrase("Not sent: not yours to see"),
    "refused": phrase("The address is not allowed"),
}


@own_desk(DESK)
def _list(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    held = policy.can_manage(scope.actor)
    context = {
        "columns": COLUMNS,
        "rows": [_row(e) for e in queries.endpoints()],
        "held": held,
        "topics": [Option(name, TOPIC_NAMES[name]) for name in TOPICS],
        "people": [Option(scope.actor.membership, f"{scope.actor.name}, {scope.actor.title}")],
        "me": scope.actor,
        "chosen": request.POST.getlist("topics"),
        "typed": request.POST,
        "faults": faults_of(request, LABELS),
    }
    scope.did("consultation", of="webhooks")
    return render(request, "webhooks/list.html", context)


def _row(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "href": f"/webhooks/{endpoint.id}",
        "url": endpoint.url,
        "topics": joined(endpoint.topics, ", "),
        "member": endpoint.membership,
        "state": Chip(words(endpoint.state), TONES[endpoint.state]),
    }


@own_desk(DESK)
def _set_up(request: Any) -> HttpResponseBase:
    made = actions.create(
        request.scope,
        url=request.POST.get("url", "").strip(),
        topics=request.POST.getlist("topics"),
        membership=request.POST.get("membership", ""),
    )
    request.session["said"] = phrase("The webhook is set up. Give its secret to the receiver.")
    return done(f"/webhooks/{made.id}")


@own_desk(DESK)
def _show(request: Any, webhook_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    endpoint = queries.endpoint(webhook_id)
    only = request.GET.get("state")
    if only not in (None, *DeliveryState):
        raise NotFound()
    held = policy.can_manage(scope.actor)
    sent = queries.deliveries(endpoint.id, DeliveryState(only) if only else None)
    folder = Path(settings.ACCORD_DATA_DIR)
    context = {
        "endpoint": endpoint,
        "state": Chip(words(endpoint.state), TONES[endpoint.state]),
        "topics": [TOPIC_NAMES[topic] for topic in endpoint.topics],
        "held": held,
        "secret": None if held else secret_of(folder, endpoint.id, endpoint.generation),
        "columns": SENT,
        "rows": [_message(d, scope.actor.zone) for d in sent],
        "dead": [(_kind(d), d) for d in sent if d.state is DeliveryState.DEAD],
        "only": only,
        "zone": scope.actor.zone,
        "faults": faults_of(request, LABELS),
    }
    scope.did("consultation", of=phrase("a webhook"))
    return render(request, "webhooks/webhook.html", context)


def _message(delivery: Delivery, zone: str) -> dict[str, Any]:
    said = FAULTS.get(delivery.fault or "") or (str(delivery.status) if delivery.status else None)
    return {
        "at": Moment(delivery.made_at, zone),
        "topic": _kind(delivery),
        "subject": Code(str(delivery.subject)),
        "state": Chip(words(delivery.state), TONES[delivery.state]),
        "tried": delivery.attempts,
        "said": said,
    }


def _kind(delivery: Delivery) -> str:
    return KINDS.get(delivery.topic) or f"{delivery.topic}.changed"


@own_desk(DESK)
def _do(request: Any, webhook_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    endpoint = queries.endpoint(webhook_id)
    match request.POST.get("do"):
        case "test":
            actions.send_test(scope, endpoint)
            said = phrase("A test is on its way; its answer stands below.")
        case "pause":
            actions.set_state(scope, endpoint, EndpointState.PAUSED)
            said = phrase("The webhook is paused.")
        case "resume":
            actions.set_state(scope, endpoint, EndpointState.ACTIVE)
            said = phrase("The webhook is told again from now on.")
        case "secret":
            actions.renew_secret(scope, endpoint)
            said = phrase("There is a new secret; the old one signs nothing any more.")
        case "remove":
            actions.set_state(scope, endpoint, EndpointState.REMOVED)
            request.session["said"] = phrase("The webhook is removed.")
            return done("/webhooks/")
        case _:
            raise InvalidInput("webhook", None, "do", phrase("is not a step of a webhook"))
    request.session["said"] = said
    return done(f"/webhooks/{webhook_id}")


@own_desk(DESK)
def _retry(request: Any, webhook_id: UUID, message_id: UUID) -> HttpResponseBase:
    actions.retry(request.scope, queries.delivery(webhook_id, message_id))
    request.session["said"] = phrase("The message is tried again.")
    return done(f"/webhooks/{webhook_id}")


webhooks = page(get=_list, post=_set_up)
webhook = page(get=_show, post=_do)
retry = page(post=_retry, again=None)
