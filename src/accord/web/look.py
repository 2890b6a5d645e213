"""The reader's colours, density and language, kept in a cookie that says nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accord.kernel.languages import LANGUAGES, accepted
from accord.kernel.phrases import phrase

COOKIE = "accord_look"
LASTS_S = 365 * 24 * 3600
THEMES = {
    "auto": phrase("As the system"),
    "light": phrase("Light"),
    "dark": phrase("Dark"),
    "contrast": phrase("High contrast"),
}
DENSITIES = {
    "comfortable": phrase("Comfortable"),
    "compact": phrase("Compact"),
    "dense": phrase("Dense"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is drawn for one reader; without a language, as their browser asks."""

    theme: str = "auto"
    density: str = "compact"
    language: str | None = None

    def __str__(self) -> str:
        chosen = f"{self.theme}.{self.density}"
        return f"{chosen}.{self.language}" if self.language else chosen


def parse(text: str) -> Look:
    """What the cookie says; an unknown word is the default."""
    theme, density, language, *_ = (*text.split("."), "", "", "")
    default = Look()
    return Look(
        theme if theme in THEMES else default.theme,
        density if density in DENSITIES else default.density,
        language if language in LANGUAGES else default.language,
    )


def look_of(request: Any | None) -> Look:
    """The look that the request's cookie asks for; the default without a request."""
    return Look() if request is None else parse(request.COOKIES.get(COOKIE, ""))


def language_of(request: Any) -> str:
    """The language to answer a page in: chosen, else what the browser likes, else English."""
    return look_of(request).language or accepted(request.headers.get("Accept-Language", ""))
