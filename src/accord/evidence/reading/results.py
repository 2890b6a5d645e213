"""What comes of an exhibit's file: frozen values, and every way in which it can be refused."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from accord.evidence.reading.kinds import Kind
from accord.kernel.phrases import Phrase, phrase


class SetAside(StrEnum):
    """Why a file was set apart, or a derivation was not made."""

    EMPTY = "empty"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too-large"
    MALFORMED = "malformed"
    ENCRYPTED = "encrypted"
    BOMB = "bomb"
    NESTED = "nested-too-deep"
    ENTITIES = "entities"
    POLYGLOT = "polyglot"
    TOO_SLOW = "too-slow"
    MEMORY = "out-of-memory"
    CRASHED = "reader-crashed"
    ANSWER = "answer-refused"
    CHANGED = "changed-meanwhile"
    UNFIT = "unfit"
    OUTSIDE = "outside"
    NO_TOOL = "no-tool"
    """Of an earlier version, which needed ffmpeg: it stands in rows, and no new one gets it."""
    NO_ROOM = "no-room"
    GIVEN_UP = "given-up"
    NODE = "node-failed"


_SENTENCES = {
    SetAside.EMPTY: phrase("The file is empty."),
    SetAside.UNREADABLE: phrase("The file could not be opened."),
    SetAside.TOO_LARGE: phrase("The file is larger than what is read of its kind."),
    SetAside.MALFORMED: phrase("The file is cut off or damaged: it breaks the form of its kind."),
    SetAside.ENCRYPTED: phrase("The file is encrypted, and is not read without its password."),
    SetAside.BOMB: phrase(
        "The file would swell to far more than it says, which is refused unread."
    ),
    SetAside.NESTED: phrase("The file has things in things, deeper than they are followed."),
    SetAside.ENTITIES: phrase(
        "The file declares a document type or entities in XML, which is refused unread."
    ),
    SetAside.POLYGLOT: phrase(
        "The file is of two kinds at once: other programs would find other content in it."
    ),
    SetAside.TOO_SLOW: phrase("Reading the file takes longer than is allowed."),
    SetAside.MEMORY: phrase("Reading the file needs more memory than is allowed."),
    SetAside.CRASHED: phrase("The reader stopped at this file: it is damaged, or made to do harm."),
    SetAside.ANSWER: phrase("The reader gave an answer that breaks its rules; none of it is used."),
    SetAside.CHANGED: phrase("The file changed while it was read; nothing of it is used."),
    SetAside.UNFIT: phrase("This cannot be done with a file of this kind."),
    SetAside.OUTSIDE: phrase("What was asked for lies outside of the file."),
    SetAside.NO_TOOL: phrase(
        "This needed a program that was not there then, and needs it no more: ask for it again."
    ),
    SetAside.NO_ROOM: phrase("This node has no room left to write what comes of the file."),
    SetAside.GIVEN_UP: phrase(
        "The process at work on this file ended three times before it was done, so it is not tried "
        "again by itself."
    ),
    SetAside.NODE: phrase("This node made an error of its own while it was at this file."),
}
PASSING = frozenset({SetAside.UNREADABLE, SetAside.CHANGED, SetAside.NO_TOOL, SetAside.NO_ROOM})
"""What is no fault of the file."""
OURS = frozenset({SetAside.GIVEN_UP, SetAside.NODE})
"""What the worker says, and no reader."""


def reason_of(error: OSError) -> SetAside:
    """Why the operating system refused: the result is too large, there is no room, or else."""
    if error.errno == errno.EFBIG:
        return SetAside.TOO_LARGE
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return SetAside.NO_ROOM if full else SetAside.UNREADABLE


class Lack(StrEnum):
    """What was left out of a reading, or is worth a look."""

    NO_TEXT = "no-text"
    NO_PREVIEW = "no-preview"
    NO_OCR = "no-tesseract"
    NO_FFMPEG = "no-ffmpeg"
    """Of an earlier version, which needed ffmpeg: it stands in rows, and no new one gets it."""
    OCR_FAILED = "ocr-failed"
    TEXT_CUT = "text-cut"
    PAGES_CUT = "pages-cut"
    PAGES_NOT_SHOWN = "pages-not-shown"
    TIME_CUT = "time-cut"
    PLAYED_CUT = "played-cut"
    NOT_PLAYED = "not-played"
    PARTS_CUT = "parts-cut"
    PART_DAMAGED = "part-damaged"
    DATA_AFTER_END = "data-after-end"
    MACROS = "macros"
    FACTS_DAMAGED = "facts-damaged"


_LACKS = {
    Lack.NO_TEXT: phrase("Text of files of this kind is not read."),
    Lack.NO_PREVIEW: phrase("Files of this kind have no preview."),
    Lack.NO_OCR: phrase("Text in pictures was not read: tesseract is not installed on this node."),
    Lack.NO_FFMPEG: phrase(
        "Sound and film were not read then, for want of a program that is needed no more: "
        "have it read again."
    ),
    Lack.OCR_FAILED: phrase("Text in a picture could not be read."),
    Lack.TEXT_CUT: phrase("The text is longer than is kept; only its beginning is here."),
    Lack.PAGES_CUT: phrase("There are more pages than are read; only the first are here."),
    Lack.PAGES_NOT_SHOWN: phrase("All pages were read; only the first are shown as pictures."),
    Lack.TIME_CUT: phrase("Reading took too long; what had been read until then is here."),
    Lack.PLAYED_CUT: phrase(
        "Encoding a preview to play took too long; it holds the beginning that was done until then."
    ),
    Lack.NOT_PLAYED: phrase("It cannot be played here: no preview to play could be made of it."),
    Lack.PARTS_CUT: phrase("There are more parts inside than are listed."),
    Lack.PART_DAMAGED: phrase("A part of the file is damaged; the rest was read."),
    Lack.DATA_AFTER_END: phrase("More data follows the end of the picture."),
    Lack.MACROS: phrase("The document holds macros. They were not run."),
    Lack.FACTS_DAMAGED: phrase("What the camera or the program noted in the file is damaged."),
}


@dataclass(frozen=True)
class Limits:
    """How much one file may cost. What is beyond the softer ones is cut off, and said."""

    cpu_s: int = 60
    cpu_s_per_mb: int = 2
    most_s: float = 180.0
    """Of the clock, for one process."""
    memory_bytes: int = 1536 * 1024**2
    result_bytes: int = 512 * 1024**2
    """One file that is written."""
    text_chars: int = 4_000_000
    text_bytes: int = 16 * 1024**2
    """Read of a plain text or a page of the web."""
    whole_bytes: int = 128 * 1024**2
    """The most of a file that must be held in memory: a message, a picture, a document."""
    pages: int = 2_000
    preview_pages: int = 20
    ocr_pages: int = 10
    pixels: int = 120_000_000
    preview_px: int = 1_400
    thumbnail_px: int = 320
    frames: int = 4
    """Pictures shown of a film."""
    played_px: int = 480
    """The longer side of a film that is played as a preview."""
    played_film_s: int = 120
    played_sound_s: int = 1_800
    played_cpu_s: int = 20
    """Of the processor, for encoding what is played."""
    played_bytes: int = 32 * 1024**2
    parts: int = 2_000
    """Attachments, members of an archive."""
    nesting: int = 8
    unpacked_bytes: int = 512 * 1024**2
    swelling: int = 200
    """How many times its packed size a part may have, from 16 MiB on."""


@dataclass(frozen=True)
class Refusal:
    """Why nothing of the file is used. The original is what it was."""

    reason: SetAside
    detail: str = ""
    """What the reader noted, in English: never markup, at most 200 characters."""

    @property
    def sentence(self) -> Phrase:
        """What happened, for the officer who reads it."""
        return _SENTENCES[self.reason]

    @property
    def may_pass(self) -> bool:
        """Whether the same file may be read another time: it is not the file that is at fault."""
        return self.reason in PASSING


@dataclass(frozen=True)
class Note:
    """What was left out, and why."""

    lack: Lack
    detail: str = ""

    @property
    def sentence(self) -> Phrase:
        """What was left out, for the officer who reads it."""
        return _LACKS[self.lack]


@dataclass(frozen=True)
class Digest:
    """The size and hashes of a file, as lower-case hexadecimal digits."""

    size_bytes: int
    sha256: str
    sha512: str


@dataclass(frozen=True)
class Fact:
    """Something that the file says of itself: a claim, not a finding."""

    name: str
    value: str


@dataclass(frozen=True)
class Passage:
    """Text, and where it stands: `page 3`, `sheet Accounts`, `slide 2`; empty for all of it."""

    place: str
    text: str


@dataclass(frozen=True)
class Attachment:
    """A file inside the file, numbered from 1 as `Extraction` takes it out."""

    number: int
    name: str
    kind: Kind
    size_bytes: int
    sha256: str


class Use(StrEnum):
    """What a preview shows."""

    THUMBNAIL = "thumbnail"
    PAGE = "page"
    FRAME = "frame"
    WAVEFORM = "waveform"
    PLAYED = "played"
    """The beginning of sound or film, to be listened to and watched."""


@dataclass(frozen=True)
class Preview:
    """A picture that was drawn anew, or a stretch that was encoded anew: no bytes of the original."""

    use: Use
    number: int
    """Of the page or picture, from 1."""
    path: Path
    media_type: str
    width_px: int
    height_px: int
    """0, as is the width, for sound."""
    length_ms: int = 0
    """How much of the beginning it holds, where it is played."""


@dataclass(frozen=True)
class Tool:
    """A program or library that took part."""

    name: str
    version: str


@dataclass(frozen=True)
class Reading:
    """All that was learned of one file. With a quarantine there are no text and no previews."""

    digest: Digest | None
    """None where the file could not be opened."""
    kind: Kind
    mismatch: Phrase | None
    quarantine: Refusal | None = None
    facts: tuple[Fact, ...] = ()
    passages: tuple[Passage, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    previews: tuple[Preview, ...] = ()
    notes: tuple[Note, ...] = ()
    tools: tuple[Tool, ...] = ()

    @property
    def text(self) -> str:
        """All passages, a line between them."""
        return "\n".join(passage.text for passage in self.passages)


@dataclass(frozen=True)
class Area:
    """A rectangle in ten-thousandths of the width and height of a page as it is seen, from top left.

    So a page on screen, its picture and its print have the same areas. What is burnt in is rounded
    outwards to whole pixels.
    """

    left: int
    top: int
    width: int
    height: int
    page: int = 1


@dataclass(frozen=True)
class Redaction:
    """Areas of a picture or a PDF are blackened; nothing that was under them is left."""

    areas: tuple[Area, ...]
    dpi: int = 150
    """Of the pages of a PDF, which become pictures."""


@dataclass(frozen=True)
class Clip:
    """A stretch of sound or film, from `start_ms` up to, not including, `end_ms`."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class Extraction:
    """One file inside the file, by its number in the reading; 0 for all its text."""

    attachment: int = 0


@dataclass(frozen=True)
class Copy:
    """The same bytes again."""


Way = Redaction | Clip | Extraction | Copy


@dataclass(frozen=True)
class Derived:
    """A file that was made from another: the same again from the same source, way and tools."""

    path: Path
    kind: Kind
    way: str
    """`redaction`, `clip`, `extraction` or `copy`."""
    parameters: str
    """Canonical JSON (RFC 8785)."""
    tools: tuple[Tool, ...]
    source: Digest
    result: Digest
    notes: tuple[Note, ...] = field(default=())
