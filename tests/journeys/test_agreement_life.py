"""An agreement from a form to its suspension, in a browser: each step takes effect at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from journeys.pictures import shots
from journeys.test_pages import Site, checked

pytestmark = pytest.mark.journey
OKAFOR, ALVAREZ = "riverbend-pd.d.okafor", "riverbend-pd.m.alvarez"
RASMUSSEN = "harlan-so.e.rasmussen"


def _begin(page: Page, name: str) -> None:
    page.goto("/agreements/")
    page.get_by_role("link", name="Drafts of your agency").click()
    page.wait_for_url("**/agreements/drafts")
    page.fill("#f-name", name)
    page.get_by_role("button", name="Begin the draft").click()
    page.wait_for_url("**/agreements/drafts/*-*")


def _choose(page: Page, name: str, *values: str) -> None:
    group = page.locator(f"details:has(input[name='{name}'])")
    if group.get_attribute("open") is None:
        group.locator("summary").click()
    for value in values:
        page.check(f"input[name='{name}'][value='{value}']")


def _write_a_clause(page: Page) -> None:
    page.get_by_role("button", name="Add a clause by form").click()
    page.wait_for_url("**/clause")
    page.fill("#f-id", "1")
    page.fill("#f-prose", "A party's supervisors may learn that another holds a vehicle.")
    page.select_option("#f-action", "hit")
    _choose(page, "roles", "supervisor")
    _choose(page, "schemas", "Vehicle")
    _choose(page, "subjects", "none")
    _choose(page, "parts", "core")
    page.get_by_role("button", name="Show the YAML").click()
    expect(page.locator("#written")).to_contain_text("a permit must say for which purpose")
    _choose(page, "purposes", "training")
    page.get_by_role("button", name="Show the YAML").click()
    expect(page.locator("#written pre")).to_contain_text("permit: hit")
    expect(page.locator("#written")).to_contain_text("Who")
    shots(page, "clause")
    page.get_by_role("button", name="Put it into the draft").click()
    page.wait_for_url("**/agreements/drafts/*-*")


def _take(page: Page, step: str, label: str, reason: str = "") -> None:
    page.locator(f"#step-{step}").click()
    page.wait_for_url(f"**/{step}")
    if reason:
        page.fill("#f-reason", reason)
    page.locator("#here").get_by_role("button", name=label).click()
    page.wait_for_url("**/agreements/*")


def _simulated(page: Page, agreement: str) -> bool:
    """Whether the agreement decides now, as its page says to anybody."""
    page.goto(agreement)
    return page.locator("#version .chip--good", has_text="In force").count() == 1


def test_an_agreement_from_a_form_to_its_suspension(site: Site) -> None:
    okafor, rasmussen, reader = site.member(OKAFOR), site.member(RASMUSSEN), site.member(ALVAREZ)
    _begin(okafor, "Vehicles with Harlan")
    text = okafor.input_value("#f-text")
    okafor.fill("#f-text", text.replace("another-agency", "no-such-agency"))
    expect(okafor.locator("#looked")).to_contain_text("no-such-agency")
    shots(okafor, "draft-faults")
    okafor.get_by_role("button", name="Propose").click()
    expect(okafor.locator(".error-summary")).to_contain_text("the text has faults")
    assert "no-such-agency" in okafor.input_value("#f-text")
    written = text.replace("another-agency", "harlan-so").replace("mou-2026-001", "mou-2026-099")
    okafor.fill("#f-text", written.replace("What the agreement is called", "Vehicles"))
    _write_a_clause(okafor)
    expect(okafor.locator("#looked")).to_contain_text("No faults")
    draft = okafor.url
    checked(okafor, draft)
    checked(okafor, f"{draft}/clause")
    okafor.goto(draft)
    shots(okafor, "draft")
    assert rasmussen.goto(draft).status == 404  # type: ignore[union-attr]  # there is an answer
    okafor.get_by_role("button", name="Propose").click()
    okafor.wait_for_url("**/agreements/*")
    agreement = okafor.url
    _take(okafor, "sign", "Sign")
    expect(okafor.locator("#signatures .signature--signed")).to_have_count(1)
    rasmussen.goto(agreement)
    shots(rasmussen, "proposed")
    _take(rasmussen, "sign", "Sign")
    _take(rasmussen, "activate", "Put in force")
    expect(rasmussen.locator("#history")).to_contain_text("Signature verified")
    assert _simulated(reader, agreement)
    assert reader.locator("#steps .button[href]").count() == 0
    _take(rasmussen, "suspend", "Suspend", "An audit found accounts that nobody owns.")
    expect(rasmussen.locator("#history")).to_contain_text("accounts that nobody owns")
    assert not _simulated(reader, agreement)
    expect(reader.locator(".notice").first).to_contain_text("Suspended by")
    shots(rasmussen, "suspended")
    checked(rasmussen, agreement)
    okafor.goto(agreement)
    held = okafor.locator("#steps")
    held.locator("summary").click()
    expect(held).to_contain_text("nobody else resumes it")
    shots(okafor, "held")
    rasmussen.goto(f"{agreement}/resume")
    checked(rasmussen, f"{agreement}/resume")
    shots(rasmussen, "resume")
    rasmussen.goto(agreement)
    _take(rasmussen, "resume", "Resume", "The accounts were closed.")
    assert _simulated(reader, agreement)
    okafor.goto(agreement)
    _take(okafor, "terminate", "Terminate", "The test is over.")
    expect(okafor.locator("#version")).to_contain_text("Terminated")


def test_versions_side_by_side_with_their_proof(site: Site) -> None:
    page = site.member(ALVAREZ)
    page.goto("/agreements/?view=all")
    page.get_by_role("link", name="first amendment").first.click()
    page.wait_for_url("**/agreements/*")
    amendment = page.url
    shots(page, "amendment")
    page.get_by_role("link", name="Compare").first.click()
    page.wait_for_url("**/compare")
    expect(page.locator("#verdict")).to_contain_text("Gives less")
    expect(page.locator("#verdict")).to_contain_text("may read")
    checked(page, page.url)
    shots(page, "compare")
    checked(page, f"{amendment}/proof")
    expect(page.locator("#inv-victims-harlan")).to_contain_text("Proven")
    shots(page, "proof")
    checked(page, "/agreements/drafts")
    shots(page, "drafts")
