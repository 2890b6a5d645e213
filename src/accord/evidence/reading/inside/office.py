"""Text, facts and parts of documents, presentations (OOXML, ODF) and spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator
from zipfile import ZipInfo

from accord.evidence.reading.inside.container import Container
from accord.evidence.reading.inside.job import (
    Job,
    Message,
    Refused,
    attachment,
    fact,
    note,
    passage,
)
from accord.evidence.reading.inside.xmltext import Fields, Texts, read_xml
from accord.evidence.reading.results import Lack, SetAside

WORD_TEXTS = frozenset({"t", "delText", "instrText"})
"""Deleted text of tracked changes is in the file, so it is read."""
WORD_MARKS = {"p": "\n", "tab": "\t", "br": "\n", "tc": "\t"}
SLIDE_TEXTS, SLIDE_MARKS = frozenset({"t"}), {"p": "\n", "br": "\n"}
ODF_TEXTS = frozenset({"p", "h"})
ODF_MARKS = {"p": "\n", "h": "\n", "tab": "\t", "line-break": "\n", "s": " "}
WORD_PARTS = (
    ("word/document", ""), ("word/header", "header"), ("word/footer", "footer"),
    ("word/footnotes", "footnotes"), ("word/endnotes", "endnotes"), ("word/comments", "comments"),
)  # fmt: skip
FACTS = {
    "title": "title", "creator": "author", "initial-creator": "author",
    "lastModifiedBy": "last_changed_by", "created": "created_at", "creation-date": "created_at",
    "modified": "changed_at", "date": "changed_at", "Application": "program", "generator": "program",
    "Company": "company",
}  # fmt: skip
FACT_PARTS = ("docProps/core.xml", "docProps/app.xml", "meta.xml")
EMBEDDED = ("word/media/", "word/embeddings/", "ppt/media/", "ppt/embeddings/", "xl/media/",
            "xl/embeddings/", "Pictures/", "Object ")  # fmt: skip


def read_office(job: Job) -> Iterator[Message]:
    """A document or presentation."""
    container = Container(job)
    yield from _facts(container)
    if job.kind.name == "docx":
        yield from _word(container)
    elif job.kind.name == "pptx":
        yield from _slides(container)
    else:
        yield from passage("", _text(container, "content.xml", ODF_TEXTS, ODF_MARKS))
    yield from _parts(container, job)
    yield note(Lack.NO_PREVIEW)


def read_sheet(job: Job) -> Iterator[Message]:
    """A spreadsheet: each sheet's rows, cells between tabs."""
    from python_calamine import CalamineError, CalamineWorkbook

    container = None if job.kind.name == "xls" else Container(job)
    if container is None:
        job.whole()
    else:
        yield from _facts(container)
        _check_parts(container)
    try:
        book = CalamineWorkbook.from_path(str(job.path))
        yield from fact("sheets", len(book.sheet_names))
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=True)
            lines = ("\t".join(str(cell) for cell in row).rstrip() for row in rows)
            yield from passage(f"sheet {name}", "\n".join(line for line in lines if line))
    except (CalamineError, ValueError, OSError) as error:
        locked = "assword" in str(error)
        raise Refused(SetAside.ENCRYPTED if locked else SetAside.MALFORMED, str(error)) from None
    if container is not None:
        yield from _parts(container, job)
    yield note(Lack.NO_PREVIEW)


def _check_parts(container: Container) -> None:
    """The XML of every sheet is looked at first: nothing in it may be declared."""
    for name in container.names("", ".xml"):
        read_xml(container.read(name), Texts(frozenset(), {}))


def _facts(container: Container) -> Iterator[Message]:
    for part in FACT_PARTS:
        if part in container:
            fields = Fields()
            read_xml(container.read(part), fields)
            for name, value in fields.found.items():
                if name in FACTS:
                    yield from fact(FACTS[name], value)
    if any(name.lower().endswith("vbaproject.bin") for name in container.names("")):
        yield note(Lack.MACROS)


def _word(container: Container) -> Iterator[Message]:
    if "word/document.xml" not in container:
        raise Refused(SetAside.MALFORMED, "there is no word/document.xml")
    for start, place in WORD_PARTS:
        for name in container.names(start, ".xml"):
            yield from passage(place, _text(container, name, WORD_TEXTS, WORD_MARKS))


def _slides(container: Container) -> Iterator[Message]:
    slides = container.names("ppt/slides/slide", ".xml")
    yield from fact("slides", len(slides))
    for start, place in (("ppt/slides/slide", "slide"), ("ppt/notesSlides/notesSlide", "notes")):
        for name in container.names(start, ".xml"):
            number = name[len(start) : -len(".xml")]
            yield from passage(
                f"{place} {number}", _text(container, name, SLIDE_TEXTS, SLIDE_MARKS)
            )


def _text(container: Container, name: str, texts: frozenset[str], marks: dict[str, str]) -> str:
    if name not in container:
        raise Refused(SetAside.MALFORMED, f"there is no {name}")
    return read_xml(container.read(name), Texts(texts, marks)).close()


def _parts(container: Container, job: Job) -> Iterator[Message]:
    embedded = [m for m in container.members if m.filename.startswith(EMBEDDED) and not m.is_dir()]
    yield from _hashed(container, embedded, job)


def _hashed(container: Container, members: list[ZipInfo], job: Job) -> Iterator[Message]:
    """Each member with its hash, until as much was unpacked as is allowed."""
    left = job.limits.unpacked_bytes
    for number, member in enumerate(members, 1):
        if member.file_size > left:
            yield note(Lack.PARTS_CUT)
            return
        with container.opened(member) as source:
            yield attachment(number, member.filename, source, left)
        left -= member.file_size


def embedded_part(job: Job, number: int) -> Iterator[bytes]:
    """The bytes of one embedded file, in pieces; raises Refused where there is none."""
    container = Container(job)
    inside = [m for m in container.members if not m.is_dir()]
    if job.kind.name != "zip":
        inside = [m for m in inside if m.filename.startswith(EMBEDDED)]
    if not 1 <= number <= len(inside):
        raise Refused(SetAside.OUTSIDE, f"there is no part {number}")
    with container.opened(inside[number - 1]) as source:
        while block := source.read(1 << 20):
            yield block


def read_archive(job: Job) -> Iterator[Message]:
    """A zip: its members with their hashes; archives in it are named, not opened."""
    container = Container(job)
    files = [member for member in container.members if not member.is_dir()]
    yield from fact("members", len(files))
    yield from _hashed(container, files, job)
    yield note(Lack.NO_PREVIEW)
