"""Every page that the URLconf has, in a real browser: for the eye, for a phone, without a mouse.

The routes come from the walker of the isolation tests, so a new page is here from the day it
exists. Each is opened by the first of the walk's viewers for whom it is there, and must

- have no fault that axe finds, in light; and none of contrast in dark or in high contrast, one page
  here and the next there (each in both where checks take their time, ACCORD_DEEP=1);
- not scroll sideways at 390 px, with everything that opens open;
- let the Tab key come to every control, each visibly in focus.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page

from isolation.walking import filled, page_values, pages
from isolation.worlds import Viewer, world_with_samples
from journeys.axe import violations
from journeys.keys import press_key

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("every-page")]

DEEP = os.environ.get("ACCORD_DEEP") == "1"
THEMES = ("dark", "contrast")
QUERIES = (
    "/requests/?view=sent",
    "/assistance/?view=sent",
    "/custody/?view=offered",
    "/custody/?view=alarms",
    "/expertise/?discipline=diving",
    "/agreements/?view=all",
    "/ledger/?view=records",
    "/ledger/?view=agency",
    "/ledger/?view=records&clause=mou-2026-007&from=2026-01-01",
    "/ledger/?kind=erasure&case=none",
    "/statements/?view=towards",
    "/obligations/?side=owed",
    "/quick-checks/?view=mine",
    "/w/general-policing/statute/-/search",
    "/no-such-page",
)
MISSING = ("/no-such-page", "/sign-in/no-such-token-at-all")
"""Pages that say that there is nothing."""
OUTSIDE = (
    "sign-in/",
    "sign-in/<str:token>",
    "/sign-in/no-such-token-at-all",
    "/no-such-page",
    "gallery/error/<int:status>/",
)
"""Pages for whoever is not signed in, and those that say what is wrong, to everybody alike."""
NO_PAGES = {
    "ledger/<uuid:entry_id>/receipt": "a file",
    "ledger/disclosures": "a file",
    "import/<uuid:run_id>/progress": "a piece of a page",
    "import/<uuid:run_id>/report": "a file",
    "custody/<uuid:exhibit_id>/file": "a file",
    **{
        f"w/<str:purpose>/<str:basis>/<str:case>/exhibits/<uuid:record_id>/{end}": "a picture"
        for end in ("previews/<int:picture>", "thumbnail")
    },
    "set-up/<str:token>": "there on a new node alone; test_identity.py looks at it",
    **dict.fromkeys(("join/", "join/<str:token>"), "behind an operator's link; test_identity.py"),
    "agreements/<str:content_hash>/signatures/<uuid:signature>": "a file",
    "statements/<uuid:statement_id>/signatures/<uuid:signature>": "a file",
    "clients/systems/<uuid:system_id>": "a system's, and the cast has none",
    "clients/<uuid:client_id>": "a system's, and the cast has none",
    **{
        f"scim/v2/{end}": "SCIM, for a program"
        for end in (
            "ServiceProviderConfig",
            "ResourceTypes",
            "Schemas",
            "Users",
            "Users/<str:membership>",
        )
    },
    ".well-known/oauth-authorization-server": "metadata, for a program",
    "sign-in/as": "answers after a passkey alone; test_identity.py looks at it",
    "sign-in/recover/new": "answers after a recovery code alone; test_codes.py looks at it",
    "sign-in/with/<slug:provider>": "sends the browser away",
    "sign-in/with/<slug:provider>/callback": "sends the browser on; its refusal is the page of sign-in",
    "account/prove/<slug:provider>": "sends the browser away",
    "health/live": "one word, for a program",
    "agreements/<str:content_hash>/canonical": "a file",
}

OPEN_ALL = "document.querySelectorAll('main details').forEach(d => { d.open = true })"
CONTROLS = """
() => {
  const wanted = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]';
  const groups = new Set();
  window.accordControls = [...document.querySelectorAll(wanted)].filter((e) => {
    if (e.disabled || e.tabIndex < 0 || !e.checkVisibility({ visibilityProperty: true })) return false;
    if (e.type !== 'radio') return true;
    if (groups.has(e.name)) return false;
    return groups.add(e.name);
  });
  window.accordReached = new Map();
  const look = (e) => {
    const s = getComputedStyle(e);
    const ring = getComputedStyle(e.closest('.palette__box') ?? e);
    return (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || ring.boxShadow !== 'none';
  };
  const known = (e) => e.type === 'radio'
    ? window.accordControls.find((c) => c.type === 'radio' && c.name === e.name) : e;
  document.addEventListener('focusin', (event) => {
    const e = event.target;
    window.accordReached.set(known(e), look(e));
  });
  document.querySelector('.skip').focus();
  const parts = 'input[type=date], input[type=datetime-local], input[type=time]';
  // Day, month, year, hour, minute, half of the day and the picture of a calendar: each a stop.
  return window.accordControls.length + 7 * document.querySelectorAll(parts).length;
}
"""
LEFT = """
() => {
  const said = (e) => e.outerHTML.slice(0, 120);
  return {
    missed: window.accordControls.filter((e) => !window.accordReached.has(e)).map(said),
    unseen: [...window.accordReached].filter(([e, seen]) => e && !seen).map(([e]) => said(e)),
    ordered: document.querySelectorAll('[tabindex]:not([tabindex="0"]):not([tabindex="-1"])').length,
  };
}
"""


@pytest.fixture(scope="module")
def viewers(world: Path) -> Iterator[tuple[Viewer, ...]]:
    """A copy of the world in which everybody has something; made off the browser's thread."""
    with ThreadPoolExecutor(1) as pool, ExitStack() as stack:
        made = pool.submit(stack.enter_context, world_with_samples(world)).result()
        agreement = pool.submit(_agreement).result()
        for viewer in made:
            viewer.samples["agreement"] = agreement
        yield made
        pool.submit(stack.close).result()
        pool.submit(connections.close_all).result()


def _agreement() -> str:
    from accord.agreements.queries import versions

    return versions()[0].content_hash


@pytest.fixture(scope="module")
def desks(
    viewers: tuple[Viewer, ...], browser: Browser, url: str
) -> Iterator[list[tuple[Viewer, Page]]]:
    """A signed-in browser for each viewer: who supervises first, since most is there for them."""
    opened: list[BrowserContext] = []
    found = []
    for viewer in reversed(viewers):
        context = browser.new_context(base_url=url, viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": "accord_session", "value": viewer.session, "url": url}])
        opened.append(context)
        found.append((viewer, context.new_page()))
    yield found
    for context in opened:
        context.close()


def _address(route: str, viewer: Viewer) -> str | None:
    viewer.samples.setdefault("hidden_handle", "a" * 52)
    values = {"purpose": viewer.purpose, "basis": "statute", "case": viewer.case}
    path = filled(route, values | page_values(route, viewer.samples))
    return None if path is None else path.replace("/%3C", "/<")


def _opened(route: str, desks: list[tuple[Viewer, Page]]) -> Page | None:
    """The page as the first viewer sees it for whom it is there; None where it only takes POST."""
    statuses = set()
    for viewer, page in desks:
        path = _address(route, viewer)
        if path is None:
            continue
        answer = page.goto(path)
        assert answer is not None
        statuses.add(answer.status)
        if answer.status == 200 or path in MISSING:
            return page
    assert statuses == {405} or (405 in statuses and 404 in statuses), (route, statuses)
    return None


def _read_by_axe(page: Page, where: str) -> None:
    page.evaluate(OPEN_ALL)
    assert violations(page) == [], where
    for theme in THEMES if DEEP else THEMES[zlib.crc32(where.encode()) % 2 :][:1]:
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        assert violations(page, "color-contrast") == [], (where, theme)
    page.evaluate("document.documentElement.dataset.theme = 'light'")


def _fits(page: Page, where: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for density in ("comfortable", "compact", "dense"):
        page.evaluate(f"document.documentElement.dataset.density = '{density}'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, (where, density)
    page.set_viewport_size({"width": 1280, "height": 900})


def _worked_without_a_mouse(page: Page, where: str) -> None:
    press_key(page, "Tab", page.evaluate(CONTROLS) + 3)
    left = page.evaluate(LEFT)
    assert left == {"missed": [], "unseen": [], "ordered": 0}, where


def _lets_one_sign_out(page: Page, where: str) -> None:
    """ASVS 5.0 V7.4.4: whatever needs a sign-in lets one sign out, one menu away."""
    if where not in OUTSIDE:
        assert page.locator("form[action='/sign-out'] button").count() == 1, where


def _checked(page: Page, where: str) -> None:
    _lets_one_sign_out(page, where)
    _read_by_axe(page, where)
    _fits(page, where)
    _worked_without_a_mouse(page, where)


@pytest.mark.parametrize("route", [r for r in pages() if r not in NO_PAGES and r != "sign-out"])
def test_every_page_is_for_everybody(route: str, desks: list[tuple[Viewer, Page]]) -> None:
    page = _opened(route, desks)
    if page is not None:
        _checked(page, route)


@pytest.mark.parametrize("address", QUERIES)
def test_what_stands_after_the_question_mark_is_too(
    address: str, desks: list[tuple[Viewer, Page]]
) -> None:
    page = desks[0][1]
    page.goto(address)
    _checked(page, address)


def test_what_is_no_page_is_declared_with_its_reason() -> None:
    assert set(NO_PAGES) <= set(pages())
    assert all(NO_PAGES.values())


def test_a_control_that_cannot_be_reached_would_be_noticed(
    desks: list[tuple[Viewer, Page]],
) -> None:
    """The instrument itself: a ring that is gone, and a control that Tab passes by."""
    page = desks[0][1]
    page.goto("/cases/")
    page.evaluate("document.querySelector('.masthead__logo').style.outline = 'none'")
    page.evaluate("document.querySelector('.masthead__logo').style.boxShadow = 'none'")
    press_key(page, "Tab", page.evaluate(CONTROLS) // 2)
    left = page.evaluate(LEFT)
    assert left["missed"] != []
    assert ["masthead__logo" in control for control in left["unseen"]] == [True]
