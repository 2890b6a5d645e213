"""What surrounds every view: who is asking, and how a refusal is shown.

`actor` puts the session's membership on the request, judged anew each time: a member who leaves or
an agency that is suspended loses access on the next request.
`Errors` renders the error family at the edge, for the officer who reads it; the API renders its own.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from accord.agencies import queries as agencies
from accord.agreements.entry import SignInNeeded
from accord.agreements.pages import WrongMethod
from accord.desk import remembered
from accord.kernel.clock import now
from accord.kernel.errors import AccordError, Conflict, InvalidInput, NotAllowed, NotFound
from accord.kernel.phrases import Phrase, packed, phrase
from accord.platform.logs import facts
from accord.platform.requestlog import route_of
from accord.web.errors import error_view
from accord.web.render import render_bare
from accord.web.shell import Shell

SESSION_KEY = "membership"
SESSION_BEGAN = "began"  # seconds since 1970
log = logging.getLogger("accord.errors")
Handler = Callable[[HttpRequest], HttpResponseBase]

TITLES = {
    400: phrase("That could not be read"),
    403: phrase("Not allowed"),
    404: phrase("There is nothing here for you"),
    405: phrase("Not this way"),
    409: phrase("Somebody else was first"),
    500: phrase("Accord failed"),
}


def actor(get_response: Handler) -> Handler:
    """Put `request.actor` in place, or None; the API's tokens are resolved by the API itself."""

    def middleware(request: Any) -> HttpResponseBase:
        try:
            membership = None if is_over(request.session) else request.session.get(SESSION_KEY)
            request.actor = agencies.actor_or_none(membership) if membership else None
        except OperationalError:
            number = reference()
            log.exception("the database does not answer", extra=facts(reference=number))
            return error_page(request, 503, reference=number)
        response = get_response(request)
        _keep_said(request.session)
        if response.status_code == 200:
            remembered.note(request)
            remembered.note_record(request)
        return response

    return middleware


def _keep_said(session: Any) -> None:
    """What the next page says is kept as a message, to be told in its reader's language."""
    said = session.get("said")
    if isinstance(said, Phrase):
        session["said"] = packed(said)


def is_over(session: Any) -> bool:
    """Return whether a session has ended, whatever was done in it meanwhile."""
    return session_is_over(session.get(SESSION_BEGAN, 0.0))


def session_is_over(began: float) -> bool:
    """Return whether a session that began then has lasted as long as one may."""
    return now().timestamp() - began > settings.SESSION_COOKIE_AGE


class Errors:
    """Render whatever a view raises, once, in one place."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        if isinstance(error, SignInNeeded):
            return _to_sign_in(request)
        if isinstance(error, Http404):
            return error_page(request, 404)
        if isinstance(error, AccordError):
            return _known(request, status_of(error), error)
        number = reference()
        log.error(
            "unexpected error",
            extra=facts(reference=number, route=route_of(request)),
            exc_info=error,
        )
        return error_page(request, 500, reference=number)


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
        case WrongMethod():
            return 405
        case _:
            return 500


def reference() -> str:
    """Return a fresh reference number that a person can read out."""
    return secrets.token_hex(4).upper()


def error_page(request: HttpRequest, status: int, **words: Any) -> HttpResponse:
    """Draw an error page that needs no database."""
    context = {"error": error_view(status, **words), "shell": Shell.bare()}
    response = render_bare(request, "layout/error.html", context, status)
    if status == 405:
        response.headers["Allow"] = phrase("GET, POST")
    return response


def _known(request: HttpRequest, status: int, error: AccordError) -> HttpResponse:
    """INVARIANT: a 404 has no reference, reason or time: absent and forbidden are the same bytes."""
    if status == 404:
        return error_page(request, 404)
    number = error.reference or reference()
    if status == 500:
        log.error(
            "answered with an error",
            extra=facts(reference=number, route=route_of(request), kind=type(error).__name__),
        )
    items = tuple(str(f) for f in error.faults) if isinstance(error, InvalidInput) else ()
    return error_page(
        request,
        status,
        what=str(error),
        who_can_change=error.who_can_change,
        reference=number,
        items=items[1:],
    )


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """A part of a page that renews itself sends the whole page to sign in."""
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": "/sign-in/"})
    return HttpResponseRedirect("/sign-in/")
