"""Who acts by a bearer token, whichever door it comes to: the REST API, or SCIM."""

from __future__ import annotations

from django.http import HttpRequest

from accord.agencies.queries import digest
from accord.api.limits import check, limits
from accord.identity.tokens.domain import TokenProof
from accord.identity.tokens.queries import proof_of_token
from accord.kernel.errors import NotFound


def bearer(request: HttpRequest, token: str) -> TokenProof | None:
    """Return who acts, with the request counted; None for a token that is not in force.

    Unknown, expired and revoked tokens all end alike. Raises TooMany.
    """
    try:
        proof = proof_of_token(token)
    except NotFound:
        check((limits().spend_wrong(request.META.get("REMOTE_ADDR", "")),))
        return None
    left = limits().spend(digest(token).hex(), proof.actor.membership)
    request.accord_left = left  # type: ignore[attr-defined]  # read where the answer is sent
    check(left)
    return proof
