"""No cell that leaves Accord can become a formula."""

from __future__ import annotations

import ast
import csv
import io
from pathlib import Path

import pytest

import accord
from accord.kernel.cells import csv_text, neutral


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0@x", "＝1"],
)
def test_a_cell_that_a_spreadsheet_would_compute_is_neutral(cell: str) -> None:
    (row,) = list(csv.reader(io.StringIO(csv_text(["a"], [[cell]]), newline="")))[1:]
    assert row == ["'" + cell]


@pytest.mark.parametrize("cell", ["Ann", "a=b", "1-2", "x@y.org", "", "'quoted"])
def test_any_other_text_stays_as_it_is(cell: str) -> None:
    assert neutral(cell) == cell


def test_numbers_of_the_program_stay_numbers() -> None:
    assert neutral(-5) == "-5"
    assert neutral(None) == ""


def test_separators_and_quotes_cannot_begin_another_cell() -> None:
    text = csv_text(["a", "b"], [['x","=1', "y\r\n=2"]])
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == ['x","=1', "y\r\n=2"]


def test_nobody_else_writes_csv() -> None:
    """INVARIANT: what is exported as cells goes through this one place."""
    root = Path(accord.__file__).parent
    writers = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("csv.writer", "csv.DictWriter")
    }
    assert writers == {"kernel/cells.py"}
