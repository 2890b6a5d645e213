"""Two administrators change a member together, each in their own browser, with the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from isolation import administering as those
from isolation.administering import ADA, BEN, ROOKIE
from journeys.keys import press_key
from journeys.people import Person, accessible, enrol
from journeys.test_pages import in_thread

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("identity")]


@pytest.fixture(autouse=True)
def _staff(world: Path, url: str) -> Iterator[None]:
    made = those.staff(world)
    in_thread(lambda: next(made))
    yield
    in_thread(lambda: next(made, None))


def shown(page: Page, path: str) -> None:
    page.goto(path)
    accessible(page)


def test_one_proposes_and_another_approves(real: str, person: Callable[[str], Person]) -> None:
    first, second = person(real), person(real)
    enrol(first, ADA)
    enrol(second, BEN)

    page = first.page
    shown(page, "/members/")
    shown(page, "/members/join")
    shown(page, "/members/import")
    shown(page, f"/members/people/{ROOKIE}")
    page.locator("#more summary", has_text="Roles").click()
    page.get_by_label("Analyst", exact=True).check()
    page.get_by_role("button", name="Change the roles").click()
    expect(page.locator("main")).to_contain_text("Waits for a second person")
    page.locator("a", has_text="Roles").last.click()
    expect(page.locator("#approve-reason")).to_contain_text("You proposed this")
    accessible(page)

    other = second.page
    shown(other, "/members/?view=waiting")
    press_key(other, "j")
    press_key(other, "Enter")
    expect(other.locator("#approve")).to_be_visible()
    accessible(other)
    other.locator("#approve").click()
    expect(other.locator("main")).to_contain_text("In force")
    other.goto(f"/members/people/{ROOKIE}")
    expect(other.locator("#attested")).to_contain_text("analyst", ignore_case=True)


def test_a_new_member_comes_in_by_the_link_of_one_and_the_code_of_the_other(
    real: str, person: Callable[[str], Person]
) -> None:
    first, second, new = person(real), person(real), person(real)
    enrol(first, ADA)
    enrol(second, BEN)
    page = first.page
    page.goto("/members/join")
    page.get_by_role("button", name="Propose the member").click()
    expect(page.locator(".error-summary")).to_be_visible()
    for field, value in {"name": "Nadia New", "handle": "x.new", "nationality": "US"}.items():
        page.fill(f"#f-{field}", value)
    page.get_by_label("Analyst", exact=True).check()
    page.get_by_role("button", name="Propose the member").click()
    expect(page.locator("h1")).to_contain_text("Nadia New")
    second.page.goto(page.url)
    second.page.locator("#approve").click()
    expect(second.page.locator("#link")).to_be_visible()
    accessible(second.page)
    link = second.page.locator("#link code").inner_text()
    page.reload()
    accessible(page)
    page.locator("#make-code").click()
    expect(page.locator("#code")).to_be_visible()
    accessible(page)
    code = page.locator("#code code").inner_text()
    new.page.goto(link)
    accessible(new.page)
    new.page.fill("#f-name", "Telephone")
    new.page.fill("#f-code", "AAAA-AAAA-AAAA-AAAA")
    new.page.get_by_role("button", name="Make a passkey").click()
    expect(new.page.locator(".error-summary")).to_be_visible()
    new.page.fill("#f-name", "Telephone")
    new.page.fill("#f-code", code)
    new.page.get_by_role("button", name="Make a passkey").click()
    expect(new.page.locator(".who")).to_contain_text("Nadia New")
