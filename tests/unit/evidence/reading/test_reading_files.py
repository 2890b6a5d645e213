"""What is learned of whole files: kind, facts, text, parts, previews, and what was left out."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from accord.evidence.reading import tools
from accord.evidence.reading.hearing import digest_of
from accord.evidence.reading.reader import read_exhibit
from accord.evidence.reading.results import Lack, Limits, Reading, SetAside, Use
from unit.evidence.reading import samples

Read = Callable[..., Reading]


def facts(reading: Reading) -> dict[str, str]:
    assert reading.quarantine is None, reading.quarantine
    return {fact.name: fact.value for fact in reading.facts}


def lacks(reading: Reading) -> set[Lack]:
    return {note.lack for note in reading.notes}


def test_a_photograph_tells_camera_time_and_place(read: Read) -> None:
    told = facts(read(samples.photo(), "IMG_1.jpg"))
    assert (told["camera_make"], told["camera_model"]) == ("Acme", "Phone 7")
    assert told["taken_at"] == "2026:11:03 22:14:05 -06:00"
    assert (told["latitude"], told["longitude"]) == ("41.875000", "-87.630000")
    assert told["altitude_m"] == "181.5"


def test_a_preview_is_drawn_anew_upright_and_tells_nothing(read: Read) -> None:
    reading = read(samples.photo(orientation=6))
    page = next(p for p in reading.previews if p.use is Use.PAGE)
    with Image.open(page.path) as picture:
        assert picture.format == "WEBP"
        assert picture.size == (300, 400) == (page.width_px, page.height_px)
        assert not picture.getexif()
        assert not {"exif", "xmp", "icc_profile"} & set(picture.info)
        red = picture.convert("RGB").getpixel((280, 20))
    assert isinstance(red, tuple)
    assert red[0] > 150 > red[2]
    assert b"Acme" not in page.path.read_bytes()
    (thumbnail,) = (p for p in reading.previews if p.use is Use.THUMBNAIL)
    assert max(thumbnail.width_px, thumbnail.height_px) == 320


@pytest.mark.parametrize(
    ("form", "kind"),
    [("PNG", "png"), ("GIF", "gif"), ("WEBP", "webp"), ("BMP", "bmp"), ("JPEG2000", "jp2"),
     ("AVIF", "avif")],
)  # fmt: skip
def test_pictures_of_every_kind_are_shown(read: Read, form: str, kind: str) -> None:
    reading = read(samples.saved(samples.drawn(), form))
    assert reading.kind.name == kind
    assert facts(reading)["width_px"] == "400"
    assert len(reading.previews) == 2


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "I;16"])
def test_pictures_of_every_depth_are_shown(read: Read, mode: str) -> None:
    form = "TIFF" if mode in ("CMYK", "I;16") else "PNG"
    assert read(samples.saved(Image.new(mode, (40, 30)), form)).previews


def test_each_page_of_a_scan_is_shown(read: Read) -> None:
    reading = read(samples.scan_pages(), limits=Limits(preview_pages=2))
    assert [p.number for p in reading.previews if p.use is Use.PAGE] == [1, 2]
    assert Lack.PAGES_CUT in lacks(reading)


def test_a_pdf_gives_text_by_page_facts_attachments_and_pages(read: Read) -> None:
    reading = read(samples.report_pdf(), "report.pdf")
    told = facts(reading)
    assert (told["pages"], told["author"]) == ("2", "R. Deputy")
    places = {p.place: p.text for p in reading.passages}
    assert samples.OPEN in places["page 1"]
    assert places["page 2"] == "The second page"
    (note,) = reading.attachments
    assert (note.name, note.sha256) == (
        "note.txt",
        hashlib.sha256(samples.SECRET.encode()).hexdigest(),
    )
    assert [p.number for p in reading.previews if p.use is Use.PAGE] == [1, 2]


def test_pages_beyond_the_limit_are_left_out_and_said(read: Read) -> None:
    reading = read(samples.report_pdf(), limits=Limits(pages=1))
    assert [p.place for p in reading.passages] == ["page 1"]
    assert Lack.PAGES_CUT in lacks(reading)


def test_a_pdf_that_was_read_whole_does_not_say_that_pages_are_missing(read: Read) -> None:
    reading = read(samples.report_pdf(), limits=Limits(preview_pages=1))
    assert [p.place for p in reading.passages] == ["page 1", "page 2"]
    assert Lack.PAGES_NOT_SHOWN in lacks(reading)
    assert Lack.PAGES_CUT not in lacks(reading)


def test_a_document_gives_its_text_with_what_was_struck_out_and_its_pictures(read: Read) -> None:
    reading = read(samples.docx(), "statement.docx")
    assert reading.kind.name == "docx"
    assert facts(reading)["author"] == "R. Deputy"
    assert "Seen at the motel" in reading.text
    assert "struck out" in reading.text
    assert "ask again" in reading.text
    assert [(a.name, a.kind.name) for a in reading.attachments] == [
        ("word/media/image1.png", "png")
    ]


def test_macros_are_named(read: Read) -> None:
    assert Lack.MACROS in lacks(read(samples.docx(**{"word/vbaProject.bin": b"x"})))


def test_slides_come_in_order_with_their_notes(read: Read) -> None:
    passages = read(samples.pptx()).passages
    assert [p.place for p in passages] == ["slide 1", "slide 2", "slide 10", "notes 1"]
    assert passages[2].text == "Slide 10"


def test_an_opendocument_text_gives_its_text(read: Read) -> None:
    reading = read(samples.odt(), "note.odt")
    assert reading.kind.name == "odt"
    assert reading.text == "Heading\nOne\ttwo"


def test_a_spreadsheet_gives_each_sheet(read: Read) -> None:
    reading = read(samples.xlsx([["name", "plate"], ["Ann", "7KX"]], sheet="Cars"), "cars.xlsx")
    assert [p.place for p in reading.passages] == ["sheet Cars"]
    assert reading.text == "name\tplate\nAnn\t7KX"


def test_a_spreadsheet_of_before_2007_is_read_too(read: Read) -> None:
    reading = read(samples.xls(), "cars.xls")
    assert (reading.kind.name, reading.mismatch) == ("xls", None)
    assert [(p.place, p.text) for p in reading.passages] == [("sheet Cars", "7KX")]


def test_a_telephones_photograph_is_shown(read: Read) -> None:
    reading = read(samples.TINY_HEIC, "IMG_0001.HEIC")
    assert (reading.kind.name, reading.mismatch) == ("heic", None)
    assert facts(reading)["camera_model"] == "Phone 9"
    with Image.open(reading.previews[0].path) as picture:
        red = picture.convert("RGB").getpixel((10, 10))
    assert isinstance(red, tuple)
    assert red[0] > 150 > red[2]


def test_each_message_of_a_mailbox_is_read(read: Read) -> None:
    reading = read(samples.MAILBOX, "takeout.mbox")
    assert facts(reading)["messages"] == "2"
    assert [p.text for p in reading.passages if p.place == "message 2"] == [
        "From: bo@example.org\nTo: \nDate: \nSubject: Re",
        "Agreed\nFrom now on",
    ]
    assert [a.name for a in reading.attachments] == ["plan.txt"]


def test_a_pdf_that_lies_unpacked_in_an_archive_makes_it_no_pdf(read: Read) -> None:
    reading = read(samples.zipped({"a.pdf": samples.report_pdf()}, 0), "set.zip")
    assert (reading.kind.name, reading.quarantine) == ("zip", None)


def test_mail_gives_fields_bodies_and_attachments_with_hashes(read: Read) -> None:
    reading = read(samples.MAIL, "note.eml")
    assert facts(reading)["subject"] == "Grüße"
    assert [p.text for p in reading.passages] == [
        "Meet at nine",
        "From: cy@example.org\nTo: \nDate: \nSubject: earlier",
        "The earlier message",
    ]
    (plan,) = reading.attachments
    assert (plan.name, plan.size_bytes) == ("plan.txt", 8)
    assert plan.sha256 == hashlib.sha256(b"the plan").hexdigest()


def test_an_outlook_message_gives_the_same(read: Read) -> None:
    reading = read(samples.msg(), "van.msg")
    told = facts(reading)
    assert (reading.kind.name, told["subject"]) == ("msg", "The blue van")
    assert told["from"] == "Ann <ann@example.org>"
    assert "behind the motel" in reading.text
    (van,) = reading.attachments
    assert (van.name, van.sha256) == ("van.txt", hashlib.sha256(b"plate 7KX").hexdigest())


def test_a_page_of_the_web_gives_what_is_seen(read: Read) -> None:
    reading = read(samples.PAGE, "listing.html")
    assert facts(reading)["title"] == "Listing 7"
    assert reading.text == "Room\xa0to let\none\ntwo"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "cp1256"])
def test_plain_text_is_read_in_its_encoding(read: Read, encoding: str) -> None:
    words = "Показания свидетеля: машина стояла у мотеля. " if encoding == "cp1251" else ""
    words = words or ("شهادة الشاهد: كانت السيارة أمام الفندق. " if encoding == "cp1256" else "")
    words = (words or "Grüße aus dem Hotel. ") * 20
    assert read(words.encode(encoding), "notes.txt").text == words.strip()


def test_long_text_is_cut_and_said(read: Read) -> None:
    reading = read(b"word " * 10_000, limits=Limits(text_chars=1_000))
    assert len(reading.text) == 1_000
    assert Lack.TEXT_CUT in lacks(reading)


def test_an_archive_lists_its_files_with_hashes(read: Read) -> None:
    inner = samples.zipped({"deep.txt": "x"})
    reading = read(samples.zipped({"a.txt": "hello", "inner.zip": inner}), "set.zip")
    assert [(a.name, a.kind.name) for a in reading.attachments] == [
        ("a.txt", "text"),
        ("inner.zip", "zip"),
    ]
    assert reading.attachments[1].sha256 == hashlib.sha256(inner).hexdigest()


def test_a_large_archive_is_listed_as_far_as_it_may_be_unpacked(read: Read) -> None:
    noise = random.Random(4).randbytes(60_000)
    many = samples.zipped({f"{n}.bin": noise for n in range(5)})
    reading = read(many, limits=Limits(unpacked_bytes=200_000))
    assert len(reading.attachments) == 3
    assert Lack.PARTS_CUT in lacks(reading)


def test_parts_beyond_the_limit_are_left_out_and_said(read: Read) -> None:
    many = samples.zipped({f"{n}.txt": "x" for n in range(20)})
    reading = read(many, limits=Limits(parts=5))
    assert len(reading.attachments) == 5
    assert Lack.PARTS_CUT in lacks(reading)


@pytest.mark.parametrize(("width", "channels"), [(1, 1), (2, 1), (2, 2), (3, 1), (4, 2)])
def test_a_sound_gives_its_length_and_the_picture_of_its_wave(
    read: Read, width: int, channels: int
) -> None:
    reading = read(samples.tone(width=width, channels=channels), "call.wav")
    assert facts(reading)["duration_ms"] == "1000"
    shown = next(p for p in reading.previews if p.use is Use.WAVEFORM)
    with Image.open(shown.path) as picture:
        grey = picture.convert("L")
    silent, loud = (grey.crop((x, 0, x + 400, 100)).getextrema()[0] for x in (100, 700))
    assert silent > 200 > loud


def test_a_kind_without_reader_is_named_and_left(read: Read) -> None:
    reading = read(b"SQLite format 3\x00" + bytes(100), "sms.db")
    assert (reading.kind.name, reading.quarantine) == ("sqlite", None)
    assert lacks(reading) == {Lack.NO_TEXT, Lack.NO_PREVIEW}


@pytest.mark.skipif(tools.find("tesseract") is None, reason="tesseract is not installed")
def test_text_in_a_scan_is_read_by_tesseract(read: Read) -> None:
    reading = read(samples.scanned_pdf("BLUE VAN 7KX"), "scan.pdf")
    assert [p.place for p in reading.passages] == ["page 1, as a picture"]
    assert "BLUE VAN" in reading.text
    assert any(tool.name == "tesseract" for tool in reading.tools)
    assert {p.path.name for p in reading.previews} == {
        path.name for path in reading.previews[0].path.parent.iterdir()
    }


def test_without_tesseract_the_reading_says_so(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "find", lambda name: None)
    reading = read(samples.scanned_pdf("BLUE VAN"))
    assert Lack.NO_OCR in lacks(reading)
    assert "tesseract is not installed" in str(next(iter(reading.notes)).sentence)
    assert reading.previews


def test_the_digest_is_that_of_the_file(read: Read) -> None:
    digest = read(b"hello").digest
    assert digest is not None
    assert (digest.size_bytes, digest.sha256) == (5, hashlib.sha256(b"hello").hexdigest())
    assert digest.sha512 == hashlib.sha512(b"hello").hexdigest()


def test_a_reading_is_the_same_again(read: Read) -> None:
    def content(reading: Reading) -> list[object]:
        shown = [digest_of(p.path) for p in reading.previews]
        return [reading.facts, reading.passages, reading.attachments, reading.notes, shown]

    assert content(read(samples.report_pdf())) == content(read(samples.report_pdf()))


def test_what_is_no_plain_file_is_refused(tmp_path: Path) -> None:
    import os

    (out := tmp_path / "out").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("absent", "pipe", "out"):
        reading = read_exhibit(tmp_path / name, name=name, out=out)
        assert reading.quarantine is not None
        assert reading.quarantine.reason is SetAside.UNREADABLE


def test_results_do_not_go_among_other_files(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"a")
    with pytest.raises(ValueError, match="not an empty folder"):
        read_exhibit(tmp_path / "file", name="file", out=tmp_path)
