"""Boolean formulas as numbered gates: what a proof is made of, before any solver sees it.

A literal is an int; its negative is its negation. Equal formulas get the same number, and what is
constant is folded away, so that two versions of an agreement share whatever they have in common.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

TRUE = 1
FALSE = -1


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
        wanted = frozenset(literals)
        if TRUE in wanted:
            wanted -= {TRUE}
        if FALSE in wanted:
            return FALSE
        if len(wanted) < 2:
            return next(iter(wanted), TRUE)
        known = self._known.get(wanted)
        if known is None:
            known = FALSE if any(-x in wanted for x in wanted) else self._gate(wanted)
            self._known[wanted] = known
        return known

    def any_of(self, literals: Iterable[int]) -> int:
        """The disjunction."""
        return -self.all_of(-x for x in literals)

    def _gate(self, wanted: frozenset[int]) -> int:
        gate = self.input()
        self.gates[gate] = wanted
        return gate

    def values(self, inputs: Mapping[int, bool]) -> dict[int, bool]:
        """The value of every gate when the inputs have these values."""
        known = {TRUE: True, **inputs}
        for gate, wanted in self.gates.items():
            known[gate] = all(known[x] if x > 0 else not known[-x] for x in wanted)
        return known

    def cone(self, roots: Iterable[int]) -> list[int]:
        """The gates that some of the roots rest on, those below first."""
        seen: set[int] = set()
        waiting = [abs(root) for root in roots]
        while waiting:
            gate = waiting.pop()
            if gate in self.gates and gate not in seen:
                seen.add(gate)
                waiting.extend(abs(x) for x in self.gates[gate])
        return sorted(seen)
