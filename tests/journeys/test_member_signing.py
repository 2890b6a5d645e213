"""A supervisor signs an agreement with a passkey in a browser, and an outsider checks the file."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from accord.agencies.demokeys import signing_key
from accord.agreements import actions, queries
from isolation.contributing import acting
from isolation.direct import administrator
from journeys.outside import verified
from journeys.people import Person, accessible, enrol, signed_in
from journeys.test_pages import in_thread
from unit.identity.test_member_signatures import DESK, OKAFOR, YAML

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("identity")]


@pytest.fixture
def proposed(world: Path) -> str:
    def made() -> str:
        with acting(OKAFOR, DESK) as scope:
            return actions.propose(scope, YAML.format(name=f"mou-{secrets.token_hex(4)}"), "a.yaml")

    return str(in_thread(made))


def test_an_agreement_is_signed_with_a_passkey_and_verified_elsewhere(
    real: str, world: Path, proposed: str, person: Callable[[str], Person], tmp_path: Path
) -> None:
    assert not settings.ACCORD_DEMO
    someone = person(real)
    enrol(someone, OKAFOR)
    page = someone.page
    page.locator('form[action="/sign-out"] button').evaluate("b => b.click()")
    expect(page.locator("h1")).to_have_text("Sign in")
    signed_in(someone)

    path = f"/agreements/{proposed}"
    page.goto(f"{path}/sign")
    expect(page.locator("[data-signed-digest]")).to_have_text(proposed)
    accessible(page)
    text = page.locator("[data-signed-text]").text_content() or ""
    assert text.encode() == in_thread(lambda: queries.version(proposed).parsed.canonical())
    signature = signing_key(world, "riverbend-pd").sign(text.encode())
    page.fill("#f-signature", base64.b64encode(signature).decode())
    page.get_by_role("button", name="with this signature").click()
    page.wait_for_url(f"{real}{path}")
    signatures = page.locator("#member-signatures")
    expect(signatures).to_contain_text("Kept as it was signed")
    accessible(page)
    with page.expect_download() as download:
        signatures.get_by_role("link", name="Download to verify").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)

    ran = verified(file, real)
    assert ran.returncode == 3, ran.stdout + ran.stderr  # nobody named the member's key
    assert f"as {OKAFOR} of riverbend-pd) signed agreement {proposed}" in ran.stdout

    def forget() -> None:
        with administrator(world) as db:
            db.execute("delete from member_signature where subject = %s", [proposed])

    in_thread(forget)
