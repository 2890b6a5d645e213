"""What the tests of formats share: a reading of one file, drafts of it, and the confined reader."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hooking import hook, owner, receiver  # noqa: F401 - fixtures

from accord.exchange.formats import open_file
from accord.exchange.formats.base import Options, Reading, Sitting
from accord.kernel.vocabulary import NEWEST, Vocabulary
from accord.records.intake.drafting import Intake
from accord.records.intake.mappingfile import parse_mapping
from accord.records.intake.rows import AcceptedRow, RowError, draft_rows
from accord.records.ontology import common_ontology

FIXTURES = Path(__file__).parent / "fixtures"
INTAKE = Intake(
    "riverbend-pd", common_ontology(), Vocabulary.load(NEWEST), date(2026, 11, 28), "US"
)
Brought = tuple[str, Reading, list[AcceptedRow | RowError]]


def bring(
    data: bytes | str, *, mapping: str | None = None, format: str = "", **label: object
) -> Brought:
    """Recognise, open and draft a whole file in this process."""
    raw = data if isinstance(data, bytes) else (FIXTURES / data).read_bytes()
    mapped, options = None, Options()
    if mapping is not None:
        mapped = parse_mapping(
            mapping, file="mapping", ontology=INTAKE.ontology, vocabulary=INTAKE.vocabulary
        )
        options = Options(mapped.delimiter, mapped.encoding, mapped.sheet)
    chosen, reading = open_file(io.BytesIO(raw), "the-file", format, options)
    if mapped is not None and chosen.name in ("xlsx", "ods"):
        mapped = mapped.of_typed_cells()
    rows = draft_rows(reading.draw(Sitting(INTAKE, mapped, label)), INTAKE)
    return chosen.name, reading, list(rows)


def xlsx(rows: list[list[Any]], sheet: str = "People", **extra: bytes) -> bytes:
    """A small spreadsheet: texts inline, numbers as numbers, ("date", serial) as a date."""

    def cell(value: Any) -> str:
        if isinstance(value, tuple):
            return f'<c s="1"><v>{value[1]}</v></c>'
        if isinstance(value, int | float):
            return f"<c><v>{value}</v></c>"
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'

    body = "".join(f"<row>{''.join(cell(v) for v in row)}</row>" for row in rows)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    files = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'relationships"><Relationship Id="r1" Type="{rel}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets>'
        f'<sheet name="{sheet}" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/'
        f'package/2006/relationships"><Relationship Id="r1" Type="{rel}/worksheet" '
        f'Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{rel}/styles" '
        'Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData>'
        "</worksheet>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        for name, content in extra.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def drafts() -> Callable[..., list[Any]]:
    """The drafts of a file, none of it refused."""

    def made(data: bytes | str, **options: Any) -> list[Any]:
        rows = bring(data, **options)[2]
        assert [r for r in rows if isinstance(r, RowError)] == []
        return [r.draft for r in rows if isinstance(r, AcceptedRow)]

    return made
