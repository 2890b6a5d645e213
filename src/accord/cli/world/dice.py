"""Draws that give the same result on every platform and Python version.

Only ``random.Random.random`` is promised to stay the same between Python versions, so every other
draw is built on it here; dictionaries, sets and locales are never drawn from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """One stream of draws, named by a seed and a place in the world."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)  # noqa: S311 - reproducible by design, not a secret

    def share(self) -> float:
        return self._random.random()

    def chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def below(self, limit: int) -> int:
        return int(self._random.random() * limit)

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both possible."""
        return low + self.below(high - low + 1)

    def pick(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]

    def weighted(self, options: Sequence[T], weights: Sequence[float]) -> T:
        bounds = list(accumulate(weights))
        mark = self._random.random() * bounds[-1]
        return next(o for o, bound in zip(options, bounds, strict=True) if mark < bound)

    def from_counts(self, counts: Mapping[str, float]) -> str:
        """A word drawn by its count; the order is that of the calibration file."""
        return self.weighted(list(counts), list(counts.values()))

    def shuffled(self, options: Sequence[T]) -> list[T]:
        left = list(options)
        return [left.pop(self.below(len(left))) for _ in range(len(left))]

    def digits(self, count: int) -> str:
        return "".join(str(self.below(10)) for _ in range(count))
