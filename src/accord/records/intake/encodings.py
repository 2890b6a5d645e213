"""Finds the encoding of a text file by reading all of it once, or refuses with the place.

UTF-8 is checked, never guessed. Windows-1252 is the one guess left, since any bytes but five and
no control characters fit it: a file read so says so on screen.
"""

from __future__ import annotations

import codecs
from typing import BinaryIO

from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase, thousands
from accord.records.intake.limits import Limits

BLOCK_BYTES = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNDEFINED_1252 = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))
_CONTROLS = bytes(b for b in range(32) if b not in b"\t\n\r\x00\x1a") + b"\x7f"


def detect_encoding(source: BinaryIO, file: str, limits: Limits) -> str:
    """One of utf-8-sig, utf-8, utf-16, utf-16-le, utf-16-be, cp1252; the source is rewound."""
    size = source.seek(0, 2)
    source.seek(0)
    if size == 0:
        raise InvalidInput(file, None, "", phrase("the file is empty"))
    _check_size(size, file, limits)
    head = source.read(4096)
    marked = _by_mark(head, file)
    candidates = [marked] if marked else ["utf-8", "cp1252"]
    first_bad = 0
    for encoding in candidates:
        bad = _first_bad_byte(source, encoding)
        source.seek(0)
        if bad is None:
            return encoding
        first_bad = first_bad or bad
    raise InvalidInput(
        file,
        None,
        "",
        phrase(
            "the file is neither UTF-8, UTF-16 nor Windows-1252 text; the first "
            "byte that fits none is number %(first_bad)s. Export it as UTF-8, or "
            "name its encoding",
            first_bad=thousands(first_bad),
        ),
    )


def _check_size(size: int, file: str, limits: Limits) -> None:
    if size > limits.max_file_bytes:
        raise InvalidInput(
            file,
            None,
            "",
            phrase(
                "the file is larger than %(max_file_bytes)s bytes",
                max_file_bytes=thousands(limits.max_file_bytes),
            ),
        )


def check_encoding(source: BinaryIO, file: str, encoding: str, limits: Limits) -> str:
    """The same for an encoding that somebody named."""
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise InvalidInput(
            file,
            None,
            "encoding",
            phrase("there is no encoding %(encoding)s", encoding=f"{encoding!r}"),
        ) from None
    _check_size(source.seek(0, 2), file, limits)
    bad = _first_bad_byte(source, encoding)
    source.seek(0)
    if bad is not None:
        raise InvalidInput(
            file,
            None,
            "",
            phrase("byte %(bad)s is not %(encoding)s", bad=thousands(bad), encoding=encoding),
        )
    return encoding


def _by_mark(head: bytes, file: str) -> str | None:
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise InvalidInput(file, None, "", phrase("the file is UTF-32; export it as UTF-8"))
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    return _utf16_without_mark(head)


def _utf16_without_mark(head: bytes) -> str | None:
    """Mostly Latin text in UTF-16 has a zero in every second byte."""
    if len(head) < 4:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _first_bad_byte(source: BinaryIO, encoding: str) -> int | None:
    """The number (from 1) of the first byte that the encoding does not have."""
    source.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    while True:
        block = source.read(BLOCK_BYTES)
        if encoding == "cp1252" and (at := _not_1252(block)) is not None:
            return done + at + 1
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            return max(1, done - pending + error.start + 1)
        if not block:
            return None
        done += len(block)


def _not_1252(block: bytes) -> int | None:
    stripped = block.translate(None, _UNDEFINED_1252 + _CONTROLS)
    if len(stripped) == len(block):
        return None
    bad = set(_UNDEFINED_1252 + _CONTROLS)
    return next(i for i, byte in enumerate(block) if byte in bad)
