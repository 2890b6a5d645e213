"""Subscriptions: what one asks from now on in a context, and the notices that it brings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agencies.domain import AgencyEntry
from accord.agreements.entry import in_context, own_desk
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase
from accord.records import screen
from accord.records import subscriptions as rules
from accord.records.actions import subscriptions as actions
from accord.records.ontology import common_ontology
from accord.records.queries import subscriptions as queries
from accord.records.queries.subscriptions import Notice, Running
from accord.records.requests import LONGEST_REASON
from accord.records.subscriptions import Move, SubscriptionState
from accord.web.components import Chip, Column, Link, Moment, Option, Tone
from accord.web.faults import faults_of
from accord.web.filters import words

LABELS = {
    "kind": phrase("What"),
    "value": phrase("Which"),
    "q": phrase("Which"),
    "days": phrase("For how long"),
    "reason": phrase("Reason"),
}
NOTICES = (
    Column("what", phrase("Record")),
    Column("kind", phrase("Kind"), narrow=False),
    Column("owner", phrase("Agency"), narrow=False),
    Column("met", phrase("Met"), narrow=False),
    Column("at", phrase("Since")),
    Column("state", phrase("SubscriptionState")),
)
EVERYWHERE = (
    Column("what", phrase("Asks for")),
    Column("case", phrase("Case")),
    Column("purpose", phrase("Purpose"), narrow=False),
    Column("until", phrase("Until"), narrow=False),
    Column("state", phrase("SubscriptionState")),
)
SAYS: Mapping[SubscriptionState, tuple[str, Tone]] = {
    SubscriptionState.ACTIVE: (phrase("Asked"), "good"),
    SubscriptionState.PAUSED: (phrase("Paused"), "warn"),
    SubscriptionState.ENDED: (phrase("Ended"), "neutral"),
}


def _list(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    mine = queries.here(scope)
    directory = {a.id: a for a in agencies.agencies()}
    said = {s.id: s.said for s in mine}
    found = queries.notices(scope, said)
    context = {
        "path": scope.context.path,
        "case_number": scope.context.case_number,
        "mine": [(s, _chip(s), rules.ENDED_WHY.get(s.ended_why or "")) for s in mine],
        "kinds": rules.KINDS,
        "options": [Option(k, t) for k, t in rules.KINDS.items()],
        "days": [Option(str(d), phrase("%(d)s days", d=d)) for d in rules.DAYS],
        "columns": NOTICES,
        "rows": [_notice_row(n, scope, said, directory) for n in found],
        "unread": any(n.unread for n in found),
        "refused": actions.cannot(scope),
        "tick": rules.TICK,
        "limit": LONGEST_REASON,
        "faults": faults_of(request, LABELS),
        "typed": request.POST,
        "handling": screen.handling([n.record for n in found if n.record], texts=True),
        "zone": scope.actor.zone,
    }
    return render(request, "records/subscriptions.html", context)


def _chip(found: Running) -> Chip:
    return Chip(*SAYS[found.state])


def _notice_row(
    notice: Notice, scope: Scope, said: Mapping[UUID, str], directory: Mapping[str, AgencyEntry]
) -> dict[str, Any]:
    path = scope.context.path
    if notice.record is not None:
        what = screen.caption(notice.record, scope.actor.agency).title
        href = f"{path}/records/{notice.record.record_id}"
        schema, owner, state = (
            notice.record.schema,
            notice.record.owner,
            Chip(phrase("Open to you"), "good"),
        )
    else:
        assert notice.hit is not None  # it is one or the other
        what, href = phrase("A record that you may ask for"), f"{path}/hits/{notice.handle}/ask"
        schema, owner, state = notice.hit.schema, notice.hit.owner, Chip(phrase("Hit"), "info")
    return {
        "href": href,
        "what": what,
        "kind": common_ontology().schema(schema).label,
        "owner": directory[owner].name,
        "met": said[notice.subscription],
        "at": Moment(notice.at, scope.actor.zone),
        "state": Chip(phrase("New"), "warn") if notice.unread else state,
    }


@in_context
def _subscribe(request: Any) -> HttpResponseBase:
    form = request.POST
    if form.get("days") not in {str(d) for d in rules.DAYS}:
        raise InvalidInput("subscription", None, "days", phrase("choose one of the lengths"))
    actions.subscribe(
        request.scope,
        kind=form.get("kind", ""),
        value=form.get("value", ""),
        until=now() + timedelta(days=int(form["days"])),
        reason=form.get("reason", ""),
    )
    request.session["said"] = phrase("Subscribed. What arrives from now on shows here.")
    return done(f"{request.scope.context.path}/subscriptions")


@in_context
def _step(request: Any, subscription_id: UUID) -> HttpResponseBase:
    actions.take_step(request.scope, subscription_id, _wanted(request.POST.get("do", "")))
    request.session["said"] = phrase("Done.")
    return done(f"{request.scope.context.path}/subscriptions")


def _wanted(word: str) -> Move:
    try:
        return Move(word)
    except ValueError:
        raise InvalidInput("subscription", None, "do", phrase("is pause, resume or end")) from None


@in_context
def _seen(request: Any) -> HttpResponseBase:
    actions.mark_seen(request.scope)
    return done(f"{request.scope.context.path}/subscriptions")


@in_context
def _here(request: Any) -> HttpResponseBase:
    return _list(request)


@in_context
def _again(request: Any, subscription_id: UUID) -> HttpResponseBase:
    del subscription_id  # the whole list is shown again
    return _list(request)


@own_desk("case-administration")
def _all(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    scope.did("consultation", of="subscriptions")
    rows = [
        {
            "what": Link(rules.KINDS[s.kind], f"{s.path}/subscriptions"),
            "case": s.case_number,
            "purpose": words(s.purpose),
            "until": Moment(s.ends_at, scope.actor.zone),
            "state": Chip(phrase("%(unread)s new", unread=s.unread), "warn")
            if s.unread
            else _chip(s),
        }
        for s in queries.everywhere()
    ]
    context = {"columns": EVERYWHERE, "rows": rows}
    return render(request, "records/subscriptions_all.html", context)


subscriptions = page(get=_here, post=_subscribe)
subscription_step = page(post=_step, again=_again)
seen = page(post=_seen, again=_here)
everywhere = page(get=_all)
