"""Files that mean harm are set apart with their reason; the reader ends and the caller goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from accord.evidence.reading.kinds import KINDS, mismatch
from accord.evidence.reading.results import Lack, Limits, Reading, SetAside
from accord.evidence.readingfile import from_bytes, kept_of, to_bytes
from unit.evidence.reading import hostile, samples

Read = Callable[..., Reading]
SHORT = Limits(cpu_s=15, most_s=60, memory_bytes=400 * 1024**2, unpacked_bytes=32 * 1024**2)
SHORTER = replace(SHORT, cpu_s=2)
"""For what takes all the time that it is given."""


@pytest.mark.parametrize("name", hostile.CORPUS)
def test_harm_is_set_apart_with_its_reason(read: Read, tmp_path: Path, name: str) -> None:
    made, reasons = hostile.CORPUS[name]
    limits = SHORTER if name == "slow pdf" else SHORT
    reading = read(made(), "exhibit", limits=limits)
    assert reading.quarantine is not None
    assert reading.quarantine.reason in reasons, reading.quarantine
    assert str(reading.quarantine.sentence).endswith(".")
    assert (reading.passages, reading.previews) == ((), ())
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in left] == ["file"]


@pytest.mark.parametrize("name", hostile.HARMLESS)
def test_what_only_looks_like_harm_comes_to_an_end(read: Read, name: str) -> None:
    reading = read(hostile.HARMLESS[name](), "exhibit", limits=SHORT)
    assert reading.quarantine is None or reading.quarantine.reason in hostile.SPENT


def test_no_file_of_the_machine_comes_into_the_text(read: Read) -> None:
    for data in (hostile.HARMLESS["playlist as film"](), hostile.HARMLESS["laughing drawing"]()):
        reading = read(data, "exhibit")
        assert "root:" not in reading.text
        assert len(reading.text) <= len(data)


def test_reading_beyond_the_clock_is_ended(read: Read) -> None:
    quarantine = read(samples.report_pdf(), limits=Limits(most_s=0.01)).quarantine
    assert quarantine is not None
    assert quarantine.reason is SetAside.TOO_SLOW


def test_reading_beyond_the_memory_is_ended(read: Read) -> None:
    large = hostile.png(9_000, 9_000, (b"IDAT", hostile.zlib.compress(bytes(9_000 * 27_001))))
    quarantine = read(large, limits=Limits(memory_bytes=300 * 1024**2)).quarantine
    assert quarantine is not None
    assert quarantine.reason is SetAside.MEMORY


def test_a_file_too_large_to_hold_is_not_held(read: Read) -> None:
    quarantine = read(samples.photo(), limits=Limits(whole_bytes=1_000)).quarantine
    assert quarantine is not None
    assert quarantine.reason is SetAside.TOO_LARGE
    assert "at most 1,000" in quarantine.detail


def test_a_film_behind_a_photograph_is_named_and_both_are_kept(read: Read) -> None:
    reading = read(hostile.HARMLESS["motion photograph"]())
    assert reading.previews
    assert Lack.DATA_AFTER_END in {note.lack for note in reading.notes}


@pytest.mark.parametrize(
    ("name", "kind", "misleads"),
    [
        ("report.pdf", "pdf", False),
        ("report.PDF", "program", True),
        ("holiday.jpg", "zip", True),
        ("notes.log", "text", False),
        ("mail.txt", "eml", True),
        ("without ending", "program", False),
        ("ending.unheardof", "program", False),
        ("song.webm", "matroska", False),
        ("annexe\u202efdp.exe", "program", True),
        ("annexe[U+202E]fdp.exe", "program", True),
        ("photo[U+2014].jpg", "jpeg", False),
    ],
)
def test_a_name_that_misleads_is_told(name: str, kind: str, misleads: bool) -> None:
    assert (mismatch(name, KINDS[kind]) is not None) is misleads


def test_the_kind_is_told_by_content_and_the_name_is_compared(read: Read) -> None:
    reading = read(samples.photo(), "letter.docx")
    assert reading.kind.name == "jpeg"
    assert str(reading.mismatch) == (
        "The name ends as that of a file of type docx, but the content is of type jpeg."
    )


def mail_with_halves(content_type: bytes) -> bytes:
    """The encoding that a message names may make any character of any bytes, halves of them too."""
    half = b"\\ud800"
    return (
        b"From: a@b.example\r\nTo: c@d.example\r\nDate: Sun, 20 Sep 2026 15:04:00 +0000\r\n"
        b"Subject: =?unicode_escape?q?one " + half.replace(b"\\", b"=5C") + b"?=\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain; charset=unicode_escape\r\n\r\ntwo " + half + b"\r\n"
        b"--b\r\nContent-Type: " + content_type + b"\r\n"
        b"Content-Disposition: attachment; filename*=unicode_escape''three%5Cud800\r\n\r\nx\r\n"
        b"--b--\r\n"
    )


def test_halves_of_characters_in_mail_are_read_as_lost_ones_and_can_be_kept(read: Read) -> None:
    reading = read(mail_with_halves(b"text/plain"), "exhibit.eml")
    assert reading.quarantine is None
    assert "two" in reading.text
    assert [part.size_bytes for part in reading.attachments] == [1]
    assert from_bytes(to_bytes(kept_of(reading))).passages == reading.passages


def test_a_message_whose_very_form_is_written_in_halves_is_set_apart(read: Read) -> None:
    """The standard library parses no further; the reason is kept with the exhibit like any."""
    reading = read(mail_with_halves(b"text/plain; name*=unicode_escape''x%5Cud800"), "exhibit.eml")
    assert reading.quarantine is not None
    assert reading.quarantine.reason is SetAside.MALFORMED
    assert from_bytes(to_bytes(kept_of(reading))).detail == reading.quarantine.detail
