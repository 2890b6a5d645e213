"""Journeys wait for what they press and click; one that does not fails once in twenty runs."""

from __future__ import annotations

from pathlib import Path

JOURNEYS = Path(__file__).parents[1] / "journeys"


def test_keys_are_pressed_on_pages_that_have_loaded() -> None:
    pressed = {
        path.name for path in JOURNEYS.glob("*.py") if ".keyboard.press(" in path.read_text("utf-8")
    }
    assert pressed == {"keys.py"}, "use press_key of journeys/keys.py"
