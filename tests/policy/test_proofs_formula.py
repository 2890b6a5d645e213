"""The formula of the proofs says for every question what the reference says."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from accord.agreements import reference
from accord.agreements.domain import MAX_CHAIN, Agreement
from accord.agreements.proofs.circuit import Values
from accord.agreements.proofs.engine import Engine
from accord.agreements.proofs.source import Source
from accord.agreements.proofs.universe import Question, Universe

from .strategies import near_question, randoms, small_agreements

FAST = (Phase.explicit, Phase.reuse, Phase.generate)


def answers(agreements: list[Agreement], question: Question) -> tuple[bool, bool, bool]:
    """What the reference, the formula, and z3 about the formula say."""
    q = question
    decision = reference.decide(agreements, q.requester, q.context, q.action, q.label, q.keys)
    universe = Universe(agreements, loose=True)
    allowed = Source(universe, agreements).allowed()
    inputs = universe.inputs_of(q)
    literals = [x if true else -x for x, true in inputs.items()]
    engine = Engine(universe.circuit)
    engine.require_clauses(list(universe.shape()))
    yes, no = engine.possible([*literals, allowed]), engine.possible([*literals, -allowed])
    assert yes != no, "a question has one answer"
    return decision.allowed, _value(universe, allowed, inputs), yes


def _value(universe: Universe, literal: int, inputs: dict[int, bool]) -> bool:
    return Values(universe.circuit, inputs).true(literal)


def _asked(rng: random.Random, agreements: list[Agreement]) -> Question:
    q = near_question(rng, agreements)
    return Question(q.requester, q.context, q.action, q.label, q.keys)


@settings(max_examples=30, deadline=None, phases=FAST, suppress_health_check=list(HealthCheck))
@given(randoms)
def test_formula_and_solver_answer_as_the_reference_does(rng: random.Random) -> None:
    agreements = small_agreements(rng)
    question = _asked(rng, agreements)
    expected, formula, solved = answers(agreements, question)
    assert formula == expected
    assert solved == expected


def differences(rounds: int, seed: int) -> tuple[int, int]:
    """How many questions were asked of the formula, and how many of them were allowed."""
    rng = random.Random(seed)
    asked = yes = 0
    for _ in range(rounds):
        agreements = small_agreements(rng)
        universe = Universe(agreements, loose=True)
        allowed = Source(universe, agreements).allowed()
        for _ in range(10):
            q = _asked(rng, agreements)
            decision = reference.decide(
                agreements, q.requester, q.context, q.action, q.label, q.keys
            )
            assert _value(universe, allowed, universe.inputs_of(q)) == decision.allowed, q
            asked, yes = asked + 1, yes + decision.allowed
    return asked, yes


def test_the_formula_is_the_reference_at_the_borders_of_clauses() -> None:
    asked, yes = differences(120, 5)
    assert asked > yes > asked // 20


@pytest.mark.slow
def test_the_formula_is_the_reference_at_very_many_borders() -> None:
    asked, yes = differences(20_000, 6)
    assert asked > yes > asked // 20


def test_a_question_read_back_from_its_variables_is_the_question() -> None:
    rng = random.Random(3)
    for _ in range(200):
        agreements = small_agreements(rng)
        universe = Universe(agreements, loose=True)
        q = _asked(rng, agreements)
        back = universe.question_of(universe.inputs_of(q))
        decide = reference.decide
        assert (
            decide(agreements, q.requester, q.context, q.action, q.label, q.keys).allowed
            == decide(
                agreements, back.requester, back.context, back.action, back.label, back.keys
            ).allowed
        )


def test_the_longest_chain_is_that_of_the_reference() -> None:
    assert MAX_CHAIN == 4
