"""What one row of the compiled form asks, before it is bits; and the words that clauses ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from accord.agreements.domain import (
    ACTIONS,
    READ_ACTIONS,
    Asker,
    Clause,
    Reach,
    Reason,
    Words,
    covers,
)
from accord.agreements.reference import Route

Effect = Literal["permit", "forbid", "exception", "guard", "guard-exception"]
Sets = Mapping[str, frozenset[Any]]
"""The words that a row accepts, by dimension; a dimension that is absent is not asked."""

_ASKER = ("kind", "country", "clearance", "nationality", "assurance")
_REACH = ("schema", "part", "subject", "sensitivity", "handling", "basis", "offence")
_FLAGS = ("minor", "sealed", "intelligence")
READ, ALL = frozenset(READ_ACTIONS), frozenset(ACTIONS)


@dataclass(frozen=True)
class Draft:
    """What one row asks, before it is bits.

    `holders` are the agencies that pass a part on, from the one next to whoever asks; the owner
    is not among them. `own` says whether the row also speaks about an owner that asks for what is
    its own; `closes` are the permits that a guard closes.
    """

    effect: Effect
    route: Route
    words: Sets
    roles: tuple[Words, ...] = ()
    training: Words = frozenset()
    keys: Words = frozenset()
    holders: tuple[str, ...] = ()
    own: bool = True
    closes: frozenset[int] = field(default=frozenset())


@cache
def actions_of(effect: Literal["permit", "forbid"], action: str) -> Words:
    """The actions that a clause with this effect and action is about."""
    clause = Clause("", "", effect, action)
    return frozenset(a for a in ACTIONS if covers(clause, a))


def asker_words(to: Asker) -> Sets:
    """What a clause asks of the requester in one word each; the agency is left to the caller."""
    return {n: words for n in _ASKER if (words := getattr(to, n)) is not None}


def reason_words(reason: Reason) -> Sets:
    """What a clause asks of the purpose and the legal basis."""
    sets = {"purpose": reason.purpose, "legal-basis": reason.legal_basis}
    return {name: words for name, words in sets.items() if words is not None}


def reach_words(of: Reach) -> Sets:
    """What a clause asks of the label; the owner is left to the caller."""
    words = {n: words for n in _REACH if (words := getattr(of, n)) is not None}
    flags = {n: frozenset({flag}) for n in _FLAGS if (flag := getattr(of, n)) is not None}
    return {**words, **flags}


def within(parties: Words, named: Words | None) -> Words:
    """The parties that are named; all of them where none is."""
    return parties if named is None else parties & named
