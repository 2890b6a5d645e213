"""Client credentials: RFC 6749 section 4.4, authenticated by a secret or by a key (RFC 7523)."""

from __future__ import annotations

import base64
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from django.test import Client

from accord.api import limits, oauth
from accord.identity.tokens.domain import SYSTEMS_LIFE
from accord.kernel import ids
from accord.kernel.clock import FixedClock, now, taken_from
from unit.identity.tokening import (
    JWT_BEARER,
    RECORDS,
    ask,
    ask_token,
    assertion,
    client_of,
    jwk_of,
    key_of,
    secret_of,
    system_at_work,
    token_of,
)

pytestmark = pytest.mark.usefixtures("real", "administrators")
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth, "WAIT_S", 0.0)
    limits.start_afresh()


@pytest.fixture
def known() -> tuple[str, str]:
    """A client and its secret."""
    client = client_of(system_at_work())
    return client, secret_of(client)


def by_key(client: str, private: Any, scope: str = "", **wrong: Any) -> Any:
    return signed(assertion(client, private, **wrong), scope)


def signed(sent: str, scope: str = "", **more: str) -> Any:
    form = {"client_assertion_type": JWT_BEARER, "client_assertion": sent} | more
    return ask_token(scope=scope, **form)


# -- with a secret ---------------------------------------------------------------------------------


def test_a_client_with_its_secret_gets_a_token_of_an_hour(known: tuple[str, str]) -> None:
    answer = ask_token(*known)
    said = answer.json()
    assert said["token_type"] == "Bearer"
    assert said["expires_in"] == SYSTEMS_LIFE.total_seconds() == 3600
    assert said["scope"] == f"purpose:{RECORDS} action:contribute"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Pragma"] == "no-cache"
    assert ask(said["access_token"], "get", "/me", purpose=RECORDS).status_code == 200
    with taken_from(FixedClock(now() + timedelta(minutes=61))):
        assert ask(said["access_token"], "get", "/me", purpose=RECORDS).status_code == 401


def test_it_asks_for_less_and_never_for_more(known: tuple[str, str]) -> None:
    client = client_of(system_at_work(), (RECORDS, "oversight"), ("view", "contribute"))
    secret = secret_of(client)
    less = ask_token(client, secret, scope=f"purpose:{RECORDS} action:hit").json()
    assert less["scope"] == f"purpose:{RECORDS} action:match action:hit"
    for beyond in ("purpose:prosecution", "action:export", "admin", "purpose:x action:view"):
        refused = ask_token(client, secret, scope=beyond)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")


def test_every_way_of_being_wrong_is_answered_alike(known: tuple[str, str]) -> None:
    client, secret = known
    other = client_of(system_at_work())
    wrong = [
        ask_token(client, "accordk_wrong"),
        ask_token(client, ""),
        ask_token(client, secret[:-1]),
        ask_token(other, secret),
        ask_token(str(ids.uuid7()), secret),
        ask_token("no-uuid", secret),
        ask_token(),
        by_key(client, ed25519.Ed25519PrivateKey.generate()),
        by_key("no-uuid", ed25519.Ed25519PrivateKey.generate()),
        signed("x.y.z"),
        signed("x"),
    ]
    assert {a.status_code for a in wrong} == {401}
    assert len({a.content for a in wrong}) == 1
    assert wrong[0].json()["error"] == "invalid_client"
    assert {a.headers["WWW-Authenticate"] for a in wrong} == {
        'Basic realm="accord", charset="UTF-8"'
    }


def test_a_secret_is_over_after_its_days(known: tuple[str, str]) -> None:
    with taken_from(FixedClock(now() + timedelta(days=31))):
        assert ask_token(*known).status_code == 401


def test_no_secret_is_taken_out_of_the_form_or_the_address(known: tuple[str, str]) -> None:
    client, secret = known
    assert ask_token(client_id=client, client_secret=secret).status_code == 401
    address = f"/oauth/token?client_id={client}&client_secret={secret}"
    form = {"grant_type": "client_credentials"}
    body = "&".join(f"{k}={v}" for k, v in form.items())
    assert Client().post(address, data=body, content_type=FORM).status_code == 401


@pytest.mark.parametrize(
    ("body", "kind", "error"),
    [
        ("grant_type=password&username=a&password=b", FORM, "unsupported_grant_type"),
        ("grant_type=authorization_code", FORM, "unsupported_grant_type"),
        ("scope=a", FORM, "invalid_request"),
        ("grant_type=client_credentials&scope=a&scope=b", FORM, "invalid_request"),
        ("grant_type=client_credentials&grant_type=x", FORM, "invalid_request"),
        ('{"grant_type": "client_credentials"}', "application/json", "invalid_request"),
        ("grant_type=client_credentials&scope=" + "x" * 9_000, FORM, "invalid_request"),
    ],
)
def test_what_is_no_such_request_is_refused(
    known: tuple[str, str], body: str, kind: str, error: str
) -> None:
    pair = base64.b64encode(":".join(known).encode()).decode()
    headers = {"Authorization": f"Basic {pair}"}
    answer = Client().post("/oauth/token", data=body, content_type=kind, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"] == error


def test_it_takes_post_alone_and_one_way_to_authenticate(known: tuple[str, str]) -> None:
    answer = Client().get("/oauth/token")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    private = ed25519.Ed25519PrivateKey.generate()
    both = ask_token(
        *known, client_assertion_type=JWT_BEARER, client_assertion=assertion(known[0], private)
    )
    assert (both.status_code, both.json()["error"]) == (400, "invalid_request")
    other = ask_token(*known, client_id=str(ids.uuid7()))
    assert (other.status_code, other.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic /w==", "Bearer x", "Basic Og=="])
def test_a_header_that_is_none_is_wrong_authentication(header: str) -> None:
    answer = Client().post(
        "/oauth/token",
        data="grant_type=client_credentials",
        content_type=FORM,
        headers={"Authorization": header},
    )
    assert answer.status_code == 401


# -- with a key ------------------------------------------------------------------------------------


@pytest.fixture(params=["Ed25519", "ES256"])
def private(request: pytest.FixtureRequest) -> Any:
    if request.param == "Ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1())


def test_a_client_with_its_key_gets_a_token_that_counts_for_more(private: Any) -> None:
    client = client_of(system_at_work())
    key_of(client, private)
    answer = by_key(client, private)
    assert answer.status_code == 200, answer.content
    me = ask(answer.json()["access_token"], "get", "/me", purpose=RECORDS).json()
    assert me["assurance"] == 2
    assert by_key(client, private, aud="http://testserver").status_code == 200, "the issuer"


def test_an_assertion_counts_once(private: Any) -> None:
    client = client_of(system_at_work())
    key_of(client, private)
    sent = assertion(client, private)
    assert signed(sent).status_code == 200
    assert signed(sent).status_code == 401
    fresh = assertion(client, private, jti="of-my-own")
    assert signed(fresh).status_code == 200
    again = assertion(client, private, jti="of-my-own")
    assert signed(again).status_code == 401, "another assertion with the same jti"


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "https://elsewhere.example/oauth/token"}, {"aud": None}, {"exp": None},
        {"exp": 1}, {"exp": 4_000_000_000}, {"exp": float("inf")},
        {"exp": float("nan")}, {"iat": float("inf")}, {"jti": None}, {"jti": ""}, {"jti": "x" * 201},
        {"jti": 7}, {"iss": "somebody"}, {"iss": None}, {"sub": "somebody"}, {"sub": None},
        {"nbf": 4_000_000_000},
    ],
    ids=str,
)  # fmt: skip
def test_an_assertion_that_says_something_else_is_wrong(wrong: dict[str, Any]) -> None:
    private = ed25519.Ed25519PrivateKey.generate()
    client = client_of(system_at_work())
    key_of(client, private)
    assert by_key(client, private, **wrong).status_code == 401
    assert by_key(client, private).status_code == 200


def test_an_assertion_signed_in_another_way_is_wrong() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    client = client_of(system_at_work())
    key_of(client, private)
    claims = {
        "iss": client, "sub": client, "aud": "http://testserver/oauth/token",
        "exp": int(now().timestamp()) + 60, "jti": "once",
    }  # fmt: skip
    unsigned = jwt.encode(claims, "", "none")
    public = str(jwk_of(private)).ljust(64)
    confused = jwt.encode(claims, public, "HS256")
    stranger = jwt.encode(claims, ec.generate_private_key(ec.SECP256R1()), "ES256")
    other = jwt.encode(claims, ed25519.Ed25519PrivateKey.generate(), "EdDSA")
    for sent in (unsigned, confused, stranger, other):
        assert signed(sent).status_code == 401
    saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"
    good = assertion(client, private)
    assert signed(good, client_assertion_type=saml).status_code == 401
    assert signed(good).status_code == 200, "what was refused spent nothing"


def test_the_assertion_of_one_client_is_no_other_s() -> None:
    private = ed25519.Ed25519PrivateKey.generate()
    mine, other = client_of(system_at_work()), client_of(system_at_work())
    key_of(mine, private)
    assert by_key(other, private).status_code == 401
    assert by_key(mine, private, sub=other).status_code == 401


def test_the_public_address_is_the_audience_whatever_host_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "ACCORD_PUBLIC_URL", "https://accord.example")
    private = ed25519.Ed25519PrivateKey.generate()
    client = client_of(system_at_work())
    key_of(client, private)
    assert by_key(client, private).status_code == 401
    good = by_key(client, private, aud="https://accord.example/oauth/token")
    assert good.status_code == 200


# -- hardening -------------------------------------------------------------------------------------


def test_whoever_guesses_is_slowed_down_and_locks_nobody_out(known: tuple[str, str]) -> None:
    client, secret = known
    said = [ask_token(client, "guess").status_code for _ in range(limits.WRONG_CLIENTS + 1)]
    assert said == [401] * limits.WRONG_CLIENTS + [429]
    last = ask_token(client, "guess")
    assert last.headers["Retry-After"] == "60"
    assert ask_token(client, secret).status_code == 200, "from the same network too"
    other = client_of(system_at_work())
    assert ask_token(other, "guess").status_code == 401, "each client has its own"


def test_a_wrong_answer_waits_and_only_a_few_wait_at_a_time(
    known: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(oauth, "WAIT_S", 0.2)
    monkeypatch.setattr(oauth.time, "sleep", waited.append)
    ask_token(known[0], "guess")
    assert waited == [0.2]
    for _ in range(4):
        oauth.WAITING.acquire()
    try:
        assert ask_token(known[0], "guess").status_code == 401
        assert waited == [0.2]
    finally:
        for _ in range(4):
            oauth.WAITING.release()


def test_a_client_asks_for_so_many_tokens_a_minute(
    known: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CLIENTS_TOKENS", 2)
    limits.start_afresh()
    assert [ask_token(*known).status_code for _ in range(3)] == [200, 200, 429]


def test_secrets_are_compared_in_constant_time() -> None:
    import inspect

    from accord.identity.tokens.actions import oauth as authenticating

    source = inspect.getsource(authenticating.by_secret)
    assert "hmac.compare_digest" in source
    assert "secret_hash ==" not in source


def test_no_log_has_a_secret_an_assertion_or_a_token(
    known: tuple[str, str], caplog: pytest.LogCaptureFixture, world: Path
) -> None:
    private = ed25519.Ed25519PrivateKey.generate()
    key_of(known[0], private)
    sent = assertion(known[0], private)
    with caplog.at_level(logging.DEBUG):
        token = token_of(*known)
        other = signed(sent).json()["access_token"]
        ask(token, "get", "/me", purpose=RECORDS)
        ask(token + "x", "get", "/me", purpose=RECORDS)
        ask_token(known[0], known[1] + "x")
        signed(sent)
        Client().get(f"/account/tokens?token={token}")
    written = caplog.text + str([vars(r) for r in caplog.records])
    for log in (world / "logs").iterdir():
        written += log.read_text("utf-8", errors="replace")
    for mark in (known[1], token, other, sent):
        assert mark not in written
        assert mark[8:40] not in written


def test_its_tokens_are_in_the_ledger_and_no_token_is(known: tuple[str, str]) -> None:
    token = token_of(*known)
    client = client_of(system_at_work(), (RECORDS,), ("view",))
    reading = token_of(client, secret_of(client))
    line = ask(reading, "get", "/ledger/entries?limit=5", purpose=RECORDS)
    assert "membership" in {e["kind"] for e in line.json()["items"]}
    assert token not in line.content.decode()


# -- discovery -------------------------------------------------------------------------------------


def test_a_program_finds_how_to_ask(known: tuple[str, str]) -> None:
    said = Client().get("/.well-known/oauth-authorization-server").json()
    assert said["issuer"] == "http://testserver"
    assert said["token_endpoint"] == "http://testserver/oauth/token"
    assert said["grant_types_supported"] == ["client_credentials"]
    assert said["token_endpoint_auth_methods_supported"] == [
        "client_secret_basic", "private_key_jwt",
    ]  # fmt: skip
    assert set(said["token_endpoint_auth_signing_alg_values_supported"]) == {"EdDSA", "ES256"}
    assert f"purpose:{RECORDS}" in said["scopes_supported"]
    assert ask_token(*known, scope=f"purpose:{RECORDS}").status_code == 200
