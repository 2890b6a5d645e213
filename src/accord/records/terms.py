"""What of one part goes into the search tables; search reduces what is asked for in the same way.

search_name   a row for each name of an open part: `names.normalise` and `names.phonetic_keys`
search_exact  (kind, term): of an open part `tokens.exact_terms` under the kind of the property; of a
              sealed part only the kind `token` and `tokens.part_tokens`
search_text   of an open part, `text_of` as a tsvector of the configuration `simple`
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accord.records.names import normalise, phonetic_keys
from accord.records.ontology import Schema
from accord.records.tokens import exact_terms, part_tokens

TOKEN = "token"  # noqa: S105 - a kind of search term
TEXT_TYPES = frozenset({"name", "text", "string", "address", "code", "identifier"})
MAX_TEXT_CHARS = 100_000
"""How much of a part is found by its words; a tsvector holds at most a megabyte."""

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Terms:
    """The search terms of one part."""

    names: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exact: frozenset[tuple[str, str]] = frozenset()
    text: str = ""


def open_terms(schema: Schema, values: Values) -> Terms:
    """What an open part is found by."""
    names = [
        value
        for name, items in values.items()
        if name in schema.properties and schema.properties[name].type == "name"
        for value in items
    ]
    return Terms(
        names=tuple(dict.fromkeys((normalise(name), phonetic_keys(name)) for name in names)),
        exact=exact_terms(schema, values),
        text=text_of(schema, values),
    )


def sealed_terms(key: bytes, owner: str, schema: Schema, values: Values) -> Terms:
    """What a sealed part is found by: keyed tokens, and nothing that could be read."""
    tokens = part_tokens(key, owner=owner, schema=schema, values=values)
    return Terms(exact=frozenset((TOKEN, token) for _, token in tokens))


def text_of(schema: Schema, values: Values) -> str:
    """The words of a part, folded, one value a line."""
    found = [
        value
        for name, items in values.items()
        if name in schema.properties and schema.properties[name].type in TEXT_TYPES
        for value in items
    ]
    return fold("\n".join(found)[:MAX_TEXT_CHARS])


def fold(text: str) -> str:
    """Text without accents and in lower case, for the words of parts and of questions alike."""
    if text.isascii():
        return text.lower()
    plain = (c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return "".join(plain).casefold()
