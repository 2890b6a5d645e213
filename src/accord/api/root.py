"""The REST API `/api/v1`: bearer tokens, a stated purpose, problem+json (RFC 9457).

Each module brings its own router; this file joins them and says how errors look. An operation is
entered through `accord.agreements.entry.api_context` or `api_desk`, like every page.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor
from accord.agreements.api import router as agreements_router
from accord.agreements.entry import SignInNeeded
from accord.api.ledger import router as ledger_router
from accord.api.members import router as members_router
from accord.cases.api import router as cases_router
from accord.desk.middleware import TITLES, reference, status_of
from accord.kernel.errors import AccordError, InvalidInput, NotFound
from accord.records.api import router as records_router

DESCRIPTION = """\
Every operation runs under the standing of the token's member. State why you ask in the header
`Accord-Purpose`, the legal basis in `Accord-Basis` (default `statute`) and, within a case, its
number in `Accord-Case`. What you have no standing for does not exist: absent and forbidden answer
alike with 404. Errors are `application/problem+json` (RFC 9457).
"""


class MemberToken(HttpBearer):
    """A bearer token names one membership; anything else is a 401."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        try:
            actor = agencies.actor_of_token(token)
        except NotFound:  # unknown, expired and revoked tokens all end in the same 401
            return None
        request.actor = actor  # type: ignore[attr-defined]  # read by the entry decorators
        return actor


api = NinjaAPI(
    title="Accord",
    version="1.0.0",
    description=DESCRIPTION,
    auth=MemberToken(),
    docs_url=None,
    urls_namespace="api-v1",
)
api.add_router("", members_router)
api.add_router("", records_router)
api.add_router("", cases_router)
api.add_router("", agreements_router)
api.add_router("", ledger_router)


def problem(status: int, detail: str, **more: Any) -> JsonResponse:
    """Return an RFC 9457 problem; `more` is added as extension members where not None."""
    body = {"type": "about:blank", "title": TITLES.get(status, "Error"), "status": status}
    body |= {"detail": detail} | {k: v for k, v in more.items() if v is not None}
    return JsonResponse(body, status=status, content_type="application/problem+json")


@api.exception_handler(AccordError)
def _accord_error(request: HttpRequest, error: AccordError) -> HttpResponse:
    if isinstance(error, SignInNeeded):
        return problem(401, "Send a bearer token.")
    status = status_of(error)
    if status == 404:
        # INVARIANT: absent and forbidden are the same bytes.
        return problem(404, TITLES[404])
    faults = None
    if isinstance(error, InvalidInput):
        faults = [
            {"file": f.file, "line": f.line, "field": f.field, "rule": f.rule}
            for f in error.faults
        ]
    return problem(
        status,
        str(error),
        who_can_change=error.who_can_change,
        errors=faults,
        reference=reference(),
    )


@api.exception_handler(AuthenticationError)
def _not_signed_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    response = problem(401, "Send a valid bearer token.")
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [
        {"field": ".".join(str(place) for place in e["loc"]), "rule": e["msg"]}
        for e in error.errors
    ]
    return problem(400, "The request does not have the documented form.", errors=errors)


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, str(error))
