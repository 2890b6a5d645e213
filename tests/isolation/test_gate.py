"""Nothing is put in force unproven: no solver, a difference, and a broken invariant are refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.agreements.scope import Scope
from accord.kernel.errors import NotAllowed

OFFICERS = {"riverbend-pd": "riverbend-pd.d.okafor", "harlan-so": "harlan-so.e.rasmussen"}
TEXT = """\
id: {name}
kind: mou
title: A test of the gate
authority: ["State Code 46.12"]
parties: [riverbend-pd, harlan-so]
in_force: {{from: 2026-01-01, until: 2031-12-31, zone: America/Chicago}}
vocabulary: 1
clauses:
  - id: "1"
    prose: Investigators read what a victim said, and so the invariant below is broken.
    permit: view
    to: {{role: [investigator]}}
    for: {{purpose: [training]}}
    of: {{schema: [Vehicle], subject: [none], part: [{part}]}}
invariants:
  - {{id: never-health, never: view, of: {{schema: Vehicle, part: health}},
     to: {{agency: harlan-so, role: investigator}}}}
"""


def _office(membership: str) -> AbstractContextManager[Scope]:
    from accord.agencies.queries import actor
    from accord.agreements.context import resolve
    from accord.agreements.scope import open_scope

    found = actor(membership)
    return open_scope(found, resolve(found, "case-administration", "statute", None))


@pytest.fixture
def signed(world: Path) -> Iterator[dict[str, str]]:
    """Hashes of two signed versions, by what their clause opens; withdrawn at the end."""
    from accord.agencies.demokeys import signing_key
    from accord.agreements import actions, queries
    from accord.agreements.life import State

    made = {}
    for part in ("health", "identity"):
        text = TEXT.format(name=f"gate-{datetime.now(UTC):%H%M%S%f}", part=part)
        with _office(OFFICERS["riverbend-pd"]) as scope:
            made[part] = actions.propose(scope, text, "gate.yaml")
        payload = queries.version(made[part]).parsed.canonical()
        for agency, officer in OFFICERS.items():
            with _office(officer) as scope:
                actions.sign(scope, made[part], signing_key(world, agency).sign(payload))
    yield made
    for content_hash in made.values():
        end = actions.terminate
        if queries.version(content_hash).state is State.SIGNED:
            end = actions.withdraw
        with _office(OFFICERS["riverbend-pd"]) as scope:
            end(scope, content_hash, reason="The test is over.")


def _refused(content_hash: str, match: str) -> NotAllowed:
    from accord.agreements import actions, queries

    before = queries.policy_epoch()
    refusal = pytest.raises(NotAllowed, match=match)
    with refusal as raised, _office(OFFICERS["riverbend-pd"]) as scope:
        actions.activate(scope, content_hash)
    assert queries.version(content_hash).state == "signed"
    assert queries.policy_epoch() == before
    return raised.value


def test_an_agreement_that_breaks_an_invariant_is_refused_with_the_chain(
    signed: dict[str, str],
) -> None:
    from accord.agreements import actions, queries

    refusal = _refused(signed["health"], "never-health.*chain.*clause 1")
    assert "parties" in (refusal.who_can_change or "")
    with _office(OFFICERS["riverbend-pd"]) as scope:
        actions.activate(scope, signed["identity"])
    assert queries.version(signed["identity"]).state == "in-force"


def test_without_a_solver_nothing_is_put_in_force_or_resumed(
    signed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from accord.agreements import actions, queries
    from accord.agreements.proofs import engine, gate

    with _office(OFFICERS["riverbend-pd"]) as scope:
        actions.activate(scope, signed["identity"])
    with _office(OFFICERS["harlan-so"]) as scope:
        actions.suspend(scope, signed["identity"], reason="An audit.")

    def absent() -> None:
        raise engine.ProofsUnavailable

    monkeypatch.setattr(engine, "z3", absent)
    gate._passed.clear()
    refusal = _refused(signed["health"], "z3 is not installed")
    assert refusal.who_can_change == "the administrator of this node"
    with pytest.raises(NotAllowed, match="z3"), _office(OFFICERS["harlan-so"]) as scope:
        actions.resume(scope, signed["identity"], reason="Done.")
    assert queries.version(signed["identity"]).state == "suspended"


def test_an_agreement_whose_compiled_form_differs_is_refused_with_the_question(
    signed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from accord.agreements.compiled import compile_policy
    from accord.agreements.proofs import gate

    gate._passed.clear()
    monkeypatch.setattr(gate, "policy_of", lambda given: compile_policy(given[:0]))
    refusal = _refused(signed["identity"], "compiled form refuses what")
    assert "An investigator of" in refusal.reason


def test_what_the_gate_proved_is_what_decides(world: Path) -> None:
    from accord.agreements import queries
    from accord.agreements.actions.gate import _sets
    from accord.agreements.compiled import policy_of
    from accord.kernel.clock import now

    at = now()
    first, *_ = _sets(queries.versions(), (), at)
    assert first == queries.in_force(at).agreements
    assert policy_of(first) is policy_of(queries.in_force(at).agreements)
