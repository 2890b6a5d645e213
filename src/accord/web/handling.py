"""Handling marks for the screen: what each code asks of a reader, and the highest on a page.

Codes H0 to H3 are Europol's; P and C are the UK intelligence report's. The order of
sensitivities is the vocabulary's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from accord.kernel.phrases import phrase

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
            phrase("Crime prevention only"),
            phrase("Use it to prevent and combat crime, and for nothing else."),
            phrase("Europol"),
        ),
        HandlingCode(
            "H1",
            phrase("Not for court"),
            phrase("Do not use it in judicial proceedings without the permission of the provider."),
            phrase("Europol"),
        ),
        HandlingCode(
            "H2",
            phrase("Do not pass on"),
            phrase("Do not disseminate it further without the permission of the provider."),
            phrase("Europol"),
        ),
        HandlingCode(
            "H3",
            phrase("Other restrictions"),
            phrase("Restrictions stated by the provider apply; read them before use."),
            phrase("Europol"),
        ),
        HandlingCode(
            "P",
            phrase("Lawful sharing permitted"),
            phrase("It may be shared with those who have a lawful purpose."),
            phrase("UK intelligence report"),
        ),
        HandlingCode(
            "C",
            phrase("Sharing with conditions"),
            phrase("It may be shared only under the conditions written with it."),
            phrase("UK intelligence report"),
        ),
    )
}


def handling_said(code: str) -> str:
    """A handling code with its title, and none of them in a word."""
    if code not in HANDLING_CODES:
        return phrase("None")
    return phrase("%(code)s: %(title)s", code=code, title=HANDLING_CODES[code].title)


def highest(marks: Iterable[tuple[str, str]]) -> Handling | None:
    """The mark of a page, from the (sensitivity, handling code) of everything shown on it."""
    pairs = list(marks)
    if not pairs:
        return None
    top = max((s for s, _ in pairs), key=SENSITIVITIES.index)
    present = {code for _, code in pairs}
    return Handling(top, tuple(code for code in HANDLING_CODES if code in present))
