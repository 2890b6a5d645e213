"""Clauses that never decide anything: dead ones, and those that stand in another's shadow.

A permit is dead when no question is ever allowed through it, and shadowed when whatever it opens,
others open too and oblige to no more. A forbid is dead when it binds nobody, and shadowed when
whatever it closes, other forbids close too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from accord.agreements.columns import row_numbers
from accord.agreements.domain import Agreement, Clause, cite
from accord.agreements.proofs.covering import Covering
from accord.agreements.proofs.engine import Engine
from accord.agreements.proofs.left import Left, Look
from accord.agreements.proofs.probing import Guesses
from accord.agreements.proofs.source import Holder, Source, takes
from accord.agreements.proofs.universe import Universe

_TRIED = 300
"""How often, in one search, it is asked whether one other clause alone does all of it."""
_ASKED_OF_ONE = 100
_OPENS = (
    "{} opens all of it and obliges to no more",
    "others together open all of it and oblige to no more",
)
_CLOSES = ("{} closes all that it closes", "other forbids together close all that it closes")


@dataclass(frozen=True)
class Idle:
    """One clause that decides nothing: how, why, and by which clauses where it can be said."""

    clause: Clause
    way: str
    because: str

    def facts(self) -> dict[str, object]:
        """The finding as plain data."""
        return {
            "clause": self.clause.id,
            "line": self.clause.line,
            "way": self.way,
            "because": self.because,
        }


def idle(agreement: Agreement, others: Sequence[Agreement] = ()) -> tuple[Idle, ...]:
    """The dead and the shadowed clauses of an agreement, beside others taken as in force with it."""
    search = _Search(agreement, others)
    found = {i.clause.id: i for i in (*search.permits(), *search.forbids())}
    return tuple(found[c.id] for c in agreement.clauses if c.id in found)


class _Search:
    def __init__(self, agreement: Agreement, others: Sequence[Agreement]) -> None:
        self._agreement = agreement
        rest = [a for a in others if a.content_hash != agreement.content_hash]
        self._given = (agreement, *rest)
        self._universe = Universe(self._given)
        self._circuit = self._universe.circuit
        self._guesses = Guesses(agreement, rest)
        self._source = Source(self._universe, self._given)
        self._forbids = [(a, c) for a in self._given for c in a.forbids]
        self._binding = self._bindings()
        self._asked = 0
        self._tries = 0

    def _possible(self, literals: Sequence[int]) -> bool:
        """Whether there is such a question.

        A solver carries everything that it was ever told; after some questions a new one is quicker.
        """
        if self._asked % _ASKED_OF_ONE == 0:
            self._engine = Engine(self._circuit)
            self._engine.require_clauses(self._shape)
        self._asked += 1
        return self._engine.possible(literals)

    # ---- permits

    def permits(self) -> Iterator[Idle]:
        """The permits that decide nothing; of two that open the same, the later one is named."""
        every = [(a, c) for a in self._given for c in a.permits]
        serving = cache(lambda place: self._serving(*every[place]))
        # What is composed obliges to more than its clause says, and so is nobody's shadow.
        left = Left(every, self._guesses, lambda a, c: not takes(a, c))
        forbids = Covering(self._forbids)
        for place, clause in self._own(every):
            look = left.looked_at(place)
            if look.decides:
                continue
            here = [serving(place), self._open_to(clause, forbids)]
            if not look.works and not self._possible(here):
                yield Idle(clause, "dead", self._why_dead(self._agreement, clause))
            else:
                because = self._shadow(here, left, look, serving, _OPENS)
                if because is None:
                    continue
                yield Idle(clause, "shadowed", because)
            left.without(place)

    def _open_to(self, clause: Clause, forbids: Covering) -> int:
        """That none of the forbids binds that can meet a clause of the agreement."""
        binding = [
            self._source.forbids(*self._forbids[place], None, None)
            for place in row_numbers(forbids.met_with(self._agreement, clause))
        ]
        return -self._circuit.any_of((self._source.handled(None), *binding))

    def _own(self, every: Sequence[tuple[Agreement, Clause]]) -> Iterator[tuple[int, Clause]]:
        """The clauses of the agreement itself, the last one first."""
        for place in reversed(range(len(every))):
            if every[place][0] is self._agreement:
                yield place, every[place][1]

    def _shadow(
        self,
        here: list[int],
        left: Left,
        look: Look,
        literal: Callable[[int], int],
        says: tuple[str, str],
    ) -> str | None:
        """Whose shadow a clause stands in; None where it opens or closes something by itself."""
        alone, together = says
        if look.covered is None and not look.together:
            others = self._circuit.any_of(literal(n) for n in look.near)
            if self._possible([*here, -others]):
                return None
        for number in look.alike:
            if self._alone(here, literal(number)):
                return alone.format(self._named(*left.every[number]))
        if look.covered is not None:
            return alone.format(self._named(*left.every[look.covered]))
        return together

    def _alone(self, here: list[int], other: int) -> bool:
        """Whether another clause does all that this one does, as far as it may still be asked."""
        self._tries += 1
        return self._tries <= _TRIED and not self._possible([*here, -other])

    def _serving(self, agreement: Agreement, clause: Clause) -> int:
        return self._circuit.all_of(
            (
                self._source.serves(agreement, clause, towards=True),
                self._source.reached(agreement, clause),
            )
        )

    def _why_dead(self, agreement: Agreement, clause: Clause) -> str:
        if not self._possible([self._source.serves(agreement, clause)]):
            return "no question fits all that it asks"
        if not self._possible([self._serving(agreement, clause)]):
            return "it gives what no signing party owns or may pass on"
        return "whatever it opens, a forbid closes"

    def _named(self, agreement: Agreement, clause: Clause) -> str:
        own = agreement is self._agreement
        return f"clause {clause.id}" if own else str(cite(agreement, clause))

    # ---- forbids

    def forbids(self) -> Iterator[Idle]:
        """The forbids that decide nothing; of two that close the same, the later one is named."""
        left = Left(self._forbids, self._guesses, lambda a, c: True)
        for place, clause in self._own(self._forbids):
            look = left.looked_at(place)
            if look.decides:
                continue
            here = [self._binding(place)]
            if not look.works and not self._possible(here):
                yield Idle(clause, "dead", "it binds nobody")
            else:
                because = self._shadow(here, left, look, self._binding, _CLOSES)
                if because is None:
                    continue
                yield Idle(clause, "shadowed", because)
            left.without(place)

    def _bindings(self) -> Callable[[int], int]:
        """That a forbid binds towards the one who gives: the owner, or a party that passes on."""
        parties = sorted({p for a in self._given for p in a.parties})
        givers: dict[Holder, int] = {g: self._circuit.input() for g in (None, *parties)}
        one = [[*givers.values()]]
        one += [[-a, -b] for a, b in combinations(givers.values(), 2)]
        one += [[-x, -self._universe.has("agency", g)] for g, x in givers.items() if g is not None]
        self._shape = [*self._universe.shape(), *one]

        def binds(place: int) -> int:
            agreement, clause = self._forbids[place]
            return self._circuit.any_of(
                self._circuit.all_of((x, self._source.forbids(agreement, clause, giver, None)))
                for giver, x in givers.items()
                if giver is None or giver in agreement.parties
            )

        return cache(binds)
