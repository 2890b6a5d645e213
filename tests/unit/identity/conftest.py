"""A node that is no demonstration, as far as signing in goes, and somebody with a device."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from accord.agencies.actions import create_signin_link
from authenticator import Authenticator

ALVAREZ = "riverbend-pd.m.alvarez"


@pytest.fixture
def real(world: Path, settings_of_a_real_node: None) -> Path:
    """The world on a node for real work."""
    return world


@pytest.fixture
def settings_of_a_real_node(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "ACCORD_DEMO", False)


@pytest.fixture
def device() -> Authenticator:
    return Authenticator()


def browser() -> Client:
    """A browser that asks for the node by name."""
    return Client(headers={"host": "localhost"})


def options_in(page: bytes) -> str:
    """What a page's form asks an authenticator for."""
    found = re.search(r'data-options="([^"]*)"', page.decode())
    assert found, page.decode()
    return html.unescape(found[1])


def enrolled(
    device: Authenticator, membership: str = ALVAREZ, client: Client | None = None
) -> Client:
    """A browser in which this member made a passkey with a link, and is signed in."""
    client = client or browser()
    link = create_signin_link(membership)
    options = options_in(client.get(link).content)
    answer = client.post(link, {"answer": device.create(options), "name": "Phone"})
    assert answer.status_code == 303, answer.content.decode()
    return client


def sign_in(device: Authenticator, client: Client | None = None) -> Client:
    """A browser in which somebody signed in with the newest key of this device."""
    client = client or browser()
    options = options_in(client.get("/sign-in/").content)
    answer = client.post("/sign-in/passkey", {"answer": device.get(options)})
    assert answer.status_code == 303, answer.content.decode()
    return client


@pytest.fixture(autouse=True)
def _nobody_keeps_a_passkey(world: Path) -> Iterator[None]:
    yield
    from isolation.direct import administrator

    with administrator(world) as db:
        db.execute("delete from passkey")
        db.execute("delete from ceremony")
        db.execute("delete from signin where method <> 'demo'")


@pytest.fixture
def administrators(world: Path) -> Iterator[None]:
    """Two system administrators of Riverbend; no system is left behind."""
    from isolation.direct import administrator
    from unit.identity.tokening import make_administrators

    make_administrators()
    yield
    programs = "(select membership_id from service_member)"
    with administrator(world) as db:
        for table in ("access_token", "client_credential", "oauth_client", "used_assertion"):
            db.execute(f"delete from {table}")
        db.execute(f"delete from signin_link where membership_id in {programs}")
        db.execute(f"delete from membership where id in {programs}")
        db.execute(f"delete from member where id in {programs}")
        db.execute("delete from service_member")
