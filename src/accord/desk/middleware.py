"""What surrounds every view: who is asking, and how a refusal is shown.

`actor` puts the session's membership on the request, judged anew each time: a member who leaves or
an agency that is suspended loses access on the next request.
`Errors` renders the error family at the edge, for the officer who reads it; the API renders its own.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor
from accord.agreements.entry import SignInNeeded, StepUpNeeded
from accord.agreements.pages import WrongMethod
from accord.desk import remembered
from accord.identity import queries as identity
from accord.identity.actions import setup, signins
from accord.identity.addresses import family_of
from accord.identity.domain import Method, Proof, Why
from accord.kernel.errors import (
    AccordError,
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    TooOften,
    Unavailable,
)
from accord.kernel.phrases import Phrase, packed, phrase
from accord.platform.db.errors import refusal_in_words
from accord.platform.http import LIVE
from accord.platform.logs import facts
from accord.platform.requestlog import route_of
from accord.platform.sessions import stored_key
from accord.web.errors import error_view
from accord.web.render import render_bare
from accord.web.shell import Shell

log = logging.getLogger("accord.errors")
Handler = Callable[[HttpRequest], HttpResponseBase]

TITLES = {
    400: phrase("That could not be read"),
    403: phrase("Not allowed"),
    404: phrase("There is nothing here for you"),
    405: phrase("Not this way"),
    409: phrase("Somebody else was first"),
    500: phrase("Accord failed"),
    503: phrase("Accord is not ready"),
}


def actor(get_response: Handler) -> Handler:
    """Put `request.actor` and `request.proof` in place, or None.

    The API's tokens are resolved by the API itself.
    """

    def middleware(request: Any) -> HttpResponseBase:
        try:
            request.proof = _proof(request)
            request.actor = acting(request.proof)
        except OperationalError as error:
            return _no_database(request, error)
        response = get_response(request)
        _keep_said(request.session)
        if response.status_code == 200:
            remembered.note(request)
            remembered.note_record(request)
        return response

    return middleware


class SetUpFirst:
    """Until the node has its agency and two administrators, nothing but its set-up answers."""

    OPEN = ("/set-up/", "/sign-in/", "/sign-out", "/look", "/api/v1/openapi.json", LIVE)

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(self.OPEN):
            return self.get_response(request)
        try:
            ready = setup.is_open()
        except OperationalError as error:
            return _no_database(request, error)
        if ready:
            return self.get_response(request)
        from accord.desk.views import set_up

        return set_up.not_yet(request)


class StepUp:
    """Take the answer to a step-up, or a signature, that comes with a form, once that was checked."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: Any, *_: Any) -> HttpResponseBase | None:
        from accord.desk.signing_in import noted
        from accord.desk.views import account

        if request.proof is None or request.actor is None:
            return None
        answer, coded = account.answer_of(request), account.coded_answer_of(request)
        try:
            if answer:
                account.take_answer(request, answer)
            elif coded:
                account.take_coded_answer(request, *coded)
        except NotAllowed as refusal:
            noted(request.actor, "was refused a new proof", method=_by(answer))
            return account.ask_again(request, str(refusal))
        if answer or coded:
            noted(request.actor, "proved again who they are", method=_by(answer))
        account.take_signature(request)
        if not (answer or coded) and getattr(request, "signed", None) is None:
            return None
        request.proof = _proof(request)
        request.actor = acting(request.proof)
        return None


def _by(answer: str | None) -> Method:
    return Method.PASSKEY if answer else Method.CODE


def _proof(request: Any) -> Proof | None:
    """What the session proves. One that has come to its end is ended, and says so once."""
    if request.session.session_key is None:
        return None
    stored = stored_key(request.session.session_key)
    found = identity.proof_of(stored, request.session, family_of(address_of(request)))
    if isinstance(found, Why):
        signins.end_session(stored, found)
        return None
    # A page that renews itself is no sign that anybody sits there.
    if found is not None and request.headers.get("Accord-Live") is None:
        signins.seen(found)
    return found


def address_of(request: Any) -> str:
    """The address a request came from, as the web server says."""
    return str(request.META.get("REMOTE_ADDR", ""))


def acting(proof: Proof | None) -> Actor | None:
    """Return who acts: the membership as it is now, with no more assurance than was proven."""
    found = agencies.actor_or_none(proof.membership) if proof else None
    if found is None or proof is None:
        return None
    return replace(found, assurance=min(found.assurance, proof.assurance))


def _keep_said(session: Any) -> None:
    """What the next page says is kept as a message, to be told in its reader's language."""
    said = session.get("said")
    if isinstance(said, Phrase):
        session["said"] = packed(said)


class Errors:
    """Render whatever a view raises, once, in one place."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        if isinstance(error, SignInNeeded):
            return _to_sign_in(request)
        if isinstance(error, StepUpNeeded):
            return _step_up(request)
        if isinstance(error, Http404):
            return error_page(request, 404)
        if isinstance(error, AccordError):
            return _known(request, status_of(error), error)
        if isinstance(error, OperationalError):
            return _no_database(request, error)
        number = reference()
        noted = facts(reference=number, route=route_of(request))
        log.error("unexpected error", extra=noted, exc_info=error)
        return error_page(request, 500, reference=number)


def _no_database(request: HttpRequest, error: OperationalError) -> HttpResponse:
    number = reference()
    noted = facts(reference=number, route=route_of(request))
    log.error("the database does not answer", extra=noted, exc_info=error)
    said, who = refusal_in_words(error) or (None, None)
    return error_page(request, 503, reference=number, what=said, who_can_change=who)


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
        case TooOften():
            return 429
        case Unavailable():
            return 503
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
    response = error_page(
        request,
        status,
        what=str(error),
        who_can_change=error.who_can_change,
        reference=number,
        items=items[1:],
    )
    if isinstance(error, TooOften):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _step_up(request: HttpRequest) -> HttpResponseBase:
    from accord.desk.views import account

    return account.ask_again(request)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """A part of a page that renews itself sends the whole page to sign in."""
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": "/sign-in/"})
    return HttpResponseRedirect("/sign-in/")
