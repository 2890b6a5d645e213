"""Two administrators change their agency's duty desk, each in their own browser; a member finds it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Page, expect

from accord.agencies.demokeys import signing_key
from accord.agencies.keys import successor_payload
from isolation import administering as those
from isolation.administering import ADA, AGENCY, BEN, ROOKIE
from isolation.agencykeeping import kept_entries, kept_keys
from journeys.people import Person, accessible, enrol
from journeys.test_pages import in_thread

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("identity")]


@pytest.fixture(autouse=True)
def _staff(world: Path, url: str) -> Iterator[None]:
    entries = kept_entries(world)
    made = those.staff(world)
    in_thread(lambda: next(entries))
    in_thread(lambda: next(made))
    yield
    in_thread(lambda: next(made, None))
    in_thread(lambda: next(entries, None))


def shown(page: Page, path: str) -> None:
    page.goto(path)
    accessible(page)


def test_two_administrators_change_the_duty_desk_and_a_member_finds_it(
    real: str, person: Callable[[str], Person]
) -> None:
    first, second, reader = person(real), person(real), person(real)
    enrol(first, ADA)
    enrol(second, BEN)
    enrol(reader, ROOKIE)

    page = first.page
    shown(page, f"/agencies/{AGENCY}")
    page.get_by_role("link", name="Change the entry").click()
    expect(page.locator("#f-exceptions")).to_be_visible()
    accessible(page)
    page.fill("#f-weekly", "mon-fri 08:00-18:00\nwed 12:00-20:00")
    page.get_by_role("button", name="Propose the duty desk").click()
    expect(page.locator(".error-summary")).to_contain_text("two of these hours overlap")
    page.fill("#f-weekly", "daily 00:00-24:00")
    page.fill("#f-exceptions", "2035-12-25 closed Christmas Day")
    page.fill("#f-ladder", "5 +1-312-555-0111 Sergeant Night\n30 +1-312-555-0112 Chief Reyes")
    page.get_by_role("button", name="Propose the duty desk").click()
    expect(page.locator("#approve-reason")).to_contain_text("You proposed this")
    accessible(page)

    other = second.page
    shown(other, page.url)
    expect(other.locator("#after")).to_contain_text("Sergeant Night")
    other.locator("#approve").click()
    expect(other.locator("#change")).to_contain_text("In force")

    found = reader.page
    found.goto("/agencies/")
    found.fill("#f-q", "Riverbend Police")
    found.get_by_role("button", name="Show").click()
    found.wait_for_url("**/agencies/?*")
    accessible(found)
    found.get_by_role("link", name="Riverbend Police Department").click()
    expect(found.locator("#desk")).to_contain_text("Open now")
    expect(found.locator("#desk")).to_contain_text("Sergeant Night")
    accessible(found)


def test_two_administrators_put_a_new_key_in_place_of_the_old(
    real: str, person: Callable[[str], Person], world: Path
) -> None:
    keys = kept_keys(world)
    in_thread(lambda: next(keys))
    first, second = person(real), person(real)
    enrol(first, ADA)
    enrol(second, BEN)
    old = in_thread(lambda: signing_key(world, AGENCY))
    new = Ed25519PrivateKey.generate()
    before, after = (k.public_key().public_bytes_raw() for k in (old, new))
    payload = successor_payload(AGENCY, before, after)
    said = {
        "agency": AGENCY, "predecessor": before.hex(), "key": after.hex(),
        "signature": new.sign(payload).hex(), "proof": new.sign(payload).hex(),
    }  # fmt: skip
    try:
        page = first.page
        page.goto(f"/agencies/{AGENCY}/change")
        page.fill("#f-successor", json.dumps(said))
        page.get_by_role("button", name="Propose the new key").click()
        expect(page.locator(".error-summary")).to_contain_text("not signed by the key in force")
        said["signature"] = old.sign(payload).hex()
        page.fill("#f-successor", json.dumps(said))
        page.get_by_role("button", name="Propose the new key").click()
        expect(page.locator("main")).to_contain_text(after.hex())
        accessible(page)
        second.page.goto(page.url)
        second.page.locator("#approve").click()
        expect(second.page.locator("#change")).to_contain_text("In force")
        shown(page, f"/agencies/{AGENCY}")
        expect(page.locator("#keys")).to_contain_text(after.hex()[:8])
        expect(page.locator("#keys")).to_contain_text("Retired")
    finally:
        in_thread(lambda: next(keys, None))
