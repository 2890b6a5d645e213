"""What tests of tokens share: administrators, systems at work, and one request to the API."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client

from accord.agencies.actions import put_member
from accord.agencies.queries import actor
from accord.identity.tokens.actions import systems
from accord.kernel import ids
from accord.kernel.clock import now
from isolation.contributing import acting

ALVAREZ, WHITFIELD = "riverbend-pd.m.alvarez", "riverbend-pd.j.whitfield"
FIRST, SECOND = "riverbend-pd.a.first", "riverbend-pd.b.second"
OFFICE = "system-administration"
TRAFFICKING, RECORDS = "human-trafficking-investigation", "records-administration"
CASE = "HT-2026-014"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def make_administrators() -> None:
    """Two system administrators of Riverbend."""
    for membership, name in ((FIRST, "Ada First"), (SECOND, "Ben Second")):
        put_member(
            {
                "id": membership,
                "name": name,
                "nationality": "US",
                "memberships": [
                    {
                        "id": membership,
                        "agency": "riverbend-pd",
                        "title": "System administrator",
                        "roles": ["system-administrator"],
                        "clearance": "none",
                        "assurance": 3,
                        "valid_from": "2020-01-01T00:00:00Z",
                    }
                ],
            }
        )


def system_at_work(handle: str = "", roles: tuple[str, ...] = ("records-custodian",)) -> UUID:
    """A system of Riverbend that two administrators made a member."""
    with acting(FIRST, OFFICE) as scope:
        made = systems.propose(
            scope.actor,
            handle=handle or f"s{ids.uuid7().hex[-12:]}",
            name="Records gateway",
            owner=WHITFIELD,
            roles=roles,
            clearance="none",
            days=30,
        )
    with acting(SECOND, OFFICE) as scope:
        systems.approve(scope.actor, made)
    return made


def client_of(
    system: UUID, purposes: tuple[str, ...] = (RECORDS,), actions: tuple[str, ...] = ("contribute",)
) -> str:
    with acting(FIRST, OFFICE) as scope:
        return str(
            systems.register(
                scope.actor, system, name="Gateway", purposes=purposes, actions=actions
            )
        )


def secret_of(client: str, days: int = 30) -> str:
    """A secret that one administrator made and another approved."""
    made, secret = unapproved_secret(client, days)
    approve_credential(made)
    return secret


def unapproved_secret(client: str, days: int = 30, by: str = FIRST) -> tuple[UUID, str]:
    with acting(by, OFFICE) as scope:
        return systems.add_secret(scope.actor, UUID(client), days)


def key_of(client: str, private: Any) -> UUID:
    """A key that one administrator put in and another approved."""
    made = unapproved_key(client, private)
    approve_credential(made)
    return made


def unapproved_key(client: str, private: Any) -> UUID:
    with acting(FIRST, OFFICE) as scope:
        return systems.add_key(scope.actor, UUID(client), 30, json.dumps(jwk_of(private)))


def approve_credential(credential: UUID, by: str = SECOND) -> None:
    with acting(by, OFFICE) as scope:
        systems.approve_credential(scope.actor, credential)


def jwk_of(private: Any) -> dict[str, str]:
    """The public JWK of a private key."""
    public = private.public_key()
    if isinstance(private, ed25519.Ed25519PrivateKey):
        raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return {"kty": "OKP", "crv": "Ed25519", "x": _b64(raw)}
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    numbers = public.public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": _b64(numbers.x.to_bytes(32, "big")),
        "y": _b64(numbers.y.to_bytes(32, "big")),
    }


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def assertion(client: str, private: Any, **wrong: Any) -> str:
    """What a client signs to authenticate; `wrong` replaces claims, and None leaves one out."""
    claims = {
        "iss": client,
        "sub": client,
        "aud": "http://testserver/oauth/token",
        "exp": int(now().timestamp()) + 60,
        "jti": ids.uuid7().hex,
    }
    claims |= wrong
    algorithm = "EdDSA" if isinstance(private, ed25519.Ed25519PrivateKey) else "ES256"
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, private, algorithm)


def ask_token(client: str = "", secret: str = "", *, scope: str = "", **form: str) -> Any:
    """One request to the token endpoint, with HTTP Basic where there is a secret."""
    sent = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {}) | form
    headers = {}
    if client:
        pair = base64.b64encode(f"{client}:{secret}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}"}
    return Client().post(
        "/oauth/token",
        data="&".join(f"{k}={v}" for k, v in sent.items()),
        content_type="application/x-www-form-urlencoded",
        headers=headers,
    )


def token_of(client: str, secret: str, scope: str = "") -> str:
    answer = ask_token(client, secret, scope=scope)
    assert answer.status_code == 200, answer.content
    token: str = answer.json()["access_token"]
    return token


def ask(
    token: str, method: str, path: str, *, purpose: str, case: str | None = None, body: Any = None
) -> Any:
    """One request to the API with a bearer token."""
    headers = {"Authorization": f"Bearer {token}", "Accord-Purpose": purpose}
    headers |= {"Accord-Case": case} if case else {}
    sent = {"data": json.dumps(body), "content_type": "application/json"} if body else {}
    return getattr(Client(), method)(f"/api/v1{path}", headers=headers, **sent)


def members_token(
    *, purposes: tuple[str, ...] = (TRAFFICKING,), actions: tuple[str, ...] = ("view",),
    membership: str = ALVAREZ, assurance: int = 2, hours: int = 1,
) -> str:  # fmt: skip
    """A token as this member makes one in a session that proved so much."""
    from accord.identity.domain import Method, Proof
    from accord.identity.tokens.actions import tokens

    who, at = actor(membership), now()
    proof = Proof(ids.uuid7(), who.member, membership, Method.DEMO, assurance, at, at, at)
    made = tokens.make(
        who, proof, name="Test", purposes=list(purposes), actions=list(actions), hours=hours
    )
    return made[1]
