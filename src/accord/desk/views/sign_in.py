"""Signing in with a one-time link, and signing out.

A link is spent by a button, not by opening it: previews and scanners open links too.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from accord.agencies import actions, queries
from accord.agencies.domain import Persona
from accord.agreements.pages import done, page
from accord.desk.middleware import SESSION_BEGAN, SESSION_KEY
from accord.kernel.clock import now
from accord.kernel.errors import NotFound
from accord.kernel.phrases import phrase
from accord.platform.http import public

WHY = phrase("whoever is not signed in has to sign in somewhere; it shows no agency's data")


def _personas() -> tuple[Persona, ...]:
    """The demo's cast; nobody outside a demonstration."""
    return queries.personas() if settings.ACCORD_DEMO else ()


@public(WHY)
def _show(request: HttpRequest) -> HttpResponseBase:
    personas = _personas()
    agencies = tuple(dict.fromkeys(p.agency_name for p in personas))
    return render(request, "desk/sign_in.html", {"personas": personas, "agencies": agencies})


@public(WHY)
def _as_persona(request: HttpRequest) -> HttpResponseBase:
    """Enter as one of the demo's cast; outside a demonstration there is none."""
    wanted = request.POST.get("membership", "")
    if wanted not in {p.membership for p in _personas()}:
        raise NotFound()
    return _enter(request, queries.actor(wanted).membership)


@public(WHY)
def _show_link(request: HttpRequest, token: str) -> HttpResponseBase:
    return render(request, "desk/sign_in_link.html", {"token": token, "spent": False})


@public(WHY)
def _use_link(request: HttpRequest, token: str) -> HttpResponseBase:
    try:
        return _enter(request, actions.use_signin_link(token))
    except NotFound:  # spent, old and unknown links look the same, and the page says what to do
        context = {"token": token, "spent": True}
        return render(request, "desk/sign_in_link.html", context, status=404)


def _enter(request: Any, membership: str) -> HttpResponseBase:
    request.session.flush()  # nothing of whoever sat here before stays, and the session id is new
    request.session[SESSION_KEY] = membership
    request.session[SESSION_BEGAN] = now().timestamp()
    return done("/")


@public("ends the session it is sent from and shows nothing")
def _leave(request: Any) -> HttpResponseBase:
    request.session.flush()
    return done("/sign-in/")


sign_in = page(get=_show, post=_as_persona)
sign_in_link = page(get=_show_link, post=_use_link)
sign_out = page(post=_leave)
