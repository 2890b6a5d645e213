"""The languages that screens speak, their catalogues, and how days and numbers are written in them.

Babel and a catalogue are loaded when a language other than English is first asked for.
"""

from __future__ import annotations

import gettext
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from accord.kernel.phrases import ENGLISH

LANGUAGES = {"en": "English", "es": "Español", "fr": "Français", "ar": "العربية"}
RIGHT_TO_LEFT = frozenset({"ar"})
FOLDER = Path(__file__).resolve().parent.parent / "locale"
PSEUDO = "xx"
"""Brackets every message; for tests and for `dev/languages.py`, never offered to a reader."""


class _Pseudo(gettext.NullTranslations):
    """Shows which words are messages: each stands in brackets."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"


def direction(code: str) -> str:
    """Which way a language is written: ltr or rtl, as HTML has it."""
    return "rtl" if code in RIGHT_TO_LEFT else "ltr"


@cache
def catalogue(code: str) -> gettext.NullTranslations:
    """The messages of a language, compiled from every .po file of its folder."""
    if code == PSEUDO:
        return _Pseudo()
    if code == ENGLISH or code not in LANGUAGES:
        return gettext.NullTranslations()
    first: gettext.NullTranslations | None = None
    for path in sorted((FOLDER / code).glob("*.po")):
        compiled = _compiled(path, code)
        if first is None:
            first = compiled
        else:
            first.add_fallback(compiled)
    return first or gettext.NullTranslations()


def _compiled(path: Path, code: str) -> gettext.GNUTranslations:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    out = BytesIO()
    with path.open("rb") as file:
        write_mo(out, read_po(file, locale=code, abort_invalid=True))
    out.seek(0)
    return gettext.GNUTranslations(out)


@cache
def _locale(code: str) -> Any:
    from babel import Locale

    return Locale.parse(ENGLISH if code == PSEUDO else code)


def number_in(value: int, code: str) -> str:
    """A whole number as the language writes it."""
    if code == ENGLISH:
        return f"{value:,}"
    from babel.numbers import format_decimal

    return format_decimal(value, locale=_locale(code))


def day_in(day: date, code: str) -> str:
    """A day as the language writes it, with the month's name."""
    from babel.dates import format_date

    return format_date(day, format="medium", locale=_locale(code))


def list_in(items: list[str], code: str, style: str) -> str:
    """Items in a sentence as the language joins them; style is `standard` (and) or `or`."""
    from babel.lists import format_list

    return format_list(items, style=style, locale=_locale(code))  # type: ignore[arg-type]  # a word of the literal


def language_in(tag: str, code: str) -> str | None:
    """The name of a language (BCP 47) in another; None where there is none under that tag."""
    from babel import Locale, UnknownLocaleError

    try:
        spoken = Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        base = tag.partition("-")[0]
        named: str | None = _locale(code).languages.get(tag) or _locale(code).languages.get(base)
        return named
    return spoken.get_display_name(ENGLISH if code == PSEUDO else code)


def accepted(header: str) -> str:
    """The language that an Accept-Language header (RFC 9110, 12.5.4) likes most of those there are."""
    best, liking = ENGLISH, 0.0
    for place, item in enumerate(header[:400].split(",")):
        tag, _, weight = item.partition(";")
        code = tag.strip().lower().partition("-")[0]
        asked = _weight(weight) - place / 1000
        if code in LANGUAGES and asked > liking:
            best, liking = code, asked
    return best


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0
