"""Obligations and copies in a real browser: taken, owed, attested, read by the owner."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from journeys.pictures import folder, shots
from journeys.test_pages import Site, checked

pytestmark = pytest.mark.journey
CASE = "/w/prosecution/statute/HT-2026-014"
WHITAKER = "tri-county-da.s.whitaker"
OWNERS = {"riverbend-pd": "riverbend-pd.m.alvarez", "harlan-so": "harlan-so.e.rasmussen"}


def test_a_copy_is_taken_owed_and_attested(site: Site, tmp_path: Path) -> None:
    holder = site.member(WHITAKER)
    for empty in ("/obligations/", "/obligations/?side=owed", "/exports/", "/exports/?side=owed"):
        checked(holder, empty)

    record = a_record_to_take(holder)
    with holder.expect_download() as taken:
        holder.get_by_role("button", name="To print").click()
    file = tmp_path / "copy.html"
    taken.value.save_as(file)
    assert "Whitaker" in file.read_text("utf-8")
    checked(holder, record)
    shots(holder, "record")

    paper = site.visitor()
    paper.goto(file.as_uri())
    expect(paper.locator("h1")).to_be_visible()
    expect(paper.locator(".mark").first).to_contain_text("HT-2026-014")
    for width in (1280, 390):
        paper.set_viewport_size({"width": width, "height": 900})
        assert paper.evaluate("document.documentElement.scrollWidth") <= width
        if (to := folder()) is not None:
            paper.screenshot(path=to / f"copy-{width}.png", full_page=True)

    holder.goto("/exports/")
    expect(holder.locator("main .table tbody tr")).to_have_count(1)
    checked(holder, "/exports/")
    shots(holder, "exports")
    holder.goto("/obligations/")
    checked(holder, "/obligations/")
    shots(holder, "obligations")
    holder.get_by_role("link", name="Destroy or return copies").click()
    duty = holder.url
    checked(holder, duty)
    shots(holder, "obligation")

    owner_name = holder.locator("#owed").inner_text()
    owner = next(m for a, m in OWNERS.items() if a.split("-")[0].title() in owner_name)
    reader = site.member(owner)
    expect(reader.locator("#obligations")).to_contain_text("New notices for us")
    shots(reader, "home")
    reader.goto("/obligations/?side=owed")
    expect(reader.get_by_text("New notice").first).to_be_visible()
    shots(reader, "owed")
    reader.get_by_role("link", name="Tell the owner").first.click()
    reader.get_by_role("button", name="Take note of it").click()
    expect(reader.locator("#owed")).to_contain_text("Discharged")
    assert "HT-2026-014" not in reader.locator("main").inner_text()

    holder.goto(duty)
    holder.get_by_role("button", name="Every copy was destroyed.").click()
    expect(holder.locator("#owed")).to_contain_text("Every copy was destroyed")
    reader.goto("/exports/?side=owed")
    expect(reader.locator("main .table")).to_contain_text("Every copy was destroyed")
    checked(reader, "/exports/?side=owed")


def a_record_to_take(page: Page) -> str:
    """The first of the latest people of another agency whose record lets a copy be taken."""
    page.goto(f"{CASE}/records/?schema=Person")
    links = page.locator("main .results a, main .result a").evaluate_all(
        "found => found.map(a => a.getAttribute('href'))"
    )
    for href in dict.fromkeys(h for h in links if h and "/records/" in h):
        page.goto(href)
        if page.locator("#copy").count() and page.locator("#desk").count():
            return str(page.url)
    raise AssertionError("no record lets a copy be taken")
