"""A list of the API in full: tests of one worker share a world, so one page may not be all of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def every_page(get: Callable[[str], Any], path: str) -> list[Any]:
    """The items of all pages, in order; `get` asks an address for a page of JSON."""
    items: list[Any] = []
    first = f"{path}{'&' if '?' in path else '?'}limit=200"
    page = get(first)
    while True:
        items += page["items"]
        if page["next"] is None:
            return items
        page = get(f"{first}&after={page['next']}")
