"""Spreadsheets (xlsx, ods): the rows of one sheet, read through a mapping like CSV.

Cells become text as a person reads them; a real date becomes ISO 8601, whatever the sheet shows.
Formulas are never computed: their stored result is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from accord.exchange.formats.base import (
    SAMPLE_ROWS,
    Options,
    Reading,
    Sitting,
    check_size,
    cut,
    need_mapping,
)  # fmt: skip
from accord.exchange.formats.container import check_container
from accord.kernel.errors import InvalidInput
from accord.records.faults import Problem
from accord.records.intake.limits import DEFAULT_LIMITS
from accord.records.intake.rows import Drawn, draw_cells

MAX_BYTES = 128 * 1024**2
SHOWN_SHEETS = 10
Cell = int | float | str | bool | date | datetime | time | timedelta


def open_spreadsheet(source: BinaryIO, file: str, options: Options) -> Reading:
    """Opens the sheet that the mapping names, or the first visible one with rows."""
    size = check_size(source, file, MAX_BYTES)
    check_container(source, file)
    try:
        sheet = _sheet(CalamineWorkbook.from_filelike(source), file, options.sheet)
    except CalamineError:
        raise InvalidInput(file, None, "", "this is no spreadsheet that can be read") from None
    if sheet.width > DEFAULT_LIMITS.max_columns:
        rule = f"the sheet has {sheet.width:,} columns; at most {DEFAULT_LIMITS.max_columns:,}"
        raise InvalidInput(file, 1, "", rule)
    first_line = (sheet.start or (0, 0))[0] + 1
    header = _header(sheet, file, first_line)
    rows = _Rows(sheet, header, first_line)

    def draw(sitting: Sitting) -> Iterator[Drawn]:
        mapped = need_mapping(sitting, file)
        mapped.check_header(header, file)
        return rows.drawn(sitting)

    return Reading(
        said=f"spreadsheet, sheet {cut(sheet.name)!r}",
        draw=draw,
        at=lambda: rows.part_of(size),
        columns=header,
        sample=tuple(
            tuple(cut(c) for c in cells)
            for _, cells in islice(rows.texts(), SAMPLE_ROWS)
        ),
    )  # fmt: skip


def _sheet(book: CalamineWorkbook, file: str, name: str | None) -> CalamineSheet:
    if name is not None:
        if name not in book.sheet_names:
            names = ", ".join(cut(n) for n in book.sheet_names[:SHOWN_SHEETS])
            raise InvalidInput(file, None, "sheet", f"there is no such sheet; sheets are {names}")
        return book.get_sheet_by_name(name)
    for meta in book.sheets_metadata:
        if str(meta.visible).endswith("Visible") and "Hidden" not in str(meta.visible):
            sheet = book.get_sheet_by_name(meta.name)
            if sheet.height:
                return sheet
    raise InvalidInput(file, None, "", "no visible sheet has a row")


def _header(sheet: CalamineSheet, file: str, line: int) -> tuple[str, ...]:
    names = [text_of(cell).strip() for cell in next(iter(sheet.iter_rows()))]
    while names and not names[-1]:
        names.pop()
    seen: set[str] = set()
    for number, name in enumerate(names, 1):
        if not name:
            raise InvalidInput(file, line, f"column {number}", "the column has no name")
        if name in seen:
            raise InvalidInput(file, line, cut(name), "two columns have this name")
        seen.add(name)
    return tuple(names)


class _Rows:
    """The rows under the header, as texts."""

    def __init__(self, sheet: CalamineSheet, header: tuple[str, ...], first_line: int) -> None:
        self._sheet, self._header, self._first = sheet, header, first_line
        self._done = 0

    def part_of(self, size: int) -> int:
        return size * self._done // max(1, self._sheet.height)

    def texts(self) -> Iterator[tuple[int, list[str]]]:
        """Line and cells of every row that is not blank."""
        for number, cells in enumerate(islice(self._sheet.iter_rows(), 1, None), self._first + 1):
            self._done = number
            texts = [text_of(cell) for cell in cells]
            if any(text.strip() for text in texts):
                yield number, texts

    def drawn(self, sitting: Sitting) -> Iterator[Drawn]:
        mapped = need_mapping(sitting, "")
        wide = len(self._header)
        for row, (line, texts) in enumerate(self.texts(), 1):
            raw = json.dumps(texts, ensure_ascii=False)[: DEFAULT_LIMITS.max_raw_chars]
            problem = self._problem(texts)
            if problem:
                yield Drawn(row, line, raw, None, (problem,))
            else:
                cells = dict(zip(self._header, texts[:wide], strict=True))
                yield Drawn(row, line, raw, draw_cells(cells, mapped))

    def _problem(self, texts: list[str]) -> Problem | None:
        wide = len(self._header)
        if any(text.strip() for text in texts[wide:]):
            return Problem("", "column-count", "the row has cells beyond the last named column")
        for name, text in zip(self._header, texts[:wide], strict=True):
            if len(text) > DEFAULT_LIMITS.max_field_chars:
                limit = f"{DEFAULT_LIMITS.max_field_chars:,}"
                return Problem(name, "too-long", f"the cell is longer than {limit} characters")
            if "\x00" in text:
                return Problem(name, "control-character", "the cell has a NUL byte")
        return None


def text_of(cell: Cell) -> str:
    """A cell as text: whole numbers without a point, dates in ISO 8601."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else format(cell, ".15g")
    if isinstance(cell, datetime):
        midnight = (cell.hour, cell.minute, cell.second) == (0, 0, 0)
        return f"{cell:%Y-%m-%d}" if midnight else f"{cell:%Y-%m-%dT%H:%M:%S}"
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)
