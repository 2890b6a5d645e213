"""Tokens of a system: OAuth 2.0 client credentials (RFC 6749 section 4.4), obtained and renewed.

from accord_client import Client
from accord_client.systems import SystemToken, signed_with

token = SystemToken("https://accord.example", client_id, assertion=signed_with(client_id, key))
with Client("https://accord.example", token) as client:
    client.within("records-administration").intake.push({"records": records})
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

import httpx

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
RENEW_BEFORE_S = 60
ASSERTION_LIFE_S = 60


class TokenRefused(Exception):
    """The node gave no token; `error` is OAuth's word for why."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(f"{status}: {error}: {description}")
        self.status, self.error = status, error


def signed_with(client_id: str, private_key: Any) -> Callable[[str], str]:
    """What signs assertions (RFC 7523) with a private key of `cryptography`, Ed25519 or P-256.

    Needs PyJWT. The key itself is never sent.
    """
    import jwt
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    algorithm = "EdDSA" if isinstance(private_key, Ed25519PrivateKey) else "ES256"

    def sign(audience: str) -> str:
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": audience,
            "exp": int(time.time()) + ASSERTION_LIFE_S,
            "jti": secrets.token_urlsafe(24),
        }
        return jwt.encode(claims, private_key, algorithm)

    return sign


class SystemToken:
    """A token that is asked for when it is needed, and again a minute before it is over."""

    def __init__(
        self,
        url: str,
        client_id: str,
        *,
        secret: str | None = None,
        assertion: Callable[[str], str] | None = None,
        scope: str = "",
        http: httpx.Client | None = None,
    ) -> None:
        if (secret is None) == (assertion is None):
            raise ValueError("give either a secret or what signs assertions")
        self._endpoint = f"{url.rstrip('/')}/oauth/token"
        self._client_id, self._secret, self._assertion = client_id, secret, assertion
        self._scope = scope
        self._http = http or httpx.Client(timeout=30.0, trust_env=False)
        self._lock = threading.Lock()
        self._token, self._ends_at = "", 0.0

    def __call__(self) -> str:
        """The token as it is to be sent now; raises TokenRefused."""
        with self._lock:
            if time.monotonic() >= self._ends_at - RENEW_BEFORE_S:
                self._renew()
            return self._token

    def forget(self, token: str) -> None:
        """Ask for a new one next time, where this one was refused."""
        with self._lock:
            if token == self._token:
                self._ends_at = 0.0

    def _renew(self) -> None:
        form = {"grant_type": "client_credentials"}
        if self._scope:
            form["scope"] = self._scope
        auth = None
        if self._assertion is not None:
            form |= {
                "client_assertion_type": JWT_BEARER,
                "client_assertion": self._assertion(self._endpoint),
            }
        else:  # section 2.3.1: each is form-encoded before it goes into the header
            auth = httpx.BasicAuth(quote_plus(self._client_id), quote_plus(self._secret or ""))
        began = time.monotonic()
        answer = self._http.post(self._endpoint, data=form, auth=auth or httpx.USE_CLIENT_DEFAULT)
        is_json = "json" in answer.headers.get("content-type", "")
        said = answer.json() if is_json and answer.content else {}
        if answer.status_code != httpx.codes.OK:
            error, description = said.get("error", "?"), said.get("error_description", "")
            raise TokenRefused(answer.status_code, error, description)
        self._token = said["access_token"]
        self._ends_at = began + float(said["expires_in"])
