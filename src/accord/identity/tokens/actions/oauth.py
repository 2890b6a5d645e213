"""How a system proves which client it is, and gets a token (RFC 6749 section 4.4).

INVARIANT: every way of being wrong takes the same steps and ends in None: whether a client exists,
is over, or sent a false secret cannot be told apart from outside.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import IntegrityError, transaction
from jwt.utils import base64url_encode

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor, TokenScope
from accord.agencies.queries import digest
from accord.identity.models import ClientCredential, UsedAssertion
from accord.identity.tokens.actions import tokens
from accord.identity.tokens.clientkeys import (
    ASSERTION_LIFE_S,
    LEEWAY_S,
    LONGEST_JTI,
    claims_of,
    said_client,
)
from accord.identity.tokens.domain import KEY_ASSURANCE, SECRET_ASSURANCE, read_scope
from accord.identity.tokens.queries import is_in_force
from accord.kernel.clock import now

_NOBODYS = bytes(32)
LONGEST_SENT = 8_000


@dataclass(frozen=True, slots=True)
class Authenticated:
    """A client that proved itself, with what; `actor` is the system that it acts as."""

    client: UUID
    name: str
    actor: Actor
    most: TokenScope
    credential: UUID
    assurance: int


def by_secret(client: str, secret: str) -> Authenticated | None:
    """Who authenticates with this secret (client_secret_basic, RFC 6749 section 2.3.1)."""
    at, sent = now(), digest(secret[:LONGEST_SENT])
    found = None
    rows = [row for row in _credentials(client) if row.secret_hash is not None]
    for row in rows:
        if hmac.compare_digest(bytes(row.secret_hash or b""), sent):
            found = row
    if not rows:
        hmac.compare_digest(_NOBODYS, sent)
    return _authenticated(found, SECRET_ASSURANCE, at)


def by_assertion(assertion: str, audience: Sequence[str]) -> Authenticated | None:
    """Who authenticates with this assertion (private_key_jwt, RFC 7523), which counts once."""
    at = now()
    if len(assertion) > LONGEST_SENT:
        return None
    client = said_client(assertion)
    rows = [row for row in _credentials(client) if row.public_key is not None]
    found, said = None, None
    for row in rows:
        claims = claims_of(assertion, row.public_key or {}, client, list(audience))
        if claims is not None:
            found, said = row, claims
    if not rows:
        claims_of(assertion, _nobodys_key(), client, list(audience))
    if said is None:
        return None
    known = _authenticated(found, KEY_ASSURANCE, at)
    if known is None or not _spend(client, said["jti"], said["exp"], at):
        return None
    return known


def _credentials(client: str) -> list[ClientCredential]:
    """What a client that names itself so could authenticate with; nothing for no such client."""
    try:
        wanted = UUID(client)
    except ValueError:
        wanted = UUID(int=0)
    rows = ClientCredential.objects.select_related("client__system").filter(
        client_id=wanted, revoked_at=None, approved_at__isnull=False, expires_at__gt=now()
    )
    return list(rows.order_by("-made_at")[:4])


def _authenticated(
    row: ClientCredential | None, assurance: int, at: datetime
) -> Authenticated | None:
    if row is None or not is_in_force(row, at):
        return None
    actor = agencies.actor_or_none(row.client.system.membership_id)
    if actor is None:
        return None
    return Authenticated(
        client=row.client_id,
        name=row.client.name,
        actor=actor,
        most=TokenScope(frozenset(row.client.purposes), frozenset(row.client.actions)),
        credential=row.id,
        assurance=min(assurance, actor.assurance),
    )


def _spend(client: str, jti: object, exp: object, at: datetime) -> bool:
    """Note that an assertion was used; False where it was used before, or lasts too long."""
    if not isinstance(jti, str) or not 1 <= len(jti) <= LONGEST_JTI:
        return False
    if not isinstance(exp, int | float) or exp > at.timestamp() + ASSERTION_LIFE_S + LEEWAY_S:
        return False
    ends = datetime.fromtimestamp(exp, UTC) + timedelta(seconds=2 * LEEWAY_S)
    UsedAssertion.objects.filter(expires_at__lt=at).delete()
    try:
        with transaction.atomic():
            UsedAssertion.objects.create(digest=digest(f"{client}|{jti}"), expires_at=ends)
    except IntegrityError:
        return False
    return True


@cache
def _nobodys_key() -> dict[str, str]:
    """A key that nobody holds the other half of: checking against it takes as long as any."""
    public = Ed25519PrivateKey.generate().public_key()
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {"kty": "OKP", "crv": "Ed25519", "x": base64url_encode(raw).decode()}


def give_token(known: Authenticated, asked: str) -> tuple[str, TokenScope]:
    """Make a token for a client; raises ScopeRefused for a scope that it may not have."""
    scope = read_scope(asked, known.most)
    token = tokens.make_for_system(
        known.actor.membership, known.name, scope, known.credential, known.assurance
    )
    return token, scope
