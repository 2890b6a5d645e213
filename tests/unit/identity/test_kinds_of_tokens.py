"""What proves something is taken as what it is and at its own address: nothing stands in for another."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accord.agencies.actions import create_api_token, create_signin_link
from authenticator import Authenticator
from unit.identity.conftest import browser, enrolled
from unit.identity.tokening import (
    ALVAREZ,
    TRAFFICKING,
    ask,
    ask_token,
    client_of,
    members_token,
    secret_of,
    system_at_work,
    token_of,
)

pytestmark = pytest.mark.usefixtures("real", "administrators")


def link() -> str:
    return create_signin_link(ALVAREZ).rsplit("/", 1)[1]


def secret() -> str:
    return secret_of(client_of(system_at_work()))


def systems_token() -> str:
    client = client_of(system_at_work())
    return token_of(client, secret_of(client))


KINDS: dict[str, Callable[[], str]] = {
    "operator's token": lambda: create_api_token(ALVAREZ),
    "member's token": members_token,
    "system's token": systems_token,
    "one-time link": link,
    "client secret": secret,
    "client": lambda: client_of(system_at_work()),
}
BEARERS = {"operator's token", "member's token", "system's token"}


@pytest.mark.parametrize("kind", sorted(set(KINDS) - BEARERS))
def test_what_is_no_bearer_token_opens_no_api(kind: str) -> None:
    assert ask(KINDS[kind](), "get", "/me", purpose=TRAFFICKING).status_code == 401


def test_a_bearer_token_does_open_it() -> None:
    """So that the refusals beside this are not those of an address that refuses everybody."""
    assert ask(members_token(), "get", "/me", purpose=TRAFFICKING).status_code == 200


def test_a_session_s_cookie_is_no_bearer_token_and_a_bearer_token_no_cookie(
    device: Authenticator,
) -> None:
    client = enrolled(device)
    cookie = client.cookies["accord_session"].value
    assert client.get("/").status_code == 200
    assert ask(cookie, "get", "/me", purpose=TRAFFICKING).status_code == 401
    for make in KINDS.values():
        other = browser()
        other.cookies["accord_session"] = make()
        assert other.get("/").status_code == 302


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"one-time link"}))
def test_nothing_else_is_a_one_time_link(kind: str) -> None:
    token = KINDS[kind]()
    assert browser().get(f"/sign-in/{token}").status_code == 404
    assert browser().get(f"/set-up/{token}").status_code == 404


def test_a_one_time_link_sets_up_no_node() -> None:
    assert browser().get(f"/set-up/{link()}").status_code == 404


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"client secret"}))
def test_nothing_else_is_the_secret_of_a_client(kind: str) -> None:
    client = client_of(system_at_work())
    secret_of(client)
    answer = ask_token(client, KINDS[kind]())
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"


def test_the_secret_of_one_client_is_no_other_s() -> None:
    first, second = client_of(system_at_work()), client_of(system_at_work())
    assert ask_token(first, secret_of(second)).status_code == 401
    assert ask_token(first, secret_of(first)).status_code == 200
