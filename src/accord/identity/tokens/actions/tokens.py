"""Tokens: made by a member in a session, and for a system by its client; ended by who made them."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from accord.agencies.domain import Actor, TokenScope
from accord.agencies.queries import digest
from accord.identity.actions import signins
from accord.identity.domain import Proof
from accord.identity.models import AccessToken
from accord.identity.naming import named
from accord.identity.rowseal import row_mac
from accord.identity.tokens.domain import (
    LONGEST_HOURS,
    MEMBERS_PREFIX,
    MOST_TOKENS,
    SYSTEMS_LIFE,
    SYSTEMS_PREFIX,
    ScopeRefused,
    scope_of,
)
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotAllowed, NotFound
from accord.kernel.phrases import phrase


def make(
    actor: Actor, proof: Proof, *, name: str, purposes: list[str], actions: list[str], hours: int
) -> tuple[UUID, str]:
    """Make a token of a member, and return its id and the token, which nobody can read again.

    It proves no more than the session that makes it, and is over with the passkey that opened it.
    Raises InvalidInput for what the form does not admit, NotAllowed where there are too many, and where
    the session was proven last with something else than a passkey.
    """
    called = named(name)
    scope = _scope(purposes, actions)
    if not 1 <= hours <= LONGEST_HOURS:
        rule = phrase("must be 1 to %(most)s hours", most=LONGEST_HOURS)
        raise InvalidInput("request", None, "hours", rule)
    if not signins.last_by_passkey(proof):
        raise NotAllowed(
            phrase("A token rests on a passkey, and you proved who you are in another way."),
            who_can_change=phrase("you: make a passkey under Your sign-in, and come in with it"),
        )
    at = now()
    held = AccessToken.objects.filter(
        membership_id=actor.membership, revoked_at=None, expires_at__gt=at
    )
    if held.count() >= MOST_TOKENS:
        raise NotAllowed(
            phrase("You have %(count)s tokens. Revoke one that you do not use.", count=MOST_TOKENS)
        )
    token = MEMBERS_PREFIX + secrets.token_urlsafe(32)
    made = _keep(
        token,
        actor.membership,
        called,
        scope,
        assurance=min(actor.assurance, proof.assurance),
        life=timedelta(hours=hours),
        passkey=proof.credential,
        credential=None,
        proof=proof,
    )
    return made, token


def make_for_system(
    membership: str, client_name: str, scope: TokenScope, credential: UUID, assurance: int
) -> str:
    """Make a token of a system, for the client that authenticated with this credential."""
    token = SYSTEMS_PREFIX + secrets.token_urlsafe(32)
    _keep(
        token,
        membership,
        client_name,
        scope,
        assurance=assurance,
        life=SYSTEMS_LIFE,
        passkey=None,
        credential=credential,
        proof=None,
    )
    return token


def _keep(
    token: str,
    membership: str,
    name: str,
    scope: TokenScope,
    *,
    assurance: int,
    life: timedelta,
    passkey: UUID | None,
    credential: UUID | None,
    proof: Proof | None,
) -> UUID:
    at = now()
    row = AccessToken(
        id=ids.uuid7(),
        token_hash=digest(token),
        membership_id=membership,
        name=name,
        purposes=sorted(scope.purposes),
        actions=sorted(scope.actions),
        assurance=assurance,
        passkey_id=passkey,
        credential_id=credential,
        proven_at=proof.proven_at if proof else at,
        made_at=at,
        expires_at=at + life,
    )
    row.mac = row_mac("token", **facts_of(row))
    row.save(force_insert=True)
    return row.id


def facts_of(row: AccessToken) -> dict[str, str | int | bool]:
    """What the seal of a token's row says: all that it opens, for whom, and until when."""
    return {
        "token": bytes(row.token_hash).hex(),
        "membership": row.membership_id,
        "purposes": " ".join(row.purposes),
        "actions": " ".join(row.actions),
        "assurance": row.assurance,
        "passkey": str(row.passkey_id or ""),
        "credential": str(row.credential_id or ""),
        "proven_at": row.proven_at.isoformat(),
        "expires_at": row.expires_at.isoformat(),
    }


def revoke(membership: str, token: UUID) -> None:
    """End a member's own token, from the next request on; raises NotFound."""
    if not AccessToken.objects.filter(
        id=token, membership_id=membership, revoked_at=None, expires_at__gt=now()
    ).update(revoked_at=now()):
        raise NotFound()


def _scope(purposes: list[str], actions: list[str]) -> TokenScope:
    try:
        return scope_of(purposes, actions)
    except ScopeRefused as refused:
        raise InvalidInput("request", None, refused.field, refused.message) from refused
