"""A member's own password, code device and recovery codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agreements.entry import freshly_proven, own_desk
from accord.agreements.pages import done, page
from accord.desk import coded, known_devices
from accord.desk.context import say
from accord.desk.middleware import address_of
from accord.desk.signing_in import OFFICE, check_speaks_for_all
from accord.identity.codes import queries
from accord.identity.codes.actions import devices, recovery
from accord.identity.codes.domain import LEAST_PASSWORD, RECOVERY_CODES
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, raise_all
from accord.kernel.phrases import phrase
from accord.web.faults import faults_of

HERE = "/account/code"
ADD, PASSWORD = coded.SET_UP, "password"


@own_desk(OFFICE)
def _show(request: Any) -> HttpResponseBase:
    return _drawn(request, setting_up=request.POST.get("do") == ADD)


def _drawn(
    request: Any, *, setting_up: bool = False, recovery_codes: tuple[str, ...] = ()
) -> HttpResponseBase:
    """The page; a new secret and new recovery codes are shown this once."""
    actor = request.scope.actor
    context: dict[str, Any] = {
        "faults": faults_of(request, coded.LABELS),
        "coded": queries.coded(actor.member, actor.agency),
        "account_name": actor.membership,
        "recovery_codes": recovery_codes,
        "recovery_many": RECOVERY_CODES,
        "least": LEAST_PASSWORD,
        "pending": None,
        "zone": actor.zone,
    }
    if setting_up:
        context |= coded.offered(request, actor)
    return render(request, "desk/account_code.html", context)


def _begin(request: Any) -> HttpResponseBase:
    devices.check_allowed(request.scope.actor)
    return _drawn(request, setting_up=True)


def _add(request: Any) -> HttpResponseBase:
    actor = request.scope.actor
    check_speaks_for_all(actor, request.proof)
    device = devices.add(actor, **coded.said(request))
    made = recovery.make(actor)
    request.scope.did("membership", step="set up a password and codes", device=str(device))
    return known_devices.keep(request, _drawn(request, recovery_codes=made), actor.member)


def _recovery(request: Any) -> HttpResponseBase:
    made = recovery.make(request.scope.actor)
    request.scope.did("membership", step="made recovery codes", count=len(made))
    return _drawn(request, recovery_codes=made)


def _password(request: Any) -> HttpResponseBase:
    new = request.POST.get(devices.NEW_PASSWORD, "")
    device = devices.change_password(request.scope.actor, new)
    request.scope.did("membership", step="changed the password", device=str(device))
    say(request, phrase("The password is changed."))
    return done(HERE)


def _reopen(request: Any) -> HttpResponseBase:
    devices.open_again(request.scope.actor.member)
    request.scope.did("membership", step="opened sign-in by code again")
    say(request, phrase("Your code opens again from every place."))
    return done(HERE)


def _remove(request: Any) -> HttpResponseBase:
    device = devices.remove(request.scope.actor.member)
    request.scope.did("membership", step="removed password and codes", device=str(device))
    say(request, phrase("Password and codes are removed, and every session they opened is over."))
    return done("/account/")


STEPS: Mapping[str, Callable[[Any], HttpResponseBase]] = {
    "begin": _begin,
    ADD: _add,
    "recovery": _recovery,
    PASSWORD: _password,
    "reopen": _reopen,
    "remove": _remove,
}


@freshly_proven
@own_desk(OFFICE)
def _step(request: Any) -> HttpResponseBase:
    step = STEPS.get(request.POST.get("do", ""))
    if step is None:
        raise InvalidInput("request", None, "do", phrase("choose one of the list"))
    return step(request)


def _check_typed(request: Any) -> None:
    """Raise InvalidInput for what is missing, as after a new proof was asked for: it costs no try."""
    rule = phrase("write it here: it is kept on no page")
    fields = (devices.PASSWORD, devices.CODE, devices.NEW_PASSWORD)
    raise_all([InvalidInput("request", None, f, rule) for f in fields if not request.POST.get(f)])


def _take(request: Any) -> HttpResponseBase:
    """Check the old password before the scope opens: a wrong one is counted, whatever is undone."""
    proof = request.proof
    if request.POST.get("do") == PASSWORD and proof is not None and proof.is_fresh(now()):
        _check_typed(request)
        devices.prove_again(
            proof.member,
            proof.membership,
            request.POST.get(devices.PASSWORD, ""),
            request.POST.get(devices.CODE, ""),
            known_devices.tokens(request),
            address_of(request),
        )
    return _step(request)


account_code = page(get=_show, post=_take)
