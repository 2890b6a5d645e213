"""Clauses that never decide anything: dead ones, and those that stand in another's shadow.

A permit is dead when no question is ever allowed through it, and shadowed when whatever it opens,
others open too and oblige to no more. A forbid is dead when it binds nobody, and shadowed when
whatever it closes, other forbids close too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from accord.agreements.domain import Agreement, Clause, burden, cite
from accord.agreements.proofs.engine import Engine
from accord.agreements.proofs.probing import deciding
from accord.agreements.proofs.source import Holder, Source, takes
from accord.agreements.proofs.universe import Universe

_TRIED = 300
"""How often, in one search, it is asked whether one other clause alone does all of it."""


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
        self._deciding = deciding(agreement, rest)
        self._source = Source(self._universe, self._given)
        self._engine = self._fresh()
        self._shapes: list[list[int]] = []
        self._tries = 0

    def _fresh(self) -> Engine:
        engine = Engine(self._circuit)
        engine.require_clauses(list(self._universe.shape()))
        return engine

    def _suspect(self, agreement: Agreement, clause: Clause) -> bool:
        """Whether it is not yet plain that a clause of this agreement decides something."""
        return agreement is self._agreement and clause.id not in self._deciding

    # ---- permits

    def permits(self) -> Iterator[Idle]:
        """The permits that decide nothing; of two that open the same, the later one is named."""
        every = [(a, c) for a in self._given for c in a.permits]
        serving = {n: self._serving(a, c) for n, (a, c) in enumerate(every)}
        opened, alone = self._source.open(), self._fresh()
        alone.require([opened])
        alone.at_most_one(list(serving.values()))
        # What is composed obliges to more than its clause says, and so is nobody's shadow.
        left = {n: x for n, x in serving.items() if not takes(*every[n])}
        for number, (agreement, clause) in reversed(list(enumerate(every))):
            here = serving[number]
            if not self._suspect(agreement, clause) or alone.possible([here]):
                continue
            if not self._engine.possible([here, opened]):
                yield Idle(clause, "dead", self._why_dead(agreement, clause))
                left.pop(number, None)
                continue
            price = burden(clause.obligations)
            lighter = {
                n: x
                for n, x in left.items()
                if n != number and burden(every[n][1].obligations) <= price
            }
            if not self._engine.possible([here, opened, -self._circuit.any_of(lighter.values())]):
                yield Idle(clause, "shadowed", self._shadow([here, opened], every, lighter))
                left.pop(number, None)

    def _serving(self, agreement: Agreement, clause: Clause) -> int:
        return self._circuit.all_of(
            (
                self._source.serves(agreement, clause, towards=True),
                self._source.reached(agreement, clause),
            )
        )

    def _why_dead(self, agreement: Agreement, clause: Clause) -> str:
        if not self._engine.possible([self._source.serves(agreement, clause)]):
            return "no question fits all that it asks"
        if not self._engine.possible([self._serving(agreement, clause)]):
            return "it gives what no signing party owns or may pass on"
        return "whatever it opens, a forbid closes"

    def _shadow(
        self,
        here: list[int],
        every: Sequence[tuple[Agreement, Clause]],
        lighter: dict[int, int],
    ) -> str:
        for number, literal in self._tried(lighter):
            if not self._engine.possible([*here, -literal]):
                return f"{self._named(*every[number])} opens all of it and obliges to no more"
        return "others together open all of it and oblige to no more"

    def _tried(self, others: dict[int, int]) -> Iterator[tuple[int, int]]:
        """Other clauses to ask about one by one, until the search has asked often enough."""
        for item in others.items():
            if self._tries >= _TRIED:
                return
            self._tries += 1
            yield item

    def _named(self, agreement: Agreement, clause: Clause) -> str:
        own = agreement is self._agreement
        return f"clause {clause.id}" if own else str(cite(agreement, clause))

    # ---- forbids

    def forbids(self) -> Iterator[Idle]:
        """The forbids that decide nothing; of two that close the same, the later one is named."""
        every = [(a, c) for a in self._given for c in a.forbids]
        binding = self._binding(every)
        alone = self._fresh()
        alone.require_clauses(self._shapes)
        alone.at_most_one(list(binding.values()))
        left = dict(binding)
        for number, (agreement, clause) in reversed(list(enumerate(every))):
            here = binding[number]
            if not self._suspect(agreement, clause) or alone.possible([here]):
                continue
            if not self._engine.possible([here]):
                del left[number]
                yield Idle(clause, "dead", "it binds nobody")
            else:
                others = self._circuit.any_of(x for n, x in left.items() if n != number)
                if not self._engine.possible([here, -others]):
                    del left[number]
                    yield Idle(clause, "shadowed", self._behind(here, every, left))

    def _binding(self, every: Sequence[tuple[Agreement, Clause]]) -> dict[int, int]:
        """That a forbid binds towards the one who gives: the owner, or a party that passes on."""
        parties = sorted({p for a in self._given for p in a.parties})
        givers: dict[Holder, int] = {g: self._circuit.input() for g in (None, *parties)}
        one = [[*givers.values()]]
        one += [[-a, -b] for a, b in combinations(givers.values(), 2)]
        one += [[-x, -self._universe.has("agency", g)] for g, x in givers.items() if g is not None]
        self._engine.require_clauses(one)
        self._shapes = one
        return {
            number: self._circuit.any_of(
                self._circuit.all_of((x, self._source.forbids(agreement, clause, giver, None)))
                for giver, x in givers.items()
                if giver is None or giver in agreement.parties
            )
            for number, (agreement, clause) in enumerate(every)
        }

    def _behind(
        self, here: int, every: Sequence[tuple[Agreement, Clause]], left: dict[int, int]
    ) -> str:
        for number, literal in self._tried(left):
            if not self._engine.possible([here, -literal]):
                return f"{self._named(*every[number])} closes all that it closes"
        return "other forbids together close all that it closes"
