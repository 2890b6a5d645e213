"""An exhibit goes to the state laboratory: offered with one passkey, accepted with another, verified."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from accord.ledger.actions import sequence_all
from isolation.contributing import superuser
from isolation.custodying import ALVAREZ, PETROV, acquired
from journeys.outside import verified
from journeys.people import Person, accessible, enrol, signed_in
from journeys.test_pages import in_thread
from naming import named

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("identity")]


@pytest.fixture
def exhibit(world: Path) -> Iterator[UUID]:
    made = in_thread(acquired)
    assert isinstance(made, UUID)
    yield made

    def forget() -> None:
        with superuser(world) as db:
            db.execute("delete from member_signature where kind = 'custody'")

    in_thread(forget)


def comes(someone: Person, member: str) -> Page:
    """Somebody who made a passkey and came back with it."""
    enrol(someone, member)
    page = someone.page
    page.locator('form[action="/sign-out"] button').evaluate("b => b.click()")
    expect(page.locator("h1")).to_have_text("Sign in")
    signed_in(someone)
    return page


def looked_at(page: Page, name: str, shots: Path | None) -> None:
    accessible(page)
    if shots is None:
        return
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for theme in ("light", "dark"):
            page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
            page.screenshot(path=shots / f"{name}-{width}-{theme}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


def writes_and_signs(page: Page, button: str, shots: Path | None = None) -> None:
    """Say what happened, read the event, and sign it."""
    page.fill("#f-place", "Evidence counter, ground floor")
    page.fill("#f-reason", "Examination of the messages, as the prosecutor asked.")
    page.fill("#f-items", "1")
    page.get_by_role("button", name="Go on: show what is written").click()
    text = page.locator("[data-signed-text]")
    expect(text).to_contain_text('"reason":"Examination of the messages')
    looked_at(page, f"sign-{button.split()[0]}", shots)
    page.locator("#sign").get_by_role("button", name=button).click()
    page.wait_for_url("**/custody/*-*-*-*-*")


def test_an_exhibit_is_offered_and_accepted_with_two_passkeys_and_verified_elsewhere(
    real: str, world: Path, exhibit: UUID, person: Callable[[str], Person], tmp_path: Path
) -> None:
    assert not settings.ACCORD_DEMO
    shots = Path(found) if (found := os.environ.get("ACCORD_SHOTS")) else None
    giver = comes(person(real), ALVAREZ)
    giver.goto(f"/custody/{exhibit}")
    expect(giver.locator("#chain")).to_contain_text("Acquired")
    giver.locator("#take-offer").click()
    giver.select_option("#f-to", "state-bi")
    looked_at(giver, "offer", shots)
    writes_and_signs(giver, "Offer to another agency", shots)
    expect(giver.locator("#now")).to_contain_text("State Bureau of Investigation")
    expect(giver.locator("#event-1")).to_contain_text("Signed with a passkey")

    taker = comes(person(real), PETROV)
    taker.goto("/")
    taker.locator("#obligations").get_by_role("link", name="Exhibits offered to us").click()
    looked_at(taker, "list", shots)
    taker.locator(f'a[href="/custody/{exhibit}"]').first.click()
    taker.locator("#take-accept").click()
    writes_and_signs(taker, "Accept into custody", shots)
    expect(taker.locator("#event-2")).to_contain_text("Signed with a passkey")
    expect(taker.locator(".strip").nth(1)).to_contain_text("Has it now")
    looked_at(taker, "chain", shots)
    in_thread(sequence_all)
    with taker.expect_download() as download:
        taker.get_by_role("link", name="Download the chain").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)

    ran = verified(file, real, *named())
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "held, last in the custody of state-bi" in ran.stdout
    edited = file.read_text("utf-8").replace("ground floor", "first floor", 1)
    file.write_text(edited, encoding="utf-8")
    ran = verified(file, real)
    assert ran.returncode == 1
    assert "event-altered" in ran.stdout
