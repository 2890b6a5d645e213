"""Writes a PDF that is nothing but pictures of pages (ISO 32000-1): no text, no font, no metadata.

The bytes follow from the pictures alone: no date, no identifier, so the same pages give the same
file. What a redaction writes comes through here, so nothing of the source can be carried along.
"""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageChops

QUALITY, LEVEL = 85, 6
PAGES_OBJECT = 2


class RasterPdf:
    """One PDF being written; `add` each page, then `close`."""

    def __init__(self, path: Path) -> None:
        self._out: BinaryIO = path.open("wb")
        self._places: dict[int, int] = {}
        self._pages: list[int] = []
        self._out.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
        self._object(1, b"<< /Type /Catalog /Pages 2 0 R >>")

    def add(self, picture: Image.Image, width_pt: float, height_pt: float) -> None:
        """A page of this size, in points, filled by the picture (grey or colour)."""
        page = 3 + 3 * len(self._pages)
        self._pages.append(page)
        box = f"[0 0 {width_pt:.2f} {height_pt:.2f}]"
        resources = f"<< /XObject << /P {page + 2} 0 R >> >>"
        self._object(
            page,
            f"<< /Type /Page /Parent {PAGES_OBJECT} 0 R /MediaBox {box} /Resources {resources} "
            f"/Contents {page + 1} 0 R >>".encode(),
        )
        draw = f"{width_pt:.2f} 0 0 {height_pt:.2f} 0 0 cm /P Do".encode()
        self._stream(page + 1, b"", draw)
        space, way, data = packed(picture)
        head = (
            f"/Type /XObject /Subtype /Image /Width {picture.width} /Height {picture.height} "
            f"/ColorSpace /{space} /BitsPerComponent 8 /Filter /{way}"
        )
        self._stream(page + 2, head.encode(), data)

    def close(self) -> None:
        """Write what leads to the pages."""
        kids = " ".join(f"{page} 0 R" for page in self._pages)
        count = len(self._pages)
        self._object(PAGES_OBJECT, f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode())
        start, objects = self._out.tell(), max(self._places) + 1
        self._out.write(f"xref\n0 {objects}\n0000000000 65535 f \n".encode())
        for number in range(1, objects):
            self._out.write(f"{self._places[number]:010d} 00000 n \n".encode())
        self._out.write(f"trailer\n<< /Size {objects} /Root 1 0 R >>\n".encode())
        self._out.write(f"startxref\n{start}\n%%EOF\n".encode())
        self._out.close()

    def _object(self, number: int, body: bytes) -> None:
        self._places[number] = self._out.tell()
        self._out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))

    def _stream(self, number: int, head: bytes, data: bytes) -> None:
        body = b"<< %b /Length %d >>\nstream\n%b\nendstream" % (head, len(data), data)
        self._object(number, body)


def packed(picture: Image.Image) -> tuple[str, str, bytes]:
    """The colours, filter and bytes of a picture: JPEG, or without loss where that is smaller.

    A page of writing is grey, and is both smaller and sharper without loss.
    """
    grey = picture.convert("L")
    if picture.mode != "L" and ImageChops.difference(picture, grey.convert("RGB")).getbbox():
        return "DeviceRGB", "DCTDecode", _jpeg(picture)
    exact, lossy = zlib.compress(grey.tobytes(), LEVEL), _jpeg(grey)
    if len(exact) <= len(lossy):
        return "DeviceGray", "FlateDecode", exact
    return "DeviceGray", "DCTDecode", lossy


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, format="JPEG", quality=QUALITY, subsampling=0)
    return out.getvalue()
