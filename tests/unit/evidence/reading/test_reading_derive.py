"""What is made from a file: nothing of what was blackened is left, and it can be made again."""

from __future__ import annotations

import io
import json
import wave
import zlib
from collections.abc import Callable
from typing import Any

import av
import pypdfium2 as pdfium
import pypdfium2.raw as raw
import pytest
from PIL import Image

from accord.evidence.reading.hearing import digest_of
from accord.evidence.reading.results import (
    Area,
    Clip,
    Copy,
    Derived,
    Extraction,
    Limits,
    Redaction,
    Refusal,
    SetAside,
    Way,
)
from unit.evidence.reading import filmed, samples

Make = Callable[..., Derived | Refusal]


def made(result: Derived | Refusal) -> Derived:
    assert isinstance(result, Derived), result
    assert digest_of(result.path) == result.result
    return result


def reason(result: Derived | Refusal) -> SetAside:
    assert isinstance(result, Refusal), result
    return result.reason


# -- redaction of pictures -------------------------------------------------------------------------


def test_a_redacted_picture_is_black_there_the_same_elsewhere_and_tells_nothing(make: Make) -> None:
    source = samples.saved(samples.drawn(), "PNG")
    done = made(make(source, Redaction((Area(0, 0, 2_500, 5_000),))))
    with Image.open(done.path) as picture, Image.open(io.BytesIO(source)) as before:
        assert picture.format == "PNG"
        assert picture.size == before.size
        assert picture.crop((0, 0, 100, 150)).getcolors() == [(15_000, (0, 0, 0))]
        for rest in ((100, 0, 400, 300), (0, 150, 400, 300)):
            assert picture.crop(rest).tobytes() == before.crop(rest).tobytes()
        assert not picture.info


def test_a_redacted_photograph_has_neither_camera_nor_place_nor_small_picture(make: Make) -> None:
    done = made(make(samples.photo(), Redaction((Area(0, 0, 10_000, 10_000),))))
    data = done.path.read_bytes()
    assert b"Acme" not in data
    assert b"Exif" not in data
    with Image.open(done.path) as picture:
        assert picture.getcolors() == [(400 * 300, (0, 0, 0))]
        assert not picture.getexif()


def test_a_telephones_photograph_is_redacted(make: Make) -> None:
    done = made(make(samples.TINY_HEIC, Redaction((Area(0, 0, 10_000, 10_000),))))
    with Image.open(done.path) as picture:
        assert picture.getcolors() == [(96 * 64, (0, 0, 0))]


def test_areas_lie_on_the_picture_as_it_is_seen(make: Make) -> None:
    """The telephone was held sideways: the top of what is seen is a side of what is stored."""
    done = made(make(samples.photo(orientation=6), Redaction((Area(0, 0, 10_000, 1_000),))))
    with Image.open(done.path) as picture:
        assert picture.size == (300, 400)
        assert picture.crop((0, 0, 300, 40)).getcolors() == [(12_000, (0, 0, 0))]


def test_an_area_is_rounded_outwards(make: Make) -> None:
    done = made(
        make(samples.saved(Image.new("L", (100, 100), 255), "PNG"), Redaction((Area(1, 1, 1, 1),)))
    )
    with Image.open(done.path) as picture:
        assert picture.getpixel((0, 0)) == 0
        assert picture.getpixel((1, 1)) == 255


def test_what_is_transparent_hides_nothing(make: Make) -> None:
    """Colours under full transparency are stored, and would come back with another program."""
    picture = Image.new("RGBA", (40, 40), (200, 10, 10, 0))
    done = made(make(samples.saved(picture, "PNG"), Redaction((Area(0, 0, 5_000, 10_000),))))
    with Image.open(done.path) as result:
        assert result.mode == "RGB"
        assert sorted(result.getcolors()) == [(800, (0, 0, 0)), (800, (255, 255, 255))]


def test_pages_of_a_scan_become_a_pdf_with_every_page(make: Make) -> None:
    done = made(make(samples.scan_pages(), Redaction((Area(0, 0, 10_000, 5_000, page=2),))))
    assert done.kind.name == "pdf"
    pages = [page.render().to_pil().convert("L") for page in pdfium.PdfDocument(done.path)]
    middle = [(p.getpixel((5, 10)), p.getpixel((5, p.height - 10))) for p in pages]
    assert [abs(a - b) < 6 for a, b in zip((250, 0, 150), (m[0] for m in middle), strict=True)]
    assert middle[1][0] < 10 < 190 < middle[1][1]


# -- redaction of PDF ------------------------------------------------------------------------------

AREA = Redaction((Area(800, 2_000, 8_000, 5_500),), dpi=100)
"""Over the secret text, the picture, the form field and the note of the first page."""


def everything_in(path: Any) -> tuple[str, list[Any]]:
    """All text and objects that PDFium finds in a PDF."""
    document = pdfium.PdfDocument(path)
    texts, objects = [], []
    for page in document:
        texts.append(page.get_textpage().get_text_range())
        objects.extend(page.get_objects())
    return "".join(texts), objects


def test_nothing_that_was_under_the_area_is_left_in_the_pdf(make: Make) -> None:
    source = samples.report_pdf()
    assert samples.SECRET.encode() in source
    done = made(make(source, AREA))
    data = done.path.read_bytes()
    text, objects = everything_in(done.path)
    assert text.strip() == ""
    assert [each.type for each in objects] == [raw.FPDF_PAGEOBJ_IMAGE] * 2
    for picture in objects:
        assert picture.get_filters() in (["DCTDecode"], ["FlateDecode"])
    first = objects[0].get_bitmap().to_pil().convert("L")
    width, height = first.size
    covered = first.crop(
        (width * 8 // 100 + 8, height * 2 // 10 + 8, width * 88 // 100 - 8, height * 75 // 100 - 8)
    )
    assert covered.getextrema()[1] <= 4
    assert first.crop((0, 0, width, height * 19 // 100)).getextrema()[0] < 120  # the open text
    for word in (b"Quillfeather", b"JavaScript", b"AcroForm", b"EmbeddedFile", b"Deputy", b"Font"):
        assert word not in data


def test_pages_in_colour_stay_in_colour_and_writing_stays_sharp(make: Make) -> None:
    below = Redaction((Area(0, 9_000, 10_000, 1_000),))
    document = pdfium.PdfDocument(made(make(samples.report_pdf(), below)).path)
    (first,), (second,) = (list(page.get_objects()) for page in document)
    assert first.get_bitmap().to_pil().convert("RGB").getpixel((300, 700))[0] > 150
    assert (first.get_filters(), second.get_filters()) == (["DCTDecode"], ["FlateDecode"])


def test_no_stream_of_the_redacted_pdf_unpacks_to_the_secret(make: Make) -> None:
    data = made(make(samples.report_pdf(), AREA)).path.read_bytes()
    starts = [
        i for i in range(len(data) - 2) if data[i] == 0x78 and data[i + 1] in (1, 0x5E, 0x9C, 0xDA)
    ]
    for start in starts:
        try:
            assert b"Quillfeather" not in zlib.decompressobj().decompress(data[start:], 100_000)
        except zlib.error:
            continue


def test_a_redacted_pdf_has_the_pages_and_sizes_of_its_source(make: Make) -> None:
    document = pdfium.PdfDocument(made(make(samples.report_pdf(), AREA)).path)
    assert [document.get_page_size(n) for n in range(len(document))] == [(612.0, 792.0)] * 2


def test_the_bytes_are_the_same_again(make: Make) -> None:
    for source, way in (
        (samples.report_pdf(), AREA),
        (samples.photo(), Redaction((Area(0, 0, 100, 100),))),
        (samples.tone(), Clip(100, 200)),
        (samples.MAIL, Extraction()),
    ):
        first, again = made(make(source, way)), made(make(source, way))
        assert (first.result, first.parameters, first.tools) == (
            again.result,
            again.parameters,
            again.tools,
        )


def test_a_derivation_says_what_it_was_made_from_how_and_with_what(make: Make) -> None:
    done = made(make(samples.report_pdf(), AREA))
    assert json.loads(done.parameters) == {
        "way": "redaction",
        "dpi": 100,
        "areas": [{"page": 1, "left": 800, "top": 2_000, "width": 8_000, "height": 5_500}],
    }
    assert {tool.name for tool in done.tools} == {"accord", "pillow", "pypdfium2"}
    assert done.source.size_bytes == len(samples.report_pdf())


# -- clips, extractions, copies --------------------------------------------------------------------


def test_a_clip_of_sound_has_exactly_the_samples(make: Make) -> None:
    source = samples.tone(2.0, channels=2)
    done = made(make(source, Clip(500, 1_250)))
    with wave.open(io.BytesIO(source)) as before, wave.open(str(done.path)) as after:
        before.setpos(4_000)
        assert after.getparams()[:4] == (2, 2, 8_000, 6_000)
        assert after.readframes(6_000) == before.readframes(6_000)


def test_a_clip_ends_with_the_sound(make: Make) -> None:
    with wave.open(str(made(make(samples.tone(), Clip(900, 1_000))).path)) as sound:
        assert sound.getnframes() == 800


@pytest.mark.parametrize("source", [samples.tone(), filmed.media("mp4"), filmed.media("mp3")])
def test_a_clip_that_would_say_more_than_it_holds_is_refused(make: Make, source: bytes) -> None:
    assert reason(make(source, Clip(500, 60_000))) is SetAside.OUTSIDE


@pytest.mark.parametrize("ending", [*filmed.SOUNDS, *filmed.FILMS])
def test_a_clip_is_as_long_as_asked_tells_nothing_and_is_the_same_again(
    make: Make, ending: str
) -> None:
    source = filmed.media(ending)
    done, again = (made(make(source, Clip(1_000, 2_000))) for _ in range(2))
    assert done.result == again.result
    assert done.kind.name == ("mp4" if ending in filmed.FILMS else "flac")
    data = done.path.read_bytes()
    assert filmed.TITLE.encode() not in data
    assert b"Lavf" not in data
    with av.open(io.BytesIO(data)) as container:
        assert abs(container.duration / 1e6 - 1) < 0.05
        counts = {
            stream.type: sum(frame.samples if stream.type == "audio" else 1 for frame in frames)
            for stream in container.streams
            for frames in [list(_decoded(data, stream.type))]
        }
    if ending in filmed.FILMS:
        assert counts["video"] == (25 if ending == "mpg" else 10)
        assert abs(counts["audio"] - filmed.RATE) <= 2_048  # AAC comes in blocks
    else:
        assert counts == {"audio": filmed.RATE}
    assert [tool.name for tool in done.tools] == ["accord", "av", "pillow"]


def _decoded(data: bytes, kind: str) -> Any:
    with av.open(io.BytesIO(data)) as container:
        yield from container.decode(**{kind: 0})


def test_a_clip_of_lossless_sound_has_its_very_samples(make: Make) -> None:
    """From the sample at one second on, though blocks of FLAC begin elsewhere."""
    source = filmed.media("flac")
    done = made(make(source, Clip(1_000, 1_500))).path.read_bytes()
    whole, cut = (
        b"".join(bytes(f.planes[0])[: f.samples * 2] for f in _decoded(data, "audio"))
        for data in (source, done)
    )
    assert cut == whole[filmed.RATE * 2 : filmed.RATE * 3]


def test_a_clip_of_an_upright_film_stands_upright(make: Make) -> None:
    done = made(make(filmed.media("mp4", turned=-90), Clip(500, 1_500)))
    with av.open(str(done.path)) as container:
        frame = next(container.decode(video=0))
        assert (frame.width, frame.height, frame.rotation) == (120, 160, 0)
        picture = frame.to_image()
    assert picture.getpixel((10, 40))[0] > 150 > picture.getpixel((10, 120))[0]


@pytest.mark.parametrize("ending", ["mp3", "mp4"])
def test_a_clip_beyond_the_end_is_refused(make: Make, ending: str) -> None:
    assert reason(make(filmed.media(ending), Clip(10_000, 20_000))) is SetAside.OUTSIDE


def test_a_clip_of_what_is_no_sound_is_refused(make: Make) -> None:
    assert reason(make(b"fLaC" + bytes(500), Clip(0, 1_000))) is SetAside.MALFORMED


def test_a_clip_that_outgrows_its_limit_is_not_left_half_written(make: Make) -> None:
    limits = Limits(result_bytes=5_000)
    for ending in ("flac", "mp4"):
        assert (
            reason(make(filmed.media(ending), Clip(0, 3_000), limits=limits)) is SetAside.TOO_LARGE
        )


@pytest.mark.parametrize(
    ("source", "number", "data"),
    [
        (samples.MAIL, 1, b"the plan"),
        (samples.msg(), 1, b"plate 7KX"),
        (samples.MAILBOX, 1, b"the plan"),
        (samples.report_pdf(), 1, samples.SECRET.encode()),
        (samples.zipped({"a.txt": "a", "b.txt": "bee"}), 2, b"bee"),
        (samples.msg(), 0, b"It was parked behind the motel.\n"),
    ],
)  # fmt: skip
def test_what_is_inside_comes_out_as_it_is(
    make: Make, source: bytes, number: int, data: bytes
) -> None:
    assert made(make(source, Extraction(number))).path.read_bytes() == data


def test_the_kind_of_what_comes_out_is_told_by_its_content(make: Make) -> None:
    done = made(make(samples.docx(), Extraction(1)))
    assert done.kind.name == "png"


def test_a_copy_is_the_same_bytes(make: Make) -> None:
    done = made(make(samples.photo(), Copy()))
    assert (done.result, done.kind.name) == (done.source, "jpeg")


def test_a_file_of_no_known_kind_is_copied_too(make: Make) -> None:
    for data in (b"\x00\x01", b""):
        assert made(make(data, Copy())).kind.name == "unknown"


# -- what is not made ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "why"),
    [
        (Redaction(()), SetAside.OUTSIDE),
        (Redaction((Area(0, 0, 10_001, 1),)), SetAside.OUTSIDE),
        (Redaction((Area(9_999, 0, 2, 1),)), SetAside.OUTSIDE),
        (Redaction((Area(-1, 0, 5, 5),)), SetAside.OUTSIDE),
        (Redaction((Area(0, 0, 0, 5),)), SetAside.OUTSIDE),
        (Redaction((Area(0, 0, 5, 5, page=0),)), SetAside.OUTSIDE),
        (Redaction((Area(0, 0, 5, 5, page=3),)), SetAside.OUTSIDE),
        (Redaction((Area(0, 0, 5, 5),), dpi=10_000), SetAside.OUTSIDE),
        (Clip(0, 1_000), SetAside.UNFIT),
        (Clip(5, 5), SetAside.OUTSIDE),
        (Extraction(-1), SetAside.OUTSIDE),
        (Extraction(9), SetAside.OUTSIDE),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_reason(
    make: Make, way: Way, why: SetAside
) -> None:
    assert reason(make(samples.report_pdf(), way)) is why


@pytest.mark.parametrize(
    ("source", "way", "why"),
    [
        (samples.MAIL, Redaction((Area(0, 0, 5, 5),)), SetAside.UNFIT),
        (samples.photo(), Extraction(1), SetAside.UNFIT),
        (samples.photo(), Extraction(0), SetAside.UNFIT),
        (samples.tone(), Clip(5_000, 6_000), SetAside.OUTSIDE),
        (samples.encrypted_pdf(), Redaction((Area(0, 0, 5, 5),)), SetAside.ENCRYPTED),
        (samples.photo()[:2_000], Redaction((Area(0, 0, 5, 5),)), SetAside.MALFORMED),
    ],
)
def test_what_does_not_fit_the_file_is_refused_with_its_reason(
    make: Make, source: bytes, way: Way, why: SetAside
) -> None:
    assert reason(make(source, way)) is why


def test_a_result_beyond_its_limit_is_not_left_half_written(make: Make) -> None:
    noise = samples.saved(samples.Image.effect_noise((300, 300), 90), "PNG")
    done = make(noise, Redaction((Area(0, 0, 5, 5),)), limits=Limits(result_bytes=5_000))
    assert reason(done) is SetAside.TOO_LARGE


def test_no_page_is_left_out_of_a_redaction(make: Make) -> None:
    done = make(samples.report_pdf(), AREA, limits=Limits(pages=1))
    assert reason(done) is SetAside.TOO_LARGE
