"""Pictures: what the camera noted, and the pixels drawn anew (Exif 2.32, JEITA CP-3451)."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PIL import AvifImagePlugin, Image, ImageOps

from accord.evidence.reading.inside.drawing import for_ocr, plain, shown
from accord.evidence.reading.inside.job import Job, Message, Refused, fact, note
from accord.evidence.reading.inside.sniffing import after_end
from accord.evidence.reading.results import Lack, SetAside, Use

DECODERS = {
    "jpeg": ["JPEG", "MPO"], "png": ["PNG"], "gif": ["GIF"], "webp": ["WEBP"], "tiff": ["TIFF"],
    "bmp": ["BMP"], "heic": ["HEIF"], "jp2": ["JPEG2000"], "avif": ["AVIF"],
}  # fmt: skip
EXIF_IFD, GPS_IFD = 0x8769, 0x8825
CAMERA = {0x010F: "camera_make", 0x0110: "camera_model", 0x0131: "program", 0x013B: "artist"}
TAKEN_AT, TAKEN_OFFSET, LENS, SERIAL = 0x9003, 0x9011, 0xA434, 0xA431
LATITUDE, LONGITUDE, ALTITUDE, GPS_DAY, GPS_TIME = 2, 4, 6, 29, 7
BROKEN = (OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, AttributeError,
          EOFError, OverflowError, ZeroDivisionError, NotImplementedError, AssertionError,
          RuntimeError, struct.error)  # fmt: skip
"""What the decoders raise of damaged pictures, besides their own errors."""
MOST_FRAMES = 1_000

warnings.simplefilter("ignore")
AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # a confined process starts no other
Image.MAX_IMAGE_PIXELS = None  # the limit is ours, and is asked before a pixel is made


@contextmanager
def damage_is_told() -> Iterator[None]:
    """Whatever a decoder raises of a damaged picture becomes a refusal."""
    try:
        yield
    except BROKEN as error:
        raise Refused(SetAside.MALFORMED, str(error)) from None


def opened(job: Job) -> Image.Image:
    """The picture by the decoder of its kind; raises Refused for too many pixels."""
    job.whole()
    if job.kind.name == "heic":
        _learn_heic()
    with damage_is_told():
        picture = Image.open(job.path, formats=DECODERS[job.kind.name])
    check_pixels(picture, job)
    return picture


def _learn_heic() -> None:
    import pi_heif

    pi_heif.register_heif_opener(thumbnails=False, decode_threads=1)


def check_pixels(picture: Image.Image, job: Job) -> None:
    """Raises Refused for a picture that would fill the memory."""
    pixels = picture.width * picture.height
    if pixels > job.limits.pixels:
        raise Refused(SetAside.BOMB, f"{pixels:,} pixels; at most {job.limits.pixels:,}")


def frames(picture: Image.Image, job: Job, most: int) -> Iterator[tuple[int, Image.Image]]:
    """Each page of a picture, upright, from 1."""
    for number in range(1, min(count(picture), most) + 1):
        with damage_is_told():
            picture.seek(number - 1)
        check_pixels(picture, job)
        with damage_is_told():
            picture.load()
            upright = ImageOps.exif_transpose(picture)
        with damage_is_told():
            yield number, plain(upright)


def count(picture: Image.Image) -> int:
    """How many pages or moments a picture has, as far as they are counted."""
    if picture.format == "MPO":  # views of the same moment, small copies
        return 1
    with damage_is_told():
        return min(int(getattr(picture, "n_frames", 1)), MOST_FRAMES)


def read_picture(job: Job) -> Iterator[Message]:
    """A picture: facts, pages, and pages for tesseract."""
    picture = opened(job)
    pages = count(picture)
    yield from fact("width_px", picture.width)
    yield from fact("height_px", picture.height)
    if pages > 1:
        yield from fact("pages", pages)
    yield from _noted(picture)
    most = job.limits.preview_pages if job.kind.name == "tiff" else 1
    for number, page in frames(picture, job, most):
        yield from shown(page, job, Use.PAGE, number)
        if job.ocr and number <= job.limits.ocr_pages:
            yield for_ocr(page, job, number)
    if not job.ocr:
        yield note(Lack.NO_OCR)
    if job.kind.name == "tiff" and pages > most:
        yield note(Lack.PAGES_CUT)
    with job.path.open("rb") as source:
        rest, _ = after_end(source, job.path.stat().st_size, job.kind)
    if rest:
        yield note(Lack.DATA_AFTER_END, f"{rest:,} bytes")


def _noted(picture: Image.Image) -> Iterator[Message]:
    """The camera's notes; whatever is damaged there is said."""
    try:
        yield from list(_facts(picture.getexif()))
    except BROKEN as error:
        yield note(Lack.FACTS_DAMAGED, str(error))


def _facts(exif: Image.Exif) -> Iterator[Message]:
    for tag, name in CAMERA.items():
        yield from fact(name, exif.get(tag, ""))
    inner = exif.get_ifd(EXIF_IFD)
    taken = " ".join(filter(None, (_text(inner.get(TAKEN_AT)), _text(inner.get(TAKEN_OFFSET)))))
    yield from fact("taken_at", taken)
    yield from fact("lens", _text(inner.get(LENS)))
    yield from fact("camera_serial", _text(inner.get(SERIAL)))
    yield from _position(exif.get_ifd(GPS_IFD))


def _position(gps: dict[int, Any]) -> Iterator[Message]:
    for name, tag, negative in (("latitude", LATITUDE, "S"), ("longitude", LONGITUDE, "W")):
        if tag in gps:
            degrees = _degrees(gps[tag])
            yield from fact(name, f"{-degrees if gps.get(tag - 1) == negative else degrees:.6f}")
    if ALTITUDE in gps:
        yield from fact("altitude_m", f"{float(gps[ALTITUDE]):.1f}")
    if GPS_DAY in gps and GPS_TIME in gps:
        clock = ":".join(f"{int(part):02d}" for part in gps[GPS_TIME])
        yield from fact("position_at", f"{_text(gps[GPS_DAY])} {clock} UTC")


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600


def _text(value: object) -> str:
    return "" if value is None else str(value).strip("\x00 ")
