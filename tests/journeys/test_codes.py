"""Password and codes in a browser: allowed by two, set up, used, lost, and allowed no more."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from isolation.administering import ADA, BEN, staff
from isolation.direct import administrator
from journeys.keys import press_key
from journeys.people import Person, accessible, enrol
from journeys.test_pages import ALVAREZ, in_thread
from unit.identity.coding import PASSWORD, App, forget, in_seconds

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("identity")]


@pytest.fixture
def people(real: str, world: Path) -> Iterator[None]:
    """Administrators of Riverbend; what was set up is gone at the end."""
    made = staff(world)
    in_thread(lambda: next(made))
    yield

    def gone() -> None:
        forget(world)
        with administrator(world) as db:
            db.execute("delete from passkey")
            db.execute("delete from signin where method <> 'demo'")
        next(made, None)

    in_thread(gone)


def leave(page: Page) -> None:
    page.locator('form[action="/sign-out"] button').evaluate("b => b.click()")
    expect(page.locator("h1")).to_have_text("Sign in")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def secret_on(page: Page) -> App:
    shown = page.locator("code", has_text=re.compile(r"^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$"))
    return App(base64.b32decode((shown.text_content() or "").replace(" ", "")))


def allowed_by_two(person: Callable[[str], Person], base: str) -> tuple[Person, Person]:
    first, second = person(base), person(base)
    enrol(first, ADA)
    enrol(second, BEN)
    page = first.page
    page.goto("/members/")
    page.get_by_role("link", name="Sign-in with codes").first.click()
    expect(page.locator("main")).to_contain_text("Not allowed")
    accessible(page)
    press(page, "Propose to allow it")
    expect(page.locator("main")).to_contain_text("Waits for a second person")
    expect(page.locator("main")).to_contain_text("You proposed this")
    accessible(page)
    second.page.goto("/members/codes")
    press(second.page, "Allow it")
    expect(second.page.locator("#state")).to_contain_text("Approved by")
    accessible(second.page)
    return first, second


def set_up(page: Page) -> tuple[App, list[str]]:
    page.goto("/account/code")
    accessible(page)
    press(page, "Set up password and codes")
    app = secret_on(page)
    accessible(page)
    page.fill("#f-device-name", "App")
    page.fill("#f-password", "too short")
    page.fill("#f-one-time-code", app.code())
    press(page, "Set it up")
    expect(page.locator(".error-summary")).to_contain_text("15 to 200")
    assert secret_on(page) == app
    assert page.input_value("#f-password") == ""
    page.fill("#f-device-name", "App")
    page.fill("#f-password", PASSWORD)
    page.fill("#f-one-time-code", app.code())
    press(page, "Set it up")
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    accessible(page)
    return app, page.locator("#recovery-codes li").all_text_contents()


def come_in(page: Page, app: App, ahead_s: int, code: str | None = None) -> str:
    """Sign in with the code that the app shows then, or with one that is given; return it."""
    page.goto("/sign-in/")
    page.get_by_role("link", name="With a password and a code").click()
    expect(page.locator("#f-password")).to_be_visible()
    accessible(page)
    page.fill("#f-membership", ALVAREZ)
    page.fill("#f-password", PASSWORD)
    with in_seconds(ahead_s):
        given = code or app.code()
        page.fill("#f-one-time-code", given)
        press(page, "Sign in")
        expect(page.locator("h1, .who").first).to_be_visible()
    return given


def test_codes_from_the_day_they_are_allowed_to_the_day_they_are_not(
    real: str, people: None, person: Callable[[str], Person]
) -> None:
    first, _ = allowed_by_two(person, real)
    someone = person(real)
    enrol(someone, ALVAREZ)
    page = someone.page
    app, codes = set_up(page)
    page.goto("/account/")
    expect(page.locator("main")).to_contain_text("10 recovery codes are left")
    accessible(page)
    leave(page)

    used = come_in(page, app, 60)
    expect(page.locator(".who")).to_contain_text("Marisol Alvarez")
    page.goto("/account/code")
    expect(page.locator("#device")).not_to_contain_text("Never")
    leave(page)
    come_in(page, app, 60, used)
    expect(page.locator(".notice")).to_contain_text("did not let you in")
    accessible(page)

    elsewhere = person(real)
    come_in(elsewhere.page, app, 120)
    expect(elsewhere.page.locator(".who")).to_be_visible()

    page.goto("/sign-in/recover")
    accessible(page)
    page.fill("#f-recovery-code", codes[0])
    page.fill("#f-password", PASSWORD)
    press(page, "Go on")
    expect(page.locator("h1")).to_have_text("Make a new way in")
    accessible(page)
    someone.loses_device()
    someone.takes_device()
    page.fill("#f-name", "New telephone")
    press(page, "Make a passkey and sign in")
    expect(page.locator("h1")).to_have_text("Your sign-in")
    expect(page.locator("main")).to_contain_text("A recovery code was used")
    expect(page.locator("main")).to_contain_text("9 recovery codes are left")
    elsewhere.page.goto("/")
    expect(elsewhere.page.locator("h1")).to_have_text("Sign in")

    come_in(elsewhere.page, app, 240)
    expect(elsewhere.page.locator(".who")).to_be_visible()
    first.page.goto("/members/codes")
    press(first.page, "Allow it no more")
    expect(first.page.locator("main")).to_contain_text("Not allowed")
    elsewhere.page.goto("/")
    expect(elsewhere.page.locator("h1")).to_have_text("Sign in")
    page.goto("/account/code")
    expect(page.locator("#device")).to_contain_text("It opens nothing now")
    accessible(page)


def test_a_password_is_pasted_and_filled_in_by_a_manager(
    real: str, people: None, world: Path, person: Callable[[str], Person]
) -> None:
    from unit.identity.coding import allow

    in_thread(lambda: allow(world))
    someone = person(real)
    someone.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=real)
    page = someone.page
    page.goto("/sign-in/code")
    field = page.locator("#f-password")
    expect(field).to_have_attribute("type", "password")
    expect(field).to_have_attribute("autocomplete", "current-password")
    expect(page.locator("#f-membership")).to_have_attribute("autocomplete", "username")
    expect(page.locator("#f-one-time-code")).to_have_attribute("autocomplete", "one-time-code")
    page.evaluate("text => navigator.clipboard.writeText(text)", PASSWORD)
    field.focus()
    press_key(page, "Control+V")
    expect(field).to_have_value(PASSWORD)
