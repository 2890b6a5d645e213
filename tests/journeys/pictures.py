"""Pictures of pages as journeys find them, for whoever wants to look: `ACCORD_SHOTS` names a folder."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page

WIDTHS = (1280, 390)


def folder() -> Path | None:
    """Where pictures go; None where nobody wants any."""
    named = os.environ.get("ACCORD_SHOTS")
    return Path(named) if named else None


def shots(page: Page, name: str) -> None:
    """Pictures in both themes and widths of what the page shows now, typed fields and faults too."""
    to = folder()
    if to is None:
        return
    to.mkdir(parents=True, exist_ok=True)
    before = page.evaluate("document.documentElement.dataset.theme ?? null")
    for theme in ("light", "dark"):
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=to / f"{name}-{theme}-{width}.png", full_page=True)
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    page.evaluate(
        "theme => { const on = document.documentElement.dataset;"
        " if (theme === null) delete on.theme; else on.theme = theme }",
        before,
    )
