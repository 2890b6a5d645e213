"""Files that mean harm, made by code. Each with the reasons for which it may be set apart."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable

from accord.evidence.reading.results import SetAside
from unit.evidence.reading import samples

Made = Callable[[], bytes]
R = SetAside
DAMAGED = frozenset({R.MALFORMED})
SPENT = frozenset({R.BOMB, R.MEMORY, R.TOO_SLOW, R.CRASHED, R.MALFORMED})


def _cut(made: Made) -> Made:
    return lambda: (data := made())[: len(data) * 2 // 3]


def png(width: int, height: int, *chunks: tuple[bytes, bytes], end: bytes = b"") -> bytes:
    """A PNG that says this size, with these chunks."""
    head = (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in (head, *chunks, (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + body + end


def picture_bomb() -> bytes:
    """Sixty thousand pixels square, of one colour, in a few kilobytes."""
    return png(60_000, 60_000, (b"IDAT", zlib.compress(bytes(10_000_000), 9)))


def note_bomb() -> bytes:
    """A picture whose comment unpacks to 40 MB."""
    swollen = zlib.compress(bytes(40_000_000), 9)
    return png(1, 1, (b"zTXt", b"Comment\0\0" + swollen), (b"IDAT", zlib.compress(bytes(4))))


def zip_bomb() -> bytes:
    """One member of forty megabytes, where 32 are allowed."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a", "w") as member,
    ):
        for _ in range(40):
            member.write(bytes(1 << 20))
    return out.getvalue()


def overlapping_zip() -> bytes:
    """Every entry of the directory leads to the same packed bytes (Fifield, 2019)."""
    one = samples.zipped({"a": random.Random(1).randbytes(1000)})
    directory = one[one.index(b"PK\x01\x02") : one.index(b"PK\x05\x06")]
    start, count = one.index(b"PK\x01\x02"), 500
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, len(directory) * count, start, 0)
    return one[:start] + directory * count + end


def lying_zip() -> bytes:
    """A member that says it unpacks to ten bytes, and unpacks to a hundred thousand."""
    data = bytearray(samples.zipped({"a.txt": "a" * 100_000}))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.index(mark) + at
        data[place : place + 4] = struct.pack("<I", 10)
    return bytes(data)


def locked_zip() -> bytes:
    """A zip that says its member is encrypted."""
    data = bytearray(samples.zipped({"a.txt": "secret"}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    return bytes(data)


def laughs() -> str:
    """The billion laughs."""
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    return f'<?xml version="1.0"?><!DOCTYPE w [{entities}]><w:p {samples.W}>&j;</w:p>'


def outside_entity() -> str:
    """An entity that is a file of the machine."""
    return (
        '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        f"<w:document {samples.W}><w:t>&x;</w:t></w:document>"
    )


def deep_xml() -> str:
    return f"<w:document {samples.W}>{'<w:p>' * 5_000}{'</w:p>' * 5_000}</w:document>"


def far_cells() -> bytes:
    """Two cells in the far corners of a sheet: a dense table would have 17 billion."""
    row = '<row r="1"><c r="A1"><v>1</v></c></row>'
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{main}"><sheetData>{row}{far}</sheetData></worksheet>'
    return samples.xlsx([], **{"xl/worksheets/sheet1.xml": sheet})


def _pages(contents: bytes, box: bytes = b"[0 0 612 792]", kids: bytes = b"[3 0 R]") -> bytes:
    return samples.pdf_of(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids " + kids + b" /Count 1 >>",
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox " + box + b" /Contents 4 0 R >>",
            4: contents,
        }
    )


def swelling_pdf() -> bytes:
    """A page whose content unpacks, and unpacks again, to more than it may."""
    packed = zlib.compress(zlib.compress(b"0 0 m 1 1 l S " * 6_000_000, 9), 9)
    return _pages(samples.stream(packed, b"/Filter [/FlateDecode /FlateDecode]"))


def slow_pdf() -> bytes:
    """A page that is painted all over, two hundred thousand times."""
    return _pages(
        samples.stream(
            zlib.compress(b"0 0 612 792 re f 0 0 m 612 792 l S " * 200_000, 9),
            b"/Filter /FlateDecode",
        )
    )


def circular_pdf() -> bytes:
    """A tree of pages that is its own branch."""
    return _pages(samples.stream(b""), kids=b"[2 0 R]")


def deep_pdf() -> bytes:
    return _pages(samples.stream(b""), box=b"[" * 100_000 + b"]" * 100_000)


def nested_mail(depth: int = 60) -> bytes:
    """A message in a message in a message."""
    head = b"From: a@example.org\r\nSubject: x\r\nContent-Type: message/rfc822\r\n\r\n"
    return head * depth + b"From: a@example.org\r\nSubject: end\r\n\r\nend"


def folded_mail(depth: int = 3_000) -> bytes:
    """Parts in parts in parts."""
    head = b"From: a@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    parts = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n)
        for n in range(depth)
    )
    return head + parts + b"Content-Type: text/plain\r\n\r\nend"


def locked_document() -> bytes:
    """An Office document under a password: an OLE file with the package inside (MS-OFFCRYPTO)."""
    return samples.ole({("EncryptedPackage",): bytes(500), ("EncryptionInfo",): bytes(200)})


def short_wave() -> bytes:
    """A WAV that says it holds two gigabytes."""
    data = bytearray(samples.tone())
    at = data.index(b"data") + 4
    data[at : at + 4] = struct.pack("<I", 0x7FFFFFF0)
    return bytes(data)


def still_wave() -> bytes:
    """A WAV of no samples a second."""
    data = bytearray(samples.tone())
    data[24:28] = bytes(4)
    return bytes(data)


def circular_tiff() -> bytes:
    """A TIFF whose directory of pages leads back to itself, and says that it is very large."""
    entries = [(256, 4, 1, 50_000), (257, 4, 1, 50_000), (258, 3, 1, 8), (259, 3, 1, 1),
               (262, 3, 1, 1), (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, 50_000),
               (279, 4, 1, 9)]  # fmt: skip
    body = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *e) for e in entries)
    return b"II*\0" + struct.pack("<I", 8) + body + struct.pack("<I", 8)


ZIPPED = samples.zipped({"hidden.txt": "the other content"})

CORPUS: dict[str, tuple[Made, frozenset[SetAside]]] = {
    "nothing": (lambda: b"", frozenset({R.EMPTY})),
    "cut photograph": (_cut(samples.photo), DAMAGED),
    "cut png": (_cut(lambda: samples.saved(samples.drawn(), "PNG")), DAMAGED),
    "cut gif": (_cut(lambda: samples.saved(samples.drawn(), "GIF")), DAMAGED),
    "cut webp": (_cut(lambda: samples.saved(samples.drawn(), "WEBP")), DAMAGED),
    "cut tiff": (_cut(samples.scan_pages), DAMAGED),
    "cut document": (_cut(samples.docx), DAMAGED),
    "cut sheet": (_cut(lambda: samples.xlsx([["a"]])), DAMAGED),
    "cut sound": (_cut(samples.tone), DAMAGED),
    "cut message": (_cut(samples.msg), DAMAGED),
    "a start of pdf": (lambda: b"%PDF-1.7\n" + random.Random(2).randbytes(500), DAMAGED),
    "picture bomb": (picture_bomb, frozenset({R.BOMB})),
    "note bomb": (note_bomb, SPENT),
    "circular tiff": (circular_tiff, frozenset({R.BOMB, R.MALFORMED})),
    "zip bomb": (zip_bomb, frozenset({R.BOMB})),
    "overlapping zip": (overlapping_zip, frozenset({R.BOMB})),
    "lying zip": (lying_zip, DAMAGED),
    "encrypted zip": (locked_zip, frozenset({R.ENCRYPTED})),
    "billion laughs": (
        lambda: samples.docx(**{"word/footer1.xml": laughs().encode()}),
        frozenset({R.ENTITIES}),
    ),
    "outside entity": (
        lambda: samples.docx(**{"word/header1.xml": outside_entity().encode()}),
        frozenset({R.ENTITIES}),
    ),
    "entity in a sheet": (
        lambda: samples.xlsx([["a"]], **{"xl/sharedStrings.xml": laughs()}),
        frozenset({R.ENTITIES}),
    ),
    "deep document": (
        lambda: samples.docx(**{"word/header2.xml": deep_xml().encode()}),
        frozenset({R.NESTED}),
    ),
    "far cells": (far_cells, SPENT),
    "encrypted pdf": (samples.encrypted_pdf, frozenset({R.ENCRYPTED})),
    "circular pdf": (circular_pdf, DAMAGED),
    "swelling pdf": (swelling_pdf, SPENT),
    "slow pdf": (slow_pdf, frozenset({R.TOO_SLOW})),
    "encrypted document": (locked_document, frozenset({R.ENCRYPTED})),
    "nested mail": (nested_mail, frozenset({R.NESTED})),
    "folded mail": (folded_mail, frozenset({R.NESTED})),
    "a sound that says too much": (short_wave, DAMAGED),
    "a sound without time": (still_wave, DAMAGED),
    "photograph and zip": (lambda: samples.photo() + ZIPPED, frozenset({R.POLYGLOT})),
    "picture and program": (
        lambda: samples.saved(samples.drawn(), "PNG") + b"\x7fELF" + bytes(200),
        frozenset({R.POLYGLOT}),
    ),
    "picture and page": (
        lambda: samples.saved(samples.drawn(), "PNG") + samples.PAGE,
        frozenset({R.POLYGLOT}),
    ),
    "pdf and zip": (lambda: samples.report_pdf() + ZIPPED, frozenset({R.POLYGLOT})),
    "page and pdf": (lambda: samples.PAGE + samples.report_pdf(), frozenset({R.POLYGLOT})),
    "picture and script": (
        lambda: b"GIF89a/*" + samples.saved(samples.drawn(), "GIF")[8:40] + b"*/=1;alert(1)",
        frozenset({R.POLYGLOT}),
    ),
    "program and zip": (lambda: b"\x7fELF" + bytes(500) + ZIPPED, frozenset({R.POLYGLOT})),
}
"""What must be set apart, and why."""

HARMLESS: dict[str, Made] = {
    "noise": lambda: random.Random(3).randbytes(50_000),
    "unclosed page": lambda: b"<html>" + b"<div><p>" * 100_000,
    "one long line": lambda: b"a" * 20_000_000,
    "zeros": lambda: bytes(1_000_000),
    "laughing drawing": lambda: laughs().replace("w:p", "svg").encode(),
    "deep pdf": deep_pdf,
    "huge page": lambda: _pages(samples.stream(b""), box=b"[0 0 9e8 1]"),
    "mail without sense": lambda: (
        b"From: \xff\xfe=?x?q?\x80?=\r\nTo: <<>>,,;;\r\nDate: never\r\n"
        b"Subject: =?utf-8?b?////?=\r\nContent-Type: multipart/;;\r\n\r\n\x00"
    ),
    "playlist as film": lambda: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "half an ole file": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3_000),
    "motion photograph": lambda: samples.photo() + b"\0\0\0\x18ftypmp42" + bytes(5_000),
}
"""What looks like harm and comes to an end, read or not."""
