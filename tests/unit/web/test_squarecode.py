"""A QR code on a page is the one that the library would draw, with its quiet zone."""

from __future__ import annotations

import re

import segno
from hypothesis import given
from hypothesis import strategies as st

from accord.web.squarecode import QUIET, square_code


def dark(path: str) -> set[tuple[int, int]]:
    """The modules that a path fills."""
    return {
        (int(x) + step, int(y))
        for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", path)
        for step in range(int(width))
    }


@given(st.text(min_size=1, max_size=200))
def test_the_path_fills_the_dark_modules_and_no_others(text: str) -> None:
    code = square_code(text)
    rows = segno.make_qr(text, error="q").matrix
    assert code.size == len(rows) + 2 * QUIET
    assert dark(code.path) == {
        (x + QUIET, y + QUIET)
        for y, row in enumerate(rows)
        for x, module in enumerate(row)
        if module
    }
    assert re.sub(r"M\d+ \d+h(\d+)v1h-\1z", "", code.path) == ""
