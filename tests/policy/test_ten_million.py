"""Ten million decisions near the borders of clauses, on which every interpreter agrees.

A decision is one point: requester, context, action, label and the keys that the part carries. The
reference, the compiled points (with clause, chain, obligations and recipients) and the tables for
the database answer every one; Cedar and the formula of the proofs answer one in some hundreds.
`make test-all` runs all ten million, `make test` some tens of thousands.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from accord.agreements import reference
from accord.agreements.compiled import Policy, compile_policy
from accord.agreements.domain import Agreement
from accord.agreements.proofs.circuit import Values
from accord.agreements.proofs.source import Source
from accord.agreements.proofs.universe import Question as universe_question
from accord.agreements.proofs.universe import Universe
from accord.kernel.labels import Label

from . import test_cedar
from .strategies import Question, key_subsets, kinds_of, near_question, small_agreements

SHARDS, IN_A_SHARD = 20, 500_000
IN_EVERY_RUN = 40_000
QUESTIONS = 12
"""For one set of agreements: so many askers, each of whom asks about each of their labels."""
SAMPLE_EVERY, SAMPLE = 5, 25
"""Of every fifth set of agreements so many decisions are asked of Cedar and of the formula."""


@dataclass
class Tally:
    """How many decisions were compared, how they turned out, and where interpreters differed."""

    decisions: int = 0
    allowed: int = 0
    composed: int = 0
    forbidden: int = 0
    asked_others: int = 0
    differences: list[str] = field(default_factory=list)


def compare(seed: int, wanted: int) -> Tally:
    """So many decisions, drawn from a seed."""
    rng, tally, drawn = random.Random(seed), Tally(), 0
    while tally.decisions < wanted and not tally.differences:
        agreements = small_agreements(rng)
        questions = [near_question(rng, agreements) for _ in range(QUESTIONS)]
        _compare_all(agreements, questions, tally)
        if drawn % SAMPLE_EVERY == 0:
            _ask_others(rng, agreements, questions, tally)
        drawn += 1
    return tally


def _compare_all(agreements: list[Agreement], questions: list[Question], tally: Tally) -> None:
    policy = compile_policy(agreements)
    labels: list[Label | None] = [None]
    for question in questions:
        labels += [question.label, None]
    subsets = key_subsets(kinds_of(agreements))
    for asked in questions:
        table = policy.alternatives(asked.requester, asked.context, asked.action, labels)
        for number, label in enumerate(labels):
            if label is None:
                continue
            here = replace(asked, label=label)
            for keys in subsets:
                _compare_one(agreements, policy, table.open(number, keys), here, keys, tally)


def _compare_one(
    agreements: list[Agreement],
    policy: Policy,
    opened: bool,
    asked: Question,
    keys: frozenset[str],
    tally: Tally,
) -> None:
    question = (asked.requester, asked.context, asked.action, asked.label, keys)
    expected = reference.decide(agreements, *question)
    point = policy.decide(*question)
    tally.decisions += 1
    tally.allowed += expected.allowed
    tally.composed += bool(expected.via)
    tally.forbidden += not expected.allowed and expected.clause_id is not None
    if point != expected:
        tally.differences.append(f"{question}: {expected}, compiled {point}")
    if opened != expected.allowed:
        tally.differences.append(f"{question}: {expected}, table {opened}")


def _ask_others(
    rng: random.Random, agreements: list[Agreement], questions: list[Question], tally: Tally
) -> None:
    subsets = key_subsets(kinds_of(agreements))
    sample = [
        replace(rng.choice(questions), label=rng.choice(questions).label, keys=rng.choice(subsets))
        for _ in range(SAMPLE)
    ]
    tally.asked_others += len(sample)
    tally.differences += test_cedar.differences(agreements, agreements, sample)
    universe = Universe(agreements, loose=True)
    formula = Source(universe, agreements).allowed()
    for q in sample:
        question = (q.requester, q.context, q.action, q.label, q.keys)
        inputs = universe.inputs_of(universe_question(*question))
        answer = Values(universe.circuit, inputs).true(formula)
        if answer != reference.decide(agreements, *question).allowed:
            tally.differences.append(f"{question}: formula {answer}")


def _show(tally: Tally, began: float, record: Any) -> None:
    took = time.perf_counter() - began
    for name in ("decisions", "allowed", "composed", "forbidden", "asked_others"):
        record(name, getattr(tally, name))
    record("decisions_per_second", round(tally.decisions / took))


def _check(tally: Tally, wanted: int) -> None:
    assert tally.differences == []
    assert tally.decisions >= wanted
    assert tally.asked_others > wanted / 1000
    # They lie near the borders: many are allowed, many refused by a forbid, some by a chain.
    assert tally.allowed > wanted / 20
    assert tally.forbidden > wanted / 50
    assert tally.composed > wanted / 500


def test_the_interpreters_agree_near_the_borders(record_property: Any) -> None:
    began = time.perf_counter()
    tally = compare(2026, IN_EVERY_RUN)
    _show(tally, began, record_property)
    _check(tally, IN_EVERY_RUN)


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_interpreters_agree_on_ten_million_decisions(shard: int, record_property: Any) -> None:
    began = time.perf_counter()
    tally = compare(10_000 + shard, IN_A_SHARD)
    _show(tally, began, record_property)
    _check(tally, IN_A_SHARD)
