"""The quick search for idle clauses finds what the plain one finds, in every shape of agreement."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import pytest

from accord.agreements.domain import Agreement, Asker, Clause, Reach, Reason, Unless, burden
from accord.agreements.proofs.bench import agreement_of, clause_of
from accord.agreements.proofs.engine import Engine
from accord.agreements.proofs.idle import idle
from accord.agreements.proofs.redundant import SHAPES, redundant_agreement
from accord.agreements.proofs.source import Source, takes
from accord.agreements.proofs.universe import Universe

TWO = ("alpha", "bravo")
Found = dict[str, tuple[str, str]]


def test_every_shape_is_searched_as_plainly() -> None:
    for shape in SHAPES:
        for seed in (1, 2):
            agreement = redundant_agreement(shape, 24, seed)
            assert _quick(agreement) == _plain(agreement), (shape, seed)


@pytest.mark.parametrize("seed", range(12))
def test_crowded_agreements_are_searched_as_plainly(seed: int) -> None:
    agreement = _crowded(seed, 30)
    found = _quick(agreement)
    assert found == _plain(agreement)
    assert found, "of thirty clauses about so little, some are idle"


@pytest.mark.parametrize("seed", range(6))
def test_beside_others_the_answers_are_the_same(seed: int) -> None:
    one, other = _crowded(seed, 12), _crowded(seed + 100, 12)
    third = agreement_of("third", ("bravo", "charlie"), _passing(seed))
    assert _quick(one, [other, third]) == _plain(one, [other, third])
    assert _quick(third, [one, other]) == _plain(third, [one, other])


def test_a_suspended_agreement_casts_the_shadow_of_its_forbids_alone() -> None:
    one, other = _crowded(3, 14), replace(_crowded(4, 14), suspended=True)
    assert _quick(one, [other]) == _plain(one, [other])


def _quick(agreement: Agreement, others: Sequence[Agreement] = ()) -> Found:
    return {i.clause.id: (i.way, i.because) for i in idle(agreement, others)}


# ---- the plain way: every question to the solver, each about all the other clauses


def _plain(agreement: Agreement, others: Sequence[Agreement] = ()) -> Found:
    given = (agreement, *others)
    universe = Universe(given)
    source, engine = Source(universe, given), Engine(universe.circuit)
    engine.require_clauses(list(universe.shape()))
    return {
        **_plain_permits(agreement, given, source, engine),
        **_plain_forbids(agreement, given, source, engine),
    }


def _plain_permits(
    agreement: Agreement, given: Sequence[Agreement], source: Source, engine: Engine
) -> Found:
    circuit, opened, found = source.circuit, source.open(), dict[str, tuple[str, str]]()
    every = [(a, c) for a in given for c in a.permits]
    serving = [
        circuit.all_of((source.serves(a, c, towards=True), source.reached(a, c))) for a, c in every
    ]
    left = {n: x for n, x in enumerate(serving) if not takes(*every[n])}
    for n in reversed(range(len(every))):
        of, clause = every[n]
        if of is not agreement:
            continue
        price = burden(clause.obligations)
        lighter = {
            m: x for m, x in left.items() if m != n and burden(every[m][1].obligations) <= price
        }
        if not engine.possible([serving[n], opened]):
            found[clause.id] = ("dead", _why_dead(source, engine, agreement, clause, serving[n]))
        elif engine.possible([serving[n], opened, -circuit.any_of(lighter.values())]):
            continue
        else:
            alone = [m for m, x in lighter.items() if not engine.possible([serving[n], opened, -x])]
            because = "others together open all of it and oblige to no more"
            if alone:
                because = (
                    f"{_named(agreement, *every[alone[0]])} opens all of it and obliges to no more"
                )
            found[clause.id] = ("shadowed", because)
        left.pop(n, None)
    return found


def _why_dead(
    source: Source, engine: Engine, agreement: Agreement, clause: Clause, serving: int
) -> str:
    if not engine.possible([source.serves(agreement, clause)]):
        return "no question fits all that it asks"
    if not engine.possible([serving]):
        return "it gives what no signing party owns or may pass on"
    return "whatever it opens, a forbid closes"


def _plain_forbids(
    agreement: Agreement, given: Sequence[Agreement], source: Source, engine: Engine
) -> Found:
    circuit, found = source.circuit, dict[str, tuple[str, str]]()
    every = [(a, c) for a in given for c in a.forbids]
    parties = sorted({p for a in given for p in a.parties})
    givers = {g: circuit.input() for g in (None, *parties)}
    engine.require_clauses([[*givers.values()]])
    engine.require_clauses([[-a, -b] for a, b in combinations(givers.values(), 2)])
    engine.require_clauses(
        [[-x, -source.universe.has("agency", g)] for g, x in givers.items() if g is not None]
    )
    binding = [
        circuit.any_of(
            circuit.all_of((x, source.forbids(a, c, giver, None)))
            for giver, x in givers.items()
            if giver is None or giver in a.parties
        )
        for a, c in every
    ]
    left = dict(enumerate(binding))
    for n in reversed(range(len(every))):
        of, clause = every[n]
        if of is not agreement:
            continue
        others = {m: x for m, x in left.items() if m != n}
        if not engine.possible([binding[n]]):
            found[clause.id] = ("dead", "it binds nobody")
        elif engine.possible([binding[n], -circuit.any_of(others.values())]):
            continue
        else:
            alone = [m for m, x in others.items() if not engine.possible([binding[n], -x])]
            because = "other forbids together close all that it closes"
            if alone:
                because = f"{_named(agreement, *every[alone[0]])} closes all that it closes"
            found[clause.id] = ("shadowed", because)
        del left[n]
    return found


def _named(agreement: Agreement, of: Agreement, clause: Clause) -> str:
    return f"clause {clause.id}" if of is agreement else f"{of.id}, clause {clause.id}"


# ---- agreements that say much about little


def _crowded(seed: int, clauses: int) -> Agreement:
    rng = random.Random(seed)
    listed = [_small(rng, clause_of(rng, n, TWO)) for n in range(clauses)]
    return agreement_of(f"crowded-{seed}", TWO, listed)


def _small(rng: random.Random, clause: Clause) -> Clause:
    """The clause with few words in few dimensions, so that it meets the others."""

    def some(*words: str) -> frozenset[str] | None:
        return rng.choice((None, frozenset(rng.sample(words, rng.randint(1, len(words))))))

    permit = clause.effect == "permit"
    return replace(
        clause,
        own=not permit and rng.random() < 0.3,
        to=Asker(
            agency=some(*TWO),
            kind=some("police", "prosecution"),
            role=some("investigator", "analyst"),
            clearance=some("none", "secret"),
            training=rng.choice((frozenset(), frozenset({"cjis-security"})))
            if permit
            else frozenset(),
        ),
        reason=Reason(some("prosecution", "oversight") or frozenset({"prosecution"}), None),
        of=Reach(
            owner=some(*TWO), schema=some("Person", "Vehicle"), subject=some("none", "victim")
        ),
        when=clause.when if permit else frozenset(),
        unless=None if permit or rng.random() < 0.5 else Unless(to=Asker(role=some("analyst"))),
    )


def _passing(seed: int) -> list[Clause]:
    """Clauses of which some rest on what others pass on, and some pass on."""
    rng = random.Random(seed)
    made = [
        Clause(
            id=str(n),
            prose="Made for a test.",
            effect="permit",
            action=rng.choice(("view", "onward")),
            to=Asker(agency=frozenset({rng.choice(("bravo", "charlie"))})),
            reason=Reason(frozenset({"prosecution"})),
            of=Reach(owner=rng.choice((None, frozenset({"alpha"}), frozenset({"alpha", "bravo"})))),
        )
        for n in range(8)
    ]
    return [
        replace(c, recipients=frozenset({rng.choice(("bravo", "charlie"))}))
        if c.action == "onward"
        else c
        for c in made
    ]
