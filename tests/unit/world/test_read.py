"""A world that breaks a rule is refused with file, line, field and rule."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from accord.agreements.terms import check_amendment
from accord.cli.world.command import command
from accord.cli.world.read import World, read_world
from accord.cli.world.schema import NAMES, schema
from accord.kernel.errors import InvalidInput

ROOT = Path(__file__).parents[3]
RIVERBEND = ROOT / "worlds" / "riverbend"
Edit = Callable[[str, str, str], Path]


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "dev" / "world" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """A copy of riverbend with one text replaced in one file."""

    def edited(file: str, old: str, new: str) -> Path:
        folder = tmp_path / "riverbend"
        shutil.copytree(RIVERBEND, folder)
        path = folder / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        return folder

    return edited


def refusal(folder: Path) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        list(read_world(folder).written_records())
    return caught.value


def test_riverbend_has_what_the_demo_needs(riverbend: World) -> None:
    assert len(riverbend.agencies) == 6
    assert len({a.country for a in riverbend.agencies}) == 2
    assert len({m.person for m in riverbend.members}) == 25
    assert len(riverbend.members) - 25 == 2
    assert len([m for m in riverbend.members if m.persona]) == 9
    assert len([f for f in riverbend.agreements if f.agreement.kind != "agency-policy"]) == 7
    policies = [f.agreement for f in riverbend.agreements if f.agreement.kind == "agency-policy"]
    assert {p.parties[0] for p in policies} == {a.id for a in riverbend.agencies}
    assert len(riverbend.cases) == 8


def test_two_hats_hold_the_same_certificates(riverbend: World) -> None:
    for member in riverbend.members:
        person = riverbend.membership[member.person]
        assert (member.name, member.nationality) == (person.name, person.nationality)
        assert member.training == person.training


def test_one_certificate_has_expired_and_one_expires_within_a_month(riverbend: World) -> None:
    today = riverbend.as_of.date()
    people = {m.person: m for m in riverbend.members}.values()
    days = [(c.until - today).days for m in people for c in m.training]
    assert sum(1 for d in days if d < 0) == 1
    assert sum(1 for d in days if 0 <= d <= 31) == 1


def test_every_data_source_names_its_licence_and_its_files_exist(riverbend: World) -> None:
    for source in riverbend.sources:
        assert "GPL" not in source["licence"]
        for file in source["files"]:
            assert (riverbend.folder / file).is_file()


def test_the_amendment_amends_the_memorandum_in_force(riverbend: World) -> None:
    parents = {f.agreement.content_hash: f.agreement for f in riverbend.agreements}
    for file in riverbend.amendments:
        check_amendment(file.agreement, parents[file.agreement.amends or ""])


def test_the_amendment_file_is_what_the_script_writes() -> None:
    script = module("amendment")
    assert script.AMENDMENT.read_text("utf-8") == script.amended(script.PARENT.read_text("utf-8"))


def test_the_reference_page_is_what_the_schemas_say() -> None:
    script = module("reference")
    assert script.PAGE.read_text("utf-8") == script.page()


@pytest.mark.parametrize("name", NAMES)
def test_each_schema_is_a_json_schema(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("world.yaml", "as_of: 2026-11-16T15:00:00Z", "as_of: yesterday", "'yesterday'"),
        ("world.yaml", "vocabulary: 1\n", "", "lacks vocabulary"),
        ("agencies.yaml", "kind: sheriff", "kind: posse", "'posse' is not a word"),
        ("agencies.yaml", 'code: "99003"', 'code: "03003"', "us-fips has no code 03003"),
        ("agencies.yaml", 'closes: "24:00"', 'closes: "25:00"', "weekly.0: number 1: hours are"),
        ("agencies.yaml", "after_min: 15", "after_min: soon", "After how many minutes"),
        ("agencies.yaml", "[juvenile, trial", "[moot, trial", "is none of"),
        ("agencies.yaml", "ori: ZZ0020000", "ori: ZZ0010100", "named twice"),
        ("agencies.yaml", "555-0110", "867-5309", "reserved for fiction"),
        ("members.yaml", "agency: riverbend-pd", "agency: atlantis", "no agency atlantis"),
        ("members.yaml", "roles: [investigator]", "roles: [wizard]", "'wizard'"),
        ("members.yaml", "course: 28cfr23", "course: juggling", "'juggling'"),
        ("members.yaml", "clearance: confidential\n", "clearence: secret\n", "clearence"),
        ("cases.yaml", "lead: riverbend-pd", "lead: nobody", "no agency nobody"),
        ("cases.yaml", "opened_by: riverbend-pd.d.okafor", "opened_by: riverbend-pd.m.alvarez",
         "a supervisor of the lead agency"),
        ("cases.yaml", "- riverbend-pd.m.alvarez", "- riverbend-pd.x.nobody", "no member"),
        ("cases.yaml", "state: open", "state: closed", "day of closing"),
        ("agreements/mou-2026-007.yaml", "role: [investigator, analyst]", "role: [stranger]",
         "stranger"),
    ],
)  # fmt: skip
def test_a_fault_in_a_file_is_named_with_its_line(
    edit: Edit, file: str, old: str, new: str, says: str
) -> None:
    folder = edit(file, old, new)
    error = refusal(folder)
    assert error.file.endswith(file)
    fault = next(f for f in error.faults if says in f.message)
    assert fault.line is not None
    if new:
        assert new.strip() in (folder / file).read_text("utf-8").splitlines()[fault.line - 1]


def test_an_agency_is_a_full_member_or_a_light_one(edit: Edit) -> None:
    said = "kind: sheriff\n    membership: light"
    found = read_world(edit("agencies.yaml", "kind: sheriff", said)).agencies
    assert [a.id for a in found if a.membership == "light"] == ["harlan-so"]


def test_there_is_no_third_kind_of_membership(edit: Edit) -> None:
    said = "kind: sheriff\n    membership: half"
    assert "is none of full, light" in str(refusal(edit("agencies.yaml", "kind: sheriff", said)))


@pytest.mark.parametrize(
    ("old", "new", "field", "says"),
    [
        ('"schema":"Incident"', '"schema":"Rumour"', "schema", "'Rumour' is not a word"),
        ('"agency":"riverbend-pd"', '"agency":"atlantis"', "agency", "no agency atlantis"),
        ('"incidentNumber"', '"plateNumber"', "parts.core.plateNumber", "no such property"),
        ('"core":{', '"core":{"name":["A B"],', "parts.core.name", "no such property"),
        ('"subjects":["victim"]', '"subjects":["none","victim"]', "label of core", "stands alone"),
        ('"cases":["HT-2026-014"]', '"cases":["XX-1"]', "cases", "no case XX-1"),
        ('"minor":false', '"minor":"no"', "label.minor", "boolean"),
        ('{"agency"', '{"agency', "", "not JSON"),
    ],
)
def test_a_fault_in_a_record_is_named_with_its_line(
    edit: Edit, old: str, new: str, field: str, says: str
) -> None:
    error = refusal(edit("records/riverbend-pd.jsonl", old, new))
    assert error.file.endswith("records/riverbend-pd.jsonl")
    assert error.line == 1
    assert error.field == field
    assert says in error.rule


def test_intelligence_beyond_five_years_or_without_a_basis_is_refused(edit: Edit) -> None:
    error = refusal(edit("records/state-bi.jsonl", "2031-04-20", "2031-12-31"))
    assert (error.line, error.field) == (1, "retain_until")
    folder = Path(error.file).parents[1]
    path = folder / "records" / "state-bi.jsonl"
    first, *rest = path.read_bytes().splitlines()
    record = json.loads(first) | {"retain_until": "2031-04-20", "basis_of_suspicion": None}
    path.write_bytes(b"\n".join([json.dumps(record).encode(), *rest]) + b"\n")
    assert refusal(folder).field == "basis_of_suspicion"


def test_several_faults_are_told_at_once(edit: Edit) -> None:
    folder = edit("agencies.yaml", "kind: sheriff", "kind: posse")
    path = folder / "agencies.yaml"
    path.write_text(path.read_text("utf-8").replace("country: MX", "country: Mexico"), "utf-8")
    assert len(refusal(folder).faults) == 2


def test_a_party_for_whom_nobody_can_sign_is_named(edit: Edit) -> None:
    """What loading would refuse halfway is refused before anything is written."""
    folder = edit("world.yaml", "", "")
    path = folder / "members.yaml"
    roles = path.read_text("utf-8").replace("roles: [supervisor]", "roles: [analyst]")
    path.write_text(roles, "utf-8")
    said = [f for f in refusal(folder).faults if "nobody can sign for it" in f.message]
    assert said
    assert all(f.field == "parties" for f in said)
    assert any(f.file.endswith("mou-2026-007.yaml") for f in said)


def test_an_agreement_that_is_not_utf_8_is_named(edit: Edit) -> None:
    folder = edit("world.yaml", "", "")
    path = folder / "agreements" / "mou-2026-007.yaml"
    path.write_bytes(path.read_bytes() + b"# caf\xe9\n")
    (fault,) = (f for f in refusal(folder).faults if f.file == str(path))
    assert "not UTF-8" in fault.message
    assert fault.line is not None


def test_a_folder_without_a_world_is_told_so(tmp_path: Path) -> None:
    assert "world.yaml" in refusal(tmp_path).message


def test_the_command_checks_and_generates(tmp_path: Path) -> None:
    run = CliRunner().invoke
    checked = run(command, ["check", str(RIVERBEND), "--json"])
    assert json.loads(checked.output)["ok"] is True
    out = tmp_path / "out"
    made = run(command, ["generate", str(RIVERBEND), "--size", "50", "--out", str(out), "--json"])
    assert json.loads(made.output)["records"] == 50
    again = run(command, ["generate", str(RIVERBEND), "--size", "50", "--out", str(out)])
    assert isinstance(again.exception, InvalidInput)


@pytest.mark.parametrize(
    ("old", "new", "field", "rule"),
    [
        ("discipline: digital-forensics", "discipline: sorcery", "discipline", "no discipline"),
        ("by: state-bi.v.petrov", "by: state-bi.n.body", "by", "no member"),
        ("attested_by: state-bi.h.mercer", "attested_by: harlan-so.e.rasmussen", "attested_by",
         "a supervisor or an administrator of state-bi attests"),
        ("attested_by: state-bi.h.mercer", "attested_by: state-bi.a.desai", "attested_by",
         "a supervisor or an administrator of state-bi attests"),
        ("by: state-bi.v.petrov", "by: state-bi.h.mercer", "attested_by", "nobody attests"),
        ("level: court-qualified", "level: wizard", "level", "is none of aware"),
        ("languages: [en, uk]", "languages: [English]", "languages", "A tag of BCP 47"),
        ("    named: yes", "    named: maybe", "named", "is none of yes, no"),
    ],
)  # fmt: skip
def test_what_people_offer_is_checked(
    edit: Edit, old: str, new: str, field: str, rule: str
) -> None:
    fault = refusal(edit("expertise.yaml", old, new))
    assert fault.file.endswith("expertise.yaml")
    assert fault.line is not None
    assert field in fault.field
    assert rule in fault.rule


def test_nobody_is_named_who_did_not_agree(riverbend: World) -> None:
    named = {o.by for o in riverbend.expertise if o.named}
    assert named == {"state-bi.v.petrov", "state-bi.a.desai", "tri-county-da.s.whitaker"}
    covert = [
        o for o in riverbend.expertise if o.discipline in ("undercover-work", "victim-advocacy")
    ]
    assert len(covert) == 2
    assert not any(o.named for o in covert)
