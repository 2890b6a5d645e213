"""An agency's OpenID provider: Authlib's own server, over HTTP on a loopback port.

Whoever comes is signed in at once as `subject`. `wrong` changes what it says, so that tests can try
what a provider gone bad, or somebody between, would send.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.errors import OAuth2Error
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from joserfc import jwt
from joserfc.jwk import RSAKey

POLL_S = 0.01
"""How long a server takes to notice that it is to end; at the usual half second, most of a test."""
CLIENT, SECRET = "accord", "a secret/with: signs"


class Code(dict[str, Any]):
    """An authorization code, as the server keeps it until it is spent."""

    def get_redirect_uri(self) -> str:
        return str(self["redirect_uri"])

    def get_scope(self) -> str:
        return str(self["scope"])

    def get_nonce(self) -> str | None:
        return self["nonce"]

    def get_auth_time(self) -> int | None:
        return self["auth_time"]

    def get_acr(self) -> str | None:
        return self["acr"]

    def get_amr(self) -> None:
        return None

    @property
    def code_challenge(self) -> str:
        return str(self["code_challenge"])

    @property
    def code_challenge_method(self) -> str:
        return str(self["code_challenge_method"])


class Client(ClientMixin):
    """The node, as it is registered here."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.client_id = CLIENT

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str | None:
        return None

    def get_allowed_scope(self, scope: str) -> str:
        return "openid" if "openid" in scope.split() else ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.provider.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return secrets.compare_digest(client_secret, SECRET)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class Grant(AuthorizationCodeGrant):
    """Codes are kept in the provider; each is spent once."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]  # noqa: RUF012 - as Authlib declares it

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        said = request.payload.data
        provider: Provider = request.client.provider
        provider.codes[code] = Code(
            redirect_uri=said["redirect_uri"],
            scope=said["scope"],
            nonce=said.get("nonce"),
            auth_time=int(time.time()) - provider.age_s,
            acr=provider.acr,
            code_challenge=said["code_challenge"],
            code_challenge_method=said["code_challenge_method"],
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        return client.provider.codes.get(code)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        held = self.request.client.provider.codes
        for code in [c for c, kept in held.items() if kept is authorization_code]:
            del held[code]

    def authenticate_user(self, authorization_code: Code) -> str:
        return str(self.request.client.provider.subject)


class Tokens(OpenIDCode):
    """ID tokens signed with the provider's key."""

    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
        return False

    def resolve_client_private_key(self, client: Client) -> RSAKey:
        return client.provider.key

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        return {"iss": client.provider.issuer, "aud": [CLIENT]}

    def get_encode_header(self, client: Client) -> dict[str, Any]:
        return {"alg": "RS256", "kid": client.provider.key.kid}

    def generate_user_info(self, user: str, scope: str) -> UserInfo:
        return UserInfo(sub=user, email="m.alvarez@riverbend.example")

    def encode_id_token(self, token: dict[str, Any], request: OAuth2Request) -> str:
        made = super().encode_id_token(token, request)
        made = request.client.provider.changed(made)
        request.client.provider.tokens.append(str(made))
        return made


class Server(AuthorizationServer):
    """Authlib's server in front of `http.server`."""

    def __init__(self, provider: Provider) -> None:
        super().__init__(scopes_supported=["openid"])
        self.provider = provider
        self.register_grant(Grant, [Tokens(require_nonce=True), CodeChallenge(required=True)])
        self.register_token_generator("default", self._bearer)

    def _bearer(self, **said: Any) -> dict[str, Any]:
        return {
            "token_type": "Bearer",
            "access_token": secrets.token_urlsafe(),
            "expires_in": 60,
            "scope": said["scope"],
        }

    def query_client(self, client_id: str) -> Client | None:
        return Client(self.provider) if client_id == CLIENT else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        self.provider.given += 1
        self.provider.tokens.append(token["access_token"])

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        return None

    def create_oauth2_request(self, request: Any) -> OAuth2Request:
        return request  # made by the handler

    def handle_response(self, status: int, body: Any, headers: Any) -> Any:
        return status, body, dict(headers)


@dataclass
class Provider:
    """One provider: its name, keys and codes, and what it gets wrong."""

    subject: str = "4711"
    acr: str | None = "urn:example:aal2"
    age_s: int = 0
    redirect_uris: set[str] = field(default_factory=set)
    codes: dict[str, Code] = field(default_factory=dict)
    issuer: str = ""
    given: int = 0
    tokens: list[str] = field(default_factory=list)
    """Every token that left, of both kinds."""
    claims: dict[str, Any] = field(default_factory=dict)
    forge: Callable[[dict[str, Any], dict[str, Any]], str] | None = None
    key: RSAKey = field(
        default_factory=lambda: RSAKey.generate_key(2048, {"alg": "RS256"}, auto_kid=True)
    )

    def changed(self, token: str) -> str:
        """The ID token as it leaves: as made, with other claims, or forged altogether."""
        if not self.claims and self.forge is None:
            return token
        read = jwt.decode(token, self.key)
        said = {k: v for k, v in {**read.claims, **self.claims}.items() if v is not None}
        if self.forge is not None:
            return self.forge(dict(read.header), said)
        return jwt.encode(dict(read.header), said, self.key)

    def published(self) -> dict[str, Any]:
        """OpenID Connect Discovery 1.0."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "authorization_response_iss_parameter_supported": True,
        }


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """An ID token with `alg: none`."""
    parts = [{**header, "alg": "none"}, claims]
    packed = [base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts]
    return ".".join([*packed, ""])


def by_another_key(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """An ID token under the right key's name, signed by another."""
    return jwt.encode(header, claims, RSAKey.generate_key(2048, {"alg": "RS256"}))


def by_its_own_key(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """An ID token that brings the key it is to be checked with."""
    key = RSAKey.generate_key(2048, {"alg": "RS256"})
    return jwt.encode({**header, "jwk": key.as_dict(private=False)}, claims, key)


def by_the_public_half(provider: Provider) -> Callable[[dict[str, Any], dict[str, Any]], str]:
    """An ID token authenticated with the public key as if it were a shared secret."""

    def forge(header: dict[str, Any], claims: dict[str, Any]) -> str:
        head, body, _ = unsigned({**header}, claims).split(".")
        named = json.dumps({**header, "alg": "HS256"}).encode()
        head = base64.urlsafe_b64encode(named).rstrip(b"=").decode()
        pem = provider.key.as_pem(private=False)
        mac = hmac.digest(pem, f"{head}.{body}".encode(), hashlib.sha256)
        return f"{head}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"

    return forge


class Handler(BaseHTTPRequestHandler):
    """The three addresses of a provider, and its description."""

    provider: Provider
    server_of: Server

    def do_GET(self) -> None:
        match urlsplit(self.path).path:
            case "/.well-known/openid-configuration":
                self._say(200, self.provider.published(), {})
            case "/keys":
                keys = {"keys": [self.provider.key.as_dict(private=False)]}
                self._say(200, keys, {})
            case "/authorize":
                self._say(*self._authorize())
            case _:
                self._say(404, {}, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._say(*self.server_of.create_token_response(self._request("POST", body)))

    def _authorize(self) -> Any:
        request = self._request("GET", urlsplit(self.path).query)
        try:
            grant = self.server_of.get_consent_grant(request, self.provider.subject)
        except OAuth2Error as error:
            return self.server_of.handle_error_response(request, error)
        status, body, headers = self.server_of.create_authorization_response(
            request, self.provider.subject, grant
        )
        where = headers.get("Location")
        if where:
            headers["Location"] = f"{where}&{urlencode({'iss': self.provider.issuer})}"
        return status, body, headers

    def _request(self, method: str, form: str) -> OAuth2Request:
        said = dict(parse_qsl(form))
        request = OAuth2Request(method, f"{self.provider.issuer}{self.path}", None, self.headers)
        request.payload = BasicOAuth2Payload(said)
        type(request).form = property(lambda self: self.payload.data)
        type(request).args = property(lambda self: self.payload.data)
        return request

    def _say(self, status: int, body: Any, headers: dict[str, str]) -> None:
        sent = json.dumps(body).encode() if isinstance(body, dict) else str(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, format: str, *args: Any) -> None:
        return None


@contextmanager
def running() -> Iterator[Provider]:
    """A provider that answers on a free port of this machine."""
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # loopback
    provider = Provider()
    handler = type("One", (Handler,), {"provider": provider, "server_of": Server(provider)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(POLL_S,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
