"""Starts a confined reader for one file, and believes of its answers what can be checked.

INVARIANT: whoever holds keys reads no byte of the file with anything but a hash function. A reader
that the file took over can lie about the file's content; it can name no kind that there is none of,
leave no file but a picture, PDF or sound that looks like one, and put no markup into a sentence.
"""

from __future__ import annotations

import hashlib
import logging
import re
import stat
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from accord.evidence.reading.kinds import KINDS, UNKNOWN, Kind
from accord.evidence.reading.oneline import one_line
from accord.evidence.reading.results import (
    OURS,
    Attachment,
    Digest,
    Fact,
    Lack,
    Limits,
    Note,
    Passage,
    Preview,
    Refusal,
    SetAside,
    Use,
)
from accord.platform.confined.child import Child, Ended, Ending

MODULE = "accord.evidence.reading.inside.process"
RESULT_NAME = re.compile(
    r"(thumbnail|page|frame|waveform|played|ocr|redaction|clip|extraction)-\d{1,6}\.(\w{2,4})"
)
STARTS = {
    "webp": b"RIFF", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-1.4\n", "wav": b"RIFF", "mp4": b"\x00",
    "flac": b"fLaC", "ogg": b"OggS", "webm": b"\x1a\x45\xdf\xa3", "bin": b"", "txt": b"",
}  # fmt: skip
PLAYED = {".ogg": "audio/ogg", ".webm": "video/webm"}
ENDINGS = {
    Ending.TIME: SetAside.TOO_SLOW, Ending.MEMORY: SetAside.MEMORY, Ending.CRASH: SetAside.CRASHED,
    Ending.RULES: SetAside.ANSWER,
}  # fmt: skip
FACT_NAME = re.compile(r"[a-z][a-z0-9_]*")
HEX64 = re.compile(r"[0-9a-f]{64}")
ENCODING = 4
"""A stretch of film may take so many times the processor time of a reading."""
BLOCK_BYTES = 1 << 20
MOST_MESSAGES = 100_000


log = logging.getLogger("accord.evidence")


class Broken(ValueError):
    """An answer breaks the rules."""


@dataclass
class Heard:
    """What a reader has said until now."""

    kind: Kind = UNKNOWN
    facts: list[Fact] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    chars: int = 0
    attachments: list[Attachment] = field(default_factory=list)
    previews: list[Preview] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    scans: list[tuple[int, Path]] = field(default_factory=list)
    """Pages that wait for tesseract: number and picture."""
    result: Path | None = None
    made: Kind = UNKNOWN
    """The kind of the result."""
    refusal: Refusal | None = None


def digest_of(path: Path) -> Digest:
    """The size and hashes of a file. Raises OSError."""
    sha256, sha512, size = hashlib.sha256(), hashlib.sha512(), 0
    with path.open("rb") as source:
        while block := source.read(BLOCK_BYTES):
            size += len(block)
            sha256.update(block)
            sha512.update(block)
    return Digest(size, sha256.hexdigest(), sha512.hexdigest())


def hear(path: Path, out: Path, limits: Limits, **asked: Any) -> Heard:
    """What a confined reader says of the file; never raises for what the file holds."""
    heard = Heard()
    size_mb = path.stat().st_size >> 20
    job = {
        "path": str(path.resolve()),
        "out": str(out.resolve()),
        "limits": asdict(limits),
        "cpu_s": limits.cpu_s * (ENCODING if asked["do"] == "clip" else 1)
        + limits.cpu_s_per_mb * min(size_mb, limits.whole_bytes >> 20),
        **asked,
    }
    with Child(MODULE, job, silence_s=limits.most_s, most_s=limits.most_s) as child:
        try:
            for _ in range(MOST_MESSAGES):
                message = child.message()
                if message[0] == "end":
                    return heard
                _take(heard, message, out, limits)
                if heard.refusal:
                    return heard
            raise Broken("too many answers")
        except Ended as end:
            heard.refusal = Refusal(ENDINGS[end.how])
        except (
            Broken,
            ValueError,
            TypeError,
            KeyError,
            IndexError,
            AttributeError,
            OSError,
        ) as error:
            heard.refusal = Refusal(SetAside.ANSWER, str(error)[:200])
    return heard


def _take(heard: Heard, message: list[Any], out: Path, limits: Limits) -> None:
    taker = _TAKERS.get(message[0])
    if taker is None:
        raise Broken("an answer of no known form")
    taker(heard, message[1:], out, limits)


def _text(value: Any, most: int) -> str:
    if not isinstance(value, str) or len(value) > most or "\0" in value:
        raise Broken("a text of no allowed form")
    value.encode("utf-8")  # half a character is a ValueError
    return value


def _line(value: Any, most: int) -> str:
    return one_line(_text(value, most), most)


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**53:
        raise Broken("a number of no allowed form")
    return value


def result_file(out: Path, name: Any, limits: Limits) -> Path:
    """A file that the reader left; raises Broken where it is not what its name says."""
    match = RESULT_NAME.fullmatch(_text(name, 100))
    if match is None or match[2] not in STARTS:
        raise Broken("a result of no allowed name")
    path = out / match[0]
    facts = path.lstat()
    if (
        not stat.S_ISREG(facts.st_mode)
        or facts.st_nlink != 1
        or facts.st_size > limits.result_bytes
    ):
        raise Broken("a result that is no plain file")
    with path.open("rb") as source:
        if not source.read(16).startswith(STARTS[match[2]]):
            raise Broken("a result that is not of its kind")
    return path


def _walls(heard: Heard, said: list[Any], out: Path, limits: Limits) -> None:
    if not said[1]:
        _warn_once()


@cache
def _warn_once() -> None:
    log.warning("this kernel has no Landlock; native code in a reader of exhibits sees other files")


def _kind(heard: Heard, said: list[Any], out: Path, limits: Limits) -> None:
    heard.kind = KINDS[_text(said[0], 20)]


def _fact(heard: Heard, said: list[Any], out: Path, limits: Limits) -> None:
    if len(heard.facts) < 200:
        if not FACT_NAME.fullmatch(_text(said[0], 60)):
            raise Broken("a fact of no allowed name")
        heard.facts.append(Fact(said[0], _line(said[1], 500)))


def _passage(heard: Heard, said: list[Any], out: Path, limits: Limits) -> None:
    heard.passages.append(Passage(_line(said[0], 200), _text(said[1], limits.text_chars)))
    heard.chars += len(said[1])
    if heard.chars > limits.text_chars:
        raise Broken("more text than is allowed")


def _attachment(heard: Heard, said: list[Any], out: Path, limits: Limits) -> None:
    number, name, kind, size, sha256 = said
    if not HEX64.fullmatch(_text(sha256, 64)) or len(heard.attachments) >= limits.parts:
        raise Broken("a part of no allowed form")
    named = KINDS[_text(kind, 20)]
    made = Attachment(_count(number), _line(name, 300), named, _count(size), sha256)
    heard.attachments.append(made)


def _preview(heard: Heard, said: list[Any], out: Path, limits: Limits) -> None:
    use, number, name, width, height = said
    path = result_file(out, name, limits)
    if path.suffix != ".webp" or use == Use.PLAYED:
        raise Broken("a preview of no allowed kind")
    size = (_count(width), _count(height))
    heard.previews.append(Preview(Use(use), _count(number), path, "image/webp", *size))


def _played(heard: Heard, said: list[Any], out: Path, limits: Limits) -> None:
    use, name, width, height, length_ms = said
    path = result_file(out, name, limits)
    if Use(use) is not Use.PLAYED or path.suffix not in PLAYED:
        raise Broken("what is played is of no allowed kind")
    size = (_count(width), _count(height))
    made = Preview(Use.PLAYED, 1, path, PLAYED[path.suffix], *size, _count(length_ms))
    heard.previews.append(made)


def _note(heard: Heard, said: list[Any], out: Path, limits: Limits) -> None:
    note = Note(Lack(said[0]), _line(said[1], 200))
    if note not in heard.notes and len(heard.notes) < 200:
        heard.notes.append(note)


def _scan(heard: Heard, said: list[Any], out: Path, limits: Limits) -> None:
    heard.scans.append((_count(said[0]), result_file(out, said[1], limits)))


def _result(heard: Heard, said: list[Any], out: Path, limits: Limits) -> None:
    heard.result, heard.made = result_file(out, said[0], limits), KINDS[_text(said[1], 20)]


def _refused(heard: Heard, said: list[Any], out: Path, limits: Limits) -> None:
    reason = SetAside(said[0])
    if reason in OURS:
        raise Broken("a reason that is no reader's")
    heard.refusal = Refusal(reason, _line(said[1], 200))


_TAKERS: dict[str, Callable[[Heard, list[Any], Path, Limits], None]] = {
    "walls": _walls,
    "kind": _kind,
    "fact": _fact,
    "passage": _passage,
    "attachment": _attachment,
    "preview": _preview,
    "played": _played,
    "note": _note,
    "ocr": _scan,
    "result": _result,
    "refused": _refused,
}
