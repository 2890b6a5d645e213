"""QR codes (ISO/IEC 18004), as what a template draws: a size and the path of the dark squares."""

from __future__ import annotations

from dataclasses import dataclass

import segno

QUIET = 4
"""Modules of light around the code, which readers need (ISO/IEC 18004, 5.3.8)."""


@dataclass(frozen=True, slots=True)
class SquareCode:
    """A code of `size` by `size` modules, the quiet zone included.

    `path` is the `d` of an SVG path: every run of dark modules in a row, as a rectangle.
    """

    size: int
    path: str


def square_code(text: str) -> SquareCode:
    """The code that says `text`; a quarter of it may be damaged or hidden by glare.

    Raises ValueError when the text is longer than any code holds.
    """
    rows = segno.make_qr(text, error="q").matrix
    return SquareCode(
        size=len(rows) + 2 * QUIET,
        path="".join(_runs(number, row) for number, row in enumerate(rows)),
    )


def _runs(number: int, row: bytes | bytearray) -> str:
    """The dark runs of one row; a module is one unit."""
    drawn, start = "", 0
    while (start := row.find(1, start)) != -1:
        end = row.find(0, start)
        end = len(row) if end == -1 else end
        drawn += f"M{start + QUIET} {number + QUIET}h{end - start}v1h-{end - start}z"
        start = end
    return drawn
