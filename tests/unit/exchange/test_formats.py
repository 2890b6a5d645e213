"""Every format becomes the same drafts: recognised by content, labelled safely, bad rows told apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accord.exchange.formats import FORMATS
from accord.kernel.errors import InvalidInput
from accord.records.intake.rows import AcceptedRow, RowError
from unit.exchange.conftest import FIXTURES, bring, xlsx

MAPPING = """\
schema: Person
source_system: sheet
source_ref: [no]
label: {subjects: [suspect], basis: statute}
columns: {name: name, dob: {to: birthDate, date: "%m/%d/%Y"}}
"""
Drafts = Callable[..., list[Any]]


def by_ref(drafts: list[Any]) -> dict[str, Any]:
    return {d.source_ref: d for d in drafts}


def labels(draft: Any) -> set[tuple[str, ...]]:
    return {tuple(sorted(p.label.subjects)) for p in draft.parts}


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("nibrs-all-fields.xml", "nibrs-xml"),
        ("nibrs-flat.txt", "nibrs-flat"),
        ("case-owl.json", "case"),
        ("ftm.jsonl", "ftm"),
    ],
)
def test_a_format_is_recognised_by_content(data: str, name: str) -> None:
    options: dict[str, Any] = {} if FORMATS[name].states_basis else {"basis": "warrant"}
    found, reading, rows = bring(data, **options)
    assert found == name
    assert reading.said
    assert any(isinstance(row, AcceptedRow) for row in rows)


def test_json_lines_of_accord_are_told_from_entities() -> None:
    line = (
        b'{"agency":"riverbend-pd","source_system":"s","source_ref":"1","schema":"Person",'
        b'"label":{"basis":"statute"},"parts":{"identity":{"name":["A B"]}}}\n'
    )
    assert bring(line)[0] == "jsonl"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 x", "neither a table nor a report"),
        (b"<?xml version='1.0'?><html/>", "not NIBRS"),
        (b"PK\x03\x04 not a zip", "cut off or damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old or encrypted Excel"),
        (b'[{"a": 1}]', "neither CASE/UCO nor"),
    ],
)
def test_what_no_format_reads_is_refused_in_words(data: bytes, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        bring(data)


# -- NIBRS -----------------------------------------------------------------------------------------


def test_a_nibrs_report_becomes_incident_people_arrest_and_property(drafts: Drafts) -> None:
    found = by_ref(drafts("nibrs-all-fields.xml"))
    incident = found["WVNDX0100/54236732"]
    assert incident.part("core").values["offence"] == ("motor-vehicle-theft",)
    assert incident.part("core").values["startDate"] == ("2016-02-19",)
    assert labels(incident) == {("suspect", "victim")}
    victim = found["WVNDX0100/54236732/victim/1"]
    assert labels(victim) == {("officer", "victim")}
    assert victim.part("identity").sealed
    assert victim.part("identity").values["relationToOffender"] == ("acquaintance",)
    offender = found["WVNDX0100/54236732/offender/1"]
    assert set(offender.part("identity").values["ageYears"]) == {"25", "30"}
    assert labels(offender) == {("suspect",)}
    arrest = found["WVNDX0100/54236732/arrest/1"]
    assert arrest.part("identity").values["personRecord"] == ("WVNDX0100/54236732/arrestee/1",)
    assert sum(d.schema == "Item" for d in found.values()) == 8


def test_a_victim_who_is_a_baby_is_sealed_as_a_minor(drafts: Drafts) -> None:
    baby = by_ref(drafts("nibrs-all-fields.xml"))["WVNDX0100/54236732/victim/2"]
    assert baby.part("identity").values["ageYears"] == ("0",)
    assert all(part.label.minor for part in baby.parts)


def test_the_flat_file_says_the_same(drafts: Drafts) -> None:
    found = by_ref(drafts("nibrs-flat.txt"))
    incident = found["MNBCA0000/OCT23F76322"]
    assert incident.occurred_at == "2014-12-13"
    assert incident.part("core").values["offence"] == ("theft-from-motor-vehicle",)
    assert incident.part("core").label.offence == "property"
    victim = found["MNBCA0000/OCT23F76322/victim/001"]
    assert victim.part("identity").values["ageYears"] == ("45",)
    assert victim.part("identity").values["gender"] == ("female",)
    assert victim.part("identity").sealed
    arrest = found["MNBCA0000/OCT23F76322/arrest/01"]
    assert arrest.part("core").values["arrestNumber"] == ("OCT23F79951",)
    assert arrest.part("core").values["occurredAt"] == ("2015-01-14",)
    group_b = found["MNBCA0000/arrest/OCTNOV055ARR/arrest/01"]
    assert group_b.part("core").values["offence"] == ("bad-checks",)


def test_a_group_b_arrest_has_no_incident(drafts: Drafts) -> None:
    assert {d.schema for d in drafts("nibrs-group-b.xml")} == {"Person", "Arrest"}


def test_a_broken_segment_costs_that_segment_alone() -> None:
    whole = (FIXTURES / "nibrs-flat.txt").read_text().splitlines()
    good = [r for r in bring("nibrs-flat.txt")[2] if isinstance(r, AcceptedRow)]
    whole[4] = whole[4][:39] + "4x" + whole[4][41:]
    whole.insert(6, "0045 nonsense")
    rows = bring("\r\n".join(whole).encode(), format="nibrs-flat")[2]
    bad = {(r.line, r.field, r.rule) for r in rows if isinstance(r, RowError)}
    assert bad == {(5, "age", "nibrs-age"), (7, "", "nibrs-segment")}
    assert len(rows) - len(bad) == len(good) - 1


def test_an_age_that_cannot_be_read_is_labelled_as_a_minors() -> None:
    whole = (FIXTURES / "nibrs-flat.txt").read_text().splitlines()
    whole[4] = whole[4][:39] + "1735" + whole[4][43:]
    rows = bring("\n".join(whole).encode())[2]
    offender = next(
        r.draft
        for r in rows
        if isinstance(r, AcceptedRow) and r.draft.source_ref.endswith("OCT23F76322/offender/01")
    )
    assert all(part.label.minor for part in offender.parts)


# -- CASE/UCO and followthemoney -------------------------------------------------------------------


def test_case_people_and_things_come_in_and_relations_are_counted() -> None:
    _, reading, rows = bring("case-owl.json", basis="warrant")
    found = [r.draft for r in rows if isinstance(r, AcceptedRow)]
    assert {"Person", "Phone", "Document", "Account", "Organization"} <= {d.schema for d in found}
    people = [d for d in found if d.schema == "Person"]
    assert all(labels(p) == {("unknown",)} for p in people)
    assert reading.left["Relationship"] > 0
    assert all(p.label.basis == "warrant" for d in found for p in d.parts)


def test_entities_are_mapped_and_nobody_is_made_a_suspect_by_a_topic() -> None:
    _, reading, rows = bring("ftm.jsonl", basis="open-source")
    found = by_ref([r.draft for r in rows if isinstance(r, AcceptedRow)])
    assert set(found) == {"p-1", "c-1", "p-2"}
    assert labels(found["p-1"]) == {("unknown",)}
    assert found["p-2"].part("identity").sealed, "a child by birth date"
    assert reading.left == {
        "relations and other kinds": 1,
        "properties": 1,
    }
    (bad,) = [r for r in rows if isinstance(r, RowError)]
    assert (bad.line, bad.field, bad.rule) == (5, "properties.birthDate", "date")


# -- spreadsheets ----------------------------------------------------------------------------------


def test_a_spreadsheet_reads_like_csv_and_its_real_dates_are_dates() -> None:
    data = xlsx(
        [["no", "name", "dob"], [7, "Ann Cell", ("date", 29221)], ["8", "Bo", "02/03/1990"]]
    )
    name, reading, rows = bring(data, mapping=MAPPING)
    assert name == "xlsx"
    assert "People" in reading.said
    first, second = [r.draft for r in rows if isinstance(r, AcceptedRow)]
    assert first.source_ref == "7"
    assert first.part("identity").values["birthDate"] == ("1980-01-01",)
    assert second.part("identity").values["birthDate"] == ("1990-02-03",)


def test_a_sheet_is_chosen_by_name_and_a_wrong_one_named() -> None:
    data = xlsx([["no", "name", "dob"], ["1", "A B", ""]])
    with pytest.raises(InvalidInput, match="no such sheet; sheets are People"):
        bring(data, mapping=MAPPING + "sheet: Other\n")


def test_a_cell_beyond_the_header_is_not_lost_silently() -> None:
    rows = bring(xlsx([["no", "name", "dob"], ["1", "A B", "", "extra"]]), mapping=MAPPING)[2]
    assert [(r.line, r.rule) for r in rows if isinstance(r, RowError)] == [(2, "column-count")]


def test_the_same_reference_with_other_content_is_refused_with_its_first_line() -> None:
    data = b"no,name,dob\n1,Ann One,\n2,Bo Two,\n1,Other Name,\n1,Ann One,\n"
    rows = bring(data, mapping=MAPPING)[2]
    (bad,) = [r for r in rows if isinstance(r, RowError)]
    assert (bad.line, bad.field, bad.rule) == (4, "source_ref", "conflicting-reference")
    assert "line 2 " in bad.reason
    assert len(rows) == 4, "the first, the other, and the same again come in"
