"""What "Who can see this?" says is what PostgreSQL does, person by person and part by part."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

from accord.agencies import queries as agencies
from accord.agreements.queries import case_key_holders
from accord.agreements.scope import Scope
from accord.cases.actions import place_record
from accord.cases.queries import case_of
from accord.desk.exposing import Audience, audience
from accord.desk.exposing_screen import matrix
from accord.kernel.errors import NotFound
from accord.records.queries.records import RecordView
from isolation.contributing import acting, all_latest, draft, write
from isolation.direct import Asker, sealed
from isolation.test_simulator import CASE, HT, TRAFFICKING, member

OWNERS = {
    "riverbend-pd.m.alvarez": TRAFFICKING,
    "harlan-so.c.boone": TRAFFICKING,
    "tri-county-da.s.whitaker": "prosecution",
}
PURPOSES = (
    TRAFFICKING,
    "prosecution",
    "victim-protection",
    "records-administration",
    "general-policing",
)
READS = ("view", "export", "onward")


def owned(scope: Scope, count: int) -> list[RecordView]:
    """Own records, those placed in the case first, of as many kinds as there are."""
    own = [r for r in all_latest(scope) if r.owner == scope.actor.agency]
    own.sort(key=lambda r: not any("case" in p.kinds for p in r.parts))
    return list({(r.schema, len(r.parts)): r for r in reversed(own)}.values())[-count:]


def rows_open(data_dir: Path, asker: Asker, parts: set[UUID]) -> set[UUID]:
    with sealed(data_dir, asker) as db:
        rows = db.execute("select id from part where id = any(%s)", [list(parts)]).fetchall()
    return {row["id"] for row in rows}


@pytest.mark.parametrize("owner", OWNERS)
def test_everybody_it_names_sees_the_part_and_nobody_else_does(world: Path, owner: str) -> None:
    said: dict[tuple[str, UUID], bool] = {}
    settings: dict[str, set[tuple[str, str | None]]] = {}
    with acting(owner, OWNERS[owner], HT) as scope:
        records = owned(scope, 3)
        assert records, "the world gives the owner records"
        holders = {h.membership_id for h in case_key_holders(scope.context.case_id)}  # type: ignore[arg-type]  # in a case
        for record in records:
            found = audience(scope, record.record_id)
            _collect(found, said)
    everybody = agencies.members_of(tuple(a.id for a in agencies.agencies()))
    for actor in everybody:
        contexts: set[tuple[str, str | None]] = {(p, None) for p in PURPOSES}
        if actor.membership in holders:
            contexts |= {(p, HT) for p in PURPOSES[:3]}
        settings[actor.membership] = contexts
    parts = {part for _, part in said}
    agency = owner.partition(".")[0]
    assert any(yes for (who, _), yes in said.items() if not who.startswith(agency))
    for membership, contexts in settings.items():
        seen: set[UUID] = set()
        for purpose, case in sorted(contexts, key=str):
            try:
                seen |= rows_open(world, Asker(membership, purpose, case), parts)
            except NotFound:  # the case was not opened for this purpose
                continue
        expected = {part for part in parts if said[membership, part]}
        assert seen == expected, membership


def _collect(found: Audience, said: dict[tuple[str, UUID], bool]) -> None:
    """Take what the page says; a case whose people are not known would leave it open."""
    assert all(case.holders is not None for case in found.cases), "choose records of this case"
    ids = {p.kind: p.part_id for p in found.record.parts}
    everybody = agencies.members_of(tuple(a.id for a in agencies.agencies()))
    for exposure in found.exposures:
        reading = {
            p.membership
            for p in exposure.people
            if any(o.action in READS and o.purpose in PURPOSES for o in p.openings)
        }
        for actor in everybody:
            if actor.agency == exposure.agency:
                said[actor.membership, ids[exposure.part]] = actor.membership in reading
                if actor.membership in reading:
                    assert exposure.action in READS, (exposure.part, actor.membership)


def test_it_asks_the_policy_a_few_hundred_questions_and_reads_a_fixed_number_of_times(
    world: Path,
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    made = write(draft(), draft(), by="riverbend-pd.j.whitfield").record_ids
    with acting("riverbend-pd.m.alvarez", TRAFFICKING, HT) as scope:
        place_record(scope, case_of(scope), made[0])
    with acting("riverbend-pd.m.alvarez", TRAFFICKING, HT) as scope:
        audience(scope, made[0])  # what is read once in a process is read
        said = []
        for record in made:
            with CaptureQueriesContext(connection) as asked:
                found = audience(scope, record)
            said.append([q["sql"].split(" WHERE ")[0] for q in asked])
            assert found.questions < 1000, found.questions
        assert [len(found.cases) for found in map(partial(audience, scope), made)] == [1, 0]
        assert len(said[0]) == len(said[1]), said


def test_the_record_of_another_agency_has_no_such_page(world: Path) -> None:
    with acting("riverbend-pd.m.alvarez", TRAFFICKING, HT) as scope:
        own = owned(scope, 1)[0].record_id
        others = [r.record_id for r in all_latest(scope) if r.owner != scope.actor.agency]
    alvarez = member("riverbend-pd.m.alvarez")
    shown = alvarez.get(f"{CASE}/records/{own}/who")
    assert shown.status_code == 200
    assert b"Who can see this?" in alvarez.get(f"{CASE}/records/{own}").content
    assert others, "others placed records in the case"
    foreign = alvarez.get(f"{CASE}/records/{others[0]}/who")
    absent = alvarez.get(f"{CASE}/records/00000000-0000-7000-8000-00000000dead/who")
    assert foreign.status_code == absent.status_code == 404
    assert foreign.content == absent.content
    assert b"Who can see this?" not in alvarez.get(f"{CASE}/records/{others[0]}").content


def test_parts_that_nobody_else_reads_are_said_to_be_so(world: Path) -> None:
    with acting("riverbend-pd.m.alvarez", TRAFFICKING, HT) as scope:
        for record in owned(scope, 4):
            found = audience(scope, record.record_id)
            drawn = matrix(found, scope.actor.agency, scope.actor.zone)
            for part in record.parts:
                read = any(
                    e.part == part.kind and e.agency != scope.actor.agency and e.action in READS
                    for e in found.exposures
                )
                assert (part.kind in drawn.nobody_else) is not read


def test_it_says_for_whom_an_emergency_would_open_more(world: Path) -> None:
    """Such a determination lies on no part, so the matrix above it cannot count it."""
    made = write(
        draft(
            name="Somebody named twice",
            label={"intelligence": True, "sensitivity": "sensitive"},
            basis_of_suspicion="Named twice by those who were carried in the van.",
            retain_until="2028-01-01",
        ),
        by="riverbend-pd.d.okafor",
    ).record_ids[0]
    with acting("riverbend-pd.d.okafor", "intelligence-assessment") as scope:
        found = audience(scope, made)
        drawn = matrix(found, "riverbend-pd", scope.actor.zone)
    assert "state-bi" in found.in_emergency
    assert "safe-harbor" not in found.in_emergency
    names = {a.id: a.name for a in found.agencies}
    assert drawn.in_emergency == tuple(names[a] for a in found.in_emergency)
    with acting("harlan-so.c.boone", TRAFFICKING, HT) as scope:
        own = next(r for r in owned(scope, 20) if r.schema == "Vehicle")
        assert audience(scope, own.record_id).in_emergency == ()
