"""What a confined reader is asked, and how it speaks: a list a message, a kind of message first."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from accord.evidence.reading.kinds import Kind
from accord.evidence.reading.oneline import one_line
from accord.evidence.reading.results import Lack, Limits, SetAside

Message = tuple[Any, ...]
BLOCK_BYTES = 1 << 20
FACT_CHARS = 500
SPARED_S = 5.0
"""Of its time: a reader stops by itself that long before it would be killed."""


class Refused(Exception):
    """The file is set apart."""

    def __init__(self, reason: SetAside, detail: str = "") -> None:
        super().__init__(reason.value)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True)
class Job:
    """One file to be read, and what may be spent on it."""

    path: Path
    kind: Kind
    limits: Limits
    out: Path
    ocr: bool = False
    """Whether pages without text are drawn for reading them as pictures."""
    cpu_s: float = 60.0
    begun_s: float = field(default_factory=time.monotonic)
    """By the clock that only goes forward."""

    def is_late(self) -> bool:
        """Whether the processor time, or that of the clock, is almost spent."""
        most_s = self.limits.most_s
        of_the_clock_s = time.monotonic() - self.begun_s
        if of_the_clock_s > most_s - 2 * min(SPARED_S, most_s / 4):
            return True
        return time.process_time() > self.cpu_s - min(SPARED_S, self.cpu_s / 4)

    def whole(self) -> bytes:
        """All bytes of the file; raises Refused where they are too many to hold."""
        size = self.path.stat().st_size
        if size > self.limits.whole_bytes:
            raise Refused(
                SetAside.TOO_LARGE, f"{size:,} bytes; at most {self.limits.whole_bytes:,}"
            )
        return self.path.read_bytes()


def fact(name: str, value: object) -> Iterator[Message]:
    """A fact, where it has a value that can be shown."""
    text = one_line(value, FACT_CHARS)
    if text:
        yield ("fact", name, text)


def passage(place: str, text: str) -> Iterator[Message]:
    """Text, where there is any."""
    kept = text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "").strip()
    if kept:
        yield ("passage", one_line(place, 200), kept)


def note(lack: Lack, detail: str = "") -> Message:
    """Something that is left out."""
    return ("note", lack.value, one_line(detail, 200))


def attachment(number: int, name: object, source: IO[bytes], most: int) -> Message:
    """A file inside the file: its name, kind by content, size and hash.

    Raises Refused when it is longer than `most` bytes.
    """
    from accord.evidence.reading.inside.sniffing import kind_of

    hashed, size, head = hashlib.sha256(), 0, b""
    while block := source.read(BLOCK_BYTES):
        head = head or block
        size += len(block)
        if size > most:
            raise Refused(SetAside.BOMB, "a part inside unpacks to too much")
        hashed.update(block)
    kind = kind_of(io.BytesIO(head), len(head)) if head else None
    named = kind.name if kind else "unknown"
    return ("attachment", number, one_line(name, 300), named, size, hashed.hexdigest())


def limited(messages: Iterable[Message], job: Job) -> Iterator[Message]:
    """The messages, with text and parts cut off at their limits; each cut is said once."""
    left, parts, said = job.limits.text_chars, 0, set[Lack]()
    for message in messages:
        if message[0] == "passage":
            if len(message[2]) > left and Lack.TEXT_CUT not in said:
                said.add(Lack.TEXT_CUT)
                yield note(Lack.TEXT_CUT)
            message = (*message[:2], message[2][:left])
            left -= len(message[2])
            if not message[2]:
                continue
        elif message[0] == "attachment":
            parts += 1
            if parts > job.limits.parts:
                if Lack.PARTS_CUT not in said:
                    said.add(Lack.PARTS_CUT)
                    yield note(Lack.PARTS_CUT)
                continue
        yield message
        if job.is_late():
            yield note(Lack.TIME_CUT)
            return
