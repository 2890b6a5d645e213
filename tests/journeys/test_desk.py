"""A day at the desk in a real browser: quick checks, lists worked by keys, saved searches, printing."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from journeys.keys import press_key
from journeys.test_pages import ALVAREZ, CASE, OKAFOR, Site, picture, search

pytestmark = pytest.mark.journey


@pytest.fixture(autouse=True)
def _every_check_is_drawn() -> Iterator[None]:
    from django.test import override_settings

    with override_settings(ACCORD_QUICK_CHECK_REVIEW_PERCENT=100):
        yield


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent")).strip()


def test_a_quick_check_is_two_keys_away_and_its_reviewer_says_what_they_found(site: Site) -> None:
    alvarez, okafor = site.member(ALVAREZ), site.member(OKAFOR)
    alvarez.goto("/agreements/")
    press_key(alvarez, "q")
    alvarez.wait_for_url("**/general-policing/statute/-/search")
    picture(alvarez, "quick-check")
    alvarez.fill("#f-q", "Zdenka Quickcheck")
    press_key(alvarez, "Enter")
    expect(alvarez.locator(".error-summary")).to_contain_text("Say why you check")
    assert alvarez.input_value("#f-q") == "Zdenka Quickcheck"
    alvarez.evaluate("document.activeElement.blur()")
    press_key(alvarez, "1")
    assert alvarez.evaluate("document.activeElement.id") == "f-q"
    press_key(alvarez, "Enter")
    alvarez.wait_for_url("**/search/*")
    assert "uickcheck" not in alvarez.url

    okafor.goto("/")
    expect(okafor.locator("#obligations")).to_contain_text("Quick checks to review")
    okafor.goto("/quick-checks/")
    okafor.locator("#waiting [data-item]", has_text="Alvarez").first.click()
    expect(okafor.locator("#what")).to_contain_text("Zdenka Quickcheck")
    expect(okafor.locator("#what")).to_contain_text("Stop on the road or on foot")
    okafor.get_by_role("button", name="Write the review down").click()
    expect(okafor.locator(".error-summary")).to_contain_text("Verdict")
    okafor.check("input[value=not-justified]")
    okafor.fill("#f-because", "No stop stands in the log of that night.")
    okafor.get_by_role("button", name="Write the review down").click()
    okafor.wait_for_url("**/quick-checks/")
    expect(okafor.locator("#reviewed")).to_contain_text("Not justified")

    alvarez.goto("/quick-checks/")
    alvarez.locator("[data-item]").first.click()
    expect(alvarez.locator("#review")).to_contain_text("No stop stands in the log")


def test_nobody_reviews_their_own_and_a_detective_reviews_nobody(site: Site) -> None:
    okafor = site.member(OKAFOR)
    press_key(okafor, "q")
    okafor.wait_for_url("**/-/search")
    press_key(okafor, "2")
    okafor.keyboard.type("Wenzel Owncheck")
    press_key(okafor, "Enter")
    okafor.wait_for_url("**/search/*")
    okafor.goto("/quick-checks/")
    assert "Owncheck" not in okafor.locator("main").inner_text()
    okafor.goto("/quick-checks/?view=mine")
    expect(okafor.locator("main")).to_contain_text("Owncheck")
    okafor.locator("[data-item]").first.click()
    assert okafor.get_by_role("button", name="Write the review down").count() == 0
    alvarez = site.member(ALVAREZ)
    assert alvarez.request.get(okafor.url).status == 404


def test_a_list_is_worked_by_keys_alone(site: Site) -> None:
    page = site.member(ALVAREZ)
    page.goto(f"{CASE}/case")
    press_key(page, "j")
    first = focused(page)
    press_key(page, "o")
    expect(page.locator("#peek .part").first).to_be_visible()
    expect(page.locator("[data-peek-title]")).to_have_text(first)
    picture(page, "beside-the-list")
    press_key(page, "Escape")
    assert focused(page) == first
    press_key(page, "x")
    press_key(page, "j")
    press_key(page, "x")
    expect(page.locator("[data-work-count]")).to_contain_text("2 chosen")
    press_key(page, "?")
    expect(page.locator("[data-keys-list]")).to_contain_text("Side by side")
    press_key(page, "Escape")
    press_key(page, "v")
    page.wait_for_url("**/beside/*")
    expect(page.locator("#side-1")).to_contain_text(first)
    expect(page.locator(".diff").first).to_be_visible()
    picture(page, "side-by-side")
    press_key(page, "1")
    page.wait_for_url(re.compile(r"/records/[0-9a-f-]{36}$"))
    press_key(page, "Control+k")
    page.keyboard.type(first[:6])
    expect(page.locator("#palette-recent-0")).to_be_visible()
    press_key(page, "Escape")
    page.goto("/")
    press_key(page, "Control+k")
    assert page.locator("[id^=palette-recent]").count() == 0  # outside a context nothing is read


def test_no_key_is_taken_from_a_field(site: Site) -> None:
    page = site.member(ALVAREZ)
    page.goto(f"{CASE}/search")
    page.locator("#f-q").click()
    page.keyboard.type("jkxoawcqgs1?/")
    assert page.input_value("#f-q") == "jkxoawcqgs1?/"
    assert page.url.endswith("/search")


def test_a_search_is_saved_run_again_renamed_deleted_and_brought_back(site: Site) -> None:
    page = site.member(ALVAREZ)
    search(page, "Viktor Danylchuck")
    press_key(page, "Escape")
    page.evaluate("document.activeElement.blur()")
    press_key(page, "s")
    page.keyboard.type("The man with the papers")
    press_key(page, "Enter")
    page.wait_for_url("**/searches/")
    press_key(page, "j")
    press_key(page, "Enter")
    expect(page.locator("h1")).to_have_text("The man with the papers")
    expect(page.locator(".savebar")).to_contain_text("Nothing is new")
    page.goto(f"{CASE}/searches/")
    page.locator("summary", has_text="Rename").first.click()
    page.locator("input[name=name]").first.fill("Danylchuk")
    page.get_by_role("button", name="Rename").first.click()
    expect(page.locator(".saved__name").first).to_have_text("Danylchuk")
    page.get_by_role("button", name="Delete").first.click()
    expect(page.locator("#deleted")).to_contain_text("Danylchuk")
    page.get_by_role("button", name="Bring back").click()
    expect(page.locator(".saved__name").first).to_have_text("Danylchuk")
    other = site.member(OKAFOR)
    other.goto(f"{CASE}/searches/")
    expect(other.locator("main")).to_contain_text("No search is saved here")


def test_what_is_printed_says_by_whom_and_why_and_holds_no_record(site: Site) -> None:
    page = site.member(ALVAREZ)
    page.goto(f"{CASE}/records/")
    page.locator("[data-item]").first.click()
    page.wait_for_url(re.compile(r"/records/[0-9a-f-]{36}$"))
    page.emulate_media(media="print")
    expect(page.locator(".printmark")).to_contain_text("Printed by Marisol Alvarez")
    expect(page.locator(".printmark")).to_contain_text("HT-2026-014")
    expect(page.locator(".printmark")).to_be_visible()
    expect(page.locator(".parts")).to_be_hidden()
    expect(page.locator(".parts-unprinted")).to_be_visible()
    expect(page.locator(".masthead")).to_be_hidden()
    page.goto("/agreements/")
    page.get_by_role("link", name="Riverbend joint task force").first.click()
    page.wait_for_url("**/agreements/*")
    pdf = page.pdf()
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 2
    assert _marked_pages(pdf) == len(re.findall(rb"/Type\s*/Page\b", pdf))


def _marked_pages(pdf: bytes) -> int:
    """On how many sheets the first line of the first sheet stands: the handling mark."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    # A stream whose last byte is a carriage return seems to end before it.
    drawn = [zlib.decompressobj().decompress(s) for s in streams if s[:1] == b"x"]
    sheets = [text for text in drawn if b"BT" in text]
    first = re.search(rb"(<[0-9A-F]+>|\[.*?\]) T[jJ]", sheets[0])
    assert first is not None
    return sum(first[0] in sheet for sheet in sheets)


def test_colours_and_density_are_kept_by_the_server(site: Site) -> None:
    page = site.member(ALVAREZ)
    page.locator(".who__summary").click()
    page.check("input[name=theme][value=contrast]")
    page.check("input[name=density][value=dense]")
    page.goto("/cases/")
    drawn = page.request.get("/cases/").text()
    assert '<html lang="en" dir="ltr" data-theme="contrast" data-density="dense">' in drawn
    assert page.evaluate("document.documentElement.dataset.density") == "dense"


def test_the_guide_ticks_what_was_really_done(site: Site) -> None:
    page = site.member("riverbend-pd.r.kowalski")
    page.goto("/")
    step = page.locator(".guide__step", has_text="Open a case")
    expect(step).not_to_have_class(re.compile("done"))
    page.goto(f"{CASE}/case")
    page.goto("/")
    expect(step).to_have_class(re.compile("done"))
    expect(page.locator(".guide__step", has_text="Make a quick check")).not_to_have_class(
        re.compile("done")
    )
