"""Pages renew themselves while somebody works on them, and leave alone what is typed or in focus."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from django.conf import settings
from playwright.sync_api import Page, expect

from accord.desk.live.asgi import Live
from journeys.test_pages import ALVAREZ, CASE, OKAFOR, Site, browser, site, url

__all__ = ["browser", "site", "url"]
pytestmark = pytest.mark.journey
SOON_MS = 5_000


@pytest.fixture(scope="module", autouse=True)
def live(url: str) -> Iterator[None]:
    """The live process beside the pages, as a thread."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        Live(int(url.rpartition(":")[2])), ws="none", lifespan="on", log_config=None,
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    settings.ACCORD_LIVE = f":{listener.getsockname()[1]}/live/"
    yield
    settings.ACCORD_LIVE = None
    server.should_exit = True
    thread.join(10)


def _live(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.locator("[data-live-state]")).to_have_text("Live", timeout=SOON_MS)


def _note(page: Page, text: str) -> None:
    page.goto(f"{CASE}/case")
    page.fill("#f-note", text)
    page.get_by_role("button", name="Keep the note").click()
    expect(page.locator("#notes")).to_contain_text(text)


def test_a_note_of_a_colleague_appears_and_what_is_typed_stays(site: Site) -> None:
    alvarez, okafor = site.member(ALVAREZ), site.member(OKAFOR)
    _live(alvarez, f"{CASE}/case")
    alvarez.locator("#f-note").click()
    alvarez.keyboard.type("Half a sen")
    _note(okafor, "The clerk called back about the cards.")
    expect(alvarez.locator("#notes")).to_contain_text("The clerk called back", timeout=SOON_MS)
    expect(alvarez.locator("[data-live-said]")).to_contain_text("Notes")
    alvarez.keyboard.type("tence")
    expect(alvarez.locator("#f-note")).to_have_value("Half a sentence")
    alvarez.set_viewport_size({"width": 390, "height": 900})
    assert alvarez.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_list_in_focus_does_not_jump_and_offers_what_is_new(site: Site) -> None:
    alvarez, okafor = site.member(ALVAREZ), site.member(OKAFOR)
    _live(alvarez, "/")
    alvarez.locator("#cases [data-item]").first.focus()
    where = alvarez.evaluate("document.activeElement.getAttribute('href')")
    okafor.goto("/cases/open")
    okafor.fill("#f-number", "LV-2026-001")
    okafor.fill("#f-title", "A case that appears")
    okafor.locator("input[name=purpose]").first.check()
    okafor.evaluate("document.querySelectorAll('main details').forEach(d => { d.open = true })")
    okafor.locator(f"input[name=member][value='{ALVAREZ}']").check()
    okafor.get_by_role("button", name="Open the case").click()
    okafor.wait_for_url("**/case")
    offer = alvarez.locator("[data-live-offer]")
    expect(offer).to_contain_text("new. Show", timeout=SOON_MS)
    assert alvarez.evaluate("document.activeElement.getAttribute('href')") == where
    offer.click()
    expect(alvarez.locator("#cases")).to_contain_text("LV-2026-001")


def test_a_page_says_that_it_is_not_live_once_its_session_ended(site: Site) -> None:
    alvarez = site.member(ALVAREZ)
    _live(alvarez, "/")
    other = alvarez.context.new_page()
    other.goto("/cases/")
    other.locator(".who summary").click()
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/sign-in/")
    alvarez.wait_for_url("**/sign-in/", timeout=SOON_MS)


def test_whoever_saves_data_gets_pages_that_are_reloaded(site: Site) -> None:
    page = site.member(ALVAREZ)
    page.set_extra_http_headers({"Save-Data": "on"})
    page.goto(f"{CASE}/case")
    assert page.locator("body").get_attribute("data-live") is None
    expect(page.locator("[data-live-state]")).to_be_hidden()
