"""Reads the ZIP of a bundle strictly: what two programs could read in two ways is not read at all.

1. The end of the file is the end of a ZIP's directory, with no comment behind it.
2. The directory has as many entries as it says, and ends where that end begins.
3. Every entry is a plain file, stored as it is, under a safe name that stands there once and that
   every program reads in the same letters; what it says besides is its size, where that is large.
4. The files lie one behind the other from the first byte to the directory: nothing between them.
5. What stands before each file says the same of it as the directory.

(PKWARE APPNOTE 6.3.10, 4.3 and 4.5; ZIP64.)
"""

from __future__ import annotations

import os
import re
import stat
import struct
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from accord_verify.report import Code, Failure

PIECE_BYTES = 1 << 20
MOST_ENTRIES = 100_000
MOST_DIRECTORY_BYTES = 64 << 20
LONGEST_NAME_BYTES = 1_000
LOCAL, CENTRAL, DESCRIPTOR = b"PK\x03\x04", b"PK\x01\x02", b"PK\x07\x08"
END, END_64, LOCATOR_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_FULL_16, _FULL_32 = 0xFFFF, 0xFFFFFFFF
ENCRYPTED, DESCRIBED, UTF_8 = 0x1, 0x8, 0x800
DOS_LABEL, DOS_FOLDER = 0x08, 0x10
_FORBIDDEN = set('<>:"\\|?*')
_DEVICES = re.compile(
    "(con|prn|aux|nul|conin\\$|conout\\$|(com|lpt)[0-9\u00b9\u00b2\u00b3]) *(\\..*)?", re.I
)
"""Names that Windows gives to devices, with any ending: nothing unpacks to a file under one of them."""
_DRAW_NOTHING = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs")
"""Categories of Unicode. What one version of it does not know (Cn), the next may: that is no fault."""


class BadArchive(Exception):
    """The ZIP cannot be read in one way alone."""

    def __init__(self, code: Code, sentence: str) -> None:
        super().__init__(sentence)
        self.failure = Failure(code, sentence)


@dataclass(frozen=True)
class Member:
    """One file in a ZIP: its name, where its bytes lie in the ZIP, and their checksum as it says."""

    name: str
    at: int
    size: int
    crc: int


@dataclass(frozen=True)
class _Entry:
    """One entry of the directory."""

    name: str
    raw: bytes
    flags: int
    header_at: int
    size: int
    crc: int
    made: tuple[int, int]
    """Time and day as they stand there."""


class Archive:
    """A ZIP that was read; its files are read from it in pieces."""

    def __init__(self, path: Path, members: dict[str, Member]) -> None:
        self.path = path
        self.members = members

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of a file, a mebibyte at a time."""
        member = self.members[name]
        with self.path.open("rb") as handle:
            handle.seek(member.at)
            left = member.size
            while left:
                piece = handle.read(min(PIECE_BYTES, left))
                if not piece:
                    raise BadArchive(Code.ZIP_TRUNCATED, f"{name} is cut off.")
                left -= len(piece)
                yield piece

    def read(self, name: str) -> bytes:
        """The whole of a small file."""
        return b"".join(self.pieces(name))


def is_archive(path: Path) -> bool:
    """Whether a file begins, or says by its name, that it is a ZIP."""
    with path.open("rb") as handle:
        return handle.read(4) in (LOCAL, END) or path.suffix == ".zip"


def read_archive(path: Path) -> Archive:
    """Steps 1 to 5. Raises BadArchive."""
    with path.open("rb") as handle:
        length = os.fstat(handle.fileno()).st_size
        count, size, starts, ends = _end(handle, length)
        entries = _directory(handle, count, size, starts, ends)
        return Archive(path, _members(handle, entries, starts))


def _end(handle: BinaryIO, length: int) -> tuple[int, int, int, int]:
    """How many entries, how large the directory is, where it begins, and where it has to end."""
    at = length - _END.size
    end = _at(handle, at, _END.size) if at >= 0 else b""
    if not end.startswith(END):
        raise BadArchive(
            Code.ZIP_TRUNCATED,
            "The ZIP does not end as one: it is cut off, or something stands behind it.",
        )
    _, disk, first, here, count, size, starts, comment = _END.unpack(end)
    if disk or first or here != count or comment:
        raise BadArchive(Code.ZIP_MALFORMED, "The ZIP's end is not that of one whole file.")
    before = _at(handle, at - _LOCATOR_64.size, _LOCATOR_64.size) if at >= 20 else b""
    if not before.startswith(LOCATOR_64):
        return count, size, starts, at
    _, _, at_64, disks = _LOCATOR_64.unpack(before)
    if disks != 1 or at_64 + _END_64.size + _LOCATOR_64.size != at:
        raise BadArchive(Code.ZIP_MALFORMED, "The ZIP's second end is not where it has to be.")
    return _end_64(handle, at_64, (count, size, starts))


def _end_64(handle: BinaryIO, at: int, short: tuple[int, int, int]) -> tuple[int, int, int, int]:
    sign, rest, _, _, disk, first, here, count, size, starts = _END_64.unpack(
        _at(handle, at, _END_64.size)
    )
    full = (_FULL_16, _FULL_32, _FULL_32)
    same = all(
        s in (whole, top) for s, whole, top in zip(short, (count, size, starts), full, strict=True)
    )
    if sign != END_64 or rest != _END_64.size - 12 or disk or first or here != count or not same:
        raise BadArchive(Code.ZIP_MALFORMED, "The ZIP's two ends say different things.")
    return count, size, starts, at


def _directory(handle: BinaryIO, count: int, size: int, starts: int, ends: int) -> list[_Entry]:
    if starts + size != ends or count > MOST_ENTRIES or size > MOST_DIRECTORY_BYTES:
        raise BadArchive(Code.ZIP_MALFORMED, "The ZIP's directory is not where its end says.")
    data, at, entries = _at(handle, starts, size), 0, list[_Entry]()
    for _ in range(count):
        entry, at = _entry(data, at)
        entries.append(entry)
    if at != len(data):
        raise BadArchive(Code.ZIP_MALFORMED, "The ZIP's directory has more than its entries.")
    _check_apart(entry.name for entry in entries)
    return entries


def _check_apart(names: Iterable[str]) -> None:
    """Every name is one file of its own, also where letters' size and spelling do not count.

    In their order, with what sorts before all letters between the steps, a name stands right before
    its like and before what would lie in it as in a folder: so neighbours tell, and nothing is kept.
    """
    ordered = sorted((_same(name).replace("/", "\0"), name) for name in names)
    for (before, _), (same, name) in pairwise(ordered):
        if same == before or same.startswith(before + "\0"):
            raise BadArchive(Code.ZIP_NAME_TWICE, f"{name} stands in the ZIP twice.")


def _same(name: str) -> str:
    """What names have in common that some system takes for one (Unicode 3.13, D145)."""
    plain = unicodedata.normalize("NFD", name).casefold()
    return unicodedata.normalize("NFD", plain)


def _entry(data: bytes, at: int) -> tuple[_Entry, int]:
    if len(data) < at + _CENTRAL.size or not data.startswith(CENTRAL, at):
        raise BadArchive(Code.ZIP_MALFORMED, "The ZIP's directory has fewer entries than it says.")
    (_, _, _, flags, method, time, day, crc, stored, size, long, extra, comment, disk, _, outer,
     header) = _CENTRAL.unpack_from(data, at)  # fmt: skip
    at += _CENTRAL.size
    raw, more = data[at : at + long], data[at + long : at + long + extra]
    name = _name(raw)
    _check_plain(name, flags, method, outer)
    if comment or disk or len(raw) < long or len(more) < extra:
        raise BadArchive(
            Code.ZIP_MALFORMED, f"The directory says too much or too little of {name}."
        )
    size, stored, header = _wide(more, (size, stored, header), name)
    if size != stored:
        raise BadArchive(Code.ZIP_COMPRESSED, f"{name} is said to have another size unpacked.")
    return _Entry(name, raw, flags, header, size, crc, (time, day)), at + long + extra


def _name(raw: bytes) -> str:
    """A name that means one file below the folder into which the ZIP is unpacked, on any system."""
    try:
        name = raw.decode()
    except UnicodeDecodeError:
        raise BadArchive(Code.ZIP_NAME_UNSAFE, "A name in the ZIP is not UTF-8.") from None
    steps = name.split("/")
    fits = 0 < len(raw) <= LONGEST_NAME_BYTES and all(
        step not in ("", ".", "..")
        and not _DEVICES.fullmatch(step)
        and step == step.strip(" ")
        and not step.endswith(".")
        and all(_draws(char) and char not in _FORBIDDEN for char in step)
        for step in steps
    )
    if not fits:
        raise BadArchive(
            Code.ZIP_NAME_UNSAFE, f"The name {name!r} leads out of the bundle or is unsafe."
        )
    return name


def _draws(char: str) -> bool:
    return char == " " or unicodedata.category(char) not in _DRAW_NOTHING


def _check_plain(name: str, flags: int, method: int, outer: int) -> None:
    if flags & ENCRYPTED or flags & ~(DESCRIBED | UTF_8):
        raise BadArchive(Code.ZIP_ENCRYPTED, f"{name} is encrypted or stored in an unknown way.")
    if not (name.isascii() or flags & UTF_8):
        raise BadArchive(
            Code.ZIP_TWO_NAMES,
            f"{name} does not say that it is UTF-8, so other programs read another name.",
        )
    if method:
        raise BadArchive(
            Code.ZIP_COMPRESSED, f"{name} is compressed; a bundle stores files as are."
        )
    if stat.S_IFMT(outer >> 16) not in (0, stat.S_IFREG) or outer & (DOS_LABEL | DOS_FOLDER):
        raise BadArchive(Code.ZIP_LINK, f"{name} is a link or a folder, and not a file.")


def _wide(extra: bytes, short: tuple[int, int, int], name: str) -> tuple[int, int, int]:
    """Size, stored size and place, from the ZIP64 field where the short ones are full.

    INVARIANT: every byte of the field is one of these, or it would be a place to hide something.
    """
    full = [place for place, value in enumerate(short) if value == _FULL_32]
    kind, long = struct.unpack_from("<2H", extra) if len(extra) >= 4 else (1, 0)
    if kind != 1 or 0 < len(extra) < 4 + long:
        raise BadArchive(Code.ZIP_MALFORMED, f"{name} has a field that is not read here.")
    if long < 8 * len(full):
        raise BadArchive(Code.ZIP_MALFORMED, f"{name} does not say its size.")
    if len(extra) > (4 + 8 * len(full) if full else 0):
        raise BadArchive(
            Code.ZIP_HIDDEN, f"Beside the size of {name} stand bytes that belong to nothing."
        )
    found = list(short)
    for place, value in zip(full, struct.unpack(f"<{len(full)}Q", extra[4:]), strict=True):
        found[place] = value
    return found[0], found[1], found[2]


def _members(handle: BinaryIO, entries: list[_Entry], starts: int) -> dict[str, Member]:
    """Steps 4 and 5."""
    members, at = dict[str, Member](), 0
    for entry in sorted(entries, key=lambda each: each.header_at):
        if entry.header_at != at:
            raise BadArchive(
                Code.ZIP_HIDDEN, f"Before {entry.name} the ZIP has bytes that belong to no file."
            )
        begins = _header(handle, entry)
        members[entry.name] = Member(entry.name, begins, entry.size, entry.crc)
        at = begins + entry.size + _described(handle, entry, begins + entry.size)
        if at > starts:
            raise BadArchive(Code.ZIP_MALFORMED, f"{entry.name} runs into the directory.")
    if at != starts:
        raise BadArchive(
            Code.ZIP_HIDDEN, "Behind the last file the ZIP has bytes that belong to none."
        )
    return members


def _header(handle: BinaryIO, entry: _Entry) -> int:
    """Where the bytes of a file begin, once its own header says what the directory says."""
    head = _at(handle, entry.header_at, _LOCAL.size)
    if len(head) < _LOCAL.size or not head.startswith(LOCAL):
        raise BadArchive(Code.ZIP_MALFORMED, f"{entry.name} does not begin where it should.")
    _, _, flags, method, *made, crc, stored, size, long, extra = _LOCAL.unpack(head)
    at = entry.header_at + _LOCAL.size
    rest = _at(handle, at, long + extra)
    raw, more = rest[:long], rest[long:]
    if raw != entry.raw:
        raise BadArchive(
            Code.ZIP_TWO_NAMES,
            f"{entry.name} has another name in its header than in the directory.",
        )
    if tuple(made) != entry.made:
        raise BadArchive(Code.ZIP_MALFORMED, f"{entry.name} has two dates.")
    if method or flags != entry.flags:
        raise BadArchive(Code.ZIP_COMPRESSED, f"{entry.name} is stored otherwise than it is said.")
    size, stored, _ = _wide(more, (size, stored, 0), entry.name)
    said, known = (size, stored, crc), (entry.size, entry.size, entry.crc)
    if said != known and not (flags & DESCRIBED and said == (0, 0, 0)):
        raise BadArchive(Code.ZIP_MALFORMED, f"{entry.name} has two sizes or two checksums.")
    return int(at + long + extra)


def _described(handle: BinaryIO, entry: _Entry, at: int) -> int:
    """How long the words behind a file are that say its size; none where its header said it."""
    if not entry.flags & DESCRIBED:
        return 0
    said = _at(handle, at, 24)
    for form in ("<4sL2Q", "<4s3L"):
        fields = struct.calcsize(form)
        if len(said) < fields:
            continue
        sign, crc, stored, size = struct.unpack_from(form, said)
        if (sign, crc, stored, size) == (DESCRIPTOR, entry.crc, entry.size, entry.size):
            return fields
    raise BadArchive(Code.ZIP_MALFORMED, f"Behind {entry.name} stands another size than was said.")


def _at(handle: BinaryIO, at: int, size: int) -> bytes:
    handle.seek(at)
    return handle.read(size)
