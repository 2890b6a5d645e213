"""One browser and one server for all journeys of a worker.

Each module had its own once. A server that is closed leaves its threads, and each thread its
connections to the database; a worker that went from module to module ran out of them.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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


@pytest.fixture(scope="session")
def browser(world: Path) -> Iterator[Browser]:
    """A browser, after the world: in a browser's event loop Django refuses to ask the database."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium")
    if found is None:
        pytest.skip("no chromium on this machine")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=ARGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def url(world: Path) -> Iterator[str]:
    """Where the pages of the world are served, in this process."""
    from django.core.wsgi import get_wsgi_application
    from waitress.server import create_server

    server = create_server(get_wsgi_application(), host="127.0.0.1", port=0, threads=4)
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
