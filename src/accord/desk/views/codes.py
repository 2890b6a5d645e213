"""Signing in with a password and a code, coming back with a recovery code; no agency's data is shown."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agreements.pages import done, page
from accord.desk import coded, known_devices
from accord.desk.context import say
from accord.desk.middleware import address_of
from accord.desk.signing_in import (
    ceremony,
    check_speaks_for_all,
    enter,
    leave,
    noted,
    party,
    session_name,
)
from accord.desk.views.sign_in import WHY
from accord.identity.actions import attempts, passkeys
from accord.identity.actions.attempts import Door
from accord.identity.codes.actions import devices, recovery
from accord.identity.codes.actions.recovery import Recovering
from accord.identity.codes.domain import CODES_ASSURANCE, RECOVERING_LIFE
from accord.identity.domain import Method
from accord.kernel.clock import now
from accord.kernel.errors import NotAllowed, NotFound
from accord.kernel.phrases import phrase
from accord.platform.http import public
from accord.web.faults import faults_of

log = logging.getLogger("accord.identity")
RECOVERING = "recovering"
"""Of a session in which a recovery code was checked, and nothing enrolled yet."""
RECOVERED = "recovered with a recovery code"
NAME, RECOVERY_CODE = "membership", "recovery-code"


@public(WHY)
def _show_code(request: Any) -> HttpResponseBase:
    context = {
        "faults": faults_of(request, coded.LABELS),
        "name": request.POST.get(NAME, ""),
        "most": attempts.MOST_OF_PAIR,
    }
    return render(request, "desk/sign_in_code.html", context)


@public(WHY)
def _with_code(request: Any) -> HttpResponseBase:
    said = request.POST
    try:
        came = devices.prove(
            said.get(NAME, ""), said.get(devices.PASSWORD, ""), said.get(devices.CODE, ""),
            known_devices.tokens(request), address_of(request),
        )  # fmt: skip
    except NotAllowed:
        log.warning("a sign-in with a code was refused")
        raise
    enter(request, came.actor, Method.CODE, CODES_ASSURANCE, came.device)
    return known_devices.keep(request, done("/"), came.actor.member)


# -- a recovery code -------------------------------------------------------------------------------


@public(WHY)
def _show_recover(request: Any) -> HttpResponseBase:
    context = {"faults": faults_of(request, coded.LABELS)}
    return render(request, "desk/recover.html", context)


@public(WHY)
def _recover(request: Any) -> HttpResponseBase:
    said = request.POST
    try:
        found = recovery.check(said.get(RECOVERY_CODE, ""), said.get(devices.PASSWORD, ""))
    except NotAllowed:
        log.warning("a recovery code was refused")
        attempts.missed(Door.RECOVERY, address_of(request))
        raise
    leave(request)  # what was proven is kept under a new key
    until = (now() + RECOVERING_LIFE).timestamp()
    request.session[RECOVERING] = {"code": str(found.code), "until": until}
    return done("/sign-in/recover/new")


def _recovering(request: Any) -> Recovering:
    """Who may enrol anew in this session; raises NotFound where nobody may, or it took too long."""
    held = request.session.get(RECOVERING)
    if not held or held["until"] < now().timestamp():
        raise NotFound()
    return recovery.who(UUID(held["code"]))


@public(WHY)
def _show_new(request: Any) -> HttpResponseBase:
    actor = _recovering(request).actor
    context: dict[str, Any] = {"actor": actor, "faults": faults_of(request, coded.LABELS)}
    context |= coded.offered(request, actor)
    context |= ceremony(request, partial(passkeys.creation_options, actor.member, actor.name))
    return render(request, "desk/recover_new.html", context)


@public(WHY)
def _enrol(request: Any) -> HttpResponseBase:
    found = _recovering(request)
    actor, about = found.actor, {"recovery": str(found.code)}
    check_speaks_for_all(actor, None)
    if request.POST.get("do") == coded.SET_UP:
        response = coded.enrolled(
            request, actor, RECOVERED, spending=lambda: recovery.spend(found), **about
        )
        _tell(request)
        return response
    proven = passkeys.add(
        actor.member,
        request.POST.get("answer", ""),
        request.POST.get("name", ""),
        session_name(request),
        party(request),
        spending=lambda: recovery.spend(found),
    )
    enter(request, actor, Method.PASSKEY, proven.assurance, proven.passkey)
    noted(actor, RECOVERED, passkey=str(proven.passkey), key=proven.key, **about)
    _tell(request)
    return known_devices.keep(request, done("/account/"), actor.member)


def _tell(request: Any) -> None:
    say(
        request,
        phrase("You are in again, and every other session is over. Revoke here what you lost."),
    )


sign_in_code = page(get=_show_code, post=_with_code)
sign_in_recover = page(get=_show_recover, post=_recover)
sign_in_recover_new = page(get=_show_new, post=_enrol)
