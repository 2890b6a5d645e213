"""Disclosure requests: asking after a hit, the two inboxes, and answering part by part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agencies.about.screen import desk_shown
from accord.agreements.context import NO_CASE
from accord.agreements.entry import in_context, own_desk
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotFound
from accord.kernel.phrases import phrase
from accord.records import requests as rules
from accord.records import screen
from accord.records.actions import requests as actions
from accord.records.actions.keys import grant_limit
from accord.records.queries import requests as queries
from accord.records.queries.handles import record_behind, shown_behind
from accord.records.queries.records import RecordView, record_views
from accord.records.request_screen import COLUMNS_IN, COLUMNS_OUT, request_row, state_chip
from accord.records.requests import RequestFacts, RequestState
from accord.records.views.hits import hit_card
from accord.web.components import DutyDesk, Option, Tab
from accord.web.faults import faults_of
from accord.web.filters import as_date, words

LABELS = {"reason": phrase("Reason"), "until": phrase("Open until"), "parts": phrase("Parts")}
USUAL_GRANT = timedelta(days=90)


@in_context
def _ask_form(request: Any, handle: str) -> HttpResponseBase:
    scope: Scope = request.scope
    target = record_behind(scope, handle)
    scope.did("disclosure", step=phrase("looked at a hit"))
    context = {
        "hit": hit_card(
            target.owner, target.schema, target.label, handle, agencies.agencies(), scope.actor.zone
        ),
        "path": scope.context.path,
        "handle": handle,
        "context": scope.context,
        "answer_within": rules.ANSWER_WITHIN,
        "limit": rules.LONGEST_REASON,
        "faults": faults_of(request, LABELS),
        "typed": request.POST,
    }
    return render(request, "records/ask.html", context)


@in_context
def _ask(request: Any, handle: str) -> HttpResponseBase:
    request_id = actions.ask(request.scope, handle, request.POST.get("reason", ""))
    request.session["said"] = phrase("Your request is with the owner.")
    return done(f"/requests/{request_id}")


@in_context
def _hit(request: Any, handle: str) -> HttpResponseBase:
    """Go to the record behind a hit where it is open by now, else to the question for it."""
    scope: Scope = request.scope
    shown = shown_behind(scope, handle)
    if shown is not None:
        return done(f"{scope.context.path}/records/{shown}")
    record_behind(scope, handle)
    return done(f"{scope.context.path}/hits/{handle}/ask")


@own_desk("records-administration")
def _list(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    view = request.GET.get("view", "inbox")
    if view not in ("inbox", "sent"):
        raise NotFound()
    names = agencies.agency_names()
    inbox, sent = queries.inbox_lines(scope), queries.sent_lines(scope)
    shown = inbox if view == "inbox" else sent
    rows = [request_row(line, names, scope.actor.zone, now()) for line in shown]
    waiting = sum(1 for line in inbox if line.state is RequestState.OPEN)
    context = {
        "view": view,
        "tabs": [
            Tab(phrase("To our agency"), "/requests/", view == "inbox", waiting or None),
            Tab(phrase("Sent"), "/requests/?view=sent", view == "sent"),
            Tab(phrase("Consents and determinations"), "/statements/"),
        ],
        "columns": COLUMNS_IN if view == "inbox" else COLUMNS_OUT,
        "rows": rows,
        "cannot_answer": rules.can_answer(scope.actor, scope.actor.agency),
    }
    return render(request, "records/requests.html", context)


@own_desk("records-administration")
def _show(request: Any, request_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    found = queries.request(scope, request_id)
    owner = found.owner == scope.actor.agency
    names = agencies.agency_names()
    records = (
        record_views(scope, [found.record_id], unseal=True) if owner and found.record_id else ()
    )
    panels = [screen.panel(scope, r, p, names) for r in records for p in r.parts]
    kinds = [p.kind for r in records for p in r.parts]
    context = {
        "found": found,
        "closed": found.reason_closed
        or found.answer_closed
        or screen.is_closed(scope, [p for r in records for p in r.parts]),
        "owner": owner,
        "state": state_chip(found, now()),
        "record": records[0] if records else None,
        "caption": screen.caption(records[0], scope.actor.agency) if records else None,
        "parts": list(zip(kinds, panels, strict=True)),
        "ticked": request.POST.getlist("part"),
        "may_answer": owner and found.state is RequestState.OPEN,
        "cannot_answer": rules.can_answer(scope.actor, found.owner),
        "may_withdraw": found.state is RequestState.OPEN
        and scope.actor.membership == found.requester_membership,
        "may_revoke": owner and rules.RequestState.REVOKED in rules.TRANSITIONS[found.state],
        "granted": [Option(kind, words(kind)) for kind in found.granted],
        "refused": [words(kind) for kind in found.refused],
        "way": _way(found) if not owner else None,
        "limits": _limits(scope, found, records) if owner else (),
        "default_until": (now() + USUAL_GRANT).astimezone(ZoneInfo(scope.actor.zone)).date(),
        "typed": request.POST,
        "faults": faults_of(request, LABELS),
        "handling": screen.handling(records, texts=True),
        "zone": scope.actor.zone,
        "desk": None if owner else _desk(scope, found.owner),
    }
    return render(request, "records/request.html", context)


def _desk(scope: Scope, owner: str) -> DutyDesk:
    """Whom the requester calls about it."""
    return desk_shown(agencies.agency(owner).duty_desk, now(), scope.actor.zone)


def _limits(scope: Scope, found: RequestFacts, records: Sequence[RecordView]) -> tuple[str, ...]:
    """Which clause ends the access sooner than the owner may wish, for each part, in words."""
    said = []
    for part in (p for record in records for p in record.parts):
        limit = grant_limit(scope, part.label, found.requester_agency)
        if limit is not None:
            end = as_date(limit[0], scope.actor.zone)
            said.append(
                phrase(
                    "%(kind)s: %(end)s at the latest (%(limit)s)",
                    kind=words(part.kind),
                    end=end,
                    limit=limit[1],
                )
            )
    return tuple(said)


def _way(found: RequestFacts) -> str:
    """Where the requester opens what was granted: the context in which it was asked for."""
    case = found.case_number or NO_CASE
    return f"/w/{found.purpose}/{found.legal_basis}/{case}/hits/{found.handle}"


@own_desk("records-administration")
def _answer(request: Any, request_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    granted = request.POST.getlist("part")
    refuses = request.POST.get("decision") == "refuse"
    if not refuses and not granted:
        raise InvalidInput("request", None, "parts", phrase("tick what you grant, or refuse"))
    state = actions.answer(
        scope,
        request_id,
        granted=() if refuses else granted,
        until=None if refuses else _until(request.POST.get("until", ""), scope.actor.zone),
        text=request.POST.get("reason", ""),
    )
    request.session["said"] = phrase("Answered: %(state)s.", state=words(state).lower())
    return done(f"/requests/{request_id}")


def _until(text: str, zone: str) -> datetime:
    """The end of the named day where the custodian works."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        rule = phrase("write a day as year-month-day, for example 2027-02-28")
        raise InvalidInput("request", None, "until", rule) from error
    return datetime.combine(day, time(23, 59), ZoneInfo(zone)).astimezone(UTC)


@own_desk("records-administration")
def _withdraw(request: Any, request_id: UUID) -> HttpResponseBase:
    actions.withdraw(request.scope, request_id)
    request.session["said"] = phrase("The request is withdrawn.")
    return done(f"/requests/{request_id}")


@own_desk("records-administration")
def _revoke(request: Any, request_id: UUID) -> HttpResponseBase:
    actions.revoke(request.scope, request_id)
    request.session["said"] = phrase(
        "The grant has ended; the next page they open shows it no more."
    )
    return done(f"/requests/{request_id}")


ask = page(get=_ask_form, post=_ask)
hit = page(get=_hit)
requests = page(get=_list)
request = page(get=_show)
answer = page(post=_answer, again=_show)
withdraw = page(post=_withdraw, again=_show)
revoke = page(post=_revoke, again=_show)
