"""An amendment takes effect only where every party of what it amends signed it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import yaml

from accord.agreements.parse import parse
from accord.agreements.scope import Scope
from accord.kernel.errors import Conflict, NotAllowed

MEMORANDUM = Path(__file__).parents[2] / "worlds/riverbend/agreements/mou-2026-007.yaml"


def _office(membership: str) -> AbstractContextManager[Scope]:
    from accord.agencies.queries import actor
    from accord.agreements.context import resolve
    from accord.agreements.scope import open_scope

    found = actor(membership)
    return open_scope(found, resolve(found, "case-administration", "statute", None))


def _amended(**changes: object) -> str:
    facts = yaml.safe_load(MEMORANDUM.read_text("utf-8"))
    facts["in_force"] = {k: str(v) for k, v in facts["in_force"].items()}
    facts["amends"] = parse(MEMORANDUM.read_text("utf-8"), file="m").content_hash
    facts["clauses"] = [c for c in facts["clauses"] if c["id"] != "5.2"]  # names a third agency
    del facts["invariants"]
    return yaml.safe_dump(facts | changes, sort_keys=False, allow_unicode=True)


def _sign_by(world: Path, text: str, parties: dict[str, str]) -> str:
    from accord.agencies.demokeys import signing_key
    from accord.agreements import actions

    first = next(iter(parties.values()))
    with _office(first) as scope:
        content_hash = actions.propose(scope, text, "amendment.yaml")
    payload = parse(text, file="amendment.yaml").canonical()
    for agency, officer in parties.items():
        with _office(officer) as scope:
            actions.sign(scope, content_hash, signing_key(world, agency).sign(payload))
    return content_hash


OFFICERS = {"riverbend-pd": "riverbend-pd.d.okafor", "harlan-so": "harlan-so.e.rasmussen"}


def test_two_parties_cannot_put_in_force_what_the_third_did_not_sign(world: Path) -> None:
    from accord.agreements import actions, queries

    before = queries.version_in_force("mou-2026-007").content_hash
    amendment = _sign_by(world, _amended(parties=list(OFFICERS)), OFFICERS)
    with pytest.raises(NotAllowed, match="state-bi"), _office("riverbend-pd.d.okafor") as scope:
        actions.activate(scope, amendment)
    assert queries.version_in_force("mou-2026-007").content_hash == before


def test_a_version_that_names_no_parent_cannot_stand_beside_the_one_in_force(world: Path) -> None:
    from accord.agreements import actions, queries

    before = queries.version_in_force("mou-2026-007").content_hash
    text = "\n".join(
        line
        for line in _amended(parties=list(OFFICERS), title="Another").splitlines()
        if not line.startswith("amends:")
    )
    other = _sign_by(world, text, OFFICERS)
    with pytest.raises(Conflict), _office("riverbend-pd.d.okafor") as scope:
        actions.activate(scope, other)
    assert queries.version_in_force("mou-2026-007").content_hash == before


def test_an_amendment_that_begins_later_does_not_end_its_parent_today(world: Path) -> None:
    from accord.agreements import actions, queries

    before = queries.version_in_force("mou-2026-007").content_hash
    term = {"from": "2028-06-01", "until": "2028-12-31", "zone": "America/Chicago"}
    officers = OFFICERS | {"state-bi": "state-bi.h.mercer"}
    amendment = _sign_by(world, _amended(in_force=term), officers)
    with pytest.raises(Conflict, match="begins on"), _office("riverbend-pd.d.okafor") as scope:
        actions.activate(scope, amendment)
    assert queries.version_in_force("mou-2026-007").content_hash == before
