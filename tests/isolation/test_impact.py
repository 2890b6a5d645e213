"""The impact of a version is what a count by hand finds, and counts nothing of anybody else."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection

from accord.agreements import actions, queries
from accord.agreements.domain import READ_ACTIONS, Agreement, Context, Requester
from accord.agreements.reference import decide
from accord.agreements.scope import Scope
from accord.agreements.simulation import what_if
from accord.desk.weighing import Impact, draft_impact, impact
from accord.kernel.errors import NotFound
from accord.kernel.labels import Label
from isolation.contributing import acting
from isolation.riverbend import amendment
from isolation.test_simulator import TRAFFICKING, member

OFFICE = "records-administration"
CUSTODIANS = ("riverbend-pd.j.whitfield", "harlan-so.e.rasmussen")
NO_CUSTODIAN = "riverbend-pd.p.sandoval"  # oversight reads the log, not the records
KEYS = ("case", "grant", "consent")


def by_hand(
    scope: Scope, before: tuple[Agreement, ...], after: tuple[Agreement, ...], who: Requester,
    purpose: str, keys: frozenset[str],
) -> dict[tuple[str | None, str | None], tuple[int, int]]:  # fmt: skip
    """(was, becomes) to (parts, records), part by part, by the specification."""
    context = Context(purpose, None, "statute", scope.standing.context.at)
    found: dict[tuple[str | None, str | None], tuple[int, set[str]]] = {}
    known: dict[int, tuple[str | None, str | None]] = {}
    labels: dict[int, Label] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select label_id, record_id from part where owner_id = %s and superseded_at is null",
            [scope.actor.agency],
        )
        rows = cursor.fetchall()
    labels = queries.labels({n for n, _ in rows})
    for number, record in rows:
        if number not in known:
            known[number] = (
                _highest(before, who, context, labels[number], keys),
                _highest(after, who, context, labels[number], keys),
            )
        was, becomes = known[number]
        if was != becomes:
            parts, records = found.get((was, becomes), (0, set()))
            found[was, becomes] = (parts + 1, records | {str(record)})
    return {step: (parts, len(records)) for step, (parts, records) in found.items()}


def _highest(
    agreements: tuple[Agreement, ...], who: Requester, context: Context, label: Label,
    keys: frozenset[str],
) -> str | None:  # fmt: skip
    allowed = [a for a in READ_ACTIONS if decide(agreements, who, context, a, label, keys).allowed]
    return allowed[-1] if allowed else None


def told(
    found: Impact, agency: str, role: str, keys: frozenset[str], lacks: str | None
) -> dict[tuple[str | None, str | None], tuple[int, int]]:
    """What the page says for one role, under these keys or fewer."""
    steps: dict[tuple[str | None, str | None], set[int]] = {}
    for c in found.changes:
        fits = (c.agency, c.lacks) == (agency, lacks) and role in c.roles and c.keys <= keys
        if fits and TRAFFICKING in c.purposes and c.direction != "owes":
            steps.setdefault((c.was, c.becomes), set()).update(c.labels)
    return {
        step: (
            sum(k.records * sum(n in labels for n, _ in k.parts) for k in found.kept),
            sum(k.records for k in found.kept if any(n in labels for n, _ in k.parts)),
        )
        for step, labels in steps.items()
    }


@pytest.mark.parametrize(
    "custodian", [CUSTODIANS[0], pytest.param(CUSTODIANS[1], marks=pytest.mark.slow)]
)
def test_an_amendment_changes_what_a_count_by_hand_finds(world: Path, custodian: str) -> None:
    with acting(custodian, OFFICE) as scope:
        found = impact(scope, amendment())
        before = scope.standing.policy.agreements
        after = what_if(before, found.chosen)
        assert found.against is not None
        assert not found.decides
        compared = 0
        for agency in found.chosen.parties:
            kind = {"riverbend-pd": "police", "harlan-so": "sheriff"}.get(agency, "state-bureau")
            able = Requester(
                agency, kind, "US", frozenset({"analyst"}), "secret", "US",
                frozenset({"cjis-security", "victim-centred-practice", "28cfr23",
                           "evidence-handling"}), 3,
            )  # fmt: skip
            for role in ("investigator", "analyst", "prosecutor", "records-custodian"):
                who = replace(able, roles=frozenset({role}))
                for size in range(3):
                    for chosen in combinations(KEYS, size):
                        keys = frozenset(chosen)
                        expected = by_hand(scope, before, after, who, TRAFFICKING, keys)
                        said = told(found, agency, role, keys, None)
                        for step, counted in expected.items():
                            assert said.get(step) == counted, (agency, role, keys, step)
                            compared += 1
        assert compared, "the amendment narrows what others reach"
        assert {c.direction for c in found.changes} >= {"loses"}


def test_a_new_version_that_says_the_same_changes_nothing(world: Path) -> None:
    with acting(CUSTODIANS[0], OFFICE) as scope:
        in_force = next(a for a in scope.standing.policy.agreements if a.id == "mou-2024-031")
        found = impact(scope, in_force.content_hash)
        assert found.decides
        assert {c.agency for c in found.changes} == {"harlan-so"}
        assert {c.direction for c in found.changes} == {"gains"}
        elsewhere = next(
            a for a in scope.standing.policy.agreements if a.id == "policy-safe-harbor"
        )
        assert impact(scope, elsewhere.content_hash).changes == ()


def test_who_sees_no_records_counts_none(world: Path) -> None:
    with acting(NO_CUSTODIAN, OFFICE) as scope:
        found = impact(scope, amendment())
        assert (found.records, found.parts, found.changes) == (0, 0, ())


def test_an_unknown_version_has_no_impact(world: Path) -> None:
    with pytest.raises(NotFound), acting(CUSTODIANS[0], OFFICE) as scope:
        impact(scope, "f" * 64)


def test_counting_is_one_statement_and_the_page_says_the_verdict(world: Path) -> None:
    page = member(CUSTODIANS[0]).get(f"/agreements/{amendment()}/impact")
    assert page.status_code == 200
    assert b"Harlan County" in page.content
    assert b"Narrower" in page.content
    assert b"Loses" in page.content
    seen = member(NO_CUSTODIAN).get(f"/agreements/{amendment()}/impact")
    assert b"nothing is counted" in seen.content


def drafted(text: str, by: str = CUSTODIANS[0]) -> UUID:
    with acting(by, OFFICE) as scope:
        return actions.begin_draft(scope, name="Weighed", text=text)


def test_a_draft_has_the_impact_that_the_version_it_becomes_has(world: Path) -> None:
    found = drafted(queries.version(amendment()).text)
    with acting(CUSTODIANS[0], OFFICE) as scope:
        draft, version = draft_impact(scope, queries.draft(found)), impact(scope, amendment())
        assert draft.changes == version.changes != ()
        assert (draft.kept, draft.against) == (version.kept, version.against)
        assert (draft.state, draft.decides) == ("draft", False)
    page = member(CUSTODIANS[0]).get(f"/agreements/drafts/{found}/impact")
    assert page.status_code == 200
    for said in (b"Harlan County", b"Narrower", b"Loses", b"Only your agency sees drafts"):
        assert said in page.content


def test_only_the_agency_that_writes_a_draft_reads_its_impact(world: Path) -> None:
    found = drafted(queries.version(amendment()).text)
    with pytest.raises(NotFound), acting(CUSTODIANS[1], OFFICE) as scope:
        draft_impact(scope, queries.draft(found))
    other = member(CUSTODIANS[1])
    theirs = other.get(f"/agreements/drafts/{found}/impact")
    absent = other.get("/agreements/drafts/00000000-0000-7000-8000-00000000dead/impact")
    assert theirs.status_code == absent.status_code == 404
    assert len(theirs.content) == len(absent.content)


def test_an_unfinished_draft_says_what_is_wrong_with_it_instead(world: Path) -> None:
    found = drafted("id: ours\n")
    page = member(CUSTODIANS[0]).get(f"/agreements/drafts/{found}/impact")
    assert page.status_code == 200
    assert b"has no impact yet" in page.content
    assert b"clauses" in page.content
