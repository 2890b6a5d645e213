"""The ledger in a real browser: narrowed, proved, and taken along by the owner of a record."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accord_verify import main as program
from journeys.keys import press_key
from journeys.test_pages import ALVAREZ, RASMUSSEN, Site, checked, in_thread, search
from naming import named

pytestmark = pytest.mark.journey
OWN = "/ledger/?view=records"


def sequenced() -> None:
    from accord.ledger.actions import sequence_all

    in_thread(sequence_all)


def saved(page: Page, text: str) -> Path:
    with page.expect_download() as download:
        page.get_by_role("link", name=text, exact=True).first.click()
    return Path(download.value.path())


def test_what_one_did_is_narrowed_and_proved_by_keys(site: Site) -> None:
    page = site.member(ALVAREZ)
    search(page, "Viktor Danylchuck")
    sequenced()
    page.goto("/ledger/?kind=disclosure")
    page.locator("#f-clause").select_option("mou-2026-007/4.1")
    page.locator("#f-from").fill("2026-01-01T00:00")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url(re.compile("clause=mou-2026-007%2F4.1"))
    expect(page.locator(".chips a.chip")).to_have_count(3)
    expect(page.locator("main").get_by_role("status").first).to_contain_text(re.compile("entr"))
    checked(page, page.url)
    page.locator("body").press("j")
    press_key(page, "Enter")
    page.wait_for_url(re.compile(r"/ledger/[0-9a-f-]{36}"))
    expect(page.locator(".proof--verified .path__picture")).to_be_visible()
    steps = page.locator(".path__steps li")
    expect(page.locator(".path__node--beside")).to_have_count(steps.count() - 1)
    assert "accord-verify accord-receipt-" in page.locator(".proof").inner_text()
    checked(page, page.url)
    expect(page.locator("#items")).to_contain_text("Riverbend Police Department")
    page.set_viewport_size({"width": 390, "height": 900})
    wrap = page.locator("#items .table-wrap")
    assert wrap.evaluate("e => e.scrollWidth <= e.clientWidth"), "the table is cut"
    page.set_viewport_size({"width": 1280, "height": 900})
    whole = saved(page, "Download the receipt")
    one = saved(page, "Receipt")
    for file in (whole, one):
        assert file.stat().st_size < 4096
        assert program.main([str(file), *named()]) == 0
    assert len(json.loads(one.read_text("utf-8"))["shown"]) >= 1


def test_the_owner_goes_from_a_record_to_everybody_who_was_shown_it(site: Site) -> None:
    search(site.member(ALVAREZ), "Viktor Danylchuck")
    sequenced()
    page = site.member(RASMUSSEN)
    page.goto(f"{OWN}&person={ALVAREZ}")
    table = saved(page, "As a table").read_text("utf-8").splitlines()
    record = table[1].split('","')[4]
    page.goto(f"/w/records-administration/statute/-/records/{record}")
    page.get_by_role("link", name="Every disclosure of it").click()
    page.wait_for_url(re.compile(record))
    shown = page.locator("main tbody tr").filter(has_text="Marisol Alvarez").first
    expect(shown).to_contain_text("mou-2026-007, 4.1")
    sequenced()
    page.reload()
    checked(page, page.url)
    for text in ("With every proof", "Receipt"):
        file = saved(page, text)
        assert record in file.read_text("utf-8")
        assert "HT-2026-014" not in file.read_text("utf-8")
        assert program.main([str(file), *named()]) == 0
    page.locator("main tbody th a").first.click()
    expect(page.locator("#what")).to_contain_text("as owner of the records")


def test_what_cannot_be_read_is_said_at_its_field_and_nothing_is_lost(site: Site) -> None:
    page = site.member(ALVAREZ)
    address = "/ledger/?kind=disclosure&from=yesterday&to=2026-01-01"
    response = page.goto(address)
    assert response is not None
    assert response.status == 400
    site.faults.clear()  # the browser says of the 400 what it says of all
    expect(page.locator(".error-summary")).to_contain_text("write a day")
    expect(page.locator("#f-from")).to_have_value("yesterday")
    expect(page.locator("#f-kind")).to_have_value("disclosure")
    checked(page, address)
    site.faults.clear()
    expect(page.locator("#f-to")).to_have_value("2026-01-01T23:59")
    page.locator("#f-from").fill("")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("No entry is like this")).to_be_visible()
