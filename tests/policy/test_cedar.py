"""Cedar, asked the same with policies of its own, answers as the reference does."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings

from accord.agreements import reference
from accord.agreements.domain import Agreement, Decision
from accord.agreements.parse import parse
from accord.cli.benches.cedar import Translation, requests, translate

from . import example
from .strategies import Question, near_question, randoms, small_agreements

cedarpy = pytest.importorskip("cedarpy")

FAST = (Phase.explicit, Phase.reuse, Phase.generate)


def cedar_answers(
    translation: Translation, questions: list[Question]
) -> list[tuple[bool, frozenset[str]]]:
    """For each question whether Cedar allows it, and the policies that decided."""
    asked, entities = requests(
        (q.requester, q.context, q.action, q.label, q.keys) for q in questions
    )
    policies = cedarpy.PolicySet.from_str(translation.text)
    results = cedarpy.is_authorized_batch(asked, policies, cedarpy.Entities.from_json_str(entities))
    found = []
    for result in results:
        assert result.diagnostics.errors == []
        named = result.diagnostics.id_annotations_by_reason
        found.append((result.allowed, frozenset(named.values())))
    return found


def ours(agreements: list[Agreement], question: Question) -> Decision:
    q = question
    return reference.decide(agreements, q.requester, q.context, q.action, q.label, q.keys)


def cited(decision: Decision) -> tuple[tuple[str, str], ...]:
    return tuple((c.agreement_id, c.clause_id) for c in decision.citations)


def differences(
    specified: list[Agreement], translated: list[Agreement], questions: list[Question]
) -> list[str]:
    """Where Cedar departs from the reference: the answer, or what the answer rests on."""
    translation = translate(translated)
    duties = {(a.id, c.id): set(c.obligations) for a in translated for c in a.clauses}
    found = []
    for question, (allowed, named) in zip(
        questions, cedar_answers(translation, questions), strict=True
    ):
        expected = ours(specified, question)
        if expected.allowed != allowed:
            found.append(f"{question}: {expected}, Cedar {allowed} by {sorted(named)}")
            continue
        routes = {translation.routes[name] for name in named if name in translation.routes}
        if expected.clause_id is not None and cited(expected) not in routes:
            found.append(f"{question}: {expected} is not among {routes}")
        elif allowed:
            fewest = min(len(set().union(*(duties[c] for c in route))) for route in routes)
            asked = set().union(*(duties[c] for c in cited(expected)))
            if len(asked) != fewest:
                found.append(f"{question}: {expected} asks more than {fewest} obligations")
    return found


@settings(max_examples=40, deadline=None, phases=FAST)
@given(randoms)
def test_cedar_answers_as_the_reference_does(rng: random.Random) -> None:
    agreements = small_agreements(rng)
    questions = [near_question(rng, agreements) for _ in range(20)]
    assert differences(agreements, agreements, questions) == []


def test_cedar_answers_as_the_reference_does_about_the_world() -> None:
    folder = Path(__file__).parents[2] / "worlds" / "riverbend" / "agreements"
    agreements = [parse(f.read_text("utf-8"), file=f.name) for f in sorted(folder.glob("*.yaml"))]
    rng = random.Random(5)
    questions = [near_question(rng, agreements) for _ in range(800)]
    assert differences(agreements, agreements, questions) == []
    assert {ours(agreements, q).allowed for q in questions} == {True, False}


def test_what_is_asked_of_cedar_turns_both_ways_and_through_chains() -> None:
    rng = random.Random(9)
    kinds: Counter[str] = Counter()
    for _ in range(300):
        agreements = small_agreements(rng)
        for question in [near_question(rng, agreements) for _ in range(5)]:
            decision = ours(agreements, question)
            kinds["allowed" if decision.allowed else "refused"] += 1
            kinds["composed"] += bool(decision.via)
            kinds["forbidden"] += not decision.allowed and decision.clause_id is not None
    assert min(kinds[k] for k in ("allowed", "refused", "forbidden")) > 50
    assert kinds["composed"] > 10


def chain(*agencies: str) -> list[Agreement]:
    """Each agency lets the next pass on what is the first one's, to the one after it."""
    found = []
    for number in range(len(agencies) - 1):
        giver, taker = agencies[number : number + 2]
        onward = agencies[number + 2 : number + 3]
        may = f"onward\n    recipients: [{onward[0]}]" if onward else "view"
        text = (
            f"id: link-{number}\nkind: mou\ntitle: L\nauthority: [Code 1]\n"
            f"parties: [{giver}, {taker}]\nin_force: {{from: 2026-01-01, zone: UTC}}\n"
            f"vocabulary: 1\nclauses:\n  - id: '1'\n    prose: P.\n    permit: {may}\n"
            f"    to: {{agency: {taker}}}\n    for: {{purpose: prosecution}}\n"
            f"    of: {{owner: {agencies[0]}}}\n"
        )
        found.append(parse(text, file="chain.yaml"))
    return found


@pytest.mark.parametrize("length", [2, 3, 4, 5, 6])
def test_cedar_and_the_reference_pass_on_equally_far(length: int) -> None:
    agencies = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot")[:length]
    who = example.person(agency=agencies[-1])
    asked = Question(
        who, example.asking("prosecution"), "view", example.label(owner="alpha"), frozenset()
    )
    agreements = chain(*agencies)
    assert differences(agreements, agreements, [asked]) == []
    assert ours(agreements, asked).allowed == (length <= 5)


def test_a_clause_that_is_left_out_of_the_translation_is_told() -> None:
    """The comparison can fail: a lax or a strict translation shows."""
    rng = random.Random(13)
    told = tried = 0
    while tried < 40:
        agreements = small_agreements(rng)
        number = rng.randrange(len(agreements))
        agreement = agreements[number]
        clause = rng.choice(agreement.clauses)
        fewer = tuple(c for c in agreement.clauses if c is not clause)
        changed = [*agreements]
        changed[number] = replace(agreement, clauses=fewer)
        questions = [near_question(rng, agreements, (agreement, clause)) for _ in range(60)]
        told += bool(differences(agreements, changed, questions))
        tried += 1
    assert told >= 28, f"only {told} of {tried} missing clauses were told apart"


def test_the_translation_reads_as_cedar() -> None:
    text = translate([example.mou()]).text
    assert json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"]
    assert text.count("\nforbid (") + text.startswith("forbid (") == 2  # clause 6.1, and H2
