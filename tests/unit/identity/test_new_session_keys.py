"""A new proof within a session gives it a new key, and the old one opens nothing (ASVS 7.2.4)."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

from accord.agencies.queries import actor
from accord.identity import queries
from accord.kernel.clock import now
from accord.platform.sessions import SessionStore
from authenticator import Authenticator
from isolation.direct import administrator, reseal_signins
from unit.identity.conftest import ALVAREZ, browser, enrolled, options_in
from unit.identity.test_member_signatures import OKAFOR, filled, proposed
from unit.identity.test_step_up import later

__all__ = ["proposed"]

pytestmark = pytest.mark.usefixtures("real")
REVOKE = "/account/passkeys/00000000-0000-7000-8000-00000000dead/revoke"


def key_of(client: Client) -> str:
    return str(client.cookies["accord_session"].value)


def thief_with(key: str) -> Client:
    thief = browser()
    thief.cookies["accord_session"] = key
    return thief


def stepped_up(client: Client, device: Authenticator) -> None:
    asked = client.post(REVOKE)
    assert asked.status_code == 401
    answer = device.get(options_in(asked.content))
    assert client.post(REVOKE, {"accord-proof": answer}).status_code == 404, (
        "proven, and no such key"
    )


def test_a_step_up_ends_the_key_that_it_came_with(device: Authenticator) -> None:
    client = enrolled(device)
    before = key_of(client)
    signin = client.get("/").wsgi_request.proof.signin
    with later(11):
        stepped_up(client, device)
        assert key_of(client) != before
        assert client.get("/").wsgi_request.proof.signin == signin, "it is the same session"
        assert client.get("/").wsgi_request.proof.proven_at == now()
        assert thief_with(before).get("/").status_code == 302
    assert SessionStore(before).get("membership") is None


def open_now() -> set[UUID]:
    """Her sessions that nobody ended; other tests have some too."""
    return {s.id for s in queries.signins(actor(ALVAREZ).member, 1000) if s.ended_at is None}


def test_the_session_and_what_it_remembers_go_on(device: Authenticator) -> None:
    client = enrolled(device)
    context = "/w/general-policing/statute/-/search"
    before = open_now()
    assert client.get(context).status_code == 200
    with later(11):
        stepped_up(client, device)
        assert context.encode() in client.get("/").content
        assert open_now() == before, "no second session came of it"


def test_a_question_that_was_asked_before_can_be_answered_after(
    device: Authenticator, real: Path
) -> None:
    client = enrolled(device)
    made = Authenticator().create(options_in(client.get("/account/").content))
    with administrator(real) as db:
        reseal_signins(db, "proven_at = proven_at - interval '11 minutes'")
    form = {"answer": made, "name": "New"}
    asked = client.post("/account/passkeys", form)
    assert asked.status_code == 401
    answer = device.get(options_in(asked.content))
    assert client.post("/account/passkeys", form | {"accord-proof": answer}).status_code == 303
    assert len(queries.passkeys(actor(ALVAREZ).member)) == 2


def test_a_signature_gives_a_new_key_too(world: Path, device: Authenticator, proposed: str) -> None:
    client = enrolled(device, OKAFOR)
    before = key_of(client)
    path = f"/agreements/{proposed}/sign"
    assert client.post(path, filled(world, client.get(path).content, device)).status_code == 303
    assert key_of(client) != before
    assert client.get("/").status_code == 200
    assert thief_with(before).get("/").status_code == 302
    with administrator(world) as db:
        db.execute("delete from member_signature where subject = %s", [proposed])


def test_a_page_that_is_live_goes_on_under_the_new_key(device: Authenticator) -> None:
    client = enrolled(device)
    signin = client.get("/").wsgi_request.proof.signin
    with later(11):
        stepped_up(client, device)
        assert set(queries.in_force([signin])) == {signin}
    client.post("/sign-out")
    assert queries.in_force([signin]) == {}
