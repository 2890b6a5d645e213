"""Reads JSON lines: one object a line, each bounded, a bad line told apart from the rest."""

from __future__ import annotations

import codecs
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NoReturn

from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase
from accord.records.faults import Problem
from accord.records.intake.csvfile import BadRow
from accord.records.intake.encodings import check_encoding
from accord.records.intake.limits import DEFAULT_LIMITS, Limits
from accord.records.intake.lines import Line, LineSource, kept_open


@dataclass(frozen=True)
class JsonRow:
    """The object of one line; `row` counts lines that are not blank, from 1."""

    row: int
    line: int
    data: dict[str, object]
    raw: str


@dataclass
class JsonFile:
    """An opened file and its rows, once."""

    lines: LineSource
    limits: Limits

    @property
    def bytes_read(self) -> int:
        """How far the file has been read, for a progress bar."""
        return self.lines.bytes_read

    def rows(self) -> Iterator[JsonRow | BadRow]:
        """Every line that is not blank."""
        row = 0
        while (line := self.lines.next()) is not None:
            if not line.text.strip():
                continue
            row += 1
            yield self._row(row, line)

    def _row(self, row: int, line: Line) -> JsonRow | BadRow:
        raw = line.text[: self.limits.max_raw_chars]
        if not line.whole:
            limit = f"{self.limits.max_line_chars:,}"
            problem = Problem("", "too-long", f"the line is longer than {limit} characters")
            return BadRow(row, line.number, problem, raw)
        try:
            data = json.loads(line.text, object_pairs_hook=_once, parse_constant=_refuse_constant)
        except RecursionError:
            return BadRow(row, line.number, Problem("", "json", "the JSON is nested too deep"), raw)
        except ValueError as error:
            reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
            return BadRow(row, line.number, Problem("", "json", f"not JSON: {reason}"), raw)
        if not isinstance(data, dict):
            return BadRow(row, line.number, Problem("", "json", "a line is one {...} object"), raw)
        return JsonRow(row, line.number, data, raw)


def open_jsonl(source: BinaryIO, *, file: str, limits: Limits = DEFAULT_LIMITS) -> JsonFile:
    """Checks that the whole file is UTF-8 (RFC 8259) and opens it; the source stays open."""
    source.seek(0)
    marked = source.read(3) == codecs.BOM_UTF8
    encoding = check_encoding(source, file, "utf-8-sig" if marked else "utf-8", limits)
    if source.seek(0, 2) == 0:
        raise InvalidInput(file, None, "", phrase("the file is empty"))
    source.seek(0)
    text = io.TextIOWrapper(kept_open(source), encoding=encoding, newline="")
    return JsonFile(LineSource(text, source, limits), limits)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key is repeated in one object")
    return result


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")
