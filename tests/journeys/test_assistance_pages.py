"""From the directory to the help that was given, in two browsers; the name that is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import connections
from playwright.sync_api import Page, expect

from accord.agencies.actions import create_signin_link
from isolation.direct import administrator
from isolation.offering import DESAI, MERCER, PETROV, put_back
from journeys.keys import press_key
from journeys.test_pages import ALVAREZ, OKAFOR, Site, checked, in_thread

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("assistance")]
NEED = "Two locked telephones, seized under a warrant; images and a report for the hearing."


@pytest.fixture(autouse=True)
def _put_back(world: Path) -> Iterator[None]:
    """Off the browser's thread."""
    with ThreadPoolExecutor(1) as pool, ExitStack() as stack:
        made = pool.submit(lambda: stack.enter_context(administrator(world))).result()
        pool.submit(lambda: stack.enter_context(put_back(made))).result()
        yield
        pool.submit(stack.close).result()
        pool.submit(connections.close_all).result()


def member(site: Site, membership: str) -> Page:
    """A browser of somebody who is not among the cast that the sign-in page offers."""
    link = in_thread(lambda: create_signin_link(membership))
    page = site.visitor()
    page.goto(link)
    page.locator("main form button").first.click()
    page.wait_for_url("**/")
    return page


def _asked(page: Page) -> str:
    """Look for somebody, and ask with the keyboard; returns the request's address."""
    page.goto("/expertise/")
    page.select_option("#f-discipline", "digital-forensics")
    page.get_by_role("button", name="Look", exact=True).click()
    expect(page.locator("#offered")).to_contain_text("Viktor Petrov")
    press_key(page, "j")
    press_key(page, "Enter")
    page.wait_for_url("**/assistance/ask?**")
    page.get_by_role("link", name="HT-2026-014").click()
    page.wait_for_url("**/w/**/assistance/ask?**")
    expect(page.locator("#f-agency")).to_have_value("state-bi")
    expect(page.locator("#told")).to_contain_text("not told")
    page.get_by_role("button", name="Send the request").click()
    expect(page.locator(".error-summary")).to_contain_text("What for")
    expect(page.locator(".error-summary")).to_contain_text("No victim is named")
    page.fill("#f-need", NEED)
    page.get_by_role("button", name="Send the request").click()
    expect(page.locator(".error-summary")).to_contain_text("No victim is named")
    expect(page.locator("#f-need")).to_have_value(NEED)
    page.check("#f-no_victim")
    page.get_by_role("button", name="Send the request").click()
    page.wait_for_url("**/assistance/*-*")
    return page.url


def test_one_asks_and_another_agency_comes(site: Site) -> None:
    alvarez, mercer = site.member(ALVAREZ), member(site, MERCER)
    request = _asked(alvarez)
    checked(alvarez, request)
    expect(alvarez.locator("#facts")).to_contain_text("HT-2026-014")

    mercer.goto("/")
    expect(mercer.locator("#obligations")).to_contain_text("Requests for assistance")
    mercer.goto("/assistance/")
    press_key(mercer, "j")
    press_key(mercer, "Enter")
    expect(mercer.locator("#need")).to_contain_text("Two locked telephones")
    expect(mercer.locator("main")).not_to_contain_text("HT-2026-014")
    expect(mercer.locator("main")).not_to_contain_text("Alvarez")
    checked(mercer, request)
    mercer.get_by_role("button", name="Acknowledge").click()
    expect(mercer.locator("#facts")).to_contain_text("Acknowledged")
    mercer.get_by_role("button", name="Accept", exact=True).click()
    expect(mercer.locator(".error-summary")).to_contain_text("Answer")
    mercer.fill("#f-answer", "Bring them on Monday at eight.")
    mercer.get_by_label("Viktor Petrov").check()
    mercer.get_by_role("button", name="Accept", exact=True).click()
    expect(mercer.locator("#facts")).to_contain_text("Accepted")

    alvarez.goto(request)
    expect(alvarez.locator("#history")).to_contain_text("Viktor Petrov")
    expect(alvarez.locator("#history")).not_to_contain_text("Mercer")
    alvarez.fill("#f-remark", "The hearing is on the ninth.")
    alvarez.get_by_role("button", name="Add the remark").click()
    alvarez.get_by_role("button", name="The help was given").click()
    expect(alvarez.locator("#facts")).to_contain_text("Done")
    checked(alvarez, request)
    checked(alvarez, "/assistance/?view=sent")


def test_what_one_offers_is_attested_and_a_name_is_taken_back(site: Site) -> None:
    desai, mercer, okafor = site.member(DESAI), member(site, MERCER), site.member(OKAFOR)
    desai.goto("/expertise/mine")
    desai.get_by_role("button", name="Propose it").click()
    expect(desai.locator(".error-summary")).to_contain_text("Discipline")
    desai.select_option("#f-discipline", "open-source-research")
    desai.get_by_label("Expert", exact=True).check()
    desai.fill("#f-languages", "hi mam")
    desai.get_by_label("Show my name to other agencies").check()
    desai.get_by_role("button", name="Propose it").click()
    expect(desai.locator("#mine")).to_contain_text("Waits to be attested")
    checked(desai, "/expertise/mine")

    checked(mercer, "/expertise/agency")
    waiting = mercer.locator("#waiting li", has_text="Open source research")
    expect(waiting).to_contain_text("Anika Desai")
    waiting.get_by_role("button", name="Attest").click()
    expect(mercer.locator("#waiting")).not_to_contain_text("Open source research")

    found = "/expertise/?discipline=open-source-research"
    checked(okafor, found)
    expect(okafor.locator("#offered")).to_contain_text("Anika Desai")
    mine = desai.locator("#mine li", has_text="Open source research")
    desai.goto("/expertise/mine")
    mine.get_by_role("button", name="Show my name no more").click()
    okafor.goto(found)
    expect(okafor.locator("#offered")).to_contain_text("Somebody at State Bureau")
    expect(okafor.locator("#offered")).not_to_contain_text("Desai")
    mine.get_by_role("button", name="Withdraw").click()
    okafor.goto(found)
    expect(okafor.locator("#offered")).to_contain_text("Nobody offers this now")


def test_nobody_attests_their_own_and_the_button_says_why(site: Site) -> None:
    mercer = member(site, MERCER)
    mercer.goto("/expertise/mine")
    mercer.select_option("#f-discipline", "negotiation")
    mercer.get_by_label("Practitioner", exact=True).check()
    mercer.get_by_role("button", name="Propose it").click()
    mercer.goto("/expertise/agency")
    expect(mercer.locator("#attest-1-reason")).to_contain_text("Nobody attests")
    petrov = member(site, PETROV)
    assert petrov.goto("/expertise/agency").status == 404  # type: ignore[union-attr]  # an answer
