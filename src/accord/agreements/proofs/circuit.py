"""Boolean formulas as numbered gates: what a proof is made of, before any solver sees it.

A literal is an int; its negative is its negation. Equal formulas get the same number, and what is
constant is folded away, so that two versions of an agreement share whatever they have in common.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

TRUE = 1
FALSE = -1
_SMALL = 64


class Circuit:
    """And-gates over inputs; `or` is written by negation."""

    def __init__(self) -> None:
        self._next = TRUE
        self._known: dict[frozenset[int], int] = {}
        self.gates: dict[int, frozenset[int]] = {}
        """Each gate and what it is the conjunction of, in the order in which they were made."""

    def input(self) -> int:
        """A new free variable."""
        self._next += 1
        return self._next

    def all_of(self, literals: Iterable[int]) -> int:
        """The conjunction."""
        wanted = self._flat(literals)
        if FALSE in wanted:
            return FALSE
        if len(wanted) < 2:
            return next(iter(wanted), TRUE)
        known = self._known.get(wanted)
        if known is None:
            known = FALSE if any(-x in wanted for x in wanted) else self._gate(wanted)
            self._known[wanted] = known
        return known

    def _flat(self, literals: Iterable[int]) -> frozenset[int]:
        """The literals without those always true, small conjunctions taken apart."""
        found: set[int] = set()
        for literal in literals:
            inside = self.gates.get(literal)
            if inside is not None and len(inside) <= _SMALL:
                found |= inside
            elif literal != TRUE:
                found.add(literal)
        return frozenset(found)

    def any_of(self, literals: Iterable[int]) -> int:
        """The disjunction."""
        return -self.all_of(-x for x in literals)

    def _gate(self, wanted: frozenset[int]) -> int:
        gate = self.input()
        self.gates[gate] = wanted
        return gate


class Values:
    """What every formula of a circuit is worth under given inputs, gates made later included."""

    def __init__(self, circuit: Circuit, inputs: Mapping[int, bool]) -> None:
        self._gates = circuit.gates
        self._known = {TRUE: True, **inputs}
        self._done = 0

    def true(self, literal: int) -> bool:
        """Whether a formula holds."""
        if abs(literal) not in self._known:
            for gate, wanted in islice(self._gates.items(), self._done, None):
                self._known[gate] = all(self._of(x) for x in wanted)
            self._done = len(self._gates)
        return self._of(literal)

    def _of(self, literal: int) -> bool:
        return self._known[literal] if literal > 0 else not self._known[-literal]
