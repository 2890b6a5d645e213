"""The cookie of a browser in which somebody with a code device came in before; it opens nothing."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponseBase

from accord.identity.codes import known
from accord.identity.codes.actions import knowing
from accord.identity.codes.domain import KNOWN_DAYS

COOKIE = "accord_known"


def tokens(request: Any) -> tuple[str, ...]:
    """What this browser says of who came in here before."""
    return known.read(request.COOKIES.get(COOKIE, ""))


def keep(request: Any, response: HttpResponseBase, member: str) -> HttpResponseBase:
    """Let the browser be known as one in which this member came in, if they have a code device."""
    cookie = knowing.remember(member, tokens(request))
    if cookie is None:
        return response
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=KNOWN_DAYS * 86_400,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
