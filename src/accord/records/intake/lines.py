"""Physical lines of a text file, each bounded, with their numbers; lines can be put back."""

from __future__ import annotations

import io
from collections import deque
from dataclasses import dataclass
from typing import BinaryIO, TextIO

from accord.records.intake.limits import Limits


@dataclass(frozen=True)
class Line:
    """One physical line; `whole` is false where it was longer than allowed and is cut."""

    number: int
    text: str
    whole: bool


class LineSource:
    """Hands out lines with their numbers, whatever mix of line ends the file has."""

    def __init__(self, text: TextIO, raw: BinaryIO, limits: Limits) -> None:
        self._text = text
        self._raw = raw
        self._limit = limits.max_line_chars
        self._returned: deque[Line] = deque()
        self._number = 0

    @property
    def bytes_read(self) -> int:
        """How far the file has been read, for a progress bar."""
        return self._raw.tell()

    def next(self) -> Line | None:
        """The next line, or None at the end."""
        if self._returned:
            return self._returned.popleft()
        text = self._text.readline(self._limit)
        if not text:
            return None
        self._number += 1
        whole = text.endswith(("\n", "\r")) or not self._skip_rest(text)
        return Line(self._number, text, whole)

    def put_back(self, lines: list[Line]) -> None:
        """Hands these lines out again before any other."""
        self._returned.extendleft(reversed(lines))

    def _skip_rest(self, text: str) -> bool:
        """Reads past what a line has beyond the limit; whether there was more."""
        if len(text) < self._limit:
            return False  # the last line of a file that ends without a line end
        more = False
        while rest := self._text.readline(self._limit):
            more = True
            if rest.endswith(("\n", "\r")):
                break
        return more


def kept_open(source: BinaryIO) -> io.BufferedReader:
    """A view of the source that does not close it when the view is collected."""
    return io.BufferedReader(_View(source))


class _View(io.RawIOBase):
    def __init__(self, source: BinaryIO) -> None:
        super().__init__()
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # narrower than typeshed's Buffer
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
