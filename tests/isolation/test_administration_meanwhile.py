"""What somebody has open ends when the membership does, and steps ask for a new proof."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accord.agencies import queries as agencies
from accord.agencies.actions import create_api_token, resume_agency, suspend_agency
from accord.agreements.entry import SignInNeeded
from accord.desk.live.asking import admit
from accord.desk.live.hub import Hub
from accord.kernel.clock import FixedClock, now, taken_from
from authenticator import Authenticator
from isolation import administering as those
from isolation.administering import ADA, AGENCY, BEN, ROOKIE, ask, signed_in
from unit.identity.conftest import enrolled, options_in


@pytest.fixture(autouse=True)
def _staff(world: Path) -> Iterator[None]:
    yield from those.staff(world)


def test_a_removed_member_s_live_page_ends_on_the_next_tick() -> None:
    rookie = signed_in(ROOKIE)
    hub = Hub()
    hub.tick()
    cookie = f"accord_session={rookie.cookies['accord_session'].value}"
    page = hub.join(admit({"cookie": cookie}, "context=/w/general-policing/statute/-&topics=case"))
    hub.tick()
    assert page.over is None
    assert ask(signed_in(ADA), ROOKIE, "suspend").status_code == 303
    hub.tick()
    assert page.over == "signed out"


def test_a_cookie_over_another_kind_of_address_opens_no_live_page() -> None:
    cookie = {"cookie": f"accord_session={signed_in(ROOKIE).cookies['accord_session'].value}"}
    context = "context=/w/general-policing/statute/-&topics=case"
    for address in ("127.0.0.1", "198.51.100.1", "::ffff:198.51.100.1", None):
        assert admit(cookie, context, address).actor.membership == ROOKIE
    for address in ("::1", "2001:db8::1"):
        with pytest.raises(SignInNeeded):
            admit(cookie, context, address)


def test_a_suspended_agency_s_live_page_and_export_end_on_the_next_tick_and_page() -> None:
    hub, rookie = Hub(), signed_in(ROOKIE)
    cookie = f"accord_session={rookie.cookies['accord_session'].value}"
    page = hub.join(admit({"cookie": cookie}, "context=/w/general-policing/statute/-&topics=case"))
    headers = {"Authorization": f"Bearer {create_api_token(ROOKIE)}", "Accord-Purpose": "oversight"}
    hub.tick()
    assert page.over is None
    assert Client().get("/api/v1/agencies?limit=1", headers=headers).status_code == 200
    suspend_agency(AGENCY, "Decided by the board")
    try:
        hub.tick()
        assert page.over == "signed out"
        assert Client().get("/api/v1/agencies?limit=1", headers=headers).status_code == 401
        assert rookie.get("/").status_code == 302
    finally:
        resume_agency(AGENCY, "Taken back")


def test_a_removed_member_s_export_stops_between_two_pages() -> None:
    headers = {"Authorization": f"Bearer {create_api_token(ROOKIE)}", "Accord-Purpose": "oversight"}

    def page(after: str) -> Any:
        return Client().get(f"/api/v1/agencies?limit=1{after}", headers=headers)

    first = page("")
    assert first.status_code == 200
    assert ask(signed_in(ADA), ROOKIE, "leave").status_code == 303
    assert page(f"&after={first.json()['next']}").status_code == 401


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "ACCORD_DEMO", False)


@pytest.mark.usefixtures("real")
def test_proposing_and_approving_ask_for_a_new_proof() -> None:
    devices = {ADA: Authenticator(), BEN: Authenticator()}
    ada, ben = (enrolled(device, who) for who, device in devices.items())
    form = {"kind": "role", "add": "analyst"}
    with taken_from(FixedClock(now() + timedelta(minutes=11))):
        asked = ada.post(f"/members/people/{ROOKIE}", form)
        assert asked.status_code == 401
        assert those.waiting(ben) == []
        proof = devices[ADA].get(options_in(asked.content))
        proposed = ada.post(f"/members/people/{ROOKIE}", form | {"accord-proof": proof})
        assert proposed.status_code == 303
        change = those.waiting(ben)[-1]
        asked = ben.post(f"/members/changes/{change}/approve")
        assert asked.status_code == 401
        assert agencies.actor(ROOKIE).roles == {"investigator"}


@pytest.mark.usefixtures("real")
def test_with_a_new_proof_of_both_the_role_counts() -> None:
    ada, ben = (enrolled(Authenticator(), who) for who in (ADA, BEN))
    ada.post(f"/members/people/{ROOKIE}", {"kind": "role", "add": "analyst"})
    change = those.waiting(ben)[-1]
    assert ben.post(f"/members/changes/{change}/approve").status_code == 303
    assert agencies.actor(ROOKIE).roles == {"investigator", "analyst"}
