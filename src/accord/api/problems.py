"""How the API says what went wrong: RFC 9457 problems, whatever the cause."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from accord.agreements.entry import SignInNeeded, StepUpNeeded
from accord.agreements.tokenscope import OutOfScope
from accord.api.limits import TooMany
from accord.desk import middleware as edge
from accord.desk.middleware import reference, status_of
from accord.kernel.errors import AccordError, InvalidInput
from accord.platform.db.errors import refusal_in_words
from accord.platform.logs import facts
from accord.platform.requestlog import route_of

PROBLEM = "application/problem+json"
FAILED = "Accord failed; nothing was changed."
log = logging.getLogger("accord.errors")
TITLES = edge.TITLES | {
    401: "Not signed in",
    413: "Too large",
    429: "Too often",
    503: "Not available now",
}


def problem(status: int, detail: str, **more: Any) -> JsonResponse:
    """Return an RFC 9457 problem; `more` is added as extension members where not None."""
    body = {"type": "about:blank", "title": TITLES.get(status, "Error"), "status": status}
    body |= {"detail": detail} | {k: v for k, v in more.items() if v is not None}
    response = JsonResponse(body, status=status, content_type=PROBLEM)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def not_found() -> JsonResponse:
    """INVARIANT: absent, forbidden and never heard of are the same bytes."""
    return problem(404, TITLES[404])


def install(api: NinjaAPI) -> None:
    """Let the API answer every exception with a problem."""
    for error, handler in HANDLERS.items():
        api.add_exception_handler(error, handler)


def _accord_error(request: HttpRequest, error: AccordError) -> HttpResponse:
    if isinstance(error, SignInNeeded):
        return problem(401, "Send a bearer token.")
    if isinstance(error, StepUpNeeded):
        return _step_up(error)
    status = status_of(error)
    if status == 404:
        return not_found()
    number = error.reference or reference()
    if status == 500:
        log.error(
            "answered with an error",
            extra=facts(reference=number, route=route_of(request), kind=type(error).__name__),
        )
        return problem(500, FAILED, reference=number)
    faults = None
    if isinstance(error, InvalidInput):
        faults = [
            {"file": f.file, "line": f.line, "field": f.field, "rule": f.rule} for f in error.faults
        ]
    response = problem(
        status,
        str(error),
        who_can_change=error.who_can_change,
        errors=faults,
        reference=number,
    )
    if isinstance(error, OutOfScope):  # RFC 6750 section 3.1
        response.headers["WWW-Authenticate"] = (
            f'Bearer error="insufficient_scope", scope="{error.needs}"'
        )
    return response


def _step_up(error: StepUpNeeded) -> HttpResponse:
    """RFC 9470: the token would have to be made by a newer proof."""
    response = problem(401, str(error), who_can_change=error.who_can_change)
    response.headers["WWW-Authenticate"] = (
        'Bearer error="insufficient_user_authentication", max_age="600"'
    )
    return response


def _too_many(request: HttpRequest, error: TooMany) -> HttpResponse:
    del request  # ninja's signature
    response = problem(429, str(error), who_can_change=error.who_can_change)
    response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _not_signed_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    del error  # ninja's signature
    response = problem(401, "Send a valid bearer token.")
    if request.headers.get("Authorization"):  # RFC 6750 section 3.1
        response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return response


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What does not have the documented form: 400, with every field."""
    del request  # ninja's signature
    errors = [
        {"field": ".".join(str(place) for place in e["loc"]), "rule": e["msg"]}
        for e in error.errors
    ]
    return problem(400, "The request does not have the documented form.", errors=errors)


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    del request  # ninja's signature
    return not_found() if error.status_code == 404 else problem(error.status_code, str(error))


def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    """Whatever nobody foresaw; written down under a number that can be read out."""
    if isinstance(error, RequestDataTooBig):
        return problem(413, "The body is larger than this operation takes.")
    if isinstance(error, SuspiciousOperation):
        return problem(400, "The request is malformed.")
    number = reference()
    log.error(
        "unexpected error", extra=facts(reference=number, route=route_of(request)), exc_info=error
    )
    if isinstance(error, OperationalError):
        said, who = refusal_in_words(error) or ("The database does not answer.", None)
        return problem(503, said, who_can_change=who, reference=number)
    return problem(500, FAILED, reference=number)


HANDLERS: dict[type[Exception], Any] = {
    TooMany: _too_many,
    AccordError: _accord_error,
    AuthenticationError: _not_signed_in,
    ValidationError: _invalid,
    HttpError: _http_error,
    Exception: _failed,
}
