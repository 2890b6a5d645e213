"""The reader's colours and density, kept in a cookie that says nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

COOKIE = "accord_look"
LASTS_S = 365 * 24 * 3600
THEMES = {
    "auto": "As the system",
    "light": "Light",
    "dark": "Dark",
    "contrast": "High contrast",
}
DENSITIES = {"comfortable": "Comfortable", "compact": "Compact", "dense": "Dense"}


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is drawn for one reader."""

    theme: str = "auto"
    density: str = "compact"

    def __str__(self) -> str:
        return f"{self.theme}.{self.density}"


def parse(text: str) -> Look:
    """What the cookie says; an unknown word is the default."""
    theme, _, density = text.partition(".")
    default = Look()
    return Look(
        theme if theme in THEMES else default.theme,
        density if density in DENSITIES else default.density,
    )


def look_of(request: Any | None) -> Look:
    """The look that the request's cookie asks for; the default without a request."""
    return Look() if request is None else parse(request.COOKIES.get(COOKIE, ""))
