"""Makes names of people and organisations comparable, and says in words how two of them differ.

Used for search and for ranking only: a score is a reason to look, never a finding of identity.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

import jellyfish
from anyascii import anyascii
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, Levenshtein

from accord.records.yamlfile import parse_yaml

TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "prof", "sr", "sra", "srta", "jr", "don"})
PARTICLES = frozenset(
    {"de", "del", "la", "las", "los", "da", "das", "do", "dos", "di", "du", "le", "van", "von"}
    | {"der", "den", "ter", "bin", "ibn", "bint", "al", "el", "ul", "y", "e", "the"}
)
NICKNAME, SOUND, INITIAL = 0.95, 0.88, 0.80
"""How like two different words count that are forms of one name, sound alike, or are an initial."""

_APOSTROPHES = re.compile("['\u2018\u2019\u02bc\u0060\u00b4]")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_HAN_NAME = re.compile(r"([\u4e00-\u9fff\uac00-\ud7a3])([\u4e00-\u9fff\uac00-\ud7a3]{1,3})")


@dataclass(frozen=True)
class NameMatch:
    """How alike two names are, from 0 to 1, and why, in words for the screen."""

    score: float
    reasons: tuple[str, ...]


@lru_cache(maxsize=65_536)
def normalise(name: str) -> str:
    """Latin letters and digits in lower case, single spaces, no accents, in the order given."""
    text = unicodedata.normalize("NFKC", name)
    text = " ".join(_split_han(word) for word in text.split())
    text = anyascii(_APOSTROPHES.sub("", text)).casefold()
    return _NOT_WORD.sub(" ", _APOSTROPHES.sub("", text)).strip()


def _split_han(word: str) -> str:
    """A Chinese or Korean name written in one word has its family name first."""
    name = _HAN_NAME.fullmatch(word)
    return f"{name.group(1)} {name.group(2)}" if name else word


def tokens(name: str) -> tuple[str, ...]:
    """The words of a name that tell people apart: titles go, particles go where two words stay."""
    words = [w for w in normalise(name).split() if w not in TITLES]
    telling = [w for w in words if w not in PARTICLES]
    return tuple(telling if len(telling) >= 2 else words)


def name_key(name: str) -> str:
    """The same for every order of the words: what exact tokens and trigram search use."""
    return " ".join(sorted(tokens(name)))


@lru_cache(maxsize=65_536)
def sound(word: str) -> str:
    """How a normalised word sounds, roughly (Metaphone); empty for digits."""
    return str(jellyfish.metaphone(word)) if word.isalpha() else ""


def phonetic_keys(name: str) -> tuple[str, ...]:
    """The sounds of a name's words, sorted: a search term meets a name that holds its sounds."""
    return tuple(sorted({s for s in map(sound, tokens(name)) if s}))


@cache
def _nicknames() -> dict[str, frozenset[str]]:
    path = Path(__file__).with_name("nicknames.yaml")
    data = parse_yaml(path.read_text(encoding="utf-8"), str(path)).data
    assert isinstance(data, dict)
    groups: dict[str, set[str]] = {}
    for formal, forms in data.items():
        for form in (formal, *forms):
            groups.setdefault(form, set()).add(formal)
    return {form: frozenset(formals) for form, formals in groups.items()}


def formal_names(word: str) -> frozenset[str]:
    """The full names that a normalised given name can be short for."""
    return _nicknames().get(word, frozenset())


def nickname_variants(word: str) -> tuple[str, ...]:
    """Other given names that a normalised one may stand for, in alphabetical order."""
    formals = formal_names(word)
    return tuple(sorted(w for w, own in _nicknames().items() if own & formals and w != word))


def compare(one: str, other: str) -> NameMatch:
    """The similarity of two names and the reasons for it."""
    a, b = tokens(one), tokens(other)
    if not a or not b:
        return NameMatch(0.0, ("one of the names has no letters",))
    if sorted(a) == sorted(b):
        return NameMatch(1.0, tuple(_surface(one, other, a, b)) or ("same name",))
    if "".join(sorted(a)) == "".join(sorted(b)) or "".join(a) == "".join(b):
        return NameMatch(0.98, (*_surface(one, other, a, b), "words joined or split"))
    pairs = _align(a, b)
    score = _score(a, b, pairs)
    reasons = [*_surface(one, other, a, b), *_pair_reasons(pairs), *_missing(a, b, pairs)]
    return NameMatch(round(score, 4), tuple(dict.fromkeys(reasons)))


Pair = tuple[str, str, float, str]


def _align(a: tuple[str, ...], b: tuple[str, ...]) -> list[Pair]:
    """The best pairs of words first, each word used once."""
    every = [(x, y, *_likeness(a[x], b[y])) for x in range(len(a)) for y in range(len(b))]
    every.sort(key=lambda p: (-p[2], abs(p[0] - p[1]), p[0], p[1]))
    used_a: set[int] = set()
    used_b: set[int] = set()
    pairs: list[Pair] = []
    for x, y, likeness, reason in every:
        if x not in used_a and y not in used_b and likeness >= 0.6:
            used_a.add(x)
            used_b.add(y)
            pairs.append((a[x], b[y], likeness, reason))
    return pairs


@lru_cache(maxsize=65_536)
def _likeness(x: str, y: str) -> tuple[float, str]:
    if x == y:
        return 1.0, ""
    if formal_names(x) & formal_names(y):
        return NICKNAME, "forms of one given name"
    if len(x) == 1 or len(y) == 1:
        return (INITIAL, "initial only") if x[0] == y[0] else (0.0, "")
    spelling = float(JaroWinkler.similarity(x, y))
    if sound(x) and sound(x) == sound(y) and len(sound(x)) > 1 and spelling < SOUND:
        return SOUND, "sounds alike"
    return spelling, _spelling(Levenshtein.distance(x, y))


def _spelling(distance: int) -> str:
    return f"spelling differs by {distance} letter{'' if distance == 1 else 's'}"


def _score(a: tuple[str, ...], b: tuple[str, ...], pairs: list[Pair]) -> float:
    """Half the mean likeness of the paired words, half the whole text with the pairs made equal."""
    mean = sum(p[2] for p in pairs) * 2 / (len(a) + len(b))
    swap = {y: x for x, y, likeness, _ in pairs if likeness >= SOUND}
    whole = fuzz.token_sort_ratio(" ".join(a), " ".join(swap.get(w, w) for w in b)) / 100
    return min(0.97, (mean + min(whole, 0.97)) / 2)


def _surface(one: str, other: str, a: tuple[str, ...], b: tuple[str, ...]) -> Iterator[str]:
    if _script_differs(one, other):
        yield "transliterated"
    elif normalise(one) == normalise(other) and one.casefold() != other.casefold():
        yield "accents or punctuation differ"
    if _order_differs(a, b):
        yield "order swapped"


def _script_differs(one: str, other: str) -> bool:
    return _latin(one) != _latin(other)


def _latin(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return all("LATIN" in unicodedata.name(c, "LATIN") for c in letters)


def _order_differs(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    shared = [w for w in a if w in b]
    return any(b.index(x) > b.index(y) for x, y in pairwise(shared))


def _pair_reasons(pairs: list[Pair]) -> Iterator[str]:
    for _, _, _, reason in pairs:
        if reason:
            yield reason


def _missing(a: tuple[str, ...], b: tuple[str, ...], pairs: list[Pair]) -> Iterator[str]:
    lone = max(len(a), len(b)) - len(pairs)
    if lone:
        yield f"{lone} word{'' if lone == 1 else 's'} without a counterpart"
