"""Signing in: with a passkey, with a one-time link that opens the making of one, and signing out.

A link is spent by a button, not by opening it: previews and scanners open links too.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from accord.agencies import actions, queries
from accord.agencies.domain import Actor, Persona
from accord.agreements.pages import done, page
from accord.desk import coded, known_devices
from accord.desk.middleware import address_of
from accord.desk.signing_in import (
    INVITED,
    JOINED,
    ceremony,
    enter,
    enter_demo,
    leave,
    noted,
    party,
    session_name,
)
from accord.identity.actions import attempts, passkeys, setup, signins
from accord.identity.actions.attempts import Door
from accord.identity.actions.ceremonies import Occasion
from accord.identity.actions.passkeys import Proven
from accord.identity.codes import queries as codes
from accord.identity.domain import CEREMONY_LIFE, Method, Why
from accord.identity.federation.queries import offered
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotAllowed, NotFound
from accord.kernel.phrases import phrase
from accord.platform.http import public
from accord.platform.logs import facts
from accord.web.faults import faults_of

log = logging.getLogger("accord.identity")
WHY = phrase("whoever is not signed in has to sign in somewhere; it shows no agency's data")
LABELS = {"code": phrase("Code"), "name": phrase("What to call it")}
CHOOSING = "proven"
"""Of a session that proved who somebody is, and not yet for which agency."""


def _personas() -> tuple[Persona, ...]:
    """The demo's cast; nobody outside a demonstration."""
    return queries.personas() if settings.ACCORD_DEMO else ()


@public(WHY)
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """Draw the page of sign-in; the fault of a refused attempt stands on it."""
    personas = _personas()
    agencies = tuple(dict.fromkeys(p.agency_name for p in personas))
    context = {
        "personas": personas,
        "agencies": agencies,
        "providers": offered(),
        "codes": codes.anywhere(),
        "faults": faults_of(request, {}),
    }
    asked = ceremony(request, partial(passkeys.asking_options, Occasion.SIGN_IN))
    return render(request, "desk/sign_in.html", context | asked)


@public(WHY)
def _as_persona(request: HttpRequest) -> HttpResponseBase:
    """Enter as one of the demo's cast; outside a demonstration there is none."""
    wanted = request.POST.get("membership", "")
    if wanted not in {p.membership for p in _personas()}:
        raise NotFound()
    enter_demo(request, wanted)
    return done("/")


@public(WHY)
def _with_passkey(request: Any) -> HttpResponseBase:
    try:
        proven = passkeys.prove(
            Occasion.SIGN_IN, request.POST.get("answer", ""), session_name(request), party(request)
        )
    except NotAllowed as refusal:
        because = type(refusal.__cause__ or refusal).__name__
        log.warning("a sign-in with a passkey was refused", extra=facts(kind=because))
        attempts.missed(Door.PASSKEY, address_of(request))
        raise
    hats = queries.memberships_of(proven.member)
    if not hats:
        raise _nobody_now()
    if len(hats) == 1:
        enter(request, hats[0], Method.PASSKEY, proven.assurance, proven.passkey)
        return known_devices.keep(request, done("/"), proven.member)
    leave(request)  # what was proven is kept under a new key
    request.session[CHOOSING] = {
        "member": proven.member,
        "passkey": str(proven.passkey),
        "assurance": proven.assurance,
        "key": proven.key,
        "until": (now() + CEREMONY_LIFE).timestamp(),
    }
    return done("/sign-in/as")


def _nobody_now() -> NotAllowed:
    return NotAllowed(
        phrase("No agency has you as a member now."),
        who_can_change=phrase("the administrators of your agency"),
    )


def _chosen_from(request: Any) -> tuple[Proven, tuple[Actor, ...]]:
    """Who was proven in this session and may choose; raises NotFound where nobody was, or is late."""
    held = request.session.get(CHOOSING)
    if not held or held["until"] < now().timestamp():
        raise NotFound()
    proven = Proven(held["member"], UUID(held["passkey"]), held["assurance"], held["key"])
    return proven, queries.memberships_of(proven.member)


@public(WHY)
def _show_choice(request: Any) -> HttpResponseBase:
    _, hats = _chosen_from(request)
    return render(request, "desk/sign_in_as.html", {"hats": hats})


@public(WHY)
def _choose(request: Any) -> HttpResponseBase:
    proven, hats = _chosen_from(request)
    wanted = request.POST.get("membership", "")
    chosen = next((hat for hat in hats if hat.membership == wanted), None)
    if chosen is None:
        raise NotFound()
    enter(request, chosen, Method.PASSKEY, proven.assurance, proven.passkey)
    return known_devices.keep(request, done("/"), proven.member)


# -- links -----------------------------------------------------------------------------------------


@public(WHY)
def _show_link(request: Any, token: str) -> HttpResponseBase:
    try:
        actor, asks_code = actions.link_asks(token)
    except NotFound:
        return _spent(request, token)
    context: dict[str, Any] = {
        "token": token,
        "spent": False,
        "asks_code": asks_code,
        "typed": request.POST,
        "faults": faults_of(request, LABELS | coded.LABELS),
    }
    if settings.ACCORD_DEMO:
        return render(request, "desk/sign_in_link.html", context)
    context |= ceremony(request, partial(passkeys.creation_options, actor.member, actor.name))
    context |= coded.offered(request, actor)
    return render(request, "desk/enrol.html", context | {"actor": actor})


@public(WHY)
def _use_link(request: Any, token: str) -> HttpResponseBase:
    code = request.POST.get("code", "")
    invited, joined = (_others(request, name) for name in (INVITED, JOINED))
    try:
        if settings.ACCORD_DEMO:
            enter_demo(request, actions.use_signin_link(token, code))
            return done("/")
        actor = _whose_link(request, token, code)
        if request.POST.get("do") == coded.SET_UP:
            return coded.enrolled(
                request, actor, "set up a password and codes",
                spending=lambda: actions.use_signin_link(token, code),
            )  # fmt: skip
        proven = passkeys.add(
            actor.member,
            request.POST.get("answer", ""),
            request.POST.get("name", ""),
            session_name(request),
            party(request),
            spending=lambda: actions.use_signin_link(token, code),
        )
    except NotFound:  # spent, old and unknown links look the same, and the page says what to do
        return _spent(request, token)
    enter(request, actor, Method.PASSKEY, proven.assurance, proven.passkey)
    noted(
        actor,
        "made a passkey",
        passkey=str(proven.passkey),
        key=proven.key,
        assurance=proven.assurance,
    )
    if not setup.open_when_ready():  # who named the two still has the link of the other
        request.session[INVITED] = invited
    if joined:
        request.session[JOINED] = joined
        return done("/join/")
    return done("/")


def _others(request: Any, name: str) -> list[list[str]]:
    """The links of other people that this browser was shown, to hand over; not the one it uses now."""
    return [one for one in request.session.get(name, []) if one[1] != request.path]


def _whose_link(request: Any, token: str, code: str) -> Actor:
    try:
        return actions.whose_link(token, code)
    except InvalidInput:  # the code beside it, which is counted like a wrong link
        attempts.missed(Door.LINK, address_of(request))
        raise


def _spent(request: HttpRequest, token: str) -> HttpResponseBase:
    attempts.missed(Door.LINK, address_of(request))
    context = {"token": token, "spent": True}
    return render(request, "desk/sign_in_link.html", context, status=404)


@public("ends the session it is sent from and shows nothing")
def _leave(request: Any) -> HttpResponseBase:
    if request.proof is not None:
        signins.end(request.proof.signin, Why.LEFT)
        if request.actor is not None and request.proof.method is not Method.DEMO:
            noted(request.actor, "signed out")
    request.session.flush()
    return done("/sign-in/")


sign_in = page(get=sign_in_page, post=_as_persona)
sign_in_passkey = page(get=sign_in_page, post=_with_passkey)
sign_in_as = page(get=_show_choice, post=_choose)
sign_in_link = page(get=_show_link, post=_use_link)
sign_out = page(post=_leave)
