"""A member's own API tokens: made behind a new proof, shown once, and revoked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agreements.entry import freshly_proven, own_desk
from accord.agreements.pages import done, page
from accord.desk.context import say
from accord.desk.signing_in import OFFICE
from accord.identity.tokens import queries
from accord.identity.tokens.actions import tokens
from accord.identity.tokens.domain import LONGEST_HOURS, actions, purposes
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase
from accord.web.components import Option
from accord.web.faults import faults_of
from accord.web.filters import words

LABELS = {
    "name": phrase("Name"),
    "purposes": phrase("Purposes"),
    "actions": phrase("Actions"),
    "hours": phrase("Hours"),
}
ACTIONS = {
    "match": phrase("Let a machine compare; nobody sees anything"),
    "hit": phrase("Learn that a record exists, and whom to ask"),
    "view": phrase("Read"),
    "export": phrase("Take copies"),
    "onward": phrase("Pass on to another agency"),
    "contribute": phrase("Add records, files and notes"),
    "alter": phrase("Change, recall and review records"),
    "relabel": phrase("Change labels"),
    "place": phrase("Place records in a case, and take them out"),
    "release": phrase("Answer requests, and give consents and determinations"),
    "step": phrase("Take any other step: cases, requests, agreements, webhooks"),
}


def action_options() -> list[Option]:
    """What a token can be for, as choices."""
    return [Option(word, ACTIONS[word]) for word in actions()]


def purpose_options() -> list[Option]:
    """Why a token can ask, as choices."""
    return [Option(word, words(word)) for word in purposes()]


@own_desk(OFFICE)
def _show(request: Any) -> HttpResponseBase:
    return _drawn(request)


def _drawn(request: Any, made: str | None = None) -> HttpResponseBase:
    """The page; `made` is a token that is shown this once."""
    actor, at = request.scope.actor, now()
    found = queries.tokens(actor.membership)
    open_now = [t for t in found if t.revoked_at is None and t.expires_at > at]
    context = {
        "faults": faults_of(request, LABELS),
        "typed": {} if made else request.POST,
        "chosen": {
            name: () if made else request.POST.getlist(name) for name in ("purposes", "actions")
        },
        "made": made,
        "open_now": open_now,
        "over": [t for t in found if t not in open_now],
        "purposes": purpose_options(),
        "actions": action_options(),
        "ACTIONS": ACTIONS,
        "most_hours": LONGEST_HOURS,
        "assurance": min(actor.assurance, request.proof.assurance),
        "zone": actor.zone,
    }
    return render(request, "desk/tokens.html", context)


@freshly_proven
@own_desk(OFFICE)
def _make(request: Any) -> HttpResponseBase:
    hours = whole(request.POST.get("hours", ""), "hours")
    made, token = tokens.make(
        request.scope.actor,
        request.proof,
        name=request.POST.get("name", ""),
        purposes=request.POST.getlist("purposes"),
        actions=request.POST.getlist("actions"),
        hours=hours,
    )
    request.scope.did(
        "membership", step="made a token", token=str(made), hours=hours,
        purposes=request.POST.getlist("purposes"), actions=request.POST.getlist("actions"),
    )  # fmt: skip
    return _drawn(request, token)


@own_desk(OFFICE)
def _revoke(request: Any, token_id: UUID) -> HttpResponseBase:
    tokens.revoke(request.scope.actor.membership, token_id)
    request.scope.did("membership", step="revoked a token", token=str(token_id))
    say(request, phrase("The token is revoked: it opens nothing from now on."))
    return done("/account/tokens")


def whole(text: str, field: str) -> int:
    """The whole number that was typed; raises InvalidInput."""
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise InvalidInput("request", None, field, phrase("must be a whole number"))
    return int(text)


account_tokens = page(get=_show, post=_make)
account_token_revoke = page(post=_revoke)
