"""Programs that get a system's tokens: our client, and Authlib's as a stranger to this code."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from accord.agencies.queries import actor
from accord.api import limits, oauth
from accord.identity.tokens import queries
from accord.identity.tokens.actions import systems, tokens
from accord.kernel.clock import FixedClock, now, taken_from
from accord_client import ApiError, Client, SystemToken, TokenRefused, signed_with
from isolation.contributing import acting
from unit.identity.tokening import (
    FIRST,
    OFFICE,
    RECORDS,
    client_of,
    key_of,
    secret_of,
    system_at_work,
)

pytestmark = pytest.mark.usefixtures("real", "administrators")
NODE = "http://127.0.0.1"


@pytest.fixture
def http(monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    from django.core.wsgi import get_wsgi_application

    monkeypatch.setattr(oauth, "WAIT_S", 0.0)
    limits.start_afresh()
    with httpx.Client(transport=httpx.WSGITransport(app=get_wsgi_application())) as made:
        yield made


def as_system(http: httpx.Client, token: SystemToken) -> Client:
    return Client(NODE, token, http=http).within(RECORDS)


@pytest.mark.parametrize("kind", ["secret", "Ed25519", "ES256"])
def test_our_client_gets_its_token_and_keeps_it(http: httpx.Client, kind: str) -> None:
    client = client_of(system_at_work())
    if kind == "secret":
        token = SystemToken(NODE, client, secret=secret_of(client), http=http)
    else:
        curve = ec.SECP256R1()
        private = (
            ed25519.Ed25519PrivateKey.generate()
            if kind == "Ed25519"
            else ec.generate_private_key(curve)
        )
        key_of(client, private)
        token = SystemToken(NODE, client, assertion=signed_with(client, private), http=http)
    program = as_system(http, token)
    first = token()
    assert program.members.me()["roles"] == ["records-custodian"]
    assert program.members.me()["assurance"] == (1 if kind == "secret" else 2)
    assert token() == first


def test_it_asks_anew_when_its_token_is_over_or_was_revoked(http: httpx.Client) -> None:
    client = client_of(system_at_work())
    token = SystemToken(NODE, client, secret=secret_of(client), http=http)
    program, first = as_system(http, token), token()
    with taken_from(FixedClock(now() + timedelta(minutes=61))):
        assert program.members.me()["name"] == "Records gateway"
        second = token()
        assert second != first
        membership = queries.proof_of_token(second).actor.membership
        tokens.revoke(membership, queries.tokens(membership)[0].id)
        assert program.members.me()["name"] == "Records gateway"
        assert token() not in (first, second)


def test_what_it_is_not_for_is_no_reason_to_ask_anew(http: httpx.Client) -> None:
    client = client_of(system_at_work())
    token = SystemToken(NODE, client, secret=secret_of(client), http=http)
    program, first = as_system(http, token), token()
    with pytest.raises(ApiError) as refused:
        program.records.list_latest()
    assert refused.value.status == 403
    assert token() == first


def test_a_client_that_is_revoked_is_told_so(http: httpx.Client) -> None:
    client = client_of(system_at_work())
    token = SystemToken(NODE, client, secret=secret_of(client), http=http)
    program = as_system(http, token)
    program.members.me()
    with acting(FIRST, OFFICE) as scope:
        systems.revoke_client(scope.actor, UUID(client))
    with pytest.raises(TokenRefused) as refused:
        program.members.me()
    assert (refused.value.status, refused.value.error) == (401, "invalid_client")


def test_it_is_given_one_way_to_authenticate() -> None:
    with pytest.raises(ValueError, match="either"):
        SystemToken(NODE, "x")


@pytest.mark.filterwarnings("ignore:The httpx module is deprecated")
@pytest.mark.parametrize("way", ["client_secret_basic", "private_key_jwt"])
def test_authlib_gets_a_token_as_the_standards_say(http: httpx.Client, way: str) -> None:
    """A foreign implementation of RFC 6749 and RFC 7523, told of nothing but the metadata."""
    from authlib.integrations.httpx_client import OAuth2Client
    from authlib.oauth2.rfc7523 import PrivateKeyJWT
    from django.core.wsgi import get_wsgi_application
    from joserfc.jwk import ECKey

    said = http.get(f"{NODE}/.well-known/oauth-authorization-server").json()
    assert way in said["token_endpoint_auth_methods_supported"]
    client = client_of(system_at_work())
    transport = httpx.WSGITransport(app=get_wsgi_application())
    if way == "private_key_jwt":
        private = ec.generate_private_key(ec.SECP256R1())
        key_of(client, private)
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        stranger = OAuth2Client(
            client, ECKey.import_key(pem), token_endpoint_auth_method=way, transport=transport
        )
        stranger.register_client_auth_method(PrivateKeyJWT(said["token_endpoint"], alg="ES256"))
    else:
        stranger = OAuth2Client(
            client, secret_of(client), token_endpoint_auth_method=way, transport=transport
        )
    found = stranger.fetch_token(said["token_endpoint"], grant_type="client_credentials")
    assert found["token_type"] == "Bearer"
    me = stranger.get(f"{NODE}/api/v1/me", headers={"Accord-Purpose": RECORDS}).json()
    assert me["agency"] == actor(FIRST).agency
