"""The decision table of the riverbend agreements: what it says is what the API answers and opens.

Twice over: the simulator is asked each cell, and a member is given each cell's role, assurance and
training in the directory and opens the record.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner

from accord.agencies import queries as agencies
from accord.agreements import queries
from accord.agreements.decisiontable import Cell, cells
from accord.agreements.domain import READ_ACTIONS, Context, Requester
from accord.agreements.reference import decide
from accord.cli.agreement_table import USUAL
from accord.cli.agreement_table import command as table_command
from accord.kernel.clock import now
from accord.kernel.labels import Label
from accord.kernel.vocabulary import NEWEST, Vocabulary
from isolation.direct import administrator
from isolation.naive import HT, RIVERBEND, TRAFFICKING
from isolation.test_access_api import Program
from isolation.test_simulator import ALVAREZ

BOONE = "harlan-so.c.boone"
SUSPECT = USUAL
CASES = {
    "a suspect in the case": ("identity", "suspect", ("case",)),
    "a suspect": ("identity", "suspect", ()),
    "that there is a victim, in the case": ("core", "victim", ("case",)),
    "who the victim is, with consent": ("identity", "victim", ("case", "consent")),
}
FEW = 30
"""Cells in which nothing is open that are asked; those in which something is are asked all."""


@cache
def table(name: str) -> tuple[Label, frozenset[str], list[Cell]]:
    part, subject, keys = CASES[name]
    label = Label.from_facts(
        SUSPECT.facts() | {"owner": "riverbend-pd", "part": part, "subjects": [subject]}
    )
    harlan = agencies.agency("harlan-so")
    who = Requester(harlan.id, harlan.kind, harlan.country, frozenset(), "none", "US")
    at = now()
    agreements = [v.parsed for v in queries.in_force(at).versions]
    found = cells(agreements, who, label, frozenset(keys), at, Vocabulary.load(NEWEST))
    return label, frozenset(keys), list(found)


def asked(every: list[Cell], few: int) -> list[Cell]:
    opened = [c for c in every if c.actions]
    closed = [c for c in every if not c.actions]
    dice = random.Random(5)
    return [
        *dice.sample(opened, min(few, len(opened))),
        *dice.sample(closed, min(few, len(closed))),
    ]


@pytest.mark.parametrize("name", CASES)
def test_the_table_is_what_the_specification_says(world: Path, name: str) -> None:
    label, keys, every = table(name)
    harlan = agencies.agency("harlan-so")
    agreements = [v.parsed for v in queries.in_force(now()).versions]
    assert any(c.actions for c in every), "a table in which nothing is open shows nothing"
    assert not all(c.actions for c in every)
    for cell in asked(every, 4 * FEW):
        who = Requester(
            harlan.id, harlan.kind, harlan.country, frozenset({cell.role}), "none", "US",
            frozenset(cell.training), cell.assurance,
        )  # fmt: skip
        context = Context(cell.purpose, "case" if "case" in keys else None, "statute", now())
        said = [a for a in READ_ACTIONS if decide(agreements, who, context, a, label, keys).allowed]
        assert tuple(said) == cell.actions, cell


def simulated(program: Program, cell: Cell, label: Label, keys: frozenset[str]) -> tuple[str, ...]:
    status, said = program.call(
        "post",
        "/agreements/simulations",
        {
            "person": {
                "agency": "harlan-so", "roles": [cell.role], "training": list(cell.training),
                "assurance": cell.assurance, "nationality": "US",
            },
            "purpose": cell.purpose,
            "part": {"owner": label.owner, "part": label.part, "subjects": sorted(label.subjects)},
            "keys": sorted(keys),
        },
    )  # fmt: skip
    assert status == 200, said
    (part,) = said["parts"]
    return tuple(a["action"] for a in part["actions"] if a["allowed"])


@pytest.mark.parametrize("name", CASES)
def test_the_simulator_answers_each_cell(world: Path, name: str) -> None:
    label, keys, every = table(name)
    program = Program(ALVAREZ)
    for cell in asked(every, FEW):
        assert simulated(program, cell, label, keys) == cell.actions, cell


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_the_simulator_answers_every_cell(world: Path, name: str) -> None:
    label, keys, every = table(name)
    program = Program(ALVAREZ)
    for cell in every:
        assert simulated(program, cell, label, keys) == cell.actions, cell


# -- a member in each cell -------------------------------------------------------------------------


@pytest.fixture
def admin(world: Path) -> Iterator[Any]:
    """The administrator; afterwards the member is who they were."""
    member = agencies.actor(BOONE).member
    with administrator(world) as db:
        was = db.execute(
            "select roles, assurance from membership where id = %s", [BOONE]
        ).fetchone()
        held = db.execute(
            "select training, issued_on, valid_until, attested_by_id from certificate"
            " where member_id = %s", [member],
        ).fetchall()  # fmt: skip
        yield db
        db.execute(
            "update membership set roles = %s, assurance = %s where id = %s",
            [was["roles"], was["assurance"], BOONE],
        )
        db.execute("delete from certificate where member_id = %s", [member])
        for row in held:
            _certify(db, member, **row)


def _certify(db: Any, member: str, training: str, **row: Any) -> None:
    db.execute(
        "insert into certificate (training, issued_on, valid_until, attested_by_id, member_id)"
        " values (%s, %s, %s, %s, %s)",
        [training, row["issued_on"], row["valid_until"], row["attested_by_id"], member],
    )


def become(db: Any, cell: Cell) -> None:
    member = agencies.actor(BOONE).member
    db.execute(
        "update membership set roles = array[%s], assurance = %s where id = %s",
        [cell.role, cell.assurance, BOONE],
    )
    db.execute("delete from certificate where member_id = %s", [member])
    for training in cell.training:
        _certify(
            db, member, training, issued_on="2026-01-01", valid_until="2099-01-01",
            attested_by_id="harlan-so",
        )  # fmt: skip


def placed_suspect(db: Any) -> tuple[UUID, UUID]:
    """A record of Riverbend about a suspect in the case, and its identity, labelled as the table's."""
    row = db.execute(
        "select p.record_id, p.id from part p join label l on l.id = p.label_id"
        " join placement w on w.record_id = p.record_id and w.withdrawn_at is null"
        " join joint_case c on c.id = w.case_id and c.number = %s"
        " where p.owner_id = 'riverbend-pd' and p.kind = 'identity' and p.superseded_at is null"
        " and p.label_id = p.newest_label_id and l.facts ->> 'schema' = 'Person'"
        " and l.facts -> 'subjects' = '[\"suspect\"]' and not (l.facts -> 'sealed')::boolean"
        " and not (l.facts -> 'minor')::boolean and l.facts ->> 'handling' = 'none'"
        " and not exists (select 1 from part_key k where k.part_id = p.id and k.kind > 0"
        "                 and (k.valid_until is null or k.valid_until > now())) limit 1",
        [HT],
    ).fetchone()
    assert row, "Riverbend placed somebody in the case"
    return row["record_id"], row["id"]


def test_a_member_in_each_cell_sees_what_the_table_says(world: Path, admin: Any) -> None:
    record, part = placed_suspect(admin)
    facts = admin.execute(
        "select l.facts from label l join part p on p.label_id = l.id where p.id = %s", [part]
    ).fetchone()["facts"]
    label = Label.from_facts(facts)
    agreements = [v.parsed for v in queries.in_force(now()).versions]
    harlan = agencies.agency("harlan-so")
    actor = agencies.actor(BOONE)
    who = Requester(
        harlan.id, harlan.kind, harlan.country, frozenset(), actor.clearance, actor.nationality
    )
    keys = frozenset({"case"})
    every = [
        cell
        for cell in cells(agreements, who, label, keys, now(), Vocabulary.load(NEWEST))
        if cell.purpose == TRAFFICKING
    ]
    program = Program(BOONE)
    seen = []
    for cell in asked(every, 25):
        become(admin, cell)
        status, said = program.call("get", f"/records/{record}")
        shown = status == 200 and str(part) in str(said)
        assert shown == ("view" in cell.actions), (cell, status)
        status, said = program.call("post", f"/records/{record}/export", {"format": "json"})
        taken = status == 200 and str(part) in str(said)
        assert not taken or "export" in cell.actions, (cell, status)
        seen.append(shown)
    assert True in seen
    assert False in seen


def test_the_command_prints_the_table_and_refuses_what_is_not_there() -> None:
    files = [str(f) for f in sorted(RIVERBEND.joinpath("agreements").glob("mou-2026-007.yaml"))]
    common = [*files, "--agencies", str(RIVERBEND / "agencies.yaml"), "--owner", "riverbend-pd"]
    made = CliRunner().invoke(table_command, [*common, "--to", "harlan-so", "--key", "case"])
    assert made.exit_code == 0, made.output
    lines = made.output.splitlines()
    assert lines[0].startswith('"role","assurance","training","purpose","match","hit","view"')
    assert any(
        '"investigator","2","cjis-security"' in line and "mou-2026-007" in line for line in lines
    )
    for wrong in (["--to", "nobody-pd"], ["--to", "harlan-so", "--part", "soul"],
                  ["--to", "harlan-so", "--subject", "hero"]):  # fmt: skip
        refused = CliRunner().invoke(table_command, [*common, *wrong])
        assert refused.exit_code == 1
        assert "accord" in refused.output or "agencies" in refused.output
