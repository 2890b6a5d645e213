"""Proofs at 2,000 clauses, beside what they replace: asking the reference near every border.

The reference of a proof is a boundary test: for each clause one question for every word that it
names, answered by `reference.decide`. A sample is timed and scaled; it proves nothing even then.
The comparison stands beside a second one: the same formula given to z3's default solver through
its Python interface, as one would write it first.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import Any

from accord.agreements import reference
from accord.agreements.domain import Agreement
from accord.cli.benches.page import Compared
from accord.cli.benches.questions import questions

NAMES = {
    "compare": "narrower or wider (`diff`)",
    "prove": "two invariants through chains of four",
    "idle": "dead and shadowed clauses",
    "gate": "compiled form equals its source",
}
STRESSED = {**NAMES, "prove": "two invariants within four agencies"}
PLAIN_TIMEOUT_S = 60
_SAMPLE = 200


def compare(clauses: int) -> Iterator[Compared]:
    """Seconds of each proof at so many clauses."""
    from accord.agreements.proofs.bench import measure, wide_agreement

    wide = wide_agreement(clauses)
    each_s = _reference_s(wide)
    borders = sum(_words(wide))
    for name, seconds in measure(clauses).items():
        yield Compared(
            f"{NAMES.get(name, name)}, {clauses:,} clauses",
            f"{seconds:.2f} s",
            f"{borders:,} border questions to the reference: {each_s * borders:,.0f} s",
            f"{each_s * borders / seconds:,.0f}×",
            "under 5 s",
        )
        if name == "compare":
            plain, done = _plain_s(wide)
            yield Compared(
                f"{NAMES[name]}, one way",
                f"{seconds:.2f} s",
                f"plain z3: {'' if done else 'gave up after '}{plain:.1f} s",
                f"{plain / seconds:,.1f}×",
            )
    yield from _redundant(clauses, each_s * borders)


def _redundant(clauses: int, reference_s: float) -> Iterator[Compared]:
    """The slowest of each proof over agreements of which most clauses repeat others."""
    from accord.agreements.proofs.redundant import SHAPES, measure

    taken = {shape: measure(shape, clauses) for shape in SHAPES}
    for name in next(iter(taken.values())):
        shape = max(taken, key=lambda shape: taken[shape][name])
        seconds = taken[shape][name]
        yield Compared(
            f"{STRESSED[name]}, {clauses:,} redundant clauses, the slowest of {len(SHAPES)} shapes "
            f"({shape})",
            f"{seconds:.2f} s",
            f"border questions to the reference: {reference_s:,.0f} s",
            f"{reference_s / seconds:,.0f}×",
            "under 5 s",
        )


def _words(agreement: Agreement) -> Iterator[int]:
    for clause in agreement.clauses:
        named = [*vars(clause.to).values(), *vars(clause.reason).values()]
        named += [*vars(clause.of).values(), clause.when]
        yield sum(len(words) for words in named if isinstance(words, frozenset)) + 1


def _reference_s(agreement: Agreement) -> float:
    asked = questions(agreement, _SAMPLE)
    began = perf_counter()
    for question in asked:
        reference.decide([agreement], *question)
    return (perf_counter() - began) / len(asked)


def _plain_s(old: Agreement) -> tuple[float, bool]:
    """Seconds until z3's default solver says whether a wider version is wider; whether it did."""
    from dataclasses import replace

    from accord.agreements.proofs.engine import z3
    from accord.agreements.proofs.source import Source
    from accord.agreements.proofs.universe import Universe

    first = old.clauses[0]
    new = replace(old, clauses=(replace(first, when=frozenset({"grant"})), *old.clauses[1:]))
    began = perf_counter()
    universe = Universe([old, new])
    before, after = (Source(universe, [a]).allowed(1, towards=True) for a in (old, new))
    library: Any = z3()
    terms: dict[int, Any] = {1: library.BoolVal(True)}

    def term(literal: int) -> Any:
        known = terms.setdefault(abs(literal), library.Bool(f"v{abs(literal)}"))
        return known if literal > 0 else library.Not(known)

    for gate, below in universe.circuit.gates.items():
        terms[gate] = library.And(*map(term, sorted(below)))
    solver = library.Solver()
    solver.set("timeout", PLAIN_TIMEOUT_S * 1000)
    solver.add(*(library.Or(*map(term, clause)) for clause in universe.shape()))
    answer = solver.check(term(after), term(-before))
    return perf_counter() - began, answer != library.unknown
