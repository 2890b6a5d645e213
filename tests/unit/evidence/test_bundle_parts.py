"""The parts of a bundle: names that are safe, a graph that CASE/UCO admits, papers without tofu."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pypdfium2
import pytest
from django.test import override_settings

from accord.evidence.bundling.archive import Entry, archive
from accord.evidence.bundling.certificate import BLANK, DRAFT, certificate_paper, certificate_text
from accord.evidence.bundling.custodypaper import custody_paper
from accord.evidence.bundling.domain import Included, Listed, folders, safe_name
from accord.evidence.bundling.graph import graph
from accord.evidence.bundling.paper import Paper, needs_shaping
from accord.evidence.files import FileReader
from accord.kernel.errors import InvalidInput
from accord.platform.configuration import pdf_fonts
from accord.records.sealing import CannotOpen
from unit.verify.bundlemaking import AT, LEFT_OUT, NAMES, Ledger, exhibits, taken

LEDGER = Ledger()
INCLUDED = exhibits(LEDGER)
TAKEN = taken(LEDGER)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("desk.jpg", "desk.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\plan.pdf", "plan.pdf"),
        ("a:b|c?.txt", "a_b_c_.txt"),
        ("con", "exhibit-con"),
        ("NUL.txt", "exhibit-NUL.txt"),
        ("report.pdf. . ", "report.pdf"),
        ("photo\u202egpj.exe", "photo_gpj.exe"),
        ("line\nbreak.txt", "line_break.txt"),
        ("...", "exhibit.bin"),
        ("", "exhibit.bin"),
        ("Пластинка é.wav", "Пластинка é.wav"),
        ("名" * 200 + ".jpg", "名" * 38 + ".jpg"),
        ("con." + "名" * 196, "exhibit-con." + "名" * 36),
    ],
)
def test_a_file_name_is_made_safe_and_stays_readable(sent: str, kept: str) -> None:
    assert safe_name(sent) == kept
    assert len(kept.encode()) <= 120


def test_two_numbers_that_differ_in_what_a_folder_cannot_say_have_two_folders() -> None:
    numbers = ["A-1/b/2", "A/1-b/2", "a-1/B/2", "???"]
    assert folders(numbers) == ("A-1-b-2", "A-1-b-2-no2", "a-1-B-2-no3", "exhibit")


@pytest.fixture(scope="module")
def validated() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="accord-case-") as folder:
        yield Path(folder)


def validate(folder: Path, text: bytes) -> subprocess.CompletedProcess[str]:
    """What `case_validate` of case-utils says of a graph, under CASE 1.4 with all of UCO 1.4."""
    file = folder / "case.jsonld"
    file.write_bytes(text)
    tool = Path(sys.executable).parent / "case_validate"
    words = ["--built-version", "case-1.4.0", "--allow-info", str(file)]
    return subprocess.run([str(tool), *words], capture_output=True, text=True, check=False)


def test_case_validate_admits_the_graph(validated: Path) -> None:
    found = validate(validated, graph(TAKEN, INCLUDED, NAMES))
    assert found.returncode == 0, found.stdout + found.stderr
    assert "Conforms: True" in found.stdout
    assert "Warning" not in found.stdout
    assert "not appear to be defined" not in found.stderr.lower()


@pytest.mark.slow
def test_case_validate_would_refuse_a_graph_that_is_wrong(validated: Path) -> None:
    text = graph(TAKEN, INCLUDED, NAMES).replace(b'"xsd:dateTime"', b'"xsd:string"', 1)
    found = validate(validated, text)
    assert found.returncode == 1
    assert "Conforms: False" in found.stdout


@pytest.mark.slow
@pytest.mark.parametrize("lacking", ["custody", "said", "everything"])
def test_case_validate_admits_what_is_only_partly_open(validated: Path, lacking: str) -> None:
    bare: list[Included] = [
        replace(
            each,
            said={} if lacking != "custody" else each.said,
            custody=None if lacking != "said" else each.custody,
        )
        for each in INCLUDED
    ]
    found = validate(validated, graph(TAKEN, bare, NAMES))
    assert found.returncode == 0, found.stdout


def test_a_derived_exhibit_is_linked_to_its_source() -> None:
    copy = replace(INCLUDED[1], said={"derivedFrom": INCLUDED[0].number}, custody=None)
    nodes = json.loads(graph(TAKEN, [INCLUDED[0], copy], NAMES))["@graph"]
    (link,) = [n for n in nodes if n.get("uco-core:kindOfRelationship") == "Derived_From"]
    files = {
        n["uco-core:hasFacet"][0]["uco-observable:fileName"]: n["@id"]
        for n in nodes
        if n["@type"] == "uco-observable:File"
    }
    assert link["uco-core:source"]["@id"] == files[copy.file_name]
    assert link["uco-core:target"]["@id"] == files[INCLUDED[0].file_name]


def text_of(paper: bytes) -> list[str]:
    """The text of each page of a PDF."""
    document = pypdfium2.PdfDocument(paper)
    return [page.get_textpage().get_text_range() for page in document]


def test_the_custody_paper_says_every_event_on_marked_and_numbered_pages() -> None:
    each = INCLUDED[0]
    assert each.custody is not None
    pages = text_of(custody_paper(TAKEN, each, each.custody, NAMES))
    whole = "\n".join(pages)
    for event in each.custody.events:
        assert event.hash in whole
    assert each.hashes.sha256 in whole
    assert "America/Chicago" in whole
    assert "UTC" in whole
    for number, page in enumerate(pages, 1):
        assert page.count("Official") == 2
        assert f"Page {number} of {len(pages)}" in page
        assert str(TAKEN.entry) in page


def test_however_much_somebody_typed_the_papers_hold_all_of_it() -> None:
    each = INCLUDED[0]
    assert each.custody is not None
    long = " ".join(f"word{n}" for n in range(2_400))  # of 20,000 letters at most
    said = {**each.said, "description": long, "address": "W" * 300, "collectedBy": "W" * 300}
    events = [
        replace(e, reason="W" * 1_000, place="W\n" * 100, seal="W" * 200, receiver="W" * 200)
        for e in each.custody.events
    ]
    wordy = replace(each, said=said, custody=replace(each.custody, events=tuple(events)))
    assert wordy.custody is not None
    whole = "".join(text_of(custody_paper(TAKEN, wordy, wordy.custody, NAMES)))
    assert "word0 " in whole
    assert "word2399" in whole
    assert whole.count("W") >= 5 * 1_500
    assert certificate_paper(TAKEN, [wordy], LEFT_OUT).startswith(b"%PDF")


def boxes(paper: bytes, said: str) -> list[tuple[float, float]]:
    """Where a text begins on each page that has it: its left and its bottom, in points."""
    found = []
    for page in pypdfium2.PdfDocument(paper):
        text = page.get_textpage()
        place = text.search(said).get_next()
        if place is not None:
            left, bottom, _, _ = text.get_charbox(place[0])
            found.append((left, bottom))
    return found


@pytest.mark.parametrize(
    "name",
    ["W" * 2_000, "Bureau " * 400, "غرفة " * 400, "名" * 300],
    ids=["W", "words", "ar", "zh"],
)
def test_the_foot_of_a_page_holds_however_long_the_names_in_it_are(name: str) -> None:
    each = INCLUDED[0]
    assert each.custody is not None
    long = replace(TAKEN, watermark=f"Marisol Alvarez · {name}")
    chain = replace(each.custody, events=each.custody.events * 8)
    stamped = replace(each, stamp="Official", number=f"HT-2026-014/{name}/1")
    paper = custody_paper(long, stamped, chain, NAMES)
    pages = text_of(paper)
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert str(TAKEN.entry) in page
    for said in ("Page ", str(TAKEN.entry)):
        assert len(boxes(paper, said)) == len(pages)
        assert all(left >= 0 and bottom >= 0 for left, bottom in boxes(paper, said)), said


@pytest.mark.parametrize("word", ["found ", "\u4e2d", "a\n"])
def test_texts_as_long_as_they_may_be_are_drawn_in_full(word: str) -> None:
    """A description has 20,000 characters at most, a reason 1,000, a place 200."""
    each = INCLUDED[0]
    assert each.custody is not None
    reason, place, description = (f"{word * 20_000}"[:longest] for longest in (1_000, 200, 20_000))
    event = replace(each.custody.events[0], reason=reason, place=place)
    long = replace(each, said=each.said | {"description": description})
    pages = text_of(custody_paper(TAKEN, long, replace(each.custody, events=(event,)), NAMES))
    whole = "".join("".join(pages).split())  # a line may end within brackets
    drawn = "[U+4E2D]" if word == "\u4e2d" else word.strip()
    assert whole.count(drawn) >= (description + reason + place).count(word.strip())


def test_a_letter_without_a_glyph_and_one_that_turns_others_are_shown_as_code_points() -> None:
    each = INCLUDED[0]
    assert each.custody is not None
    whole = "\n".join(text_of(custody_paper(TAKEN, each, each.custody, NAMES)))
    assert "[U+202E]" in whole
    assert "[U+4E2D]" in whole
    assert "Characters that are not drawn" in whole
    assert "Ольга Петрова" in whole


def test_a_chain_that_does_not_hold_says_so_in_its_paper() -> None:
    each = INCLUDED[0]
    assert each.custody is not None
    broken = replace(each.custody, faults=("An event is missing here.",))
    whole = "\n".join(text_of(custody_paper(TAKEN, each, broken, NAMES)))
    assert "THIS CHAIN DOES NOT HOLD" in whole
    assert "An event is missing here." in whole


def test_a_zone_that_this_node_does_not_know_leaves_the_moment_in_utc() -> None:
    each = INCLUDED[0]
    assert each.custody is not None
    odd = replace(each.custody.events[0], zone="Mars/Olympus")
    chain = replace(each.custody, events=(odd,))
    whole = "\n".join(text_of(custody_paper(TAKEN, each, chain, NAMES)))
    assert "Mars/Olympus" in whole


def test_arabic_is_drawn_joined_and_from_the_right() -> None:
    assert needs_shaping("غرفة")
    assert not needs_shaping("Ольга Πέτρος Ångström")
    paper = Paper("غرفة", stamp="Official", mark="x", at=AT)
    assert not paper.unknown
    assert paper.finished().startswith(b"%PDF")


def test_fonts_that_an_operator_names_are_used_and_others_refused() -> None:
    font = Path(__file__).parents[3] / "src/accord/evidence/bundling/fonts/DejaVuSans.ttf"
    assert pdf_fonts({"ACCORD_PDF_FONTS": f"{font}{os.pathsep}{font}"}) == (font, font)
    with pytest.raises(InvalidInput):
        pdf_fonts({"ACCORD_PDF_FONTS": "/nowhere/at/all.ttf"})
    with override_settings(ACCORD_PDF_FONTS=(font,)):
        assert Paper("x", stamp="Official", mark="x", at=AT).finished().startswith(b"%PDF")


def test_the_certificate_is_a_draft_that_leaves_to_the_declarant_what_is_theirs() -> None:
    text = certificate_text(TAKEN, INCLUDED, LEFT_OUT).decode()
    for needed in (
        "902(11)", "902(13)", "902(14)", "28 U.S.C. 1746", "penalty of perjury", BLANK,
        INCLUDED[0].hashes.sha256, str(TAKEN.entry), "RPD-2026-17/lab/9", "imager 4.2",
    ):  # fmt: skip
        assert needed in " ".join(text.split()), needed
    assert "{" not in text
    assert text.count(DRAFT) == 2
    for page in text_of(certificate_paper(TAKEN, INCLUDED, LEFT_OUT)):
        assert DRAFT in page


def test_a_file_that_is_another_than_the_manifest_says_makes_no_zip() -> None:
    data = b"x" * 10
    false = Entry(Listed("a", len(data), "ab" * 32), data)
    sent = list[bytes]()
    with pytest.raises(CannotOpen):
        sent.extend(archive(iter([false]), AT, lambda: None))
    assert data not in b"".join(sent)
    assert b"PK\x05\x06" not in b"".join(sent)


class Large(FileReader):
    """A file of many pieces that nobody keeps."""

    def chunks(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        del start, end
        for _ in range(64):
            yield bytes(1 << 20)


def test_memory_does_not_grow_with_the_size_of_a_file() -> None:
    size = 64 << 20
    digest = hashlib.sha256(bytes(size)).hexdigest()
    reader = Large(None, b"", UUID(int=1), ())  # type: ignore[arg-type]  # nothing is stored
    tracemalloc.start()
    try:
        entry = Entry(Listed("exhibits/large.bin", size, digest), reader)
        sent = sum(len(piece) for piece in archive(iter([entry]), AT, lambda: None))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sent > size
    assert peak < 8 << 20
