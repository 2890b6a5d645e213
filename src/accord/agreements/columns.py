"""One dimension of the compiled form: for every word, the set of rows that accept it, as an int."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from operator import and_, or_
from typing import Any

from accord.agreements.domain import Words
from accord.kernel.phrases import phrase

OTHER = phrase("(another word)")
"""Stands for every word of a dimension that no clause names."""

KEPT_VALUES = 65_536


class Column(dict[Any, int]):
    """One dimension: which rows accept a word; `other` is for words that no row names."""

    def __init__(self, rows: Sequence[frozenset[Any] | None], lenient: int = 0) -> None:
        """Take the words that each row accepts, or None where it does not ask.

        `lenient` are the rows that accept a fact that is not known.
        """
        self.other = 0
        groups: dict[frozenset[Any], int] = {}
        for number, words in enumerate(rows):
            if words is None:
                self.other |= 1 << number
            else:
                groups[words] = groups.get(words, 0) | 1 << number
        self.unknown = self.other | lenient
        super().__init__(
            (word, self.other | union(bits for words, bits in groups.items() if word in words))
            for word in frozenset().union(*groups)
        )

    def __missing__(self, word: Any) -> int:
        return self.unknown if word is None else self.other

    def accepted(self, number: int) -> frozenset[Any] | None:
        """The words that a row accepts, among them OTHER; None where it accepts every word."""
        found = {word for word, rows in self.items() if rows >> number & 1}
        other = bool(self.other >> number & 1)
        if other and len(found) == len(self):
            return None
        return frozenset(found | {OTHER}) if other else frozenset(found)


class Needs(dict[str, int]):
    """One dimension of things to hold: which rows accept somebody who lacks a word."""

    def __init__(self, rows: Sequence[Words]) -> None:
        """Take the words that each row needs, all of them."""
        self.every = (1 << len(rows)) - 1
        needing: dict[str, int] = {}
        for number, words in enumerate(rows):
            for word in words:
                needing[word] = needing.get(word, 0) | 1 << number
        super().__init__((word, self.every & ~bits) for word, bits in needing.items())

    def holding(self, held: Words) -> int:
        """The rows that ask for nothing that is not held."""
        return reduce(and_, (bits for word, bits in self.items() if word not in held), self.every)

    def needed(self, number: int) -> Words:
        """The words that a row needs."""
        return frozenset(word for word, rows in self.items() if not rows >> number & 1)


class Seen(dict[Any, int]):
    """What was worked out for the values seen so far: sets, or a few words taken together."""

    def __init__(self, find: Callable[[Any], int]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, value: Any) -> int:
        if len(self) >= KEPT_VALUES:
            self.clear()
        found = self[value] = self._find(value)
        return found


def row_set(numbers: Iterable[int]) -> int:
    """The set of these rows."""
    return union(1 << number for number in numbers)


def row_numbers(rows: int) -> Iterator[int]:
    """The rows of a set, the lowest first."""
    while rows:
        lowest = rows & -rows
        yield lowest.bit_length() - 1
        rows ^= lowest


def union(sets: Iterable[int]) -> int:
    """The rows that are in any of the sets."""
    return reduce(or_, sets, 0)
