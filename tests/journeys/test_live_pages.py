"""Pages renew themselves while somebody works on them, and leave alone what is typed or in focus."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from django.conf import settings
from playwright.sync_api import Page, expect

from accord.desk.live.asgi import Live
from isolation.direct import administrator
from journeys.test_ending_pages import FERRIS, WHY, ended_report, later_arrival, shared_record
from journeys.test_pages import ALVAREZ, CASE, OKAFOR, RASMUSSEN, Site, in_thread
from journeys.test_statement_pages import member

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


def test_a_proposal_to_purge_appears_to_the_second_person_and_what_became_of_it(
    site: Site,
) -> None:
    record = in_thread(lambda: ended_report("Purged Live"))
    first, second, third = site.member(RASMUSSEN), member(site, FERRIS), member(site, FERRIS)
    _live(second, "/retention/?view=proposed")
    _live(third, f"/retention/records/{record}")
    third.locator("#f-reason").fill("Half a reason")
    first.goto(f"/retention/records/{record}")
    first.fill("#f-purge-reason", WHY)
    first.get_by_role("button", name="Propose to purge").click()
    first.wait_for_url("**/retention/purges/*")
    proposal = first.url.rpartition("/")[2]
    link = second.locator(f"main .table a[href*='{proposal}']")
    expect(link).to_be_visible(timeout=SOON_MS)
    expect(third.locator("#proposal-live")).to_contain_text("A purge is proposed", timeout=SOON_MS)
    expect(third.locator("#f-reason")).to_have_value("Half a reason")
    _live(second, first.url)
    expect(second.get_by_role("button", name="Purge it for good")).to_be_visible()
    first.get_by_role("button", name="Withdraw the proposal").click()
    expect(second.locator("#proposal")).to_contain_text("Withdrawn", timeout=SOON_MS)
    expect(second.get_by_role("button", name="Purge it for good")).to_have_count(0)


def test_a_recall_appears_to_its_recipient_and_the_receipt_to_its_owner(site: Site) -> None:
    record = in_thread(shared_record)
    owner, recipient = site.member(RASMUSSEN), site.member(OKAFOR)
    _live(recipient, "/recalls/?side=from-us")
    before = recipient.locator("main .table tbody tr").count()
    owner.goto(f"/w/records-administration/statute/-/records/{record}/recall")
    owner.get_by_label("It is not accurate").check()
    owner.get_by_role("button", name="Recall it").click()
    owner.wait_for_url("**/recalls/")
    rows = recipient.locator("main .table tbody tr")
    expect(rows).to_have_count(before + 1, timeout=SOON_MS)
    notice = rows.first.locator("a").get_attribute("href")
    assert notice is not None
    _live(owner, notice)
    recipient.goto(notice)
    recipient.get_by_label("No copy was taken, and nothing is held").check()
    recipient.get_by_role("button", name="Send the receipt").click()
    expect(owner.locator("#notice")).to_contain_text("Answered", timeout=SOON_MS)
    expect(owner.get_by_role("button", name="Take note of the receipt")).to_be_visible()


@pytest.fixture
def subscribed_to_nothing_after(world: Path) -> Iterator[None]:
    """What the one who is told subscribes to here is gone when other journeys begin."""
    yield

    def clear() -> None:
        with administrator(world) as admin:
            admin.execute("delete from subscription_match")
            admin.execute("delete from subscription")

    in_thread(clear)


@pytest.mark.usefixtures("subscribed_to_nothing_after")
def test_what_a_subscription_brings_appears_where_it_was_made(site: Site, world: Path) -> None:
    reader = site.member(ALVAREZ)
    reader.goto(f"{CASE}/subscriptions")
    reader.get_by_label("Name", exact=True).check()
    reader.fill("#f-value", "Wendelin Livesight")
    reader.fill("#f-reason", "He was named by two of those who were carried in the van.")
    reader.get_by_role("button", name="Subscribe").click()
    expect(reader.locator("#mine")).to_contain_text("Wendelin Livesight")
    _live(reader, f"{CASE}/subscriptions")
    reader.locator("#f-value").fill("Half a na")
    in_thread(lambda: later_arrival(world, "Wendelin Livesight"))
    expect(reader.locator("#notices")).to_contain_text("Wendelin Livesight", timeout=SOON_MS)
    expect(reader.locator("#f-value")).to_have_value("Half a na")
