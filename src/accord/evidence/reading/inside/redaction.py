"""Burns rectangles into pictures and pages; what was under them is in no byte of the result.

1. The page is drawn as it is seen, upright, with its forms and notes.
2. Black is painted over each area, rounded outwards to whole pixels.
3. Only then are the pixels encoded, into a new file that takes nothing else from the source.

Pages of a PDF are compressed after the black is there, so no block of a JPEG ever saw what it covers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PIL import Image, ImageDraw

from accord.evidence.reading.inside import pdf, pictures
from accord.evidence.reading.inside.job import Job, Refused
from accord.evidence.reading.inside.rasterpdf import RasterPdf
from accord.evidence.reading.results import Area, SetAside

WHOLE = 10_000
Page = tuple[Image.Image, float, float]
PICTURE_DPI = 150


def redact(job: Job, areas: Sequence[Area], dpi: int) -> str:
    """Write the redacted file; returns its name in the folder of results."""
    if job.kind.name == "pdf":
        with pdf.opened(job) as document:
            check_pages(areas, len(document))
            check_length(len(document), job)
            return _as_pdf(job, areas, _drawn(document, job, dpi))
    picture = pictures.opened(job)
    pages = pictures.count(picture)
    check_pages(areas, pages)
    check_length(pages, job)
    if pages > 1:
        return _as_pdf(job, areas, _frames(picture, job))
    ((_, only),) = pictures.frames(picture, job, 1)
    burn(only, areas)
    only.save(job.out / "redaction-1.png", format="PNG", compress_level=6)
    return "redaction-1.png"


def check_pages(areas: Sequence[Area], pages: int) -> None:
    """Raises Refused where an area is on a page that is not there."""
    beyond = [area.page for area in areas if area.page > pages]
    if beyond:
        raise Refused(SetAside.OUTSIDE, f"page {beyond[0]} of {pages}")


def check_length(pages: int, job: Job) -> None:
    """Raises Refused for more pages than are read: none may be left out of a redaction."""
    if pages > job.limits.pages:
        raise Refused(SetAside.TOO_LARGE, f"{pages} pages; at most {job.limits.pages}")


def _drawn(document: object, job: Job, dpi: int) -> Iterator[Page]:
    for number in range(1, len(document) + 1):  # type: ignore[arg-type]  # PDFium's document
        try:
            with pdf.page_of(document, number) as page:
                width, height = page.get_size()
                pixels = width * height * (dpi / pdf.POINTS_PER_INCH) ** 2
                if pixels > job.limits.pixels:
                    raise Refused(SetAside.BOMB, f"page {number} would have {pixels:,.0f} pixels")
                yield pdf.drawn(page, dpi=dpi), width, height
        except pdf.BROKEN as error:
            raise Refused(SetAside.MALFORMED, f"page {number}: {error}") from None


def _frames(picture: Image.Image, job: Job) -> Iterator[Page]:
    points = pdf.POINTS_PER_INCH / PICTURE_DPI
    for _, page in pictures.frames(picture, job, job.limits.pages):
        yield page, page.width * points, page.height * points


def _as_pdf(job: Job, areas: Sequence[Area], pages: Iterator[Page]) -> str:
    result = RasterPdf(job.out / "redaction-1.pdf")
    for number, (page, width, height) in enumerate(pages, 1):
        burn(page, [area for area in areas if area.page == number])
        result.add(page, width, height)
        if job.is_late():
            raise Refused(SetAside.TOO_SLOW, f"at page {number}")
    result.close()
    return "redaction-1.pdf"


def burn(picture: Image.Image, areas: Sequence[Area]) -> None:
    """Paint each area black, rounded outwards to whole pixels."""
    pen = ImageDraw.Draw(picture)
    for area in areas:
        left = area.left * picture.width // WHOLE
        top = area.top * picture.height // WHOLE
        right = -(-(area.left + area.width) * picture.width // WHOLE)
        bottom = -(-(area.top + area.height) * picture.height // WHOLE)
        pen.rectangle(
            [left, top, right - 1, bottom - 1], fill=0 if picture.mode == "L" else (0, 0, 0)
        )
