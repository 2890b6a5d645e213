"""Files that mean harm, or that are broken: a clear error with its place, and no harm."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Any

import pytest

from accord.exchange.formats import container, xmlfile
from accord.kernel.errors import InvalidInput
from accord.records.intake.rows import AcceptedRow, RowError
from unit.exchange.conftest import FIXTURES, bring, xlsx

MAPPING = """\
schema: Person
source_system: hostile
source_ref: [no]
label: {subjects: [suspect], basis: statute}
columns: {name: name, note: text}
"""
XML = (FIXTURES / "nibrs-all-fields.xml").read_text()
LAUGHS = """<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>"""
EXTERNAL = '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def refused(data: bytes, **options: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        bring(data, **options)
    return caught.value


# -- XML -------------------------------------------------------------------------------------------


def with_doctype(doctype: str) -> bytes:
    head, _, rest = XML.partition("?>")
    return f"{head}?>{doctype}{rest}".encode()


@pytest.mark.parametrize("doctype", [LAUGHS, EXTERNAL, "<!DOCTYPE nibrs>"])
def test_a_document_type_is_refused_unread(doctype: str) -> None:
    error = refused(with_doctype(doctype))
    assert error.line == 1
    assert "document type or entities" in error.rule


def test_xml_that_is_cut_off_is_refused_before_anything_of_it_is_taken() -> None:
    error = refused(XML[: len(XML) * 2 // 3].encode())
    assert error.line is not None
    assert error.line > 100
    assert "cut off or not well-formed" in error.rule


def test_a_huge_text_in_xml_is_refused() -> None:
    huge = XML.replace("54236732", "5" * (xmlfile.MAX_TEXT_CHARS + 1))
    assert "longer than 100,000" in refused(huge.encode()).rule


def test_xml_that_is_nested_without_end_is_refused() -> None:
    nest = XML.replace("<nc:Incident>", "<nc:Incident>" + "<a>" * 100, 1)
    assert "nested deeper" in refused(nest.encode()).rule


def test_a_report_with_too_many_elements_is_refused() -> None:
    many = XML.replace("<nc:Incident>", "<a/>" * (xmlfile.MAX_ELEMENTS + 1) + "<nc:Incident>", 1)
    assert "more than 50,000 elements" in refused(many.encode()).rule


# -- containers ------------------------------------------------------------------------------------


def test_a_spreadsheet_that_would_swell_is_refused_before_it_is_unpacked() -> None:
    bomb = xlsx([["no"], ["1"]], **{"xl/media/zeros.bin": b"\0" * (64 * 1024**2)})
    assert len(bomb) < 200_000
    assert "would swell" in refused(bomb).rule


def test_a_spreadsheet_whose_directory_claims_too_much_is_refused() -> None:
    data = bytearray(xlsx([["no"], ["1"]], **{"z": b"x"}))
    at = data.rindex(b"PK\x01\x02")
    struct.pack_into("<L", data, at + 24, container.MAX_UNPACKED_BYTES + 1)
    assert "would unpack to" in refused(bytes(data)).rule


def test_an_archive_that_is_no_spreadsheet_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("notes.txt", "hello")
    assert "no spreadsheet" in refused(out.getvalue()).rule


def test_a_damaged_spreadsheet_is_refused() -> None:
    whole = xlsx([["no", "name"], ["1", "A B"]])
    assert "cut off or damaged" in refused(whole[:-30]).rule


def test_a_sheet_with_too_many_columns_is_refused() -> None:
    assert "1,001 columns" in refused(xlsx([[f"c{i}" for i in range(1_001)]])).rule


# -- text ------------------------------------------------------------------------------------------


def test_a_million_columns_are_refused_at_the_header() -> None:
    error = refused(b",".join(b"c" for _ in range(1_000_000)), format="csv")
    assert error.line == 1


def test_a_field_of_ten_megabytes_costs_its_row_alone() -> None:
    data = b"no,name,note\n1,Ann,short\n2,Bo," + b"x" * 10_000_000 + b"\n3,Cy,short\n"
    rows = bring(data, mapping=MAPPING)[2]
    assert [(r.line, type(r)) for r in rows] == [(2, AcceptedRow), (3, RowError), (4, AcceptedRow)]
    assert rows[1].problems[0].rule == "too-long"  # type: ignore[union-attr]  # a RowError


def test_mixed_line_ends_and_nul_bytes_are_read_or_told_apart() -> None:
    data = b"no,name,note\r\n1,Ann,a\n2,Bo,b\r3,Cy,c\x00d\r\n4,Di,e"
    rows = bring(data, mapping=MAPPING)[2]
    assert [r.line for r in rows if isinstance(r, AcceptedRow)] == [2, 3, 5]
    (bad,) = [r for r in rows if isinstance(r, RowError)]
    assert (bad.line, bad.field, bad.rule) == (4, "note", "control-character")


def test_a_wrong_encoding_is_named_with_its_byte() -> None:
    error = refused(b"no,name,note\n1,\x81\x8d,x\n", format="csv")
    assert "the first byte that fits none is number" in error.rule
    named = refused(b"no,name,note\n1,\xe9,x\n", mapping=MAPPING + "encoding: utf-8\n")
    assert "is not utf-8" in named.rule


def test_json_that_is_nested_without_end_is_refused_or_costs_its_line() -> None:
    deep = b'{"@graph": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert "nested too deep" in refused(deep, format="case", basis="warrant").rule
    rows = bring(b"[" * 100_000 + b"\n", format="jsonl")[2]
    assert [r.rule for r in rows if isinstance(r, RowError)] == ["json"]


def test_a_repeated_key_in_a_bundle_is_refused() -> None:
    assert "repeated" in refused(b'{"@graph": [], "@graph": []}', format="case").rule
