"""Through the browser: what an agency holds of a ledger entry is erased by two of its people."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from isolation.test_ledger_erasing import ORDER, RASMUSSEN, logged
from journeys.test_pages import Site, checked, in_thread
from journeys.test_statement_pages import member, shots

pytestmark = pytest.mark.journey
LINDQVIST = "harlan-so.g.lindqvist"


def test_an_entry_is_erased_by_two_people_who_read_it(site: Site) -> None:
    entry = in_thread(logged)
    first, second = member(site, RASMUSSEN), member(site, LINDQVIST)
    checked(first, "/ledger/erasures/")
    checked(first, f"/ledger/{entry}")
    first.get_by_role("button", name="Propose to erase").click()
    expect(first.locator(".error-summary")).to_contain_text("Legal basis")
    shots(first, "erasing-refused")
    first.select_option("#f-basis", ORDER[0])
    first.fill("#f-reference", ORDER[1])
    first.fill("#f-reason", ORDER[2])
    shots(first, "erasing-form")
    first.get_by_role("button", name="Propose to erase").click()
    expect(first.locator("#decide")).to_contain_text("cannot approve it as well")
    proposal = first.url
    second.goto("/")
    second.get_by_role("link", name="Ledger entries to erase").click()
    expect(second.locator("main .table")).to_contain_text(ORDER[1])
    shots(second, "erasing-list")
    checked(second, proposal)
    expect(second.locator("#decide")).to_contain_text("Backups keep it until they expire")
    shots(second, "erasing-proposal")
    second.get_by_role("button", name="Erase it for good").click()
    expect(second.locator("#proposal")).to_contain_text("Erased")
    checked(second, proposal)
    shots(second, "erasing-done")
    second.get_by_role("link", name="See its place in the log").click()
    expect(second.locator("main")).to_contain_text("The content of this entry was erased")
    shots(second, "erasing-entry")
    checked(second, "/ledger/?view=records")
    shots(second, "erasing-ledger")
