"""The REST API `/api/v1`: bearer tokens, a stated purpose, problem+json (RFC 9457).

Each module brings its own router; this file joins them. An operation is entered through
`accord.agreements.entry.api_context` or `api_desk`, like every page. A session cookie opens
nothing here, so there is nothing that another site could make a browser do.
"""

from __future__ import annotations

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.security import HttpBearer

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor
from accord.agreements.api import router as agreements_router
from accord.api import problems
from accord.api.access import router as access_router
from accord.api.ledger import router as ledger_router
from accord.api.limits import check, limits
from accord.api.members import router as members_router
from accord.cases.api import router as cases_router
from accord.exchange.api import router as exchange_router
from accord.exchange.mapping_api import router as mapping_router
from accord.exchange.webhooks.api import router as webhooks_router
from accord.kernel.errors import NotFound
from accord.records.api import router as records_router

DESCRIPTION = """\
Every operation runs under the standing of the token's member. State why you ask in the header
`Accord-Purpose`, the legal basis in `Accord-Basis` (default `statute`) and, within a case, its
number in `Accord-Case`. Operations with `x-accord-purpose` belong to one desk and have that purpose
whatever you send. What you have no standing for does not exist: absent and forbidden answer
alike with 404. Errors are `application/problem+json` (RFC 9457). Lists give one page and, in
`next`, what to send as `after` for the page behind it; there are no totals. `RateLimit` says how many
requests are left; beyond them a 429 says in `Retry-After` when to ask again.
"""


class MemberToken(HttpBearer):
    """A bearer token names one membership; anything else is a 401."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        try:
            actor = agencies.actor_of_token(token)
        except NotFound:  # unknown, expired and revoked tokens all end in the same 401
            check((limits().spend_wrong(request.META.get("REMOTE_ADDR", "")),))
            return None
        left = limits().spend(agencies.digest(token).hex(), actor.membership)
        request.accord_left = left  # type: ignore[attr-defined]  # read where the answer is sent
        check(left)
        request.actor = actor  # type: ignore[attr-defined]  # read by the entry decorators
        return actor


api = NinjaAPI(
    title="Accord",
    version="1.0.0",
    description=DESCRIPTION,
    auth=MemberToken(),
    docs_url=None,  # its page would load scripts from elsewhere
    openapi_url=None,  # accord.api.document serves it, completed
    urls_namespace="api-v1",
)
# `access` first: an address with a name goes before one that takes any hash.
for _router in (
    access_router,
    members_router,
    records_router,
    exchange_router,
    mapping_router,
    cases_router,
    agreements_router,
    ledger_router,
    webhooks_router,
):
    api.add_router("", _router)
problems.install(api)
