"""What is asked of the search probe: a question reduced in the way that terms are (terms.py).

Each criterion has a number, and so has each group of alternatives; a record meets every number.
Whatever can be asked for exactly is asked for as keyed tokens too, one for each owner: only so is a
sealed part found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, product
from typing import Any

from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase
from accord.records.names import nickname_variants, normalise, phonetic_keys, tokens
from accord.records.search_query import Criterion, SearchQuery
from accord.records.terms import TOKEN, fold
from accord.records.tokens import exact_form, query_tokens
from accord.records.values import plate_lookalike

MAX_THINGS = 8
MAX_SPELLINGS = 8
MAX_VALUE_CHARS = 400
"""The probe refuses more."""

Ask = dict[str, Any]
Group = tuple[Criterion, ...]


def groups(query: SearchQuery) -> tuple[Group, ...]:
    """The criteria, each as a group of alternatives of which one must be met."""
    return (*((criterion,) for criterion in query.criteria), *query.either)


def asked(query: SearchQuery, *, owners: Iterable[str], token_key: bytes) -> list[Ask]:
    """The rows that accord.find takes; InvalidInput when too much is asked at once."""
    found = groups(query)
    if len(found) > MAX_THINGS:
        raise InvalidInput(
            "question",
            None,
            "q",
            phrase("ask for at most %(max_things)s things at once", max_things=MAX_THINGS),
        )
    known = tuple(owners)
    return [
        {"n": number, **ask}
        for number, group in enumerate(found)
        for criterion in group
        for ask in (*_open(criterion), *_sealed(criterion, known, token_key))
    ]


def _open(criterion: Criterion) -> Iterator[Ask]:
    kind, value = criterion.kind, criterion.value
    if kind == "name":
        yield from _name(value)
    elif kind in ("text", "phrase"):
        words = fold(value).replace('"', " ")[:MAX_VALUE_CHARS]
        yield {
            "how": "text",
            "value": f'"{words[: MAX_VALUE_CHARS - 2]}"' if kind == "phrase" else words,
        }
    else:
        yield {"how": "exact", "kind": kind, "value": exact_form(kind, value)[:MAX_VALUE_CHARS]}
        if kind == "plate":
            yield {"how": "plate", "value": plate_lookalike(value)}


def _name(value: str) -> Iterator[Ask]:
    for spelling in spellings(value):
        yield {"how": "name", "value": spelling[:MAX_VALUE_CHARS]}
    sounds = " ".join(phonetic_keys(value))
    if sounds:
        yield {
            "how": "sound",
            "kind": normalise(value)[:MAX_VALUE_CHARS],
            "value": sounds[:MAX_VALUE_CHARS],
        }


def spellings(name: str) -> tuple[str, ...]:
    """The name as given, then with given names in their other forms (Bob, Robert), a few at most."""
    words = [(word, *nickname_variants(word)) for word in tokens(name)]
    others = (" ".join(chosen) for chosen in islice(product(*words), MAX_SPELLINGS))
    return tuple(dict.fromkeys((normalise(name), *others)))


def _sealed(criterion: Criterion, owners: tuple[str, ...], key: bytes) -> Iterator[Ask]:
    if not (criterion.exact or criterion.kind == "name"):
        return
    found = query_tokens(key, owners=owners, kind=criterion.kind, value=criterion.value)
    for token in found.values():
        yield {"how": "exact", "kind": TOKEN, "value": token}
