"""One browser and one server for all journeys of a worker.

Each module had its own once. A server that is closed leaves its threads, and each thread its
connections to the database; a worker that went from module to module ran out of them.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

    from journeys.people import Person
    from journeys.test_pages import Site

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

PATIENCE_MS = 20_000
"""What is expected comes at once on an idle machine; that another one is busy is no fault of a page."""


@pytest.fixture(scope="session")
def browser(world: Path) -> Iterator[Browser]:
    """A browser, after the world: in a browser's event loop Django refuses to ask the database."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MS)

    named = (os.environ.get("ACCORD_CHROMIUM"), "chromium-headless-shell", "chromium")
    found = next((path for name in named if name and (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no chromium on this machine")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=ARGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def url(world: Path) -> Iterator[str]:
    """Where the pages of the world are served, in this process."""
    from waitress.server import create_server

    from accord.platform.wsgi import application

    server = create_server(application, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


@pytest.fixture
def site(browser: Browser, url: str) -> Iterator[Site]:
    """The pages, for as many people as a test has; no browser may have complained of a page."""
    from journeys.test_pages import Site

    made = Site(browser, url)
    yield made
    for context in made.opened:
        context.close()
    # A refused form and a missing page are answers; the browser reports their status and no more.
    assert [f for f in made.faults if "Failed to load resource" not in f] == []


@pytest.fixture
def person(browser: Browser) -> Iterator[Callable[[str], Person]]:
    """Somebody with a browser of a node and a device; no browser may have complained of a page."""
    from journeys.people import Person

    opened: list[BrowserContext] = []
    faults: list[str] = []

    def made(base: str) -> Person:
        context = browser.new_context(base_url=base, viewport={"width": 1280, "height": 900})
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda e: faults.append(str(e)))
        page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
        return Person.in_browser(context, page)

    yield made
    for context in opened:
        context.close()
    assert [f for f in faults if "Failed to load resource" not in f] == []


@pytest.fixture
def real(world: Path, url: str) -> Iterator[str]:
    """The world on a node that is no demonstration, by its name."""
    from django.conf import settings

    from isolation.direct import administrator
    from journeys.test_pages import in_thread

    settings.ACCORD_DEMO = False
    yield url.replace("127.0.0.1", "localhost")
    settings.ACCORD_DEMO = True

    def forget() -> None:
        with administrator(world) as db:
            db.execute("delete from passkey")
            db.execute("delete from signin where method <> 'demo'")

    in_thread(forget)
