"""Setting up a password and codes: what its form shows, and what it takes, wherever it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies.domain import Actor
from accord.desk import known_devices
from accord.desk.signing_in import enter, noted
from accord.identity.codes import queries
from accord.identity.codes.actions import devices, recovery
from accord.identity.codes.domain import CODES_ASSURANCE, LEAST_PASSWORD
from accord.identity.domain import Method
from accord.kernel.phrases import phrase

SET_UP = "set-up-codes"
NAME, SEALED = "device-name", "sealed"
LABELS = {
    NAME: phrase("What to call it"),
    devices.PASSWORD: phrase("Password"),
    devices.NEW_PASSWORD: phrase("New password"),
    devices.CODE: phrase("Code of your app"),
}


def offered(request: Any, actor: Actor) -> dict[str, Any]:
    """What the form of a new password and device shows; `pending` is None where there is none."""
    shown = None
    if queries.allowed_to(actor.membership):
        sealed = request.POST.get(SEALED, "")
        shown = (devices.again(actor, sealed) if sealed else None) or devices.begin(actor)
    return {"pending": shown, "account_name": actor.membership, "least": LEAST_PASSWORD}


def said(request: Any) -> dict[str, Any]:
    """What the form of a new password and device says."""
    return {
        "sealed": request.POST.get(SEALED, ""),
        "name": request.POST.get(NAME, ""),
        "password": request.POST.get(devices.PASSWORD, ""),
        "code": request.POST.get(devices.CODE, ""),
    }


def enrolled(
    request: Any, actor: Actor, step: str, *, spending: Callable[[], object], **detail: str
) -> HttpResponseBase:
    """Keep what somebody set up who was not signed in, sign them in, and show their recovery codes."""
    made: list[str] = []

    def spent() -> None:
        spending()
        made.extend(recovery.make(actor))

    device = devices.add(actor, **said(request), spending=spent)
    enter(request, actor, Method.CODE, CODES_ASSURANCE, device)
    noted(actor, step, device=str(device), **detail)
    shown = render(request, "desk/recovery_codes.html", {"recovery_codes": made})
    return known_devices.keep(request, shown, actor.member)
