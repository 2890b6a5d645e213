"""The gallery in a real browser: axe in every theme, no overflow at 390 px, and the keys.

Pages come from the real templates under the real content security policy; the browser's requests
are answered here, so no server and no database take part.
"""

from __future__ import annotations

import mimetypes
from pathlib import Path

import django_htmx
import pytest
from jinja2 import FileSystemLoader
from playwright.sync_api import Browser, Page, Route

import accord.web
from accord.platform.http import CONTENT_SECURITY_POLICY
from accord.web import gallery as demo
from accord.web.components import Chip
from accord.web.errors import ERROR_STATUSES
from accord.web.jinja import environment, template_dirs
from journeys.axe import violations
from journeys.keys import press_key

pytestmark = pytest.mark.journey
SITE = "http://accord.test"
STATIC = [Path(m.__path__[0]) / "static" for m in (accord.web, django_htmx)]


@pytest.fixture(scope="module")
def html() -> str:
    env = environment(loader=FileSystemLoader([str(folder) for folder in template_dirs()]))
    env.globals["static"] = lambda path: f"/static/{path}"
    env.globals["url"] = lambda name, *args: f"/{name}/"
    return env.get_template("web/gallery.html").render(
        shell=demo.shell(),
        demo=demo,
        tones=[Chip("Info", "info"), Chip("Bad", "bad"), Chip("Sealed", "sealed")],
        error_statuses=ERROR_STATUSES,
        csrf_input="",
    )


def answer(route: Route, html: str) -> None:
    """Answer one request of the browser from the templates or the static folders."""
    path = route.request.url.removeprefix(SITE).split("?")[0]
    headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
    if not path.startswith("/static/"):
        route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=headers)
        return
    files = [folder / path.removeprefix("/static/") for folder in STATIC]
    file = next(f for f in files if f.is_file())
    kind = mimetypes.guess_type(file.name)[0]
    route.fulfill(body=file.read_bytes(), content_type=kind, headers=headers)


def open_gallery(browser: Browser, html: str, *, theme: str, width: int = 1280) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.faults = []  # type: ignore[attr-defined]  # read at the end of each test
    page.on("console", lambda m: page.faults.append(m.text) if m.type == "error" else None)  # type: ignore[attr-defined]
    page.on("pageerror", lambda e: page.faults.append(str(e)))  # type: ignore[attr-defined]
    page.add_init_script(f"document.cookie = 'accord_look={theme}.compact; path=/'")
    page.route("**/*", lambda route: answer(route, html))
    page.goto(f"{SITE}/gallery/")
    return page


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_the_gallery_has_no_accessibility_fault(
    browser: Browser, html: str, theme: str, width: int
) -> None:
    page = open_gallery(browser, html, theme=theme, width=width)
    page.evaluate("document.querySelectorAll('main details').forEach(d => { d.open = true })")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.faults == []  # type: ignore[attr-defined]


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent"))


def test_the_keys_walk_search_and_explain(browser: Browser, html: str) -> None:
    page = open_gallery(browser, html, theme="light")
    press_key(page, "j")
    first = focused(page)
    press_key(page, "j")
    assert focused(page) != first
    press_key(page, "k")
    assert focused(page) == first
    press_key(page, "w")
    assert page.locator("details.why:not([open])").count() == 0
    press_key(page, "/")
    assert page.evaluate("document.activeElement.id") == "global-search"
    page.keyboard.type("jk?")
    assert page.input_value("#global-search") == "jk?"
    assert page.faults == []  # type: ignore[attr-defined]


def test_the_palette_filters_and_goes(browser: Browser, html: str) -> None:
    page = open_gallery(browser, html, theme="dark")
    press_key(page, "Control+k")
    page.keyboard.type("ledg")
    assert page.locator("#palette [role=option]:visible").all_inner_texts()[0].count("Ledger") == 1
    press_key(page, "Enter")
    page.wait_for_url("**/ledger/")


def test_single_keys_can_be_switched_off(browser: Browser, html: str) -> None:
    page = open_gallery(browser, html, theme="light")
    press_key(page, "?")
    page.uncheck("[data-single-keys]")
    press_key(page, "Escape")
    page.evaluate("document.activeElement.blur()")
    press_key(page, "j")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
