"""The clauses of one effect while the idle ones are sought: which are left, and which look idle.

Clauses are looked at one by one. What guessing and reading words show is shown here; the rest is
for the solver (accord.agreements.proofs.idle).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from accord.agreements.columns import row_numbers, row_set, union
from accord.agreements.domain import Agreement, Clause, burden
from accord.agreements.proofs.covering import Covering
from accord.agreements.proofs.probing import Guesses

_ENOUGH = 6
"""Guesses about a clause that is covered anyhow; more would only say better by which."""


@dataclass(frozen=True)
class Look:
    """What is plain of one clause beside those that are left and oblige to no more.

    `covered` is the first that covers it word by word. `near` are those that may share a question
    with it, where none covers it; `alike` those among them (or before the one that covers it) that
    also did at every guess whatever it does. All by place, the first one first.
    """

    decides: bool = False
    """Some guess is opened or closed by it alone."""
    works: bool = False
    """Some guess is opened or closed by it."""
    covered: int | None = None
    together: bool = False
    """Whether, where none covers it, some do together as far as words tell."""
    near: tuple[int, ...] = ()
    alike: tuple[int, ...] = ()


class Left:
    """The clauses that are not found idle so far; sets of them are ints, by place."""

    def __init__(
        self,
        every: Sequence[tuple[Agreement, Clause]],
        guesses: Guesses,
        shades: Callable[[Agreement, Clause], bool],
    ) -> None:
        """Take the clauses; `shades` says in whose shadow another may stand."""
        self.every, self._guesses = every, guesses
        self._covering = Covering(every)
        self._prices = [burden(clause.obligations) for _, clause in every]
        self._bits = [guesses.bit(a, c) for a, c in every]
        left = [n for n, (a, c) in enumerate(every) if shades(a, c)]
        self._left, self._left_met = row_set(left), union(self._bits[n] for n in left)
        self._lighter: dict[object, tuple[int, int]] = {}
        places, met = 0, 0
        for place in sorted(range(len(every)), key=self._prices.__getitem__):
            places, met = places | 1 << place, met | self._bits[place]
            self._lighter[self._prices[place]] = places, met

    def looked_at(self, place: int) -> Look:
        """What is plain of a clause beside the others that are left."""
        lighter, lighter_met = self._lighter[self._prices[place]]
        beside, mask = self._left & lighter & ~(1 << place), self._left_met & lighter_met
        covering = self._covering.covering(place) & beside
        alike = -1
        for number, met in enumerate(self._guesses.at(self.every[place][1])):
            if not met & mask:
                return Look(decides=True)
            alike &= met
            if covering and number >= _ENOUGH:
                break
        first = (covering & -covering).bit_length() - 1 if covering else None
        before = beside if first is None else beside & ((1 << first) - 1)
        near = tuple(row_numbers(self._covering.meeting(place) & before))
        return Look(
            works=alike != -1,
            covered=first,
            together=first is None and self._covering.together(place, beside),
            near=near if first is None else (),
            alike=near if alike == -1 else tuple(n for n in near if alike & self._bits[n]),
        )

    def without(self, place: int) -> None:
        """Leave a clause out from now on."""
        self._left &= ~(1 << place)
        self._left_met &= ~self._bits[place]
