"""The closed list of disciplines, and languages by their tags (BCP 47)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import yaml

from accord.kernel.errors import InvalidInput
from accord.kernel.languages import language_in
from accord.kernel.phrases import Phrase, headed, phrase, remakes

MOST_LANGUAGES = 12
_TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
"""Language, script and region of BCP 47, as written in its canonical form. Of languages with three
letters (ISO 639-3) no list here names all: Mam and Nahuatl are spoken by people who are trafficked."""
LIST = re.compile(r"[\s,;]+")


@cache
def disciplines() -> Mapping[str, str]:
    """Every discipline with what it means, in the order of the file."""
    text = files("accord.assistance").joinpath("disciplines.yaml").read_text("utf-8")
    return MappingProxyType(dict(yaml.safe_load(text)["disciplines"]))


def meaning(discipline: str) -> Phrase:
    """What a discipline is, in words."""
    return phrase(disciplines()[discipline])


def check_discipline(word: str, where: str) -> str:
    """Return a discipline; raises InvalidInput."""
    if word not in disciplines():
        rule = phrase("is one of the disciplines of the list, for example digital-forensics")
        raise InvalidInput(where, None, "discipline", rule)
    return word


def check_languages(tags: Iterable[str], where: str) -> tuple[str, ...]:
    """Return tags of languages (BCP 47), each once and in order; raises InvalidInput."""
    found = sorted({canonical_tag(tag.strip()) for tag in tags if tag.strip()})
    for tag in found:
        if not _TAG.fullmatch(tag) or (len(_base(tag)) == 2 and language_in(tag, "en") is None):
            rule = phrase(
                "%(tag)s is no language; write tags such as es, es-MX, ar or ase", tag=tag[:20]
            )
            raise InvalidInput(where, None, "languages", rule)
    if len(found) > MOST_LANGUAGES:
        rule = phrase("at most %(most)s languages", most=MOST_LANGUAGES)
        raise InvalidInput(where, None, "languages", rule)
    return tuple(found)


def canonical_tag(tag: str) -> str:
    """A tag as BCP 47 writes it: es-MX, zh-Hant; what is none stays as it is."""
    first, *rest = tag.replace("_", "-").split("-")
    return "-".join([first.lower(), *(r.title() if len(r) == 4 else r.upper() for r in rest)])


def _base(tag: str) -> str:
    return tag.partition("-")[0]


@remakes("spoken")
def spoken(tag: str) -> Phrase:
    """The name of a language, as its reader calls it."""
    return Phrase(
        headed(language_in(tag, "en") or tag),
        lambda code: headed(language_in(tag, code) or tag),
        ("spoken", tag),
    )
