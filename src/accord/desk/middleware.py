"""What surrounds every view: who is asking, and how a refusal is shown.

`actor` puts the session's membership on the request, judged anew each time: a member who leaves or
an agency that is suspended loses access on the next request.
`Errors` renders the error family at the edge: HTML for people, problem+json (RFC 9457) under /api.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import Any

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements.entry import SignInNeeded
from accord.kernel.errors import AccordError, Conflict, InvalidInput, NotAllowed, NotFound
from accord.web.components import ErrorView

SESSION_KEY = "membership"
log = logging.getLogger("accord.errors")
Handler = Callable[[HttpRequest], HttpResponseBase]

TITLES = {
    400: "That could not be read",
    403: "Not allowed",
    404: "There is nothing here for you",
    409: "Somebody else was first",
    500: "Accord failed",
}


def actor(get_response: Handler) -> Handler:
    """Put `request.actor` in place, or None; the API's tokens are resolved by the API itself."""

    def middleware(request: Any) -> HttpResponseBase:
        membership = request.session.get(SESSION_KEY)
        request.actor = agencies.actor_or_none(membership) if membership else None
        return get_response(request)

    return middleware


class Errors:
    """Render whatever a view raises, once, in one place."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponseBase | None:
        if isinstance(error, SignInNeeded):
            return HttpResponseRedirect("/sign-in/")
        if isinstance(error, AccordError):
            return _page(request, status_of(error), error)
        if isinstance(error, DatabaseError):
            log.exception("database error on %s", request.path)
        else:
            log.exception("unexpected error on %s", request.path)
        return _page(request, 500, AccordError("Something failed that should not have."))


def status_of(error: AccordError) -> int:
    """Return the HTTP status of an error of the family."""
    match error:
        case NotFound():
            return 404
        case NotAllowed():
            return 403
        case Conflict():
            return 409
        case InvalidInput():
            return 400
        case _:
            return 500


def reference() -> str:
    """Return a fresh reference number that a person can read out."""
    return secrets.token_hex(4).upper()


def _page(request: HttpRequest, status: int, error: AccordError) -> HttpResponse:
    """INVARIANT: a 404 carries no reference and no reason, so absent and forbidden are the same bytes."""
    known = status != 404
    view = ErrorView(
        status=status,
        title=TITLES[status],
        what=str(error) if known else TITLES[404],
        why=None if known else "It does not exist, or you have no standing to see it.",
        who_can_change=error.who_can_change if known else "the agency that owns it, on request",
        reference=reference() if known else None,
    )
    return render(request, "layout/error.html", {"error": view}, status=status)
