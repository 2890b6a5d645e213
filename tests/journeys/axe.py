"""What axe finds wrong with a page as it is drawn now."""

from __future__ import annotations

import os

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE = Axe()


def violations(page: Page, rule: str | None = None) -> list[tuple[str, list[str]]]:
    """The rules that the page breaks, each with the markup that breaks it; of one rule, if named.

    axe is put into a page once, and only what is broken comes back: what is right is many times as
    much to carry over. It loads nothing ahead: that serves a rule on
    orientation, which axe leaves off, and one on media that play by themselves, which none does.
    """
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(AXE.axe_script)
    options: dict[str, object] = {"resultTypes": ["violations"], "preload": False}
    if rule is not None:
        options["runOnly"] = {"type": "rule", "values": [rule]}
    found = page.evaluate(
        "async options => (await axe.run(options)).violations"
        ".map(v => [v.id, v.nodes.map(n => n.html)])",
        options,
    )
    return [(broken, nodes) for broken, nodes in found]


def violations_in(page: Page, theme: str) -> list[tuple[str, list[str]]]:
    """All rules in light; in another theme, where the same markup stands, those of contrast alone.

    All rules in each where checks take their time (ACCORD_DEEP=1).
    """
    every = theme == "light" or os.environ.get("ACCORD_DEEP") == "1"
    return violations(page, None if every else "color-contrast")
