"""The schemata, their lint and their overlays."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from accord.kernel.errors import InvalidInput
from accord.kernel.vocabulary import NEWEST, Vocabulary
from accord.records.ontology import FOLDER, common_ontology, load_ontology
from accord.records.values import TYPES

NAMING = {"name", "phone", "email", "address", "latitude", "longitude", "plate", "vin", "text"}


def _copy(tmp_path: Path) -> Path:
    folder = tmp_path / "ontology"
    shutil.copytree(FOLDER, folder)
    return folder


def _overlay(tmp_path: Path, text: str, name: str = "Person") -> Path:
    folder = tmp_path / "overlay"
    folder.mkdir()
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def test_every_schema_of_the_vocabulary_has_a_file_and_no_other_exists():
    assert set(common_ontology().names) == set(Vocabulary.load(NEWEST).words("schema"))


def test_core_holds_nothing_that_names_reaches_or_finds_a_person():
    for schema in common_ontology().schemata.values():
        for prop in schema.in_part("core"):
            assert prop.type not in NAMING, (schema.name, prop.name)


def test_every_type_used_has_a_cleaner():
    used = {p.type for s in common_ontology().schemata.values() for p in s.properties.values()}
    assert used <= set(TYPES)


def test_a_name_in_core_is_refused_with_file_line_and_rule(tmp_path):
    folder = _copy(tmp_path)
    path = folder / "Person.yaml"
    path.write_text(
        path.read_text().replace("type: name, part: identity", "type: name, part: core")
    )
    with pytest.raises(InvalidInput) as caught:
        load_ontology(folder)
    fault = caught.value.faults[0]
    assert fault.file == str(path)
    assert fault.line
    assert fault.line > 5
    assert fault.field == "properties.name.part"
    assert "not in core" in fault.rule
    assert len(caught.value.faults) >= 5


def test_one_property_name_has_one_type_everywhere(tmp_path):
    folder = _copy(tmp_path)
    path = folder / "Vehicle.yaml"
    path.write_text(path.read_text().replace("type: plate", "type: identifier"))
    with pytest.raises(InvalidInput, match="plate has type"):
        load_ontology(folder)


def test_an_overlay_adds_a_property_and_a_required_field(tmp_path):
    text = (
        "required: [gangCode]\nproperties:\n  gangCode: {label: Gang, type: code, part: identity}\n"
    )
    person = load_ontology(overlays=[_overlay(tmp_path, text)]).schema("Person")
    assert person.properties["gangCode"].part == "identity"
    assert person.required == ("gangCode",)
    assert "gangCode" not in common_ontology().schema("Person").properties


def test_an_overlay_cannot_move_a_property_to_another_part(tmp_path):
    text = "properties:\n  birthDate: {label: Born, type: date, part: core}\n"
    with pytest.raises(InvalidInput, match="agreements rest on it"):
        load_ontology(overlays=[_overlay(tmp_path, text)])


def test_an_overlay_cannot_put_a_phone_number_into_core(tmp_path):
    text = "properties:\n  pager: {label: Pager, type: phone, part: core}\n"
    with pytest.raises(InvalidInput, match="not in core"):
        load_ontology(overlays=[_overlay(tmp_path, text)])


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("properties: &a {}\n", "anchors"),
        ("properties: !!python/object:os.system {}\n", "tags"),
        ("properties: {x: 1}\nproperties: {}\n", "repeated"),
        ("properties: [\n", "not YAML"),
        ("", "empty"),
        ("colour: red\n", "no key 'colour'"),
        ("properties:\n  x1: {label: X, type: code}\n", "is missing"),
        ("properties:\n  x1: {label: X, type: runes, part: core}\n", "not a type"),
        ("properties:\n  x1: {label: X, type: code, part: heart}\n", "not a part"),
    ],
)
def test_a_bad_overlay_says_what_is_wrong(tmp_path, text, rule):
    with pytest.raises(InvalidInput, match=rule):
        load_ontology(overlays=[_overlay(tmp_path, text)])


def test_norway_stays_a_country_and_not_a_falsehood(tmp_path):
    text = "properties:\n  x1: {label: NO, type: code, part: core, values: [no, yes]}\n"
    prop = load_ontology(overlays=[_overlay(tmp_path, text)]).schema("Person").properties["x1"]
    assert (prop.label, prop.values) == ("NO", ("no", "yes"))
