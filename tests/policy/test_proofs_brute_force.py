"""`prove` and `diff` beside plain asking: random agreements and chains, and questions of few words.

A question that the reference allows and an invariant speaks of must break it, within its length; one
that only one version allows must show in the verdict. The other direction, that every witness is
allowed, is checked by the proofs themselves and is checked again here.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from accord.agreements import reference
from accord.agreements.domain import Agreement, Asker, Clause, Context, Invariant, Reach, Requester
from accord.agreements.proofs.comparing import compare
from accord.agreements.proofs.proving import prove
from accord.kernel.labels import Label

from .strategies import AGENCIES, AT, KINDS, Question, V, near_question, small_agreements

ASKED = 250
READING = ("hit", "view", "export", "onward")


def some(rng: random.Random, words: tuple[str, ...], often: float) -> frozenset[str] | None:
    return frozenset(rng.sample(words, rng.choice((1, 2)))) if rng.random() < often else None


def invariant(rng: random.Random) -> Invariant:
    return Invariant(
        "it",
        rng.choice(READING),
        Reach(
            owner=some(rng, AGENCIES[:3], 0.6),
            part=some(rng, ("core", "identity", "contact"), 0.4),
            subject=some(rng, ("suspect", "victim", "none"), 0.4),
        ),
        Asker(agency=some(rng, AGENCIES, 0.8), role=some(rng, ("investigator", "analyst"), 0.2)),
        rng.randint(1, 4),
    )


def speaks_of(i: Invariant, q: Question) -> bool:
    """Whether an invariant speaks of a question, by what the design says of invariants."""
    who, label, of = q.requester, q.label, i.of
    both = of.owner is not None and i.to.agency is not None
    return (
        (both or who.agency != label.owner)
        and (i.to.agency is None or who.agency in i.to.agency)
        and (i.to.role is None or bool(i.to.role & who.roles))
        and (of.owner is None or label.owner in of.owner)
        and (of.part is None or label.part in of.part)
        and (of.subject is None or bool(of.subject & label.subjects))
    )


def asked(rng: random.Random, agreements: list[Agreement], i: Invariant) -> Iterator[Question]:
    """Questions of few words, half of them near a clause, each pulled towards the invariant."""
    for n in range(ASKED):
        q = near_question(rng, agreements) if n % 2 else plain(rng)
        agency = rng.choice(sorted(i.to.agency or AGENCIES))
        owner = rng.choice(sorted(i.of.owner or AGENCIES[:3]))
        part = rng.choice(sorted(i.of.part or (q.label.part,)))
        label = replace(q.label, owner=owner, part=part)
        if label.subjects != {"none"} and "none" in label.subjects:
            continue  # intake makes no such label
        if q.requester.assurance not in (1, 2, 3):
            continue  # nor sign-in such a person
        yield replace(q, action=i.never, requester=replace(q.requester, agency=agency), label=label)


def plain(rng: random.Random) -> Question:
    training = frozenset({"cjis-security", "28cfr23"})
    who = Requester(
        "alpha", "police", "US", frozenset({"investigator", "analyst"}), "secret", "US", training, 3
    )
    label = Label(
        owner="alpha", schema=rng.choice(("Person", "Vehicle")),
        part=rng.choice(V.words("part")), sensitivity="official", basis="statute",
        subjects=frozenset({rng.choice(("suspect", "victim", "none"))}),
        handling=rng.choice(("none", "H2")), offence="none", minor=rng.random() < 0.3,
        sealed=False, intelligence=False,
    )  # fmt: skip
    keys = frozenset(k for k in KINDS if rng.random() < 0.7)
    return Question(who, Context("prosecution", None, "statute", AT), "view", label, keys)


def shortest(agreements: list[Agreement], q: Question) -> int | None:
    """How many agencies pass it on at the least; None for a refusal."""
    point = (q.requester, q.context, q.action, q.label, q.keys)
    if not reference.decide(agreements, *point).allowed:
        return None
    return min(len(route) for route in reference._routes(agreements, *point))


def proofs(seed: int, cases: int) -> tuple[int, int, int]:
    """How many were proven, broken and broken by a chain of several; asserts on the way."""
    rng, proven, broken, chained = random.Random(seed), 0, 0, 0
    for _ in range(cases):
        agreements, i = small_agreements(rng), invariant(rng)
        if rng.random() < 0.2:
            agreements[0] = replace(agreements[0], suspended=True)
        (result,) = prove([i], agreements)
        if result.proven:
            proven += 1
            for q in asked(rng, agreements, i):
                length = shortest(agreements, q)
                allowed = speaks_of(i, q) and length is not None and length <= i.within
                assert not allowed, (seed, i, q)
            continue
        broken += 1
        assert result.question is not None
        assert result.chain is not None
        found = result.question
        q = Question(found.requester, found.context, found.action, found.label, found.keys)
        assert speaks_of(i, q), (seed, i, q)
        assert shortest(agreements, q) is not None, (seed, i, q)
        assert len(result.chain) <= i.within
        chained += len(result.chain) > 1
    return proven, broken, chained


def verdicts(seed: int, cases: int) -> set[str]:
    rng, seen = random.Random(seed), set()
    for _ in range(cases):
        old = rng.choice(small_agreements(rng))
        new = replace(old, clauses=tuple(_changed(rng, c) for c in old.clauses))
        verdict = compare(old, new)
        seen.add(verdict.verdict)
        anything = Invariant("any", rng.choice(READING[:3]), Reach(), Asker(), 1)
        for q in asked(rng, [old, new], anything):
            before, after = (shortest([a], q) == 1 for a in (old, new))
            assert not (after and not before and verdict.wider is None), (seed, q)
            assert not (before and not after and verdict.narrower is None), (seed, q)
    return seen


def _changed(rng: random.Random, clause: Clause) -> Clause:
    turn = rng.random()
    if turn < 0.2:
        return replace(clause, of=replace(clause.of, part=some(rng, ("core", "identity"), 0.7)))
    if turn < 0.4:
        return replace(
            clause, to=replace(clause.to, role=some(rng, ("investigator", "analyst"), 0.7))
        )
    return clause


def test_prove_and_plain_asking_agree() -> None:
    pytest.importorskip("z3")
    proven, broken, chained = proofs(1, 16)
    assert min(proven, broken) > 1, (proven, broken, chained)


def test_diff_and_plain_asking_agree() -> None:
    pytest.importorskip("z3")
    assert len(verdicts(2, 6)) > 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 20))
def test_prove_and_diff_agree_with_plain_asking_over_many_agreements(seed: int) -> None:
    pytest.importorskip("z3")
    proven, broken, chained = proofs(seed, 250)
    assert min(proven, broken) > 20
    assert chained
    assert verdicts(seed, 150) == {"equal", "narrower", "wider", "incomparable"}
