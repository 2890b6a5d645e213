"""Handling marks for the screen: what each code asks of a reader, and the highest on a page.

Codes H0 to H3 are Europol's; P and C are the UK intelligence report's. The order of
sensitivities is the vocabulary's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SENSITIVITIES = ("open", "official", "sensitive", "secret")


@dataclass(frozen=True, slots=True)
class HandlingCode:
    """One handling code in plain words."""

    code: str
    title: str
    meaning: str
    source: str


@dataclass(frozen=True, slots=True)
class Handling:
    """The highest sensitivity and every handling code that the content of one page carries."""

    sensitivity: str
    codes: tuple[str, ...] = ()


HANDLING_CODES: dict[str, HandlingCode] = {
    code.code: code
    for code in (
        HandlingCode(
            "H0",
            "Crime prevention only",
            "Use it to prevent and combat crime, and for nothing else.",
            "Europol",
        ),
        HandlingCode(
            "H1",
            "Not for court",
            "Do not use it in judicial proceedings without the permission of the provider.",
            "Europol",
        ),
        HandlingCode(
            "H2",
            "Do not pass on",
            "Do not disseminate it further without the permission of the provider.",
            "Europol",
        ),
        HandlingCode(
            "H3",
            "Other restrictions",
            "Restrictions stated by the provider apply; read them before use.",
            "Europol",
        ),
        HandlingCode(
            "P",
            "Lawful sharing permitted",
            "It may be shared with those who have a lawful purpose.",
            "UK intelligence report",
        ),
        HandlingCode(
            "C",
            "Sharing with conditions",
            "It may be shared only under the conditions written with it.",
            "UK intelligence report",
        ),
    )
}


def highest(marks: Iterable[tuple[str, str]]) -> Handling | None:
    """The mark of a page, from the (sensitivity, handling code) of everything shown on it."""
    pairs = list(marks)
    if not pairs:
        return None
    top = max((s for s, _ in pairs), key=SENSITIVITIES.index)
    present = {code for _, code in pairs}
    return Handling(top, tuple(code for code in HANDLING_CODES if code in present))
