"""OpenID Connect, the side of this node: the code flow with PKCE, and one reading of the answer.

What is checked of an answer, in this order (OpenID Connect Core 1.0 section 3.1.3.7, RFC 9207,
RFC 9700):

1. `iss` beside the code is this provider's; it must be there where the provider says it sends it
2. the code is changed for a token at this provider, with the verifier that never left this node
3. the ID token is signed by a key of the provider that the token names, with a public-key algorithm
4. its issuer, audience, authorised party, expiry and age
5. its nonce is the one of this browser's own request

Left to the caller: that the state is of this browser's session and is answered once; who is named.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import jwt

from accord.identity.federation.domain import (
    OLDEST,
    SKEW,
    UNSTATED,
    Asked,
    Asserted,
    Here,
    NotProven,
    Provider,
)

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Public keys alone: with a shared secret whoever reads it could name anybody."""
TIMEOUT_S = 5.0
LONGEST_BYTES = 256_000


def address(provider: Provider, here: Here, asked: Asked) -> str:
    """Where the browser is sent to be signed in."""
    challenge = hashlib.sha256(asked.verifier.encode()).digest()
    said = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": here.callback,
        "scope": "openid",
        "state": asked.state,
        "nonce": asked.nonce,
        "code_challenge": urlsafe_b64encode(challenge).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        "max_age": "0" if asked.step_up else str(int(OLDEST.total_seconds())),
    }
    if asked.step_up:
        said["prompt"] = "login"
    contexts = [c for c in provider.assurance if c != UNSTATED]
    if contexts:
        said["acr_values"] = " ".join(
            sorted(contexts, key=lambda c: provider.assurance[c], reverse=True)
        )
    start = str(provider.settings["authorization_endpoint"])
    return f"{start}{'&' if '?' in start else '?'}{urlencode(said)}"


def read(
    provider: Provider, here: Here, asked: Asked, answer: Mapping[str, str], secret: str
) -> Asserted:
    """Return whom the provider names; raises NotProven."""
    _check_issuer(provider, answer)
    code = answer.get("code", "")
    if answer.get("error") or not code:
        raise NotProven("the provider sent no code")
    token = _token(provider, here, asked, code, secret)
    claims = _claims(provider, token, _keys(provider))
    _check_audience(provider, claims)
    if not hmac.compare_digest(str(claims["nonce"]).encode(), asked.nonce.encode()):
        raise NotProven("the nonce is not that of this browser's request")
    subject = claims.get(provider.names_member)
    if not isinstance(subject, str) or not subject:
        raise NotProven("the claim that names the member is missing or is no text")
    context = claims.get("acr", "")
    return Asserted(subject, context if isinstance(context, str) else "", _moment(claims))


def _check_issuer(provider: Provider, answer: Mapping[str, str]) -> None:
    said = answer.get("iss")
    if said is None and provider.settings.get("says_issuer"):
        raise NotProven("the answer does not say its issuer, and this provider's do")
    if said is not None and said != provider.issuer:
        raise NotProven("the answer is another issuer's")


def _token(provider: Provider, here: Here, asked: Asked, code: str, secret: str) -> str:
    found = _asked_of(
        "POST",
        str(provider.settings["token_endpoint"]),
        # Section 2.3.1 of RFC 6749 encodes both halves before they are joined.
        auth=(quote(provider.client_id, safe=""), quote(secret, safe="")),
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": here.callback,
            "code_verifier": asked.verifier,
        },
    )
    token = found.get("id_token")
    if not isinstance(token, str):
        raise NotProven("the provider gave no ID token for the code")
    return token


def _keys(provider: Provider) -> jwt.PyJWKSet:
    found = _asked_of("GET", str(provider.settings["jwks_uri"]))
    try:
        return jwt.PyJWKSet.from_dict(found)
    except jwt.PyJWTError as fault:
        raise NotProven("the provider's keys cannot be read") from fault


def _claims(provider: Provider, token: str, keys: jwt.PyJWKSet) -> dict[str, Any]:
    try:
        header = jwt.get_unverified_header(token)
        key = _key(header, keys)
        return jwt.decode(
            token,
            key.key,
            algorithms=list(ALGORITHMS),
            audience=provider.client_id,
            issuer=provider.issuer,
            leeway=SKEW,
            options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
        )
    except (jwt.PyJWTError, TypeError, ValueError, OverflowError) as fault:
        # A key of another kind, a time of Infinity.
        raise NotProven(f"the ID token does not hold: {type(fault).__name__}") from fault


def _key(header: Mapping[str, Any], keys: jwt.PyJWKSet) -> jwt.PyJWK:
    """The key the token names; one that names none is taken where the provider has one key."""
    if header.get("alg") not in ALGORITHMS:
        raise NotProven("the ID token is not signed with a public-key algorithm")
    named = header.get("kid")
    fit = [k for k in keys.keys if (named is None or k.key_id == named) and k.key_type != "oct"]
    if len(fit) != 1:
        raise NotProven("the ID token names no key of the provider")
    return fit[0]


def _check_audience(provider: Provider, claims: Mapping[str, Any]) -> None:
    audience, party = claims["aud"], claims.get("azp")
    if isinstance(audience, list) and len(audience) > 1 and party is None:
        raise NotProven(
            "the ID token is for several parties and does not say for which it was made"
        )
    if party is not None and party != provider.client_id:
        raise NotProven("the ID token was made for another party")


def _moment(claims: Mapping[str, Any]) -> datetime | None:
    at = claims.get("auth_time")
    if isinstance(at, bool) or not isinstance(at, int | float):
        return None
    try:
        return datetime.fromtimestamp(at, UTC)
    except (OverflowError, ValueError, OSError) as fault:
        raise NotProven("the moment of the proof is none") from fault


def _asked_of(verb: str, url: str, **sent: Any) -> dict[str, Any]:
    """The JSON object at an address of the provider; nothing is followed, nothing large is read."""
    try:
        with httpx.Client(timeout=TIMEOUT_S) as client, client.stream(verb, url, **sent) as answer:
            body = b""
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > LONGEST_BYTES:
                    raise NotProven("the provider's answer is too long")
            if answer.status_code != httpx.codes.OK:
                raise NotProven(f"the provider answered {answer.status_code}")
            found = httpx.Response(200, content=body).json()
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        raise NotProven(f"the provider does not answer: {type(fault).__name__}") from fault
    except ValueError as fault:
        raise NotProven("the provider's answer is no JSON") from fault
    if not isinstance(found, dict):
        raise NotProven("the provider's answer is no JSON object")
    return found


def discovered(issuer: str) -> dict[str, Any]:
    """What a provider publishes about itself; raises NotProven."""
    found = _asked_of("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != issuer:
        raise NotProven("the provider's own description names another issuer")
    return found
