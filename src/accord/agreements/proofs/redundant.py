"""Agreements whose clauses mostly repeat each other, in several shapes: for tests and `accord bench`.

A proof that is quick where every clause says something of its own may be slow where none does.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from types import MappingProxyType

from accord.agreements.domain import Agreement, Asker, Clause, Invariant, Reach
from accord.agreements.proofs.bench import (
    AGENCIES,
    agreement_of,
    changed,
    clause_of,
    gate,
    seconds_of,
)
from accord.agreements.proofs.comparing import compare
from accord.agreements.proofs.idle import idle
from accord.agreements.proofs.proving import prove
from accord.kernel.vocabulary import Vocabulary

Clauses = Iterator[Clause]


def _copies(rng: random.Random) -> Clauses:
    """The same clause over and over."""
    clause = clause_of(rng, 0, AGENCIES)
    while True:
        yield clause


def _narrower(rng: random.Random) -> Clauses:
    """Twenty clauses, and then narrower ones of each."""
    broad = [clause_of(rng, n, AGENCIES) for n in range(20)]
    yield from broad
    while True:
        of = rng.choice(broad)
        reach = replace(of.of, schema=_some(rng, of.of.schema), part=_some(rng, of.of.part))
        yield replace(of, of=reach, to=replace(of.to, role=_some(rng, of.to.role)))


def _chains(rng: random.Random) -> Clauses:
    """Chains of clauses, each in the shadow of the next."""
    words = Vocabulary.load(1).words("schema")
    while True:
        clause, order = clause_of(rng, 0, AGENCIES), rng.sample(words, len(words))
        for n in range(1, len(order) + 1):
            yield _over(clause, order[:n])


def _together(rng: random.Random) -> Clauses:
    """Clauses that two others cover together and neither alone."""
    words = Vocabulary.load(1).words("schema")
    while True:
        clause, order = clause_of(rng, 0, AGENCIES), rng.sample(words, len(words))
        half, quarter = len(order) // 2, len(order) // 4
        for part in (order[:half], order[half:], order[quarter:-quarter], order[1:-1], order[::2]):
            yield _over(clause, part)


def _none(rng: random.Random) -> Clauses:
    """Clauses drawn at random, of which nearly every one decides something."""
    while True:
        yield clause_of(rng, 0, AGENCIES)


def _over(clause: Clause, words: list[str]) -> Clause:
    return replace(clause, of=replace(clause.of, schema=frozenset(words)))


def _some(rng: random.Random, words: frozenset[str] | None) -> frozenset[str]:
    listed = sorted(words or ())
    return frozenset(rng.sample(listed, rng.randint(1, len(listed))))


SHAPES: Mapping[str, Callable[[random.Random], Clauses]] = MappingProxyType(
    {
        "copies of one": _copies,
        "narrower ones of twenty": _narrower,
        "chains of shadows": _chains,
        "covered by two together": _together,
        "none redundant": _none,
    }
)


def redundant_agreement(shape: str, clauses: int, seed: int = 2028) -> Agreement:
    """An agreement of six agencies with so many clauses in one of the shapes."""
    rng = random.Random(seed)  # noqa: S311 - figures that can be repeated, nothing secret
    made = islice(SHAPES[shape](rng), clauses)
    return agreement_of(shape, AGENCIES, [replace(c, id=str(n)) for n, c in enumerate(made)])


def measure(shape: str, clauses: int) -> dict[str, float]:
    """Seconds for each proof over such an agreement, with z3 already imported."""
    agreement = redundant_agreement(shape, clauses)
    one, far = Reach(owner=frozenset({"alpha"})), Asker(agency=frozenset({"delta"}))
    wanted = [
        Invariant("broken", "view", one, far, 4),
        Invariant("proven", "view", replace(one, handling=frozenset({"H2"}), intelligence=True,
                                            owner=frozenset({"nobody"})), far, 4),
    ]  # fmt: skip
    return seconds_of(
        {
            "compare": lambda: compare(agreement, changed(agreement)),
            "prove": lambda: prove(wanted, [agreement]),
            "idle": lambda: idle(agreement),
            "gate": lambda: gate([agreement]),
        }
    )
