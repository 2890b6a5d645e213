"""How long each proof takes over agreements with very many clauses; for `accord bench`."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise
from time import perf_counter

from accord.agreements.domain import (
    Agreement,
    Asker,
    Clause,
    Invariant,
    Obligation,
    Reach,
    Reason,
    Term,
    Unless,
)
from accord.agreements.proofs.comparing import compare
from accord.agreements.proofs.engine import z3
from accord.agreements.proofs.gate import check_policy
from accord.agreements.proofs.idle import idle
from accord.agreements.proofs.proving import prove
from accord.kernel.vocabulary import Vocabulary

AGENCIES = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot")
CLAUSES = 2_000
_PAIRS = tuple(pairwise(AGENCIES))


def measure(clauses: int = CLAUSES) -> dict[str, float]:
    """Seconds for each proof over so many clauses, with z3 already imported."""
    z3()
    one = wide_agreement(clauses)
    many = line_of_agreements(clauses)
    other = changed(one)
    broken = Invariant("far", "view", Reach(owner=frozenset({"alpha"})), _to("delta"), 4)
    proven = Invariant("none", "view", Reach(owner=frozenset({"alpha"})), _to("foxtrot"), 4)
    return seconds_of(
        {
            "compare": lambda: compare(one, other),
            "prove": lambda: prove([broken, proven], many),
            "idle": lambda: idle(one),
            "gate": lambda: gate([one]),
        }
    )


def changed(agreement: Agreement) -> Agreement:
    """The agreement with another condition on its first permit."""
    at = next(n for n, c in enumerate(agreement.clauses) if c.effect == "permit")
    clauses = list(agreement.clauses)
    clauses[at] = replace(clauses[at], when=frozenset({"grant"}))
    return replace(agreement, clauses=tuple(clauses))


def seconds_of(work: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """How long each task takes."""
    return {name: _seconds(task) for name, task in work.items()}


def gate(agreements: list[Agreement]) -> None:
    """Compile them and prove the compiled form."""
    from accord.agreements.compiled import compile_policy

    check_policy(agreements, compile_policy(agreements))


def _seconds(task: Callable[[], object]) -> float:
    start = perf_counter()
    task()
    return perf_counter() - start


def _to(agency: str) -> Asker:
    return Asker(agency=frozenset({agency}))


def wide_agreement(clauses: int = CLAUSES) -> Agreement:
    """One agreement of six agencies with so many clauses, three permits to each forbid."""
    rng = random.Random(2026)  # noqa: S311 - figures that can be repeated, nothing secret
    return agreement_of("wide", AGENCIES, [clause_of(rng, n, AGENCIES) for n in range(clauses)])


def line_of_agreements(clauses: int = CLAUSES) -> list[Agreement]:
    """Each agency agrees with the next, and records of the first are passed on along the line."""
    rng = random.Random(2027)  # noqa: S311 - figures that can be repeated, nothing secret
    found = []
    each = clauses // len(_PAIRS) - 1
    for number, parties in enumerate(_PAIRS):
        listed = [clause_of(rng, n, parties) for n in range(each)]
        if number + 2 < len(AGENCIES) and number < 3:
            listed.append(_onward(each, parties[1], AGENCIES[number + 2]))
        if number > 0:
            listed.append(_taking(each + 1))
        found.append(agreement_of(f"line-{number}", parties, listed))
    return found


def _onward(number: int, holder: str, recipient: str) -> Clause:
    return Clause(
        id=str(number),
        prose="Pass on.",
        effect="permit",
        action="onward",
        to=_to(holder),
        reason=Reason(frozenset({"prosecution"})),
        of=Reach(owner=frozenset({"alpha"}), part=frozenset({"core"})),
        recipients=frozenset({recipient}),
    )


def _taking(number: int) -> Clause:
    return Clause(
        id=str(number),
        prose="Read what is passed on.",
        effect="permit",
        action="view",
        reason=Reason(frozenset({"prosecution"})),
        of=Reach(owner=frozenset({"alpha"}), part=frozenset({"core"})),
    )


def agreement_of(name: str, parties: tuple[str, ...], clauses: list[Clause]) -> Agreement:
    """An agreement of these parties with these clauses."""
    return Agreement(
        id=name,
        kind="mou",
        title=name,
        authority=("Code 1",),
        parties=parties,
        in_force=Term(date(2026, 1, 1), None, "UTC"),
        vocabulary=1,
        clauses=tuple(clauses),
    )


def clause_of(rng: random.Random, number: int, parties: tuple[str, ...]) -> Clause:
    """A clause drawn at random."""
    words = Vocabulary.load(1).words
    permit = rng.random() < 0.75

    def some(dimension: str, most: int) -> frozenset[str]:
        every = words(dimension)
        return frozenset(rng.sample(every, rng.randint(1, min(most, len(every)))))

    to = Asker(
        agency=frozenset(rng.sample(parties, rng.randint(1, len(parties)))),
        role=some("role", 3),
        training=some("training", 2) if permit else frozenset(),
        assurance=frozenset(range(rng.randint(1, 3), 4)),
    )
    reach = Reach(
        owner=frozenset(rng.sample(parties, rng.randint(1, len(parties)))),
        schema=some("schema", 6),
        part=some("part", 4),
        subject=some("subject", 5),
        sensitivity=some("sensitivity", 3),
        offence=some("offence", 4),
        minor=rng.choice((None, False)),
        sealed=rng.choice((None, False)),
    )
    unless = Unless(to=Asker(role=some("role", 2)), when=frozenset({"consent"}))
    return Clause(
        id=str(number),
        prose="Made for a measurement.",
        effect="permit" if permit else "forbid",
        action=rng.choice(("hit", "view", "export") if permit else ("view", "export")),
        to=to,
        reason=Reason(some("purpose", 4)),
        of=reach,
        when=frozenset(rng.choice(((), ("case",), ("grant",), ("case", "consent")))) if permit
        else frozenset(),
        obligations=tuple(
            o for o in (Obligation("no-onward"), Obligation("watermark")) if rng.random() < 0.4
        ) if permit else (),
        unless=None if permit or rng.random() < 0.5 else unless,
    )  # fmt: skip
