"""Public keys of clients (JWK, RFC 7517), and the assertions they sign (RFC 7523)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jwt

from accord.kernel.errors import InvalidInput
from accord.kernel.jsontext import read_json
from accord.kernel.phrases import phrase

LONGEST_KEY = 4_000
ASSERTION_LIFE_S = 3_600
"""The longest that an assertion may last; usual libraries sign them for an hour."""
LEEWAY_S = 5
LONGEST_JTI = 200
_KINDS = {"OKP": ("EdDSA", ("kty", "crv", "x")), "EC": ("ES256", ("kty", "crv", "x", "y"))}
_CURVES = {"OKP": "Ed25519", "EC": "P-256"}
ALGORITHMS = tuple(algorithm for algorithm, _ in _KINDS.values())


def checked_key(text: str) -> dict[str, str]:
    """The members of a public JWK that matter; raises InvalidInput for any but Ed25519 and P-256.

    A private key is refused: whoever sends one here has to make another.
    """
    try:
        said = read_json(text) if len(text) <= LONGEST_KEY else None
    except ValueError as fault:
        raise _refused() from fault
    if not isinstance(said, dict) or said.get("kty") not in _KINDS:
        raise _refused()
    if "d" in said:
        rule = phrase("that is a private key; make another, and send its public half alone")
        raise InvalidInput("request", None, "key", rule)
    members = _KINDS[said["kty"]][1]
    if said.get("crv") != _CURVES[said["kty"]] or not all(
        isinstance(said.get(name), str) for name in members
    ):
        raise _refused()
    kept = {name: str(said[name]) for name in members}
    try:
        jwt.PyJWK(kept, algorithm=_KINDS[kept["kty"]][0])
    except (jwt.PyJWTError, ValueError) as fault:
        raise _refused() from fault
    return kept


def claims_of(
    assertion: str, key: Mapping[str, str], client: str, audience: list[str]
) -> dict[str, Any] | None:
    """What a client signed, where it holds (RFC 7523 section 3); else None.

    1. signed with this very key, by the algorithm of its kind and no other;
    2. `iss` and `sub` are the client, `aud` is this node, `exp` is ahead;
    3. `jti` is there, so that it can be used once; whoever asks keeps it, and looks how far ahead
       `exp` is.
    """
    algorithm = _KINDS[key["kty"]][0]
    try:
        said: dict[str, Any] = jwt.decode(
            assertion,
            jwt.PyJWK(dict(key), algorithm=algorithm).key,
            algorithms=[algorithm],
            audience=audience,
            issuer=client,
            leeway=LEEWAY_S,
            options={"require": ["exp", "iss", "sub", "aud", "jti"], "verify_sub": True},
            subject=client,
        )
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError):  # a time of Infinity
        return None
    return said


def said_client(assertion: str) -> str:
    """Whom an assertion says it is of, before anything of it is checked; empty where it says nobody."""
    try:
        said = jwt.decode(assertion, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, TypeError):
        return ""
    found = said.get("sub")
    return found if isinstance(found, str) else ""


def _refused() -> InvalidInput:
    rule = phrase("must be a public key as a JWK: Ed25519 (OKP) or P-256 (EC)")
    return InvalidInput("request", None, "key", rule)
