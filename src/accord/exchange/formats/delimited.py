"""CSV and its kin: one line a record, read through a mapping."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from accord.exchange.formats.base import SAMPLE_ROWS, Options, Reading, Sitting, cut, need_mapping
from accord.records.intake.csvfile import CsvFile, CsvRow, open_csv
from accord.records.intake.rows import Drawn, draw_csv

_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_ENCODINGS = {"cp1252": "Windows-1252", "utf-8-sig": "UTF-8"}


def open_delimited(source: BinaryIO, file: str, options: Options) -> Reading:
    """Finds encoding, delimiter and header."""

    def opened() -> CsvFile:
        return open_csv(source, file=file, encoding=options.encoding, delimiter=options.delimiter)

    first = opened()
    found = islice((r for r in first.rows() if isinstance(r, CsvRow)), SAMPLE_ROWS)
    sample = tuple(tuple(cut(cell) for cell in row.cells) for row in found)
    again = opened()

    def draw(sitting: Sitting) -> Iterator[Drawn]:
        mapped = need_mapping(sitting, file)
        mapped.check_header(again.header, file)
        return draw_csv(again, mapped)

    encoding = _ENCODINGS.get(first.encoding, first.encoding.upper())
    split = _NAMES.get(first.delimiter, first.delimiter)
    return Reading(
        said=f"CSV, {encoding}, split by {split}",
        draw=draw,
        at=lambda: again.bytes_read,
        columns=first.header,
        sample=sample,
    )
