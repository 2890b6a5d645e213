"""Ranges of bytes, as players ask for them (RFC 9110, 14)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.platform.ranges import Unsatisfiable, answer, part_of

DATA = bytes(range(100))


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("bytes=0-", 0, 99),
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=90-500", 90, 99),
        ("bytes=-5", 95, 99),
        ("bytes=-500", 0, 99),
    ],
)
def test_a_range_is_answered_with_its_bytes(said: str, first: int, last: int) -> None:
    response = answer(said, 100, lambda start, end: DATA[start:end], "video/webm")
    assert response.status_code == 206
    assert response.content == DATA[first : last + 1]
    assert response.headers["Content-Range"] == f"bytes {first}-{last}/100"
    assert response.headers["Content-Type"] == "video/webm"


@pytest.mark.parametrize(
    "said", ["", "bytes=", "bytes=-", "bytes=5-2", "bytes=0-1,5-6", "lines=1-2", "bytes=a-b", "b"]
)
def test_what_is_no_single_range_is_answered_with_all(said: str) -> None:
    response = answer(said, 100, lambda start, end: DATA[start:end], "audio/ogg")
    assert (response.status_code, response.content) == (200, DATA)
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("said", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_what_begins_behind_the_end_is_refused(said: str) -> None:
    def reads(start: int, end: int) -> bytes:
        raise AssertionError("nothing is read for it")

    response = answer(said, 100, reads, "audio/ogg")
    assert (response.status_code, response.content) == (416, b"")
    assert response.headers["Content-Range"] == "bytes */100"


SAID = st.text(max_size=40) | st.from_regex(r"bytes=[0-9]{0,20}-[0-9]{0,20}", fullmatch=True)


@given(SAID, st.integers(0, 10**9))
def test_no_header_asks_for_bytes_that_are_not_there(said: str, size: int) -> None:
    try:
        part = part_of(said, size)
    except Unsatisfiable:
        return
    assert part is None or (0 <= part.start < part.stop <= size)
