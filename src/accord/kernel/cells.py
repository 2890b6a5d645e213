"""CSV that leaves Accord: no cell can become a formula in whoever's spreadsheet opens it.

A cell that begins with = + - @, a tab or a carriage return is computed by spreadsheets, and a name
in a record can be such a cell (CWE-1236). It is written behind an apostrophe, as OWASP advises; a
full-width sign, which some read alike, and signs behind blanks are treated the same.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(value: object) -> str:
    """A cell that is text and nothing else."""
    text = "" if value is None else str(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return text  # a number that the program made, negative or not
    risky = text.startswith(DANGEROUS) or text.lstrip(" \u00a0").startswith(DANGEROUS)
    return "'" + text if risky else text


def csv_text(header: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """A CSV file (RFC 4180) of neutral cells, every one quoted."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([neutral(cell) for cell in header])
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return out.getvalue()
