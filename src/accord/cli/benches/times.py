"""Times of one thing, many times over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Figure:
    """One line of a table: milliseconds of one thing, many times over."""

    what: str
    times_ms: Sequence[float]
    note: str = ""

    def share(self, part: float) -> float:
        ordered = sorted(self.times_ms)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]

    @property
    def said(self) -> str:
        """Median and 95th percentile in a few words."""
        return f"{self.share(0.5):,.1f} ms (p95 {self.share(0.95):,.1f})"

    def row(self) -> str:
        p50, p95 = self.share(0.5), self.share(0.95)
        return f"| {self.what} | {len(self.times_ms)} | {p50:.2f} | {p95:.2f} | {self.note} |"


def timed(what: str, do: Callable[[T], object], over: Iterable[T]) -> Figure:
    """The time of `do` for each of these, after one round that warms what is cached."""
    every = list(over)
    for one in every:
        do(one)
    times = []
    for one in every:
        begun = perf_counter()
        do(one)
        times.append((perf_counter() - begun) * 1000)
    return Figure(what, times)


def share(values: Sequence[float], part: float) -> float:
    """The value that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
