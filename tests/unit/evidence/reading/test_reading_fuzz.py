"""Whole files with random damage: what comes back is always a reading, and never an exception.

The confined process is asked for a few, since each costs its start. What is pure Python is also
asked here, many times: it may say that the file is refused, and nothing else.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.evidence.reading.inside import mail, markup, office, sound
from accord.evidence.reading.inside.job import Job, Refused, limited
from accord.evidence.reading.inside.sniffing import check_single, kind_of
from accord.evidence.reading.kinds import KINDS
from accord.evidence.reading.results import Limits, Reading
from unit.evidence.reading import filmed, samples

WHOLE = {
    "jpeg": samples.photo(),
    "png": samples.saved(samples.drawn(60, 40), "PNG"),
    "gif": samples.saved(samples.drawn(60, 40), "GIF"),
    "webp": samples.saved(samples.drawn(60, 40), "WEBP"),
    "tiff": samples.saved(samples.drawn(60, 40), "TIFF"),
    "pdf": samples.report_pdf(),
    "docx": samples.docx(),
    "pptx": samples.pptx(),
    "odt": samples.odt(),
    "xlsx": samples.xlsx([["a", "b"]]),
    "msg": samples.msg(),
    "eml": samples.MAIL,
    "mbox": samples.MAILBOX,
    "heic": samples.TINY_HEIC,
    "xls": samples.xls(),
    "html": samples.PAGE,
    "text": "Grüße".encode("cp1252"),
    "zip": samples.zipped({"a.txt": "a", "b.txt": "b"}),
    "wav": samples.tone(0.1),
    "matroska": filmed.media("mkv", seconds=1),
    **{kind: filmed.media(kind, seconds=1) for kind in ("mp4", "avi", "mp3", "flac", "ogg")},
}
LIMITS = Limits(cpu_s=5, most_s=20, memory_bytes=600 * 1024**2)
Change = tuple[str, float, int, bytes]
changes = st.lists(
    st.tuples(
        st.sampled_from(["set", "cut", "drop", "put", "twice"]),
        st.floats(0, 1, exclude_max=True),
        st.integers(1, 64),
        st.one_of(
            st.binary(min_size=1, max_size=8), st.sampled_from([b"\xff" * 4, bytes(4), b"<"])
        ),
    ),
    min_size=1,
    max_size=6,
)


def damaged(data: bytes, done: list[Change]) -> bytes:
    for how, where, length, new in done:
        at = int(where * len(data))
        if how == "set":
            data = data[:at] + new + data[at + len(new) :]
        elif how == "cut":
            data = data[: max(at, 16)]
        elif how == "drop":
            data = data[:at] + data[at + length :]
        elif how == "put":
            data = data[:at] + new + data[at:]
        else:
            data = data[:at] + data[at : at + length] + data[at:]
    return data


quickly = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


confined = st.sampled_from([k for k in WHOLE if k not in ("eml", "mbox", "html", "text", "wav")])


@settings(quickly, max_examples=25)
@given(confined, changes)
def test_damage_ends_in_a_reading(
    read: Callable[..., Reading], kind: str, done: list[Change]
) -> None:
    _reads(read, kind, done)


@pytest.mark.slow
@settings(quickly, max_examples=300)
@given(confined, changes)
def test_much_damage_ends_in_a_reading(
    read: Callable[..., Reading], kind: str, done: list[Change]
) -> None:
    _reads(read, kind, done)


def _reads(read: Callable[..., Reading], kind: str, done: list[Change]) -> None:
    reading = read(damaged(WHOLE[kind], done), f"exhibit.{kind}", limits=LIMITS)
    assert reading.digest is not None
    assert reading.quarantine is None or not (reading.previews or reading.passages)


READERS = {
    "docx": office.read_office,
    "pptx": office.read_office,
    "odt": office.read_office,
    "eml": mail.read_mail,
    "msg": mail.read_mail,
    "mbox": mail.read_mail,
    "html": markup.read_web,
    "text": markup.read_text,
    "zip": office.read_archive,
    "wav": sound.read_sound,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("fuzz")
    logging.disable(logging.NOTSET)  # a reader of Outlook's messages silences its process


@settings(quickly, max_examples=200)
@given(st.sampled_from(sorted(READERS)), changes)
def test_damage_is_refused_or_read_and_nothing_else(
    folder: Path, kind: str, done: list[Change]
) -> None:
    path = folder / "file"
    path.write_bytes(damaged(WHOLE[kind], done))
    limits = replace(LIMITS, unpacked_bytes=1 << 22)
    job = Job(path, KINDS[kind], limits, folder, cpu_s=float("inf"))
    with suppress(Refused):
        for message in limited(READERS[kind](job), job):
            assert isinstance(message[0], str)


@settings(quickly, max_examples=200)
@given(
    st.one_of(
        st.binary(max_size=300), st.builds(damaged, st.sampled_from([*WHOLE.values()]), changes)
    )
)
def test_every_file_has_a_kind(data: bytes) -> None:
    source = io.BytesIO(data)
    kind = kind_of(source, len(data))
    assert KINDS[kind.name] is kind
    with suppress(Refused):
        check_single(source, len(data), kind)


def test_every_whole_file_is_of_its_kind() -> None:
    assert {kind_of(io.BytesIO(data), len(data)).name for data in WHOLE.values()} == set(WHOLE)
