"""The files to try intake on load as their mappings say; the faulty one is told line by line."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest

from accord.kernel.vocabulary import Vocabulary
from accord.records.intake.csvfile import open_csv
from accord.records.intake.drafting import Intake
from accord.records.intake.mappingfile import parse_mapping
from accord.records.intake.rows import AcceptedRow, RowError, read_csv
from accord.records.ontology import common_ontology

IMPORTS = Path(__file__).parents[3] / "worlds" / "riverbend" / "imports"
VOCABULARY = Vocabulary.load(1)


def rows(name: str) -> list[AcceptedRow | RowError]:
    mapped = parse_mapping(
        (IMPORTS / f"{name}.mapping.yaml").read_text("utf-8"),
        file=f"{name}.mapping.yaml",
        ontology=common_ontology(),
        vocabulary=VOCABULARY,
    )
    options = {"delimiter": mapped.delimiter} if mapped.delimiter else {}
    data = io.BytesIO((IMPORTS / f"{name}.csv").read_bytes())
    file = open_csv(data, file=f"{name}.csv", **options)
    mapped.check_header(file.header, f"{name}.csv")
    owner = name.split(".")[0]
    intake = Intake(owner, common_ontology(), VOCABULARY, date(2026, 11, 16))
    return list(read_csv(file, mapped, intake))


@pytest.mark.parametrize(
    ("name", "count"), [("harlan-so.jail-roster", 8), ("riverbend-pd.tow-log", 4)]
)
def test_every_row_of_a_good_file_is_accepted(name: str, count: int) -> None:
    read = rows(name)
    assert [r for r in read if isinstance(r, RowError)] == []
    assert len(read) == count


def test_the_faulty_file_loses_only_its_faulty_rows_and_says_where() -> None:
    read = rows("harlan-so.warrants-with-faults")
    assert [r.line for r in read if isinstance(r, AcceptedRow)] == [2, 7, 9]
    faults = {r.line: r for r in read if isinstance(r, RowError)}
    assert sorted(faults) == [3, 4, 5, 6, 8]
    assert faults[3].field == "issued"
    assert "warrant_no" in faults[4].reason or "needs" in faults[4].reason
    assert faults[5].field == "status"
    assert faults[8].field == "dob"


def test_each_file_to_import_has_its_mapping() -> None:
    for file in IMPORTS.glob("*.csv"):
        assert file.with_suffix(".mapping.yaml").exists()
