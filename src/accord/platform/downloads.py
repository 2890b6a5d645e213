"""Places for large downloads, fewer than the web server has threads: a slow reader holds one each.

A thread waits for its reader as long as the reader likes. Were all of them to wait, nobody else would
be answered; so who comes when no place is free is told to come again, before anything is disclosed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

from accord.kernel.errors import Unavailable
from accord.kernel.phrases import phrase

AT_ONCE = 8
_free = threading.BoundedSemaphore(AT_ONCE)


class Place:
    """One place, from before a file is taken until its last byte went out or its reader did."""

    _held = False

    def __init__(self) -> None:
        self._lock = threading.Lock()
        if not _free.acquire(blocking=False):
            raise Unavailable(
                phrase("Too many files are being taken at this moment. Nothing was sent."),
                who_can_change=phrase("you: try again in a few minutes"),
            )
        self._held = True

    def __del__(self) -> None:
        """An answer that was made and then dropped, since its entry was refused, is closed by nobody."""
        self.leave()

    def __enter__(self) -> Place:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Give the place back where the answer could not be made; an answer gives it back itself."""
        if kind is not None:
            self.leave()

    def leave(self) -> None:
        """Give the place back; once, however often it is said."""
        with self._lock:
            if self._held:
                self._held = False
                _free.release()

    def through(self, pieces: Iterable[bytes]) -> Streamed:
        """The same pieces; the place is given back at their end, or when they are closed."""
        return Streamed(self, pieces)


class Streamed:
    """What the web server reads and closes, also where it never began to read."""

    def __init__(self, place: Place, pieces: Iterable[bytes]) -> None:
        self._place = place
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._pieces
        finally:
            self._place.leave()

    def close(self) -> None:
        """Called by the web server when the answer is over."""
        close = getattr(self._pieces, "close", None)
        if close is not None:
            close()
        self._place.leave()
