"""JSON lines of records in Accord's own form (docs/reference/world.md)."""

from __future__ import annotations

from typing import BinaryIO

from accord.exchange.formats.base import Options, Reading
from accord.records.intake.jsonlines import open_jsonl
from accord.records.intake.rows import draw_jsonl


def open_records(source: BinaryIO, file: str, options: Options) -> Reading:
    """Checks that the whole file is UTF-8."""
    del options
    opened = open_jsonl(source, file=file)
    return Reading(
        said="records of Accord, one a line (JSON lines)",
        draw=lambda sitting: draw_jsonl(opened, sitting.intake),
        at=lambda: opened.bytes_read,
    )
