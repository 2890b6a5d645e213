"""Draws what is shown of a file: always new pixels, encoded anew, with nothing beside them."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image

from accord.evidence.reading.inside.job import Job, Message
from accord.evidence.reading.results import Use

QUALITY, METHOD = 80, 3
OCR_PX = 2_400
WHITE = (255, 255, 255)


def plain(picture: Image.Image) -> Image.Image:
    """The picture as 8-bit grey or colour, on white where it is transparent, and nothing else."""
    if picture.mode in ("I;16", "I;16B", "I;16L", "I", "F"):
        picture = _scaled_down(picture)
    if picture.mode in ("1", "L"):
        return _bare(picture.convert("L"))
    if "A" in picture.getbands() or "transparency" in picture.info or picture.mode == "P":
        colours = picture.convert("RGBA")
        ground = Image.new("RGB", picture.size, WHITE)
        ground.paste(colours, mask=colours.getchannel("A"))
        return ground
    return _bare(picture.convert("RGB"))


def _scaled_down(picture: Image.Image) -> Image.Image:
    """Deeper greys, their whole range spread over 8 bits."""
    values = picture.convert("F")
    low, high = values.getextrema()
    spread = (float(high) - float(low)) or 1.0  # type: ignore[arg-type]  # one band
    return values.point(lambda v: (v - float(low)) * (255.0 / spread)).convert("L")  # type: ignore[arg-type]  # same


def _bare(picture: Image.Image) -> Image.Image:
    """The pixels alone: no profile, no comment, no palette of the original."""
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    return bare


def shown(picture: Image.Image, job: Job, use: Use, number: int) -> Iterator[Message]:
    """A preview of a plain picture, and a thumbnail of the first."""
    yield _saved(picture, job, use, number, job.limits.preview_px)
    if number == 1:
        yield _saved(picture, job, Use.THUMBNAIL, 1, job.limits.thumbnail_px)


def _saved(picture: Image.Image, job: Job, use: Use, number: int, most_px: int) -> Message:
    small = picture.copy()
    small.thumbnail((most_px, most_px), Image.Resampling.LANCZOS)
    name = f"{use.value}-{number}.webp"
    small.save(job.out / name, format="WEBP", quality=QUALITY, method=METHOD)
    return ("preview", use.value, number, name, small.width, small.height)


def for_ocr(picture: Image.Image, job: Job, number: int) -> Message:
    """A page as tesseract gets it: grey, and large enough to be read."""
    grey = picture.convert("L")
    grey.thumbnail((OCR_PX, OCR_PX), Image.Resampling.LANCZOS)
    name = f"ocr-{number}.png"
    grey.save(job.out / name, format="PNG", compress_level=1)
    return ("ocr", number, name)
