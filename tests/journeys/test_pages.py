"""The pages on a live server, with the riverbend world, in a real browser.

The main job of the project is done through the browser alone; states of pages that only a deed
brings about are read by axe here, every other page in test_every_page.py. ACCORD_SCREENSHOTS=1 also
takes the README's pictures.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

import pytest
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, expect

from journeys.axe import violations_in
from journeys.keys import press_key

pytestmark = pytest.mark.journey
Result = TypeVar("Result")
ROOT = Path(__file__).parents[2]
CASE = "/w/human-trafficking-investigation/statute/HT-2026-014"
ALVAREZ, OKAFOR = "riverbend-pd.m.alvarez", "riverbend-pd.d.okafor"
RASMUSSEN, KOWALSKI = "harlan-so.e.rasmussen", "riverbend-pd.r.kowalski"
REASON = (
    "We investigate who moves workers from the Lockside Inn; this record would establish who held "
    "their papers."
)


class Site:
    """A running node and somebody's browser on it."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser = browser
        self.url = url
        self.opened: list[BrowserContext] = []
        self.faults: list[str] = []

    def visitor(self) -> Page:
        """A fresh browser profile; what its console complains of fails the test."""
        context = self.browser.new_context(
            base_url=self.url, viewport={"width": 1280, "height": 900}
        )
        self.opened.append(context)
        page = context.new_page()
        page.on("console", lambda m: self.faults.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: self.faults.append(str(e)))
        return page

    def member(self, membership: str) -> Page:
        """A signed-in browser."""
        page = self.visitor()
        sign_in(page, membership)
        return page


def sign_in(page: Page, membership: str) -> None:
    page.goto("/sign-in/")
    page.locator(f'form:has(input[value="{membership}"]) button').click()
    page.wait_for_url("**/")
    expect(page.locator(".who")).to_be_visible()


def checked(page: Page, path: str) -> None:
    """Open a page in each theme, wide and narrow: no accessibility fault, nothing cut off."""
    for theme, width in (("light", 1280), ("dark", 390)):
        page.set_viewport_size({"width": width, "height": 900})
        if page.url == "about:blank":
            page.goto(path)
        page.evaluate(f"document.cookie = 'accord_look={theme}.compact; path=/'")
        page.goto(path)
        page.evaluate("document.querySelectorAll('main details').forEach(d => { d.open = true })")
        where = (path, theme, width)
        assert violations_in(page, theme) == [], where
        assert page.evaluate("document.documentElement.scrollWidth") <= width, where
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate("document.cookie = 'accord_look=light.compact; path=/'")


def in_thread(work: Callable[[], Result]) -> Result:
    """Do what asks the database outside the browser's event loop, which Django refuses to block."""

    def done() -> Result:
        try:
            return work()
        finally:
            connections.close_all()  # the operator's too: nobody closes those of a thread that ended

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(done).result()


def picture(page: Page, name: str) -> None:
    if os.environ.get("ACCORD_SCREENSHOTS") != "1":
        return
    folder = ROOT / "docs" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    page.evaluate("document.activeElement?.blur()")
    page.screenshot(path=folder / f"{name}.png")


def search(page: Page, text: str) -> None:
    page.goto(f"{CASE}/search")
    page.fill("#f-q", text)
    press_key(page, "Enter")
    page.wait_for_url("**/search/*")


def ask_for_a_person(page: Page, name: str) -> str:
    """Search, ask for the first hit on a person that is not asked for yet; returns the request."""
    search(page, name)
    hit = page.locator(".hit", has_text="Person").filter(has_text="Ask for disclosure").first
    hit.get_by_text("Ask for disclosure").click()
    page.fill("#f-reason", REASON)
    page.get_by_role("button", name="Send the request").click()
    page.wait_for_url("**/requests/*")
    return page.url


def test_a_misspelt_name_leads_to_a_hit_a_grant_and_what_was_granted(site: Site) -> None:
    alvarez, rasmussen = site.member(ALVAREZ), site.member(RASMUSSEN)
    picture(alvarez, "home")
    search(alvarez, "Viktor Danylchuck")
    assert "anylch" not in alvarez.url.lower()
    expect(alvarez.locator(".hit").first).to_contain_text("Harlan")
    assert alvarez.locator(".hit", has_text="Danylch").count() == 0  # a hit has no content
    picture(alvarez, "search")
    request = ask_for_a_person(alvarez, "Viktor Danylchuck")
    assert alvarez.get_by_text("Open what was granted").count() == 0

    rasmussen.goto("/")
    expect(rasmussen.locator("#waiting")).to_contain_text("Riverbend")
    rasmussen.goto(request)
    expect(rasmussen.locator("#question")).to_contain_text("Lockside Inn")
    rasmussen.check("input[name=part][value=core]")
    rasmussen.check("input[name=part][value=identity]")
    picture(rasmussen, "answer")
    rasmussen.fill("#f-reason", "Core and identity only; the narrative names somebody else.")
    rasmussen.get_by_role("button", name="Grant what is ticked").click()
    expect(rasmussen.locator("#answer")).to_contain_text("Granted in part")

    alvarez.goto(request)
    alvarez.get_by_text("Open what was granted").click()
    alvarez.wait_for_url("**/records/*")
    record = alvarez.url
    assert alvarez.locator(".part__title").all_inner_texts() == ["Core", "Identity"]
    press_key(alvarez, "w")
    expect(alvarez.locator("#part-identity .why")).to_contain_text("Its owner granted it")
    expect(alvarez.locator("#part-identity .why__cite")).to_contain_text("clause 4.4")
    # Clause 4.4 obliges: what is shown carries its reader's name.
    expect(alvarez.locator(".watermark-note")).to_contain_text("Marisol Alvarez")
    mark = alvarez.locator(".watermark span").first.get_attribute("data-text")
    assert mark is not None
    assert "HT-2026-014" in mark
    picture(alvarez, "record")
    checked(alvarez, record)
    checked(rasmussen, request)

    rasmussen.get_by_role("button", name="Take the grant back").click()
    expect(rasmussen.locator("#answer")).to_contain_text("Revoked")
    gone = alvarez.goto(record)
    assert gone is not None
    assert gone.status == 404


def test_pages_for_visitors_are_accessible(site: Site) -> None:
    page = site.visitor()
    checked(page, "/sign-in/")
    checked(page, "/sign-in/no-such-link")


def test_agreements_entries_and_the_form_to_ask_are_accessible(site: Site) -> None:
    from accord.ledger.actions import sequence_all

    page = site.member(ALVAREZ)
    page.goto("/agreements/")
    page.get_by_role("link", name="Riverbend joint task force").first.click()
    page.wait_for_url("**/agreements/*")
    expect(page.locator("#signatures .signature--signed")).to_have_count(3)
    picture(page, "agreement")
    page.locator("#permits-h").evaluate("found => found.scrollIntoView()")
    picture(page, "clauses")
    checked(page, page.url)
    search(page, "Viktor Danylchuck")
    checked(page, page.url)
    in_thread(sequence_all)
    page.goto("/ledger/?kind=disclosure")
    page.locator("main .table tbody a").first.click()
    expect(page.locator(".proof--verified")).to_be_visible()
    hit = (
        page.locator("#items tbody tr")
        .filter(has_text="Harlan County")
        .filter(has_text=", 4.1")
        .first
    )
    assert hit.locator("th").inner_text().count("-") == 0  # a handle, never the record's id
    picture(page, "ledger-entry")
    checked(page, page.url)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the receipt").click()
    assert '"accord-receipt/3"' in Path(download.value.path()).read_text("utf-8")


def test_the_whole_search_is_worked_by_keys_alone(site: Site) -> None:
    page = site.member(ALVAREZ)
    cases = page.locator(".caselist [data-key]").all_inner_texts()
    press_key(page, str(cases.index("HT-2026-014") + 1))
    page.wait_for_url(f"**{CASE}/case")
    press_key(page, "/")
    page.keyboard.type("Viktor Danylchuck")
    press_key(page, "Enter")
    page.wait_for_url("**/search/*")
    press_key(page, "j")
    press_key(page, "j")
    press_key(page, "k")
    first = page.locator(".result__title").first.inner_text()
    assert page.evaluate("document.activeElement.textContent") == first
    press_key(page, "Enter")
    page.wait_for_url("**/records/*")
    expect(page.locator("h1")).to_have_text(first)
    page.go_back()
    page.wait_for_url("**/search/*")
    expect(page.locator(".result__title").first).to_have_text(first)
    press_key(page, "Control+k")
    page.keyboard.type("ledg")
    press_key(page, "Enter")
    page.wait_for_url("**/ledger/")


def test_a_question_that_cannot_be_read_keeps_what_was_typed(site: Site) -> None:
    page = site.member(ALVAREZ)
    page.goto(f"{CASE}/search")
    page.fill("#f-q", "Viktor*")
    press_key(page, "Enter")
    expect(page.locator(".error-summary")).to_contain_text("no wildcards")
    assert page.input_value("#f-q") == "Viktor*"
    page.fill("#f-q", "Viktor")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator(".notice").first).to_contain_text("Other agencies were not asked")
    assert page.locator(".hit").count() == 0


def test_a_reason_too_short_is_said_beside_the_field_and_nothing_is_sent(site: Site) -> None:
    page = site.member(ALVAREZ)
    search(page, "Viktor Danylchuck")
    page.get_by_text("Ask for disclosure").first.click()
    page.fill("#f-reason", "because")
    page.get_by_role("button", name="Send the request").click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("#f-reason-error")).to_contain_text("at least 20 characters")
    assert page.input_value("#f-reason") == "because"


def test_absent_and_forbidden_are_the_same_bytes(site: Site) -> None:
    rasmussen, alvarez = site.member(RASMUSSEN), site.member(ALVAREZ)
    rasmussen.goto("/w/property-crime-investigation/statute/PC-2026-033/records/")
    hrefs = [str(a.get_attribute("href")) for a in rasmussen.locator(".result__title").all()]
    answers = {alvarez.request.get(f"{CASE}/records/{uuid4()}").body()}
    closed = 0
    for record in (href.rsplit("/", 1)[1] for href in hrefs):
        answer = alvarez.request.get(f"{CASE}/records/{record}")
        if answer.status == 404:
            closed += 1
            answers.add(answer.body())
    answers.add(alvarez.request.get("/w/drug-investigation/statute/HT-2026-014/case").body())
    answers.add(alvarez.request.get("/w/drug-investigation/statute/NO-SUCH/case").body())
    assert closed > 0
    assert len(answers) == 1


def test_two_people_editing_one_note_lose_nothing(site: Site) -> None:
    alvarez, okafor = site.member(ALVAREZ), site.member(OKAFOR)
    alvarez.goto(f"{CASE}/case")
    alvarez.fill("#f-note", "The room was paid in cash.")
    alvarez.get_by_role("button", name="Keep the note").click()
    expect(alvarez.locator(".toast")).to_contain_text("The note is kept")
    alvarez.get_by_text("Edit or see history").first.click()
    alvarez.wait_for_url("**/case/notes/*")
    okafor.goto(alvarez.url)
    for page, text in ((alvarez, "Paid in cash, twice."), (okafor, "Paid in cash by a third man.")):
        page.locator("textarea[name=note]").first.fill(text)
        page.get_by_role("button", name="Keep this revision").first.click()
        page.wait_for_url("**/case**")
    alvarez.goto(f"{CASE}/case")
    note = alvarez.locator(".note").first
    expect(note).to_contain_text("Two people edited this note at once")
    expect(note).to_contain_text("Paid in cash, twice.")
    expect(note).to_contain_text("Paid in cash by a third man.")
    picture(alvarez, "case")


def test_opening_a_link_does_not_spend_it_and_the_button_does_once(site: Site) -> None:
    from accord.agencies.actions import create_signin_link

    link = in_thread(lambda: create_signin_link(KOWALSKI))
    page = site.visitor()
    for _ in range(2):
        page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
    expect(page.locator(".notice").first).to_contain_text("training ended")
    again = site.visitor()
    again.goto(link)
    expect(again.locator("h1")).to_have_text("This link does not work")
    page.locator(".who__summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/")
    page.goto(f"{CASE}/case")
    page.wait_for_url("**/sign-in/")


def test_a_file_with_faults_comes_in_and_its_bad_rows_are_set_aside(site: Site) -> None:
    from accord.exchange.jobs import work_on

    page = site.member(RASMUSSEN)
    files = ROOT / "worlds" / "riverbend" / "imports"
    page.goto("/import/")
    page.set_input_files("#f-file", files / "harlan-so.warrants-with-faults.csv")
    page.get_by_role("button", name="Take it in").click()
    page.wait_for_url("**/mapping")
    expect(page.locator("#columns")).to_contain_text("warrant_no")
    checked(page, page.url)
    page.goto("/import/")
    page.set_input_files("#f-file", files / "harlan-so.warrants-with-faults.csv")
    page.set_input_files("#f-mapping", files / "harlan-so.warrants-with-faults.mapping.yaml")
    page.get_by_role("button", name="Take it in").click()
    page.wait_for_url("**/import/*-*")
    run = UUID(page.url.rsplit("/", 1)[1])
    assert in_thread(lambda: work_on(run, RASMUSSEN, "records-administration"))
    expect(page.locator(".progress--done")).to_be_visible(timeout=10_000)
    expect(page.locator("#aside tbody tr").first).to_be_visible()
    picture(page, "import")
    checked(page, page.url)


def test_a_supervisor_opens_a_case_and_a_detective_is_told_why_not(site: Site) -> None:
    detective = site.member(ALVAREZ)
    detective.goto("/cases/open")
    expect(detective.locator("main")).to_contain_text("Only a supervisor opens a case")
    page = site.member(OKAFOR)
    page.goto("/cases/open")
    page.get_by_role("button", name="Open the case").click()
    expect(page.locator("main")).to_contain_text("A case needs at least one purpose")
    page.fill("#f-number", "HT-2026-099")
    page.fill("#f-title", "Mill Street")
    page.check("input[value=human-trafficking-investigation]")
    page.check("input[value=case-administration]")
    page.get_by_text("Riverbend Police Department", exact=True).last.click()
    page.check(f'input[value="{ALVAREZ}"]')
    page.get_by_role("button", name="Open the case").click()
    page.wait_for_url("**/HT-2026-099/case")
    expect(page.locator("h1")).to_contain_text("Mill Street")
    detective.goto("/w/human-trafficking-investigation/statute/HT-2026-099/case")
    expect(detective.locator("h1")).to_contain_text("Mill Street")
