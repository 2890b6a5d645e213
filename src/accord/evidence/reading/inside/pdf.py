"""PDF: text by page, facts, attachments, pages drawn (PDFium, which has no scripts here)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw
from PIL import Image

from accord.evidence.reading.inside.drawing import for_ocr, plain, shown
from accord.evidence.reading.inside.job import (
    Job,
    Message,
    Refused,
    attachment,
    fact,
    note,
    passage,
)
from accord.evidence.reading.results import Lack, SetAside, Use

FACTS = {
    "Title": "title", "Author": "author", "Creator": "program", "Producer": "producer",
    "CreationDate": "created_at", "ModDate": "changed_at",
}  # fmt: skip
POINTS_PER_INCH = 72
SCANNED_BELOW_CHARS = 8
"""A page with less text is taken as a scan."""
BROKEN = (pdfium.PdfiumError, ValueError, TypeError, OSError, IndexError, KeyError, AssertionError,
          RuntimeError)  # fmt: skip


@contextmanager
def opened(job: Job) -> Iterator[Any]:
    """The document; raises Refused where it is encrypted or none."""
    try:
        document = pdfium.PdfDocument(job.path)
        pages = len(document)
    except pdfium.PdfiumError as error:
        raise Refused(_reason(error), str(error)) from None
    if pages < 1:
        raise Refused(SetAside.MALFORMED, "there is no page")
    try:
        document.init_forms()
    except BROKEN as error:
        raise Refused(SetAside.MALFORMED, str(error)) from None
    yield document


def _reason(error: Any) -> SetAside:
    locked = (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
    return SetAside.ENCRYPTED if getattr(error, "err_code", None) in locked else SetAside.MALFORMED


def read_pdf(job: Job) -> Iterator[Message]:
    """A PDF."""
    with opened(job) as document:
        pages = len(document)
        yield from fact("pages", pages)
        for key, value in document.get_metadata_dict(skip_empty=True).items():
            if key in FACTS:
                yield from fact(FACTS[key], value)
        yield from _attachments(document, job)
        good, scans = 0, 0
        for number in range(1, min(pages, job.limits.pages) + 1):
            try:
                with page_of(document, number) as page:
                    text = _text(page)
                    yield from passage(f"page {number}", text)
                    scans += _is_scan(text)
                    wants_ocr = job.ocr and _is_scan(text) and scans <= job.limits.ocr_pages
                    yield from _seen(page, job, number, wants_ocr)
                    good += 1
            except BROKEN as error:
                yield note(Lack.PART_DAMAGED, f"page {number}: {error}")
        if not good:
            raise Refused(SetAside.MALFORMED, "no page can be read")
        if scans and not job.ocr:
            yield note(Lack.NO_OCR)
        if pages > job.limits.pages:
            yield note(Lack.PAGES_CUT, f"{pages} pages")
        elif pages > job.limits.preview_pages:
            yield note(Lack.PAGES_NOT_SHOWN, f"{pages} pages")


@contextmanager
def page_of(document: Any, number: int) -> Iterator[Any]:
    """One page, from 1."""
    page = document[number - 1]
    try:
        yield page
    finally:
        page.close()


def _text(page: Any) -> str:
    texts = page.get_textpage()
    try:
        return str(texts.get_text_range(errors="replace")).replace("\r\n", "\n")
    finally:
        texts.close()


def _is_scan(text: str) -> bool:
    return len(text.strip()) < SCANNED_BELOW_CHARS


def _seen(page: Any, job: Job, number: int, wants_ocr: bool) -> Iterator[Message]:
    if number <= job.limits.preview_pages:
        yield from shown(drawn(page, longest_px=job.limits.preview_px), job, Use.PAGE, number)
    if wants_ocr:
        yield for_ocr(drawn(page, longest_px=2_400), job, number)


def drawn(page: Any, *, longest_px: int | None = None, dpi: int | None = None) -> Image.Image:
    """The page as a picture, with its forms and notes, so many pixels long or dots an inch."""
    width, height = page.get_size()
    scale = (dpi or 0) / POINTS_PER_INCH or (longest_px or 0) / max(width, height, 1.0)
    bitmap = page.render(scale=scale, may_draw_forms=True, rev_byteorder=True)
    try:
        return plain(bitmap.to_pil())
    finally:
        bitmap.close()


def _attachments(document: Any, job: Job) -> Iterator[Message]:
    for at in range(min(document.count_attachments(), job.limits.parts + 1)):
        try:
            found = document.get_attachment(at)
            data, name = bytes(found.get_data()), found.get_name()
        except BROKEN as error:
            yield note(Lack.PART_DAMAGED, f"attachment {at + 1}: {error}")
            continue
        yield attachment(at + 1, name, io.BytesIO(data), job.limits.unpacked_bytes)


def attached(job: Job, number: int) -> bytes:
    """The bytes of one attachment; raises Refused where there is none of that number."""
    with opened(job) as document:
        if not 1 <= number <= document.count_attachments():
            raise Refused(SetAside.OUTSIDE, f"there is no attachment {number}")
        try:
            return bytes(document.get_attachment(number - 1).get_data())
        except BROKEN as error:
            raise Refused(SetAside.MALFORMED, str(error)) from None
