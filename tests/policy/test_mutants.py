"""The questions near the borders tell a changed agreement from the one that was signed.

Each mutant changes one clause a little, as a slip in an interpreter or a pen would. A mutant that
no question tells apart is either the same in effect or a hole in the tests; so the score counts.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from accord.agreements.compiled import Policy, compile_policy
from accord.agreements.domain import READ_ACTIONS, Agreement, Clause, Unless
from accord.agreements.parse import parse

from .example import mou, wide
from .strategies import Question, V, near_question

QUESTIONS = 400
LEAST_SCORE = 0.95
_OF = ("schema", "part", "subject", "sensitivity", "handling", "basis", "offence")


def mutants(clause: Clause) -> Iterator[tuple[str, Clause | None]]:
    """Small changes of one clause, each with a name; None drops the clause."""
    yield "drop the clause", None
    yield from _reach_mutants(clause)
    yield from _asker_mutants(clause)
    for changed in _sets(clause.reason.purpose, V.words("purpose")):
        yield "for.purpose", replace(clause, reason=replace(clause.reason, purpose=changed))
    for kind in sorted(clause.when):
        yield "when", replace(clause, when=clause.when - {kind})
    if clause.effect == "permit":
        yield "when", replace(clause, when=clause.when | {"determination(necessity)"})
    for obligation in clause.obligations:
        rest = tuple(o for o in clause.obligations if o != obligation)
        yield "obligations", replace(clause, obligations=rest)
    yield from _forbid_mutants(clause)
    if clause.action in READ_ACTIONS:
        rung = READ_ACTIONS.index(clause.action)
        for other in (rung - 1, rung + 1):
            if 0 <= other < len(READ_ACTIONS) - 1:
                yield "action", replace(clause, action=READ_ACTIONS[other])


def _reach_mutants(clause: Clause) -> Iterator[tuple[str, Clause]]:
    for name in _OF:
        for changed in _sets(getattr(clause.of, name), V.words(name)):
            yield f"of.{name}", replace(clause, of=replace(clause.of, **{name: changed}))
    for name in ("minor", "sealed", "intelligence"):
        flag = getattr(clause.of, name)
        for changed_flag in ({None, True, False} - {flag}) if flag is not None else {True}:
            of = replace(clause.of, **{name: changed_flag})
            yield f"of.{name}", replace(clause, of=of)


def _asker_mutants(clause: Clause) -> Iterator[tuple[str, Clause]]:
    changes: list[dict[str, Any]] = [
        {"role": changed} for changed in _sets(clause.to.role, V.words("role"))
    ]
    changes += [{"training": clause.to.training - {word}} for word in clause.to.training]
    if clause.to.assurance:
        changes.append({"assurance": clause.to.assurance - {min(clause.to.assurance)}})
        changes.append({"assurance": None})
    for change in changes:
        yield f"to.{next(iter(change))}", replace(clause, to=replace(clause.to, **change))


def _forbid_mutants(clause: Clause) -> Iterator[tuple[str, Clause]]:
    if clause.effect != "forbid":
        return
    yield "own", replace(clause, own=not clause.own)
    if clause.unless is None:
        yield "unless", replace(clause, unless=Unless(when=frozenset({"consent"})))
        return
    yield "unless", replace(clause, unless=None)
    yield "unless", replace(clause, unless=replace(clause.unless, when=frozenset()))
    anybody = replace(clause.unless.to, role=None)
    yield "unless", replace(clause, unless=replace(clause.unless, to=anybody))


def _sets(words: frozenset[str] | None, every: tuple[str, ...]) -> Iterator[frozenset[str] | None]:
    """The set without one word, and with one more; a set that was not asked, asked."""
    if words is None:
        yield frozenset(every[1:])
        return
    for word in sorted(words):
        if len(words) > 1:
            yield words - {word}
    outside = [word for word in every if word not in words]
    if outside:
        yield words | {outside[0]}
    yield None


def told_apart(first: Policy, second: Policy, questions: list[Question]) -> bool:
    """Whether some question has another answer: allowed, obliged or passed on otherwise."""
    return any(_answer(first, q) != _answer(second, q) for q in questions)


def _answer(policy: Policy, q: Question) -> tuple[object, ...]:
    decision = policy.decide(q.requester, q.context, q.action, q.label, q.keys)
    return (decision.allowed, decision.obligations, decision.recipients)


def score(agreements: list[Agreement]) -> tuple[int, list[str]]:
    """How many mutants there are, and which ones no question told apart."""
    original, total, alive = compile_policy(agreements), 0, []
    for number, agreement in enumerate(agreements):
        for clause in agreement.clauses:
            rng = random.Random(clause.id)
            questions = [
                near_question(rng, agreements, (agreement, clause)) for _ in range(QUESTIONS)
            ]
            for name, mutant in mutants(clause):
                clauses = tuple(
                    c for c in (mutant if x is clause else x for x in agreement.clauses) if c
                )
                changed = [*agreements]
                changed[number] = replace(agreement, clauses=clauses)
                total += 1
                if not told_apart(original, compile_policy(changed), questions):
                    alive.append(f"{agreement.id} {clause.id}: {name}")
    return total, alive


def _own_policy() -> Agreement:
    """So that `own` decides something: Riverbend's own people read its records."""
    text = (
        "id: policy\nkind: agency-policy\ntitle: Own\nauthority: [Order 1]\n"
        "parties: [riverbend-pd]\nin_force: {from: 2026-01-01, zone: UTC}\nvocabulary: 1\n"
        "clauses:\n  - {id: '1', prose: Own., permit: onward, recipients: [harlan-so],\n"
        "     for: {purpose: {not: training}}}\n"
    )
    return parse(text, file="policy.yaml")


def test_mutants_of_the_design_example_are_told_apart(record_property: Any) -> None:
    total, alive = score([mou(), wide(), _own_policy()])
    record_property("mutants", total)
    record_property("alive", alive)
    assert total > 80
    assert 1 - len(alive) / total >= LEAST_SCORE, f"{len(alive)} of {total} live: {alive}"


def test_a_forbid_that_is_ignored_is_always_told_apart() -> None:
    agreements = [mou(), wide(), _own_policy()]
    _, alive = score(agreements)
    forbids = {f"{a.id} {c.id}: drop the clause" for a in agreements for c in a.forbids}
    assert forbids
    assert not forbids & set(alive)


def test_every_forbid_of_the_world_is_told_apart_when_it_is_ignored() -> None:
    folder = Path(__file__).parents[2] / "worlds" / "riverbend" / "agreements"
    agreements = [parse(f.read_text("utf-8"), file=f.name) for f in sorted(folder.glob("*.yaml"))]
    forbids = [(a, c) for a in agreements for c in a.forbids]
    assert forbids
    for agreement, clause in forbids:  # alone, since another agreement may forbid the same
        lax = replace(agreement, clauses=tuple(c for c in agreement.clauses if c is not clause))
        rng = random.Random(clause.id)
        questions = [near_question(rng, [agreement], (agreement, clause)) for _ in range(QUESTIONS)]
        policy, ignoring = compile_policy([agreement]), compile_policy([lax])
        assert any(
            policy.decide(q.requester, q.context, q.action, q.label, q.keys)
            != ignoring.decide(q.requester, q.context, q.action, q.label, q.keys)
            for q in questions
        ), f"{agreement.id} {clause.id}"
