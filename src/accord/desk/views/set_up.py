"""The first pages of a node, and of an agency that joins it: name, key, two administrators."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements.pages import done, page
from accord.desk.signing_in import INVITED, JOINED, noted
from accord.identity.actions import invitations, setup
from accord.kernel.errors import NotFound
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import NEWEST, Vocabulary
from accord.platform.http import public
from accord.web.components import Option
from accord.web.faults import faults_of
from accord.web.filters import words

WHY = phrase("the node has nobody yet; whoever holds the operator's link names the first two")
BY_INVITATION = phrase("whoever holds a link of the operator brings an agency that was invited")
LABELS = {
    "id": phrase("Short name"),
    "name": phrase("Name"),
    "kind": phrase("Kind"),
    "country": phrase("Country"),
    "ori": phrase("Agency identifier"),
    "zone": phrase("Time zone"),
    "public_key": phrase("Public key"),
    "desk_name": phrase("Name of the duty desk"),
    "desk_phone": phrase("Telephone"),
    "desk_hours": phrase("Hours"),
    "desk_escalation": phrase("Escalation"),
    "name_1": phrase("Name of the first administrator"),
    "handle_1": phrase("Short name of the first administrator"),
    "nationality_1": phrase("Nationality of the first administrator"),
    "name_2": phrase("Name of the second administrator"),
    "handle_2": phrase("Short name of the second administrator"),
    "nationality_2": phrase("Nationality of the second administrator"),
}


@public(WHY)
def _show(request: Any, token: str) -> HttpResponseBase:
    setup.check_link(token)
    return _form(request, f"/set-up/{token}", None)


def _form(request: Any, action: str, welcome: invitations.Welcome | None) -> HttpResponse:
    kinds = Vocabulary.load(NEWEST).words("agency_kind")
    context = {
        "action": action,
        "welcome": welcome,
        "typed": request.POST,
        "faults": faults_of(request, LABELS),
        "kinds": tuple(Option(kind, words(kind)) for kind in kinds),
    }
    return render(request, "desk/set_up.html", context)


@public(WHY)
def _take(request: Any, token: str) -> HttpResponseBase:
    invited = setup.set_up(token, request.POST.dict())
    request.session[INVITED] = [[one.name, one.path] for one in invited]
    return done("/set-up/")


@public(WHY)
def _links(request: Any) -> HttpResponseBase:
    """The two links, to whoever named the two, until the node is open."""
    invited = request.session.get(INVITED, [])
    if setup.is_open():
        request.session.pop(INVITED, None)
        return done("/sign-in/")
    return render(request, "desk/set_up_links.html", {"invited": invited})


@public(BY_INVITATION)
def _show_joining(request: Any, token: str) -> HttpResponseBase:
    return _form(request, f"/join/{token}", invitations.welcome(token))


@public(BY_INVITATION)
def _take_joining(request: Any, token: str) -> HttpResponseBase:
    invited = invitations.bring_in(token, request.POST.dict())
    noted(agencies.actor(invited[0].membership), "joined this node", by="invitation")
    request.session[JOINED] = [[one.name, one.path] for one in invited]
    return done("/join/")


@public(BY_INVITATION)
def _joined(request: Any) -> HttpResponseBase:
    """The two links, to whoever named the two; nobody else has any here."""
    invited = request.session.get(JOINED, [])
    if not invited:
        raise NotFound()
    return render(request, "desk/joined.html", {"invited": invited})


join = page(get=_show_joining, post=_take_joining)
joined = page(get=_joined)
set_up = page(get=_show, post=_take)
set_up_links = page(get=_links)


def not_yet(request: HttpRequest) -> HttpResponse:
    """What everything else answers until the node is set up (503)."""
    if request.path.startswith("/api/"):
        problem = {
            "type": "about:blank",
            "title": "This node is being set up.",
            "status": 503,
            "detail": "It answers once its two administrators hold their passkeys.",
        }
        return JsonResponse(problem, status=503, content_type="application/problem+json")
    context = {"invited": request.session.get(INVITED, [])}
    return render(request, "desk/set_up_links.html", context, status=503)
