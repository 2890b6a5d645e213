"""Whatever opened or proved a session ends it when it is revoked, also while it is being used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accord.agencies.queries import actor
from accord.identity import queries
from accord.identity.actions import passkeys, providers
from accord.identity.codes.actions import devices
from accord.identity.domain import Why
from accord.identity.federation import asking
from authenticator import Authenticator
from oidc_provider import Provider
from unit.identity.coding import allow, forget, in_seconds, set_up, try_code
from unit.identity.conftest import ALVAREZ, browser, enrolled, options_in, sign_in
from unit.identity.test_new_session_keys import REVOKE
from unit.identity.test_oidc import asked, came_back, provider, refused, signed_in
from unit.identity.test_step_up import later

__all__ = ["provider"]


@pytest.fixture(autouse=True)
def _allowed(real: Path) -> Iterator[None]:
    allow(real)
    yield
    forget(real)


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def proven_again(client: Client, device: Authenticator) -> int:
    """What is answered to a step that an authenticator was asked for and answered."""
    asked_again = client.post(REVOKE)
    assert asked_again.status_code == 401
    answer = device.get(options_in(asked_again.content))
    return int(client.post(REVOKE, {"accord-proof": answer}).status_code)


def keys() -> tuple[queries.PasskeyEntry, ...]:
    """Her passkeys, the newest first."""
    return queries.passkeys(actor(ALVAREZ).member)


def after(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, then: Callable[[Any], object]
) -> None:
    """Let something happen as soon as a function of a module has answered."""
    before = getattr(module, name)

    def both(*args: Any, **kwargs: Any) -> Any:
        found = before(*args, **kwargs)
        then(found)
        return found

    monkeypatch.setattr(module, name, both)


# -- what opened or proved a session --------------------------------------------------------------


@pytest.mark.parametrize("revoked", ["the one that opened it", "the one that proved it again"])
def test_a_session_ends_with_any_passkey_that_opened_or_proved_it(
    device: Authenticator, revoked: str
) -> None:
    client, other = enrolled(device), Authenticator()
    enrolled(other)
    with later(11):
        assert proven_again(client, other) == 404
        third = Authenticator()
        judge = enrolled(third)
        lost = keys()[2 if revoked == "the one that opened it" else 1]
        assert is_in(client)
        assert judge.post(f"/account/passkeys/{lost.id}/revoke").status_code == 303
        assert not is_in(client)
        assert is_in(judge)


def test_a_session_goes_on_that_a_revoked_passkey_had_no_part_in(device: Authenticator) -> None:
    client = enrolled(device)
    enrolled(Authenticator())
    with later(11):
        assert proven_again(client, device) == 404
        assert client.post(f"/account/passkeys/{keys()[0].id}/revoke").status_code == 303
        assert is_in(client)


def test_a_session_that_a_code_began_and_a_passkey_proved_ends_with_either(
    device: Authenticator,
) -> None:
    first = enrolled(device)
    app, _ = set_up(first)
    client = browser()
    with in_seconds(60):
        assert try_code(client, app.code()).status_code == 303
    with later(11):
        assert proven_again(client, device) == 404
        assert is_in(client)
        assert sign_in(device).post("/account/code", {"do": "remove"}).status_code == 303
        assert not is_in(client)


# -- revoked between the proof and what it is to open ------------------------------------------------


def test_a_step_up_by_a_passkey_that_was_revoked_meanwhile_does_not_count(
    device: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, other = enrolled(device), Authenticator()
    enrolled(other)
    member = actor(ALVAREZ).member
    after(monkeypatch, passkeys, "prove", lambda p: passkeys.revoke(member, p.passkey))
    with later(11):
        assert proven_again(client, other) == 401
        assert is_in(client)
        assert client.post(REVOKE).status_code == 401, "it is as old as before"


def test_a_code_device_that_was_removed_meanwhile_begins_no_session(
    device: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, _ = set_up(enrolled(device))
    after(monkeypatch, devices, "prove", lambda _: devices.remove(actor(ALVAREZ).member))
    client = browser()
    with in_seconds(60):
        assert try_code(client, app.code()).status_code == 404
    assert not is_in(client)


def test_a_code_device_that_was_removed_meanwhile_proves_nothing_again(
    device: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, _ = set_up(enrolled(device))
    client = browser()
    with in_seconds(60):
        assert try_code(client, app.code()).status_code == 303
    after(monkeypatch, devices, "prove_again", lambda _: devices.remove(actor(ALVAREZ).member))
    with in_seconds(15 * 60):
        form = {"do": "recovery", "accord-password": "wet otters carry umbrellas"}
        client.post("/account/code", form | {"accord-code": app.code()})
        assert not is_in(client)
    assert Why.CREDENTIAL in {s.ended_why for s in queries.signins(actor(ALVAREZ).member)}


def test_a_link_that_was_taken_away_meanwhile_begins_no_session(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    after(monkeypatch, asking, "answered", lambda _: providers.remove("riverbend"))
    client = browser()
    refused(signed_in(client), client)


def test_a_link_that_was_taken_away_meanwhile_proves_nothing_again(
    provider: Provider, device: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = enrolled(device)
    before = client.get("/").wsgi_request.proof
    sent = client.get("/account/prove/riverbend").headers["Location"]
    after(monkeypatch, asking, "answered", lambda _: providers.remove("riverbend"))
    assert client.get(came_back(sent)).status_code == 403
    assert client.get("/").wsgi_request.proof == before


def test_a_session_that_a_provider_proved_again_ends_with_the_link(
    provider: Provider, device: Authenticator
) -> None:
    client = enrolled(device)
    sent = client.get("/account/prove/riverbend").headers["Location"]
    assert client.get(came_back(sent)).status_code == 200
    assert providers.remove("riverbend") == 1
    assert not is_in(client)


def test_a_session_that_a_provider_opened_ends_with_the_link_whatever_proved_it_since(
    provider: Provider, device: Authenticator
) -> None:
    enrolled(device)
    client = browser()
    assert client.get(came_back(asked(client))).status_code == 303
    with later(11):
        assert proven_again(client, device) == 404
    assert providers.remove("riverbend") == 1
    assert not is_in(client)
