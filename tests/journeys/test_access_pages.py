"""The simulator, "who can see this?" and the impact of a version, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from journeys.keys import press_key
from journeys.pictures import shots
from journeys.test_pages import ALVAREZ, CASE, Site, checked, in_thread, picture

pytestmark = pytest.mark.journey
SUPERVISOR = "riverbend-pd.d.okafor"


@pytest.fixture
def amendment(world: Path) -> str:
    from accord.agreements.queries import versions

    """The one of the world: another journey may have left a first version that is proposed too."""

    def found() -> str:
        return next(v.content_hash for v in versions() if v.state == "proposed" and v.parent_hash)

    return in_thread(found)


def own_record(page: Page) -> str:
    """A record of Riverbend on a suspect that is in the case."""
    page.goto(f"{CASE}/records/?schema=Person")
    owned = page.locator(".result", has_text="Riverbend").filter(has_text="In this case").first
    owned.locator(".result__title").click()
    page.wait_for_url("**/records/*-*")
    return page.url


def test_an_investigator_learns_who_can_see_a_record_and_tries_it(site: Site) -> None:
    page = site.member(ALVAREZ)
    own_record(page)
    page.get_by_role("link", name="Who can see this?").click()
    page.wait_for_url("**/who")
    expect(page.locator("#glance")).to_contain_text("Harlan County Sheriff")
    expect(page.locator("#glance tr", has_text="Harlan").first).to_contain_text("View")
    page.locator("#glance").get_by_role("link", name=re.compile("Harlan")).click()
    page.locator("#who-harlan-so summary").first.click()
    expect(page.locator("#who-harlan-so")).to_contain_text("clause 4.2")
    expect(page.locator("#who-harlan-so .who-people")).to_contain_text("Boone")
    page.locator("h1").scroll_into_view_if_needed()
    picture(page, "who-can-see")
    shots(page, "who")
    checked(page, page.url)
    page.get_by_role("link", name="Try the agreements on it").click()
    page.wait_for_url("**/simulator?record=*")
    page.select_option("#f-who", "described")
    page.get_by_text("Describe somebody").click()
    page.select_option("#f-agency", "harlan-so")
    page.check("input[name=role][value=investigator]")
    page.get_by_role("button", name="Try it").click()
    page.wait_for_url("**/simulator/*")
    expect(page.locator(".sim__answer")).to_contain_text("Valid training: CJIS security")
    page.check("input[name=training][value=cjis-security]")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator(".sim__answer .notice").first).to_contain_text("could read")
    expect(page.locator(".stretch--open", has_text="clause 4.2").first).to_be_visible()
    page.locator(".sim__answer .notice").first.evaluate("found => found.scrollIntoView()")
    picture(page, "simulator")
    shots(page, "simulator-record")
    checked(page, page.url)


def test_a_question_is_described_and_answered_by_keys_alone(site: Site) -> None:
    page = site.member(SUPERVISOR)
    page.goto("/agreements/simulator")
    shots(page, "simulator-form")
    checked(page, "/agreements/simulator")
    page.locator("#f-purpose").focus()
    page.keyboard.type("Investigating human")
    page.locator("#simulator button[type=submit]").focus()
    press_key(page, "Enter")
    page.wait_for_url("**/simulator/*")
    expect(page.locator("#answer-h")).to_be_visible()
    shots(page, "simulator-answer")
    page.select_option("#f-who", "described")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator(".error-summary")).to_contain_text("Role: choose at least one")


def test_a_supervisor_weighs_an_amendment(site: Site, amendment: str) -> None:
    page = site.member(SUPERVISOR)
    page.goto(f"/agreements/{amendment}/impact")
    expect(page.locator("#impact-harlan-so")).to_contain_text("Loses")
    expect(page.locator("#proof")).to_contain_text("Narrower")
    shots(page, "impact")
    checked(page, page.url)
    page.get_by_role("link", name="Try it in the simulator").click()
    page.wait_for_url("**/simulator?version=*")
    assert page.input_value("#f-version") == amendment
