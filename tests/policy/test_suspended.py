"""A suspended agreement closes what it permitted and opens nothing that it forbade."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from accord.agreements.compiled import compile_policy
from accord.agreements.domain import Agreement, Context, Requester
from accord.agreements.parse import parse
from accord.agreements.proofs.gate import check_compiled
from accord.agreements.reference import decide
from accord.kernel.labels import Label

NOBODY = frozenset[str]()


def _agreement(name: str, clauses: str) -> Agreement:
    text = f"""
id: {name}
kind: mou
title: Between two
authority: [State Code 1]
parties: [alpha, bravo]
in_force: {{from: 2026-01-01, zone: UTC}}
vocabulary: 1
clauses:
{clauses}"""
    return parse(text, file=f"{name}.yaml")


PERMIT = """
  - {id: "1", prose: Read people., permit: view, for: {purpose: [prosecution]}, of: {schema: Person}}
"""
FORBID = """
  - {id: "1", prose: Read cars., permit: view, for: {purpose: [prosecution]}, of: {schema: Vehicle}}
  - {id: "2", prose: No victims., forbid: view, of: {subject: victim}}
"""
ASKING = Requester("bravo", "police", "US", frozenset({"investigator"}))
WHY = Context("prosecution", None, "statute", datetime(2026, 3, 1, tzinfo=UTC))


def _label(schema: str, subject: str) -> Label:
    return Label(
        owner="alpha",
        schema=schema,
        part="core",
        subjects=frozenset({subject}),
        sensitivity="official",
        handling="none",
        basis="statute",
        offence="none",
        minor=False,
        sealed=False,
        intelligence=False,
    )


def test_suspending_one_agreement_opens_nothing_that_another_permits() -> None:
    permits, forbids = _agreement("permits", PERMIT), _agreement("forbids", FORBID)
    suspended = replace(forbids, suspended=True)
    assert suspended.content_hash == forbids.content_hash, "no fact of the document"
    expected = {
        ("Person", "suspect"): (True, True, True),
        ("Person", "victim"): (False, False, True),
        ("Vehicle", "suspect"): (True, False, False),
    }
    for (schema, subject), wanted in expected.items():
        sets = ([permits, forbids], [permits, suspended], [permits])
        question = (ASKING, WHY, "view", _label(schema, subject), NOBODY)
        assert tuple(decide(s, *question).allowed for s in sets) == wanted
        assert tuple(compile_policy(s).decide(*question).allowed for s in sets) == wanted
    check_compiled([permits, suspended])
