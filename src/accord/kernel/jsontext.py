"""JSON that somebody sent, read no deeper than anybody writes it.

What is nested deeper takes Python's own stack, in reading and in everything that is done with it later.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

DEEPEST = 32


def read_json(text: str | bytes) -> Any:
    """The value of a JSON text; raises ValueError for what is none, or nested beyond `DEEPEST`."""
    try:
        found = json.loads(text)
    except RecursionError as fault:
        raise _too_deep() from fault
    level = _nested([found])
    for _ in range(DEEPEST):
        level = _nested(inner for value in level for inner in _inside(value))
        if not level:
            return found
    raise _too_deep()


def _nested(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if isinstance(value, list | dict)]


def _inside(value: list[Any] | dict[str, Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _too_deep() -> ValueError:
    return ValueError(f"is nested too deeply: at most {DEEPEST} levels")
