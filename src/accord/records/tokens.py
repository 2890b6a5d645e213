"""Keyed exact tokens: how a sealed part is found by whoever already knows the exact value.

A token is HMAC-SHA-256 under a key that never leaves the node, over the owner, the type of the
property and the value's exact form, each with its length. So equal values of two agencies or of
two types have unlike tokens, and a stolen table does not tell which rows agree.

What this does not do: a token of something guessable (a birth date) is safe only while the key is.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence

from accord.records.names import name_key
from accord.records.ontology import Property, Schema
from accord.records.values import match_key

DOMAIN = b"accord/exact-token/v1"
EXACT_TYPES = frozenset({"identifier", "phone", "email", "plate", "vin", "name"})
EXACT_KINDS = EXACT_TYPES | {"birthDate"}
"""What can be asked for exactly; of dates, only a birth date."""


def exact_form(kind: str, value: str) -> str:
    """What a cleaned value is reduced to before it is compared exactly."""
    return name_key(value) if kind == "name" else match_key(kind, value)


def search_kind(prop: Property) -> str | None:
    """The kind of exact question that a property's values answer; None for the others."""
    if prop.type == "date":
        return "birthDate" if prop.name == "birthDate" else None
    return prop.type if prop.type in EXACT_TYPES else None


def token(key: bytes, *, owner: str, kind: str, value: str) -> str:
    """The token of one cleaned value of one owner, as hexadecimal."""
    if len(key) != 32:
        raise ValueError("a token key has 32 bytes")
    if kind not in EXACT_KINDS:
        raise ValueError(f"values of kind {kind} have no exact tokens")
    message = _framed(DOMAIN, owner.encode(), kind.encode(), exact_form(kind, value).encode())
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def _framed(*pieces: bytes) -> bytes:
    return b"".join(len(piece).to_bytes(4, "big") + piece for piece in pieces)


Values = Mapping[str, Sequence[str]]


def _exact_values(schema: Schema, values: Values) -> Iterator[tuple[str, str]]:
    for name, items in values.items():
        prop = schema.properties.get(name)
        kind = search_kind(prop) if prop else None
        if kind is not None:
            yield from ((kind, value) for value in items)


def exact_terms(schema: Schema, values: Values) -> frozenset[tuple[str, str]]:
    """(kind, exact form) of every value of an open part that can be asked for exactly."""
    return frozenset((kind, exact_form(kind, v)) for kind, v in _exact_values(schema, values))


def part_tokens(
    key: bytes, *, owner: str, schema: Schema, values: Values
) -> frozenset[tuple[str, str]]:
    """(kind, token) of every value of a sealed part that may be found by its exact value."""
    return frozenset(
        (kind, token(key, owner=owner, kind=kind, value=v))
        for kind, v in _exact_values(schema, values)
    )


def query_tokens(key: bytes, *, owners: Iterable[str], kind: str, value: str) -> dict[str, str]:
    """The token to look for at each owner."""
    return {owner: token(key, owner=owner, kind=kind, value=value) for owner in owners}
