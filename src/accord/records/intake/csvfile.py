"""Reads CSV as records systems export it: one bad row is told apart, the rest goes on.

A record that never closes its quote is given up at a limit, and reading goes on at the line after
its first: one stray quote costs one row and not the file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase, thousands
from accord.records.faults import Problem
from accord.records.intake.encodings import check_encoding, detect_encoding
from accord.records.intake.limits import DEFAULT_LIMITS, Limits
from accord.records.intake.lines import Line, LineSource, kept_open

DELIMITERS = ",;\t|"
SNIFF_LINES = 20


@dataclass(frozen=True)
class CsvRow:
    """The cells of one row; `row` counts rows from 1, `line` is where it begins in the file."""

    row: int
    line: int
    cells: tuple[str, ...]
    raw: str


@dataclass(frozen=True)
class BadRow:
    """A row that could not be read, with as much of its text as quarantine keeps."""

    row: int
    line: int
    problem: Problem
    raw: str


@dataclass
class CsvFile:
    """An opened file: what was found out about it, and its rows, once."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    lines: LineSource
    limits: Limits

    @property
    def bytes_read(self) -> int:
        """How far the file has been read, for a progress bar."""
        return self.lines.bytes_read

    def rows(self) -> Iterator[CsvRow | BadRow]:
        """Every row after the header; blank lines are passed over."""
        reader = _RecordReader(self.lines, self.delimiter, self.limits)
        row = 0
        while (record := reader.read()) is not None:
            if record.blank:
                continue
            row += 1
            yield self._row(row, record)

    def _row(self, row: int, record: _Record) -> CsvRow | BadRow:
        problem = record.problem or self._shape(record.cells)
        raw = record.raw[: self.limits.max_raw_chars]
        if problem:
            return BadRow(row, record.line, problem, raw)
        return CsvRow(row, record.line, record.cells, raw)

    def _shape(self, cells: tuple[str, ...]) -> Problem | None:
        if len(cells) != len(self.header):
            reason = f"the row has {len(cells):,} columns, the header has {len(self.header):,}"
            return Problem("", "column-count", reason)
        for name, cell in zip(self.header, cells, strict=True):
            if len(cell) > self.limits.max_field_chars:
                limit = f"{self.limits.max_field_chars:,}"
                return Problem(name, "too-long", f"the field is longer than {limit} characters")
            if "\x00" in cell:
                return Problem(name, "control-character", "the field has a NUL byte")
        return None


def open_csv(
    source: BinaryIO,
    *,
    file: str,
    encoding: str | None = None,
    delimiter: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> CsvFile:
    """Finds encoding, delimiter and header; the source must be seekable and stays open."""
    if encoding is None:
        encoding = detect_encoding(source, file, limits)
    else:
        check_encoding(source, file, encoding, limits)
    text = io.TextIOWrapper(kept_open(source), encoding=encoding, newline="")
    lines = LineSource(text, source, limits)
    delimiter = delimiter or _sniff(lines, file, limits)
    if len(delimiter) != 1 or delimiter in '"\r\n\x00':
        raise InvalidInput(
            file, 1, "delimiter", phrase("a delimiter is one character, and no quote")
        )
    header = _header(lines, delimiter, file, limits)
    return CsvFile(encoding, delimiter, header, lines, limits)


def _sniff(lines: LineSource, file: str, limits: Limits) -> str:
    """The delimiter that splits the header into most columns, and the lines after it alike."""
    sample = [line for _ in range(SNIFF_LINES) if (line := lines.next()) is not None]
    lines.put_back(sample)
    if not sample:
        raise InvalidInput(file, None, "", phrase("the file is empty"))
    if not sample[0].whole:
        rule = f"the first line is longer than {limits.max_line_chars:,} characters"
        raise InvalidInput(file, 1, "", rule)
    counts = {d: sample[0].text.count(d) for d in DELIMITERS}
    return max(DELIMITERS, key=lambda d: (counts[d] > 0, _agreement(sample, d), counts[d]))


def _agreement(sample: list[Line], delimiter: str) -> int:
    expected = sample[0].text.count(delimiter)
    return sum(line.text.count(delimiter) == expected for line in sample)


def _header(lines: LineSource, delimiter: str, file: str, limits: Limits) -> tuple[str, ...]:
    first = lines.next()
    if first is None:
        raise InvalidInput(file, None, "", phrase("the file has no header line"))
    lines.put_back([first])
    columns = first.text.count(delimiter) + 1
    if columns > 2 * limits.max_columns:
        raise InvalidInput(
            file,
            1,
            "",
            phrase(
                "the header has %(columns)s columns; at most %(max_columns)s",
                columns=thousands(columns),
                max_columns=thousands(limits.max_columns),
            ),
        )
    record = _RecordReader(lines, delimiter, limits).read()
    assert record is not None
    if record.problem:
        raise InvalidInput(
            file, record.line, "", phrase("the header: %(reason)s", reason=record.problem.reason)
        )
    header = tuple(cell.strip() for cell in record.cells)
    _check_header(header, file, record.line, limits)
    return header


def _check_header(header: tuple[str, ...], file: str, line: int, limits: Limits) -> None:
    if len(header) > limits.max_columns:
        rule = f"the header has {len(header):,} columns; at most {limits.max_columns:,}"
        raise InvalidInput(file, line, "", rule)
    seen: set[str] = set()
    for number, name in enumerate(header, 1):
        if not name:
            raise InvalidInput(file, line, f"column {number}", phrase("the column has no name"))
        if "\x00" in name:
            raise InvalidInput(file, line, f"column {number}", phrase("the name has a NUL byte"))
        if name in seen:
            raise InvalidInput(file, line, name, phrase("two columns have this name"))
        seen.add(name)


@dataclass(frozen=True)
class _Record:
    line: int
    cells: tuple[str, ...]
    raw: str
    problem: Problem | None
    blank: bool = False


class _RecordReader:
    """One logical record at a time, from one or more physical lines."""

    def __init__(self, lines: LineSource, delimiter: str, limits: Limits) -> None:
        self._lines = lines
        self._limits = limits
        self._taken: list[Line] = []
        self._overrun = False
        self._delimiter = delimiter

    def _feed(self) -> Iterator[str]:
        while True:
            line = self._take()
            if line is None:
                return
            yield line.text

    def _take(self) -> Line | None:
        size = sum(len(line.text) for line in self._taken)
        if (
            len(self._taken) >= self._limits.max_record_lines
            or size > self._limits.max_record_chars
        ):
            self._overrun = True
            return None
        line = self._lines.next()
        if line is not None:
            self._taken.append(line)
        return line

    def read(self) -> _Record | None:
        """The next record, or None at the end of the file."""
        self._taken, self._overrun = [], False
        first = self._lines.next()
        if first is None:
            return None
        if not first.whole:
            limit = f"{self._limits.max_line_chars:,}"
            reason = f"the line is longer than {limit} characters"
            return self._bad(first, Problem("", "too-long", reason))
        self._lines.put_back([first])
        try:
            # A reader of its own for each record: one that met an end stays ended.
            reader = csv.reader(self._feed(), delimiter=self._delimiter, strict=True)
            cells = tuple(next(reader))
        except (csv.Error, StopIteration) as error:
            return self._recover(first, error)
        raw = "".join(line.text for line in self._taken)
        return _Record(first.number, cells, raw, None, blank=not "".join(cells).strip())

    def _recover(self, first: Line, error: Exception) -> _Record:
        """Gives up the first line and reads on at the second."""
        unclosed = self._overrun or "unexpected end of data" in str(error)
        if unclosed:
            reason = "a quote opens here and does not close"
            problem = Problem("", "unclosed-quote", reason)
        elif "field larger" in str(error):
            problem = Problem("", "too-long", "a field is too long")
        else:
            problem = Problem("", "quotes", "a quote stands in the middle of a field")
        self._lines.put_back(self._taken[1:])
        return self._bad(first, problem)

    def _bad(self, first: Line, problem: Problem) -> _Record:
        return _Record(first.number, (), first.text, problem)
