"""How well a visible part answers a question, and why, in words; a reason to look, not a finding."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from accord.records.asking import Group
from accord.records.names import NameMatch, compare
from accord.records.ontology import Property, Schema
from accord.records.search_query import Criterion
from accord.records.terms import fold
from accord.records.tokens import exact_form, search_kind
from accord.records.values import plate_lookalike

Values = Mapping[str, Sequence[str]]

SAME = {
    "plate": "same plate",
    "phone": "same telephone number",
    "identifier": "same number",
    "vin": "same VIN",
    "email": "same e-mail address",
    "birthDate": "same birth date",
}
LOOKALIKE, WORDS = 0.9, 0.5
LEAST_NAME = 0.7
"""A name less alike than this is noise of the trigram index."""
SNIPPET_CHARS = 160
_WORD = re.compile(r"\w+")


def score(group: Group, schema: Schema, values: Values) -> NameMatch:
    """The best answer that these values, which the probe matched, give to one of the alternatives.

    0 where a name is too unlike after all.
    """
    found = [match for c in group for match in _matches(c, schema, values)]
    return max(found, key=lambda m: m.score, default=NameMatch(0.0, ()))


def _matches(criterion: Criterion, schema: Schema, values: Values) -> Iterator[NameMatch]:
    if criterion.kind in ("text", "phrase"):
        yield NameMatch(WORDS, ("words found",))  # PostgreSQL's parser decides, and has decided
        return
    for name, given in values.items():
        prop = schema.properties.get(name)
        for value in given if prop else ():
            yield from _one(criterion, prop, value)


def _one(criterion: Criterion, prop: Property | None, value: str) -> Iterator[NameMatch]:
    kind = search_kind(prop) if prop else None
    if kind != criterion.kind:
        return
    if kind == "name":
        match = compare(criterion.value, value)
        if match.score >= LEAST_NAME:
            yield match
    elif exact_form(kind, criterion.value) == exact_form(kind, value):
        yield NameMatch(1.0, (SAME[kind],))
    elif kind == "plate" and plate_lookalike(criterion.value) == plate_lookalike(value):
        yield NameMatch(LOOKALIKE, ("plate looks alike",))


def snippet(texts: Sequence[str], values: Values) -> str | None:
    """The surroundings of the first word found, from values that the viewer may read."""
    for text in texts:
        for value, start in _hits(text, values):
            left = max(0, start - SNIPPET_CHARS // 2)
            cut = value[left : left + SNIPPET_CHARS].strip()
            return f"{'…' if left else ''}{cut}{'…' if left + SNIPPET_CHARS < len(value) else ''}"
    return None


def _hits(text: str, values: Values) -> Iterator[tuple[str, int]]:
    """Each value that holds a word of the text, and where the first one is."""
    words = set(_WORD.findall(fold(text)))
    for given in values.values():
        for value in given:
            for match in _WORD.finditer(value):
                if fold(match.group()) in words:
                    yield value, match.start()
                    break
