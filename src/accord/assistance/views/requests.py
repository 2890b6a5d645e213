"""Requests for assistance: the two lists, one request, and the steps of both sides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agencies.about.screen import hours_shown
from accord.agreements.entry import own_desk
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.assistance import policy, screen
from accord.assistance.actions import requests as actions
from accord.assistance.domain import (
    LONGEST_REMARK,
    OPEN,
    STEPS,
    AssistanceState,
    AssistanceStep,
    Entry,
    passed_to,
)
from accord.assistance.queries import expertise
from accord.assistance.queries import requests as queries
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotFound
from accord.kernel.phrases import counted, phrase
from accord.web.components import Option, Tab
from accord.web.faults import faults_of
from accord.web.filters import words
from accord.web.handling import Handling

DESK = "case-administration"
LABELS = {
    "answer": phrase("Answer"),
    "comes": phrase("Who comes"),
    "passed_to": phrase("Better asked"),
    "remark": phrase("Remark"),
}


@own_desk(DESK)
def _list(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    view = request.GET.get("view", "inbox")
    if view not in ("inbox", "sent"):
        raise NotFound()
    inbox, sent = queries.inbox(scope), queries.outbox(scope)
    shown = inbox if view == "inbox" else sent
    names = agencies.agency_names()
    scope.did("consultation", of=f"requests for assistance: {view}")
    context = {
        "view": view,
        "tabs": [
            Tab(
                phrase("To our agency"),
                "/assistance/",
                view == "inbox",
                sum(line.state in OPEN for line in inbox) or None,
            ),
            Tab(
                phrase("Sent"),
                "/assistance/?view=sent",
                view == "sent",
                sum(line.overdue for line in sent) or None,
            ),
        ],
        "columns": screen.COLUMNS_IN if view == "inbox" else screen.COLUMNS_OUT,
        "rows": [screen.row(line, names, scope.actor.agency, scope.actor.zone) for line in shown],
    }
    return render(request, "assistance/requests.html", context)


@own_desk(DESK)
def _show(request: Any, assistance_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    found = queries.request(scope, assistance_id)
    line, own, at = found.line, scope.actor.agency, now()
    scope.did("consultation", of=f"request for assistance {line.id}")
    known = {a.id: a for a in agencies.agencies()}
    names = {a.id: a.name for a in known.values()}
    asked = line.asked == own
    other = known[line.asker if asked else line.asked]
    coming = expertise.entries(scope, {e for a in found.acts for e in a.comes})
    hands = {a.by for a in found.acts if a.by} | ({found.asked_by} if found.asked_by else set())
    people = agencies.names({h for h in hands if h})
    can = {act: policy.can_act(scope.actor, found, act, at) for act in AssistanceStep}
    running = queries.still_running(found.beside) if line.state is AssistanceState.ACCEPTED else ()
    offers = _own_offers(scope, line.discipline) if asked else ()
    context = {
        "found": found,
        "line": line,
        "asked": asked,
        "title": words(line.discipline),
        "state": screen.state_chip(line),
        "asker": known[line.asker],
        "other": other,
        "hours": hours_shown(other.duty_desk, scope.actor.zone),
        "asked_by": people.get(found.asked_by or "", ""),
        "languages": screen.languages(line.languages),
        "urgency": screen.URGENCIES[line.urgency],
        "events": [
            screen.event(s, names, people, _who(s.comes, coming, names[line.asked]), own)
            for s in found.acts
        ],
        "admits": {act: (line.state, act) in STEPS for act in AssistanceStep},
        "can": can,
        "ACT": AssistanceStep,
        "answers": asked and line.state in OPEN,
        "offers": [Option(str(e.id), _offer(e, names[own])) for e in offers],
        "ticked": request.POST.getlist("comes"),
        "elsewhere": [
            Option(a.id, a.name)
            for a in known.values()
            if not a.suspended and a.id not in (line.asker, line.asked)
        ],
        "others_running": counted(
            len(running),
            "%(count)s other request of the same question still runs",
            "%(count)s other requests of the same question still run",
        )
        if running
        else None,
        "passed_to": passed_to(found),
        "limit": LONGEST_REMARK,
        "faults": faults_of(request, LABELS),
        "typed": request.POST,
        "handling": Handling("official"),
        "zone": scope.actor.zone,
    }
    return render(request, "assistance/request.html", context)


def _own_offers(scope: Scope, discipline: str) -> tuple[Entry, ...]:
    return expertise.listed(
        scope, expertise.Asked(discipline=discipline, agency=scope.actor.agency)
    )


def _offer(entry: Entry, agency: str) -> str:
    """An own entry in the form of who accepts; whom the asker is not told says so."""
    said = screen.who(entry, agency)
    if entry.unit or entry.named or not entry.name:
        return said
    return phrase("%(name)s (not named to others)", name=said)


def _who(comes: tuple[UUID, ...], known: dict[UUID, Entry], agency: str) -> list[str]:
    return [screen.who(known.get(number), agency) for number in comes]


@own_desk(DESK)
def _step(request: Any, assistance_id: UUID) -> HttpResponseBase:
    scope, typed = request.scope, request.POST
    text = typed.get("answer", "")
    match typed.get("do", ""):
        case "acknowledge":
            actions.acknowledge(scope, assistance_id)
        case "accept":
            actions.accept(scope, assistance_id, text, _numbers(typed.getlist("comes")))
        case "decline":
            actions.decline(scope, assistance_id, text)
        case "pass-on":
            actions.pass_on(scope, assistance_id, typed.get("passed_to", ""), text)
        case "escalate":
            actions.escalate(scope, assistance_id)
        case "remark":
            actions.remark(scope, assistance_id, typed.get("remark", ""))
        case "complete":
            actions.complete(scope, assistance_id)
        case "withdraw":
            actions.withdraw(scope, assistance_id)
        case "withdraw-others":
            actions.withdraw_beside(scope, assistance_id)
        case _:
            raise InvalidInput(policy.REQUEST, None, "do", phrase("is no step of a request"))
    request.session["said"] = phrase("Written down. Both sides see it.")
    return done(f"/assistance/{assistance_id}")


def _numbers(texts: list[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError as error:
        rule = phrase("is no entry that your agency lists now")
        raise InvalidInput(policy.REQUEST, None, "comes", rule) from error


requests = page(get=_list)
request = page(get=_show)
step = page(post=_step, again=_show)
