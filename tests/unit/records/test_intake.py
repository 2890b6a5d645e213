"""Files become drafts; what is wrong is told by line, field and rule, and costs only its row."""

from __future__ import annotations

import io
import json
import time
from dataclasses import replace
from datetime import date
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.kernel.errors import InvalidInput
from accord.kernel.vocabulary import Vocabulary
from accord.records.intake.csvfile import BadRow, CsvRow, open_csv
from accord.records.intake.drafting import Intake
from accord.records.intake.jsonlines import open_jsonl
from accord.records.intake.mappingfile import parse_mapping
from accord.records.intake.rows import AcceptedRow, RowError, read_csv, read_jsonl
from accord.records.ontology import common_ontology

VOCABULARY = Vocabulary.load(1)
INTAKE = Intake("riverbend-pd", common_ontology(), VOCABULARY, date(2026, 3, 1))
MAPPING = """
schema: Person
source_system: rms
source_ref: [report, person]
missing: ["N/A"]
label:
  basis: statute
  offence: human-trafficking
  subjects: {column: role, codes: {S: [suspect], V: [victim], SW: [suspect, witness]}}
part_labels: {narrative: {sensitivity: sensitive}}
columns:
  dob: {to: birthDate, date: "%m/%d/%Y"}
  sex: {to: gender, codes: {"1": male, "2": female}}
  phones: {to: phone, region: US, split: ";"}
  notes: text
  seen: {to: occurredAt, date: "%m/%d/%Y %H:%M", zone: America/Chicago}
join: [{to: name, columns: [first, last]}]
occurred_at: {column: seen, date: "%m/%d/%Y %H:%M", zone: America/Chicago}
ignore: [internal]
cases: [HT-2026-014]
"""
HEADER = "report,person,role,first,last,dob,sex,phones,notes,seen,internal\n"
GOOD = "R1,1,S,Maria,Lopez,02/01/1990,2,312-555-0142;(312) 555-0143,N/A,01/02/2026 08:30,x\n"


def _open(data, **options):
    return open_csv(io.BytesIO(data), file="x.csv", **options)


def _rows(data, **options):
    return list(_open(data, **options).rows())


def _mapping(text=MAPPING):
    return parse_mapping(text, file="m.yaml", ontology=common_ontology(), vocabulary=VOCABULARY)


def _import(text, start_after=0):
    file = _open(text.encode())
    mapped = _mapping()
    mapped.check_header(file.header, "x.csv")
    return list(read_csv(file, mapped, INTAKE, start_after=start_after))


def _line(**changes):
    line = {
        "agency": "riverbend-pd",
        "source_system": "rms",
        "source_ref": "RB-000123",
        "schema": "Person",
        "occurred_at": "2026-01-02T08:30:00-06:00",
        "label": {"subjects": ["suspect"], "basis": "statute"},
        "grading": {"scheme": "3x5x2", "source": "2", "information": "B"},
        "assertion": "fact",
        "retain_until": "2031-01-01",
        "basis_of_suspicion": None,
        "parts": {
            "core": {"category": ["person"]},
            "identity": {"name": ["Maria Lopez"], "birthDate": ["1990-02-01"]},
            "contact": {"phone": ["312-555-0142"], "email": []},
        },
        "cases": ["HT-2026-014"],
    }
    return {**line, **changes}


def _jsonl(*lines):
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return list(read_jsonl(open_jsonl(io.BytesIO(text.encode()), file="x.jsonl"), INTAKE))


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t"), ("utf-16-le", "|"), ("cp1252", ",")],
)
def test_encoding_and_delimiter_are_found(encoding, delimiter):
    text = f"name{delimiter}city\nPeña{delimiter}Doña Ana\n"
    file = _open(text.encode(encoding))
    assert (file.encoding, file.delimiter) == (encoding, delimiter)
    assert [row.cells for row in file.rows()] == [("Peña", "Doña Ana")]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "empty"),
        (b"a,b\n1,\x81\xff\n", "first byte that fits none is number 7"),
        (b"a,b\n" + b"x" * 2_000_000 + b"\xff\x81", "neither UTF-8"),
        ("a,b\n".encode("utf-32"), "UTF-32"),
        (b"\xff\xfea\x00,\x00\x00\xd8", "neither UTF-8"),
        (b"a,,b\n", "no name"),
        (b"a,a\n", "two columns"),
        (b'a,"b\n', "quote"),
        (b"a\x00,b,c,d,e,f,g\n1,2\n", "NUL"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_reason(data, rule):
    with pytest.raises(InvalidInput, match=rule):
        _open(data)


def test_mixed_line_ends_and_quoted_newlines_keep_the_physical_line_numbers():
    rows = _rows(b'a,b\r\n1,2\n3,"x\r\ny"\r5,6\n\n7,8')
    assert [(r.row, r.line, r.cells) for r in rows] == [
        (1, 2, ("1", "2")),
        (2, 3, ("3", "x\r\ny")),
        (3, 5, ("5", "6")),
        (4, 7, ("7", "8")),
    ]


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        (b'3,"never closed\n', "unclosed-quote"),
        (b'3,"in"side"\n', "quotes"),
        (b"3\n", "column-count"),
        (b"3,4,5\n", "column-count"),
        (b"3,\x00\n", "control-character"),
        (b'3,"' + b"x" * 10_000_000 + b'"\n', "too-long"),
        (b"3," + b"x" * 100_001 + b"\n", "too-long"),
        (b"3" + b"," * 900_000 + b"\n", "column-count"),
    ],
)
def test_one_bad_row_costs_one_row(bad, rule):
    begun = time.monotonic()
    rows = _rows(b"a,b\n1,2\n" + bad + b"5,6\n")
    assert [type(r) for r in rows] == [CsvRow, BadRow, CsvRow]
    assert (rows[1].line, rows[1].problem.rule) == (3, rule)
    assert (rows[2].line, rows[2].cells) == (4, ("5", "6"))
    assert len(rows[1].raw) <= 4_000
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize("columns", [1_001, 400_000, 1_000_001])
def test_a_header_of_a_million_columns_is_refused_fast(columns):
    begun = time.monotonic()
    data = b",".join(b"c%d" % i for i in range(columns)) + b"\n"
    with pytest.raises(InvalidInput, match=r"columns|longer"):
        _open(data)
    assert time.monotonic() - begun < 3


def test_a_quote_that_opens_before_many_lines_costs_only_its_own():
    rows = _rows(b'a,b\n3,"open\n' + b"4,5\n" * 5_000)
    assert len(rows) == 5_001
    assert sum(isinstance(r, BadRow) for r in rows) == 1


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_whatever_bytes_come_are_rows_or_a_refusal(data):
    try:
        rows = _rows(data)
    except InvalidInput:
        return
    assert [row.row for row in rows] == list(range(1, len(rows) + 1))


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)


@given(st.lists(st.tuples(CELL, CELL).filter(lambda r: "".join(r).strip()), max_size=8))
@settings(max_examples=100, deadline=None)
def test_what_a_csv_writer_writes_is_read_back(rows):
    import csv

    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(["a", "b"])
    writer.writerows(rows)
    read = _rows(out.getvalue().encode(), encoding="utf-8", delimiter=",")
    assert [row.cells for row in read] == rows


def test_a_mapped_row_becomes_a_labelled_draft():
    (row,) = _import(HEADER + GOOD)
    assert isinstance(row, AcceptedRow)
    draft = row.draft
    assert (draft.owner, draft.source_ref, draft.schema) == ("riverbend-pd", "R1/1", "Person")
    assert draft.occurred_at == "2026-01-02T14:30:00Z"
    assert draft.cases == ("HT-2026-014",)
    identity = draft.part("identity")
    assert identity.values == {
        "name": ("Maria Lopez",),
        "birthDate": ("1990-02-01",),
        "gender": ("female",),
    }
    assert identity.label.subjects == {"suspect"}
    assert not identity.sealed
    assert draft.part("contact").values["phone"] == ("+13125550142", "+13125550143")
    assert draft.part("narrative") is None


def test_a_victims_row_is_sealed_where_it_could_name_or_find_her():
    (row,) = _import(HEADER + GOOD.replace(",S,", ",V,").replace("N/A", "was seen"))
    sealed = {p.part: p.sealed for p in row.draft.parts}
    assert sealed == {"core": False, "identity": True, "contact": True, "narrative": True}


@pytest.mark.parametrize(("born", "minor"), [("01/02/2008", False), ("01/03/2008", True)])
def test_a_person_under_eighteen_is_a_minor_whatever_the_row_says(born, minor):
    (row,) = _import(HEADER + GOOD.replace("02/01/1990", born))
    assert row.draft.part("identity").label.minor is minor
    assert row.draft.part("identity").sealed is minor


@pytest.mark.parametrize("system", ["accord", "accord-evidence", " accord-evidence\t"])
def test_no_file_revises_what_the_node_keeps_under_its_own_name(system):
    (row,) = _jsonl(_line(source_system=system))
    assert isinstance(row, RowError)
    assert (row.field, row.rule) == ("source_system", "own-system")
    (row,) = _jsonl(_line(source_system="accordion"))
    assert isinstance(row, AcceptedRow)


def test_importing_again_after_the_eighteenth_birthday_unseals_nothing():
    line = _line()
    line["parts"]["identity"]["birthDate"] = ["2008-06-01"]
    data = io.BytesIO(json.dumps(line).encode())
    later = replace(INTAKE, collected=date(2030, 1, 1))
    (row,) = read_jsonl(open_jsonl(data, file="x.jsonl"), later)
    assert row.draft.part("identity").sealed


@pytest.mark.parametrize(
    ("old", "new", "field", "rule"),
    [
        (",S,", ",Q,", "role", "label-code"),
        ("02/01/1990", "1990-02-01", "dob", "date-format"),
        (",2,", ",3,", "sex", "code-list"),
        ("312-555-0142", "911", "phones", "phone"),
        ("R1,1", "R1,", "person", "source-ref"),
        ("Maria,Lopez", "1,2", "first+last", "name"),
    ],
)
def test_a_bad_cell_names_its_column_and_rule_and_the_rest_loads(old, new, field, rule):
    rows = _import(HEADER + GOOD + GOOD.replace(old, new) + GOOD)
    assert [type(r) for r in rows] == [AcceptedRow, RowError, AcceptedRow]
    assert (rows[1].line, rows[1].field, rows[1].rule) == (3, field, rule)


def test_all_that_is_wrong_with_a_row_is_told_at_once():
    row = _import(HEADER + GOOD.replace(",S,", ",Q,").replace(",2,", ",3,"))[0]
    assert {p.field for p in row.problems} == {"role", "sex"}


def test_a_resumed_run_ends_as_if_it_had_never_stopped():
    text = HEADER + "".join(GOOD.replace("R1", f"R{i}") for i in range(5)) + "bad\n" + GOOD
    whole = _import(text)
    for stopped in range(len(whole) + 1):
        assert whole[:stopped] + _import(text, start_after=stopped) == whole


def test_rows_are_read_one_by_one_and_not_all_at_once():
    file = _open((HEADER + GOOD * 20_000).encode())
    list(islice(read_csv(file, _mapping(), INTAKE), 3))
    assert file.bytes_read < 400_000


def test_an_unmapped_column_is_refused_and_not_lost_in_silence():
    with pytest.raises(InvalidInput, match="neither maps this column"):
        _mapping().check_header((*_mapping().used_columns, "extra"), "x.csv")
    with pytest.raises(InvalidInput, match="no such column"):
        _mapping().check_header(("report",), "x.csv")


@pytest.mark.parametrize(
    ("old", "new", "field", "rule"),
    [
        ("schema: Person", "schema: Persona", "schema", "no schema"),
        ("schema: Person", "schema: Thing", "schema", "no schema"),
        ("source_system: rms\n", "", "source_system", "missing"),
        ("notes: text", "notes: txt", "columns.notes", "no property"),
        ('%m/%d/%Y"}', '%m/%d/%y"}', "columns.dob.date", "%Y"),
        ("region: US", "region: USA", "columns.phones.region", "two-letter"),
        ("zone: America/Chicago", "zone: Mars/Base", "columns.seen.zone", "no time zone"),
        ("basis: statute", "basis: rumour", "label.basis", "not a word"),
        ("[suspect, witness]", "[suspect, villain]", "label.subjects.codes.SW", "not a word"),
        ("{narrative:", "{heart:", "part_labels.heart", "no key"),
        ("ignore:", "ignored:", "ignored", "no key"),
        ('codes: {"1"', 'date: x, codes: {"1"', "columns.sex.date", "not a property of type"),
    ],
)
def test_a_faulty_mapping_names_file_line_field_and_rule(old, new, field, rule):
    assert old in MAPPING
    with pytest.raises(InvalidInput) as caught:
        _mapping(MAPPING.replace(old, new))
    assert caught.value.file == "m.yaml"
    assert caught.value.line is not None or field == "source_system"
    assert caught.value.field == field
    assert rule in caught.value.rule


def test_a_world_line_becomes_a_draft_and_the_same_line_has_the_same_hash():
    one, other = _jsonl(_line(), _line())
    assert one.draft.content_hash == other.draft.content_hash
    assert one.draft.occurred_at == "2026-01-02T14:30:00Z"
    assert one.draft.retain_until == date(2031, 1, 1)
    assert one.draft.part("contact").values == {"phone": ("+13125550142",)}
    (changed,) = _jsonl(_line(cases=["HT-2026-015"]))
    assert changed.draft.content_hash != one.draft.content_hash


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"agency": "harlan-so"}, "agency", "owner"),
        ({"schema": "Thing"}, "schema", "schema"),
        ({"schema": ["Person"]}, "schema", "schema"),
        ({"colour": "red"}, "colour", "unknown-key"),
        ({"parts": {"core": {"name": ["Maria"]}}}, "parts.core.name", "part"),
        ({"parts": {"core": {"shoe": ["9"]}}}, "parts.core.shoe", "property"),
        ({"parts": {"core": {"category": "person"}}}, "parts.core.category", "form"),
        ({"parts": {"core": {"category": [1]}}}, "parts.core.category", "form"),
        ({"parts": []}, "parts", "form"),
        ({"parts": {}}, "no-parts", "no-parts"),
        ({"label": {"subjects": ["suspect"]}}, "label", "basis"),
        ({"label": "statute"}, "label", "form"),
        ({"part_labels": {"core": 1}}, "part_labels.core", "form"),
        ({"retain_until": "2031"}, "retain_until", "date"),
        ({"assertion": "rumour"}, "assertion", "assertion"),
        ({"grading": {"scheme": "3x5x2"}}, "grading", "grading"),
        ({"source_ref": ""}, "source_ref", "empty"),
        (
            {"schema": "Warrant", "parts": {"core": {"status": ["active"]}}},
            "warrantNumber",
            "required",
        ),
        ({"cases": "HT-1"}, "cases", "form"),
    ],
)
def test_a_bad_world_line_names_field_and_rule(changes, field, rule):
    (row,) = _jsonl(_line(**changes))
    assert isinstance(row, RowError)
    assert (field, rule) in {(p.field, p.rule) for p in row.problems}


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "1", '{"a": NaN}', '{"agency": "a", "agency": "b"}', "[" * 100_000, '"\\ud800"'],
)
def test_a_line_that_is_no_json_object_costs_one_row(line):
    rows = _jsonl(_line(), line, _line())
    assert [type(r) for r in rows] == [AcceptedRow, RowError, AcceptedRow]
    assert (rows[1].line, rows[1].rule) == (2, "json")


def test_half_a_surrogate_pair_in_a_world_line_costs_one_row():
    line = json.dumps(_line()).replace("Maria Lopez", "\\ud800")
    (row,) = _jsonl(line)
    assert row.rule == "not-unicode"


def test_intelligence_states_its_suspicion_and_keeps_to_five_years():
    intelligence = {"basis": "statute", "intelligence": True, "subjects": ["suspect"]}
    facts = "Three witnesses saw him collect the workers' passports."
    good = _line(label=intelligence, basis_of_suspicion=facts)
    accepted, silent, late = _jsonl(
        good, {**good, "basis_of_suspicion": None}, {**good, "retain_until": "2031-03-02"}
    )
    assert accepted.draft.intelligence
    assert accepted.draft.part("narrative").values == {"basisOfSuspicion": (facts,)}
    assert (silent.rule, late.rule) == ("basis-of-suspicion", "retention")


def test_a_json_file_that_is_not_utf8_is_refused():
    with pytest.raises(InvalidInput, match="byte 3 is not utf-8"):
        open_jsonl(io.BytesIO(b'{"\xff": 1}'), file="x.jsonl")
