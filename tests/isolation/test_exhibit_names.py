"""Names of files that nobody would give a file in good faith, and their exhibits."""

from __future__ import annotations

import pytest
from exhibiting import ABOUT, COLLECTED, IN_CASE, acting, uploaded

from accord.evidence.actions import copies, exhibits
from accord.evidence.queries import exhibits as queries

pytestmark = pytest.mark.usefixtures("world")


@pytest.mark.parametrize(
    ("name", "recorded"),
    [
        ("annexe\u202efdp.exe", "annexe[U+202E]fdp.exe"),
        ("\u2066one\u2069.txt", "[U+2066]one[U+2069].txt"),
        ("two\nlines\x07.txt", "two[U+000A]lines[U+0007].txt"),
        ("ملف 😀.txt", "ملف 😀.txt"),
        ("../../etc/passwd", "../../etc/passwd"),
    ],
)
def test_a_file_becomes_an_exhibit_whatever_it_is_called(name: str, recorded: str) -> None:
    upload = uploaded(b"what was found", name)
    with acting(*IN_CASE) as scope:
        record, _ = exhibits.acquire(scope, upload, ABOUT, COLLECTED)
        assert queries.exhibit(scope, record).exhibit.file_name == recorded
        taken = copies.take_file(scope, record, "file", {})
        assert b"".join(taken.chunks()) == b"what was found"
