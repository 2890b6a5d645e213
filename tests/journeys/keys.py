"""Keys as people press them: on a page that is there."""

from __future__ import annotations

from playwright.sync_api import Page


def press_key(page: Page, key: str, times: int = 1) -> None:
    """Press a key so many times, once the page has loaded.

    A page's text can be read before its scripts have run; a key pressed in between goes nowhere.
    """
    page.wait_for_load_state()
    for _ in range(times):
        page.keyboard.press(key)
