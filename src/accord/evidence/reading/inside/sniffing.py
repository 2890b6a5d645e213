"""Tells a file's kind by what is in it, and whether another program would find another kind.

Signatures are those of each format's own specification. The name of the file decides nothing.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO

from accord.evidence.reading.inside.job import Refused
from accord.evidence.reading.kinds import KINDS, UNKNOWN, Family, Kind
from accord.evidence.reading.results import SetAside

HEAD_BYTES = 8192
TAIL_BYTES = 22 + 65_535
"""The end record of a zip and the longest comment after it."""
PDF_WITHIN = 1024
"""Readers of PDF look for its header in the first so many bytes (ISO 32000-1, annex H)."""

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jp2"),
    (b"\xff\x4f\xff\x51", "jp2"),
    (b"%PDF-", "pdf"),
    (b"{\\rtf", "rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"\x7fELF", "program"),
    (b"\xfe\xed\xfa\xce", "program"),
    (b"\xfe\xed\xfa\xcf", "program"),
    (b"\xcf\xfa\xed\xfe", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"fLaC", "flac"),
    (b"OggS", "ogg"),
    (b"ID3", "mp3"),
    (b"#!AMR", "amr"),
    (b"\x1aE\xdf\xa3", "matroska"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"FLV\x01", "flv"),
)
_RIFF = {b"WAVE": "wav", b"AVI ": "avi", b"WEBP": "webp"}
_BRANDS = {
    b"qt  ": "mov", b"M4A ": "m4a", b"M4B ": "m4a", b"heic": "heic", b"heix": "heic",
    b"hevc": "heic", b"mif1": "heic", b"msf1": "heic", b"avif": "avif", b"avis": "avif",
}  # fmt: skip
_OLE_NAMES = (
    ("__properties_version1.0", "msg"), ("EncryptedPackage", "ole"), ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"), ("Workbook", "xls"), ("Book", "xls"),
)  # fmt: skip
_ZIP_TYPES = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
}
_ZIP_MEMBERS = (
    ("word/document.xml", "docx"), ("ppt/presentation.xml", "pptx"), ("xl/workbook.xml", "xlsx"),
)  # fmt: skip
_MAIL_HEADER = re.compile(
    rb"^(from|to|cc|subject|date|message-id|mime-version|received|return-path|delivered-to|"
    rb"content-type|reply-to|sender|dkim-signature|x-[a-z-]+):",
    re.IGNORECASE | re.MULTILINE,
)
_HEADER_LINE = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:|[ \t]")
_WEB = re.compile(rb"\s*(?:<\?xml[^>]*>\s*|<!--.{0,2000}?-->\s*)*<(!doctype html|html|head|body)\b",
                  re.IGNORECASE | re.DOTALL)  # fmt: skip
_SVG = re.compile(rb"\s*(?:<\?xml[^>]*>\s*|<!--.{0,2000}?-->\s*|<!doctype svg[^>]*>\s*)*<svg\b",
                  re.IGNORECASE | re.DOTALL)  # fmt: skip
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x1b\x08"))


def kind_of(source: IO[bytes], size: int) -> Kind:
    """The kind of an open file of `size` bytes; `unknown` where no signature fits."""
    source.seek(0)
    head = source.read(HEAD_BYTES)
    name = _binary(head) or _text(head)
    if name == "zip":
        name = _in_zip(source)
    elif name == "ole":
        name = _in_ole(source)
    return KINDS.get(name, UNKNOWN)


def check_single(source: IO[bytes], size: int, kind: Kind) -> None:
    """Raises Refused where the file is of a second kind as well."""
    other = _second_kind(source, size, kind)
    if other:
        raise Refused(SetAside.POLYGLOT, f"of kind {kind.name}, and of kind {other}")


def _binary(head: bytes) -> str:
    for start, name in _STARTS:
        if head.startswith(start):
            return name
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], "")
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "aiff"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "mp4")
    return _weaker(head)


def _weaker(head: bytes) -> str:
    """What has a short signature, so that more than it must fit."""
    if (
        head[:2] == b"BM"
        and len(head) > 18
        and head[6:10] == bytes(4)
        and head[14] in (12, 40, 56, 108, 124)
    ):
        return "bmp"
    if head[:2] == b"MZ" and len(head) >= 64 and not _is_text(head):
        return "program"
    if head[257:262] == b"ustar":
        return "tar"
    if head[:1] == b"G" and head[188:189] == b"G" and head[376:377] == b"G":
        return "mpegts"
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "aac"
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2 and head[2] & 0xF0 != 0xF0:
        return "mp3"
    if b"%PDF-" in head[:PDF_WITHIN] and not _is_text(head):
        return "pdf"
    return ""


def _text(head: bytes) -> str:
    if not _is_text(head):
        return ""
    bare = head.removeprefix(b"\xef\xbb\xbf")
    if _WEB.match(bare):
        return "html"
    if _SVG.match(bare):
        return "svg"
    if bare.startswith(b"From ") and _is_mail(bare.partition(b"\n")[2]):
        return "mbox"
    return "eml" if _is_mail(bare) else "text"


def _is_mail(head: bytes) -> bool:
    """Two header fields of mail before the first empty line, which stand first (RFC 5322)."""
    if not _HEADER_LINE.match(head) or head[:1] in b" \t":
        return False
    fields = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    if any(not _HEADER_LINE.match(line) for line in fields.splitlines()[:-1]):
        return False
    return len({m.group(1).lower() for m in _MAIL_HEADER.finditer(fields)}) >= 2


def _is_text(head: bytes) -> bool:
    """Whether these bytes are text: UTF-8, UTF-16 that says so, or almost no control characters."""
    if not head:
        return False
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decodes(head[: len(head) // 2 * 2], "utf-16")
    if b"\x00" in head:
        return False
    control = len(head) - len(head.translate(None, _CONTROL))
    return control <= len(head) // 100


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start >= len(data) - 4
    return True


def _in_zip(source: IO[bytes]) -> str:
    """What a zip holds."""
    try:
        archive = zipfile.ZipFile(source)
        names = frozenset(archive.namelist())
        if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
            return _ZIP_TYPES.get(
                archive.read("mimetype").decode("ascii", "replace").strip(), "zip"
            )
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError,
            struct.error, KeyError, IndexError, zlib.error):  # fmt: skip
        return _in_broken_zip(source)
    return next((kind for member, kind in _ZIP_MEMBERS if member in names), "zip")


def _in_broken_zip(source: IO[bytes]) -> str:
    """What a zip without directory was, by the names of its first members."""
    source.seek(0)
    head = source.read(HEAD_BYTES)
    return next((kind for member, kind in _ZIP_MEMBERS if member.encode() in head), "zip")


def _in_ole(source: IO[bytes]) -> str:
    """What an OLE file holds, by the names in its directory, which stand in UTF-16."""
    source.seek(0)
    directory = source.read(1 << 22)
    names = ((f"{name}\0".encode("utf-16-le"), kind) for name, kind in _OLE_NAMES)
    return next((kind for name, kind in names if name in directory), "ole")


def _second_kind(source: IO[bytes], size: int, kind: Kind) -> str:
    source.seek(0)
    head = source.read(PDF_WITHIN + 5)
    holds_files = kind.family in (Family.TEXT, Family.MAIL, Family.OFFICE, Family.SHEET)
    holds_files = holds_files or kind.name in ("zip", "tar", "ole", "7z", "rar", "sqlite")
    if kind.name != "pdf" and not holds_files and b"%PDF-" in head:
        return "pdf"
    if kind.name == "pdf" and not head.startswith(b"%PDF-"):
        before = head[: head.index(b"%PDF-")].lower()
        if b"<html" in before or b"<script" in before:
            return "html"
    if kind.name in ("gif", "bmp") and b"*/" in head and b"=" in head[:64] and b"/*" in head[:16]:
        return "script"
    if not _is_container(kind) and _ends_as_zip(source, size):
        return "zip"
    return after_end(source, size, kind)[1]


def _is_container(kind: Kind) -> bool:
    """Whether a zip is what it should be, or may well be inside as it is."""
    return kind.name in ("zip", "docx", "pptx", "xlsx", "odt", "odp", "ods", "tar", "sqlite")


def _ends_as_zip(source: IO[bytes], size: int) -> bool:
    """Whether an end record of a zip reaches exactly to the end of the file."""
    source.seek(max(0, size - TAIL_BYTES))
    tail = source.read(TAIL_BYTES)
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        record = tail[at : at + 22]
        if len(record) == 22 and at + 22 + struct.unpack("<H", record[20:])[0] == len(tail):
            return True
        at = tail.rfind(b"PK\x05\x06", 0, at)
    return False


def after_end(source: IO[bytes], size: int, kind: Kind) -> tuple[int, str]:
    """How many bytes follow the end of a PNG or JPEG, and what kind of danger they are, if any."""
    end = {"png": _end_of_png, "jpeg": _end_of_jpeg}.get(kind.name, _no_end)(source)
    if end is None or end >= size:
        return 0, ""
    source.seek(end)
    head = source.read(HEAD_BYTES)
    if not head.strip(b"\x00\xff \r\n"):
        return 0, ""
    found = kind_of(io.BytesIO(head), len(head)).name
    harmful = found in ("zip", "pdf", "program", "html", "rar", "7z", "ole", "sqlite")
    return size - end, found if harmful else ""


def _no_end(source: IO[bytes]) -> int | None:
    return None


def _end_of_png(source: IO[bytes]) -> int | None:
    at = 8
    while True:
        source.seek(at)
        head = source.read(8)
        if len(head) < 8:
            return None
        at += 12 + int.from_bytes(head[:4], "big")
        if head[4:] == b"IEND":
            return at


def _end_of_jpeg(source: IO[bytes]) -> int | None:
    """The place after the first end-of-image marker that is one (ITU-T T.81, annex B)."""
    source.seek(0)
    data = source.read(64 * 1024**2)
    at = 2
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            return None
        marker = data[at + 1]
        if marker == 0xD9:
            return at + 2
        if marker == 0xFF:
            at += 1
        elif marker == 0x00 or 0xD0 <= marker <= 0xD8 or marker == 0x01:
            at += 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")


def check_unlocked(path: Path) -> None:
    """Raises Refused for an Office document under a password (MS-OFFCRYPTO 2.3)."""
    from olefile import OleFileIO

    try:
        with OleFileIO(str(path)) as container:
            if container.exists("EncryptedPackage"):
                raise Refused(SetAside.ENCRYPTED)
    except (OSError, ValueError, IndexError, TypeError, struct.error, RecursionError) as error:
        raise Refused(SetAside.MALFORMED, str(error)) from None
