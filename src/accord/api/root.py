"""The REST API `/api/v1`: bearer tokens, a stated purpose, problem+json (RFC 9457).

Each module brings its own router; this file joins them. An operation is entered through
`accord.agreements.entry.api_context` or `api_desk`, like every page. A session cookie opens
nothing here, so there is nothing that another site could make a browser do.
"""

from __future__ import annotations

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.security import HttpBearer

from accord.agencies.domain import Actor
from accord.agreements.api import router as agreements_router
from accord.api import problems
from accord.api.access import router as access_router
from accord.api.agencies import router as agencies_router
from accord.api.bearer import bearer
from accord.api.directory import router as directory_router
from accord.api.erasures import router as erasures_router
from accord.api.ledger import router as ledger_router
from accord.api.members import router as members_router
from accord.api.systems import router as systems_router
from accord.api.tokens import router as tokens_router
from accord.assistance.api import router as assistance_router
from accord.cases.api import router as cases_router
from accord.evidence.api import router as evidence_router
from accord.evidence.api_derived import router as derived_router
from accord.evidence.api_reading import router as reading_router
from accord.evidence.bundling.api import router as bundling_router
from accord.evidence.custody.api import router as custody_router
from accord.exchange.api import router as exchange_router
from accord.exchange.mapping_api import router as mapping_router
from accord.exchange.webhooks.api import router as webhooks_router
from accord.kernel.clock import now
from accord.records.api import router as records_router

DESCRIPTION = """\
Every operation runs under the standing of the token's member. State why you ask in the header
`Accord-Purpose`, the legal basis in `Accord-Basis` (default `statute`) and, within a case, its
number in `Accord-Case`. Operations with `x-accord-purpose` belong to one desk and have that purpose
whatever you send. A token is for some purposes and actions; for another it is refused with 403 and
`insufficient_scope` (RFC 6750). Some steps ask for a proof of the last ten minutes: 401 and
`insufficient_user_authentication` (RFC 9470). What you have no standing for does not exist: absent
and forbidden answer alike with 404. Errors are `application/problem+json` (RFC 9457). Lists give one
page and, in `next`, what to send as `after` for the page behind it; there are no totals. `RateLimit`
says how many requests are left; beyond them a 429 says in `Retry-After` when to ask again.
"""


class MemberToken(HttpBearer):
    """A bearer token names one membership; anything else is a 401."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        proof = bearer(request, token)
        if proof is None:
            return None
        request.actor = proof.actor  # type: ignore[attr-defined]  # read by the entry decorators
        request.token_is_system = proof.proven_at is None  # type: ignore[attr-defined]  # the same
        request.token_is_fresh = proof.is_fresh(now())  # type: ignore[attr-defined]  # the same
        return proof.actor


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
    agencies_router,
    directory_router,
    records_router,
    exchange_router,
    mapping_router,
    cases_router,
    evidence_router,
    reading_router,
    derived_router,
    bundling_router,
    assistance_router,
    custody_router,
    agreements_router,
    ledger_router,
    erasures_router,
    webhooks_router,
    tokens_router,
    systems_router,
):
    api.add_router("", _router)
problems.install(api)
