"""The compiled policy and its tables are the reference, for every label and every set of keys."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import Phase, given, settings

from accord.agreements import reference
from accord.agreements.compiled import (
    KEY_KINDS,
    MAX_KEY_KINDS,
    TABLE_BYTES,
    TooManyAlternatives,
    compile_policy,
    key_mask,
)
from accord.agreements.domain import ACTIONS, MAX_CHAIN, Agreement, Clause, Reach, Reason, Term
from accord.agreements.labelindex import LabelSpaceFull
from accord.kernel.labels import LABEL_SPACE, Label

from . import example
from .strategies import (
    KINDS,
    Question,
    V,
    key_subsets,
    kinds_of,
    near_question,
    randoms,
    small_agreements,
)

FAST = (Phase.explicit, Phase.reuse, Phase.generate)
"""No shrinking: the questions are small already, and a red test must not take minutes to say so."""


def differences(
    specified: list[Agreement], compiled: list[Agreement], questions: list[Question]
) -> list[str]:
    """Where a compiled policy departs from the reference, over every set of keys."""
    policy, found = compile_policy(compiled), []
    labels: list[Label | None] = [None]
    for question in questions:
        labels += [question.label, None]
    subsets = key_subsets(kinds_of(specified))
    for number, question in enumerate(questions):
        who, context, action = question.requester, question.context, question.action
        alternatives = policy.alternatives(who, context, action, labels)
        for keys in subsets:
            expected = reference.decide(specified, who, context, action, question.label, keys)
            if policy.decide(who, context, action, question.label, keys) != expected:
                found.append(f"point: {question} {sorted(keys)}: {expected}")
            if alternatives.open(2 * number + 1, keys) != expected.allowed:
                found.append(f"table: {question} {sorted(keys)}: {expected}")
            if alternatives.open(2 * number, keys) or alternatives.open(LABEL_SPACE - 1, keys):
                found.append(f"table: a number without a label is open: {question}")
    return found


@settings(max_examples=150, deadline=None, phases=FAST)
@given(randoms)
def test_points_and_tables_answer_as_the_reference_does(rng: random.Random) -> None:
    agreements = small_agreements(rng)
    questions = [near_question(rng, agreements) for _ in range(3)]
    assert differences(agreements, agreements, questions) == []


@settings(max_examples=60, deadline=None, phases=FAST)
@given(randoms)
def test_every_label_of_a_table_answers_as_the_reference_does(rng: random.Random) -> None:
    agreements = small_agreements(rng)
    asked = near_question(rng, agreements)
    labels = [near_question(rng, agreements).label for _ in range(25)]
    table = compile_policy(agreements).alternatives(
        asked.requester, asked.context, asked.action, labels
    )
    for keys in key_subsets(kinds_of(agreements)):
        for number, label in enumerate(labels):
            expected = reference.decide(
                agreements, asked.requester, asked.context, asked.action, label, keys
            )
            assert table.open(number, keys) == expected.allowed
            assert table.opened(len(labels), keys)[number] == expected.allowed


@settings(max_examples=60, deadline=None, phases=FAST)
@given(randoms)
def test_another_key_never_closes_what_was_open(rng: random.Random) -> None:
    agreements = small_agreements(rng)
    asked = near_question(rng, agreements)
    kinds = kinds_of(agreements)
    given_ = (asked.requester, asked.context, asked.action, asked.label)
    for keys in key_subsets(kinds):
        if reference.decide(agreements, *given_, keys).allowed:
            for kind in kinds:
                assert reference.decide(agreements, *given_, keys | {kind}).allowed


def test_questions_are_neither_all_refused_nor_all_allowed() -> None:
    rng = random.Random(7)
    yes = no = forbidden = 0
    passed_on: Counter[int] = Counter()
    for _ in range(1500):
        agreements = small_agreements(rng)
        q = near_question(rng, agreements)
        decision = reference.decide(agreements, q.requester, q.context, q.action, q.label, q.keys)
        yes += decision.allowed
        no += not decision.allowed
        passed_on[1 + len(decision.via)] += decision.allowed
        forbidden += not decision.allowed and decision.clause_id is not None
    assert yes > 200
    assert no > 200
    assert forbidden > 50
    assert passed_on[2] > 10
    assert passed_on[3] > 5
    assert passed_on[4] > 5
    assert max(passed_on) == MAX_CHAIN


def test_a_policy_that_ignores_a_forbid_is_told_apart() -> None:
    rng = random.Random(11)
    told = tried = 0
    while tried < 40:
        agreements = small_agreements(rng)
        lax = [replace(a, clauses=a.permits) for a in agreements]
        forbids = [(a, f) for a in agreements for f in a.forbids]
        if not forbids or not any(a.permits for a in agreements):
            continue
        questions = [near_question(rng, agreements, rng.choice(forbids)) for _ in range(25)]
        # A forbid that binds shows in the citation of the refusal even where nothing is permitted.
        told += bool(differences(agreements, lax, questions))
        tried += 1
    assert told >= 36, f"only {told} of {tried} ignored forbids were told apart"


def test_a_label_beyond_the_table_is_refused() -> None:
    rng = random.Random(3)
    asked = near_question(rng, agreements := small_agreements(rng))
    labels = [asked.label] * LABEL_SPACE
    policy = compile_policy(agreements)
    question = (asked.requester, asked.context, asked.action)
    assert len(policy.alternatives(*question, labels).table) == TABLE_BYTES
    with pytest.raises(LabelSpaceFull, match="room for 65536"):
        policy.alternatives(*question, [*labels, asked.label])


def test_more_alternatives_than_the_table_holds_are_refused() -> None:
    permits = tuple(
        Clause(str(n), "Yes.", "permit", "view", reason=Reason(frozenset({"oversight"})), when=keys)
        for n, keys in enumerate(key_subsets(KEY_KINDS[:4]))
        if keys
    )
    labels = [
        replace(example.label(), owner="alpha", sensitivity=level, schema=schema)
        for level in V.words("sensitivity")
        for schema in V.words("schema")[:4]
    ]
    clauses = tuple(
        replace(
            clause, of=Reach(sensitivity=frozenset({at.sensitivity}), schema=frozenset({at.schema}))
        )
        for clause, at in zip(permits, labels, strict=False)
    )
    wide = Agreement(
        "wide", "mou", "Wide", ("Code 1",), ("alpha", "bravo"), Term(date(2026, 1, 1), None, "UTC"),
        1, clauses,
    )  # fmt: skip
    who = example.person(agency="bravo")
    with pytest.raises(TooManyAlternatives, match="room for 8"):
        compile_policy([wide]).alternatives(who, example.asking("oversight"), "view", labels)


def test_an_assumed_key_opens_what_the_key_itself_would() -> None:
    rng = random.Random(5)
    opened = 0
    while opened < 20:
        agreements = small_agreements(rng)
        asked = near_question(rng, agreements)
        policy = compile_policy(agreements)
        question = (asked.requester, asked.context, asked.action)
        for kind in KINDS:
            table = policy.alternatives(*question, [asked.label], frozenset({kind}))
            assert all(kind not in keys for keys in table.key_sets)
            for keys in key_subsets(kinds_of(agreements)):
                decision = reference.decide(agreements, *question, asked.label, keys | {kind})
                assert table.open(0, keys) == decision.allowed
                opened += decision.allowed and kind not in keys


def test_the_bit_order_of_keys_is_that_of_every_vocabulary() -> None:
    assert len(KEY_KINDS) <= MAX_KEY_KINDS
    assert V.words("key") == KEY_KINDS[: len(V.words("key"))]
    assert (*V.words("read_action"), *V.words("write_action")) == ACTIONS
    assert [key_mask(frozenset({kind})) for kind in KEY_KINDS] == [
        1 << number for number in range(len(KEY_KINDS))
    ]
