"""The contrast of every pair of tokens that meet on screen (WCAG 2.2, 1.4.3, 1.4.6 and 1.4.11)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import accord.web

STATIC = Path(accord.web.__path__[0]) / "static" / "accord"
CSS = re.sub(r"/\*.*?\*/", "", (STATIC / "tokens.css").read_text("utf-8"), flags=re.DOTALL)
GROUNDS = ("page", "surface", "sunk", "hover", "chosen")
TONES = ("neutral", "info", "good", "warn", "bad", "sealed")
TEXT = (
    *((ink, ground) for ink in ("ink", "ink-2", "link", "link-hover") for ground in GROUNDS),
    *((f"{tone}-ink", ground) for tone in TONES for ground in (f"{tone}-tint", "surface")),
    ("accent", "surface"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-masthead", "masthead"),
    ("masthead-2", "masthead"),
    ("on-mark", "mark-open"),
    ("on-mark", "mark-official"),
    ("on-mark", "mark-secret"),
    ("on-mark-sensitive", "mark-sensitive"),
    ("on-now", "now"),
    ("on-demo", "demo"),
    ("on-toast", "toast"),
    ("on-toast", "toast-bad"),
)
EDGES = (
    *(("edge", ground) for ground in ("page", "surface", "sunk")),
    *((f"{tone}-ink", "page") for tone in TONES),
    ("accent", "page"),
    ("masthead-2", "masthead"),
    ("now", "masthead"),
    ("focus-inner", "focus-outer"),
)
Colours = dict[str, str]


def _block(selector: str) -> Colours:
    found = re.search(re.escape(selector) + r"\s*\{([^{}]*)\}", CSS)
    assert found is not None, selector
    return dict(re.findall(r"--([a-z0-9-]+):\s*([^;]+);", found[1]))


PLAIN, HIGH = _block(":root"), _block(':root[data-theme="contrast"]')
THEMES = {
    "light": (PLAIN, 0, 4.5),
    "dark": (PLAIN, 1, 4.5),
    "high contrast, light": (PLAIN | HIGH, 0, 7.0),
    "high contrast, dark": (PLAIN | HIGH, 1, 7.0),
}


def _colour(value: str, scheme: int) -> tuple[float, float, float]:
    pair = re.fullmatch(r"light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", value)
    code = pair.group(scheme + 1) if pair else value
    assert re.fullmatch(r"#[0-9a-f]{6}", code), value
    red, green, blue = (int(code[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _luminance(colour: tuple[float, float, float]) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str, scheme: int) -> float:
    """The contrast of two values of tokens, from 1 to 21."""
    lights = sorted((_luminance(_colour(c, scheme)) for c in (one, other)), reverse=True)
    return (lights[0] + 0.05) / (lights[1] + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_text_and_edges_stand_out(theme: str) -> None:
    colours, scheme, least = THEMES[theme]
    measured = [
        (ink, ground, round(ratio(colours[ink], colours[ground], scheme), 2), wanted)
        for pairs, wanted in ((TEXT, least), (EDGES, 3.0))
        for ink, ground in pairs
    ]
    assert [m for m in measured if m[2] < m[3]] == []


def test_the_measure_is_the_standard_s() -> None:
    assert round(ratio("#000000", "#ffffff", 0), 1) == 21.0
    assert round(ratio("#777777", "#ffffff", 0), 2) == 4.48
    assert ratio("light-dark(#000000, #ffffff)", "#ffffff", 1) == 1.0


def test_high_contrast_asked_for_by_the_system_is_the_same() -> None:
    assert _block(':root[data-theme="auto"]') == HIGH


def test_every_colour_is_a_token() -> None:
    """A colour written anywhere else would escape the themes and this test."""
    loose = {
        f"{file.name}: {line.strip()}"
        for file in STATIC.glob("*.css")
        if file.name not in ("tokens.css", "print.css")
        for line in file.read_text("utf-8").splitlines()
        if re.search(r"#[0-9a-f]{3,8}\b|rgb\(", line, re.IGNORECASE)
    }
    assert loose == set()


@pytest.mark.parametrize("density", ["comfortable", "dense"])
def test_a_density_changes_sizes_and_no_colour(density: str) -> None:
    changed = _block(f':root[data-density="{density}"]')
    assert {"text", "row", "control"} <= set(changed)
    assert not {name for name, value in changed.items() if "#" in value}


def test_the_cookie_keeps_only_words_that_are_known() -> None:
    from accord.web.look import Look, parse

    assert parse("dark.dense") == Look("dark", "dense")
    assert parse("neon.dense") == Look("auto", "dense")
    assert parse('"><script>') == Look()
