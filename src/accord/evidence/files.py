"""Read and write stored files: whole, by range, and hashed while they stream.

Writing a piece hashes it twice and encrypts it at once, on several threads: hashlib lets go of the
interpreter while it works. Nobody waits for the hashes of a piece but the next one, and whoever asks
for them: the piece is durable without them, and a state that is lost is worked out again.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from io import RawIOBase
from typing import Any
from uuid import UUID

from accord.evidence.domain import Hashes, Segment
from accord.evidence.sealing import (
    CHUNK_BYTES,
    HEAD_BYTES,
    MAGIC,
    Place,
    chunk_range,
    open_chunks,
    open_segment,
    pieces_of,
    seal_segment,
)
from accord.evidence.store import Store

KEPT_STATES = 256
_pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="hashing")


class Digests:
    """SHA-256 and SHA-512 of what came so far."""

    def __init__(self) -> None:
        self.at = 0
        self._one = hashlib.sha256()
        self._two = hashlib.sha512()
        self._running: tuple[Future[None], ...] = ()

    def copy(self) -> Digests:
        """The same state, to go on from without touching this one."""
        self._settle()
        other = Digests.__new__(Digests)
        other.at, other._one, other._two = self.at, self._one.copy(), self._two.copy()
        other._running = ()
        return other

    def update(self, data: bytes | memoryview) -> None:
        """Take in more bytes, once those before are; they must not change until the next call.

        Both hashes go on, each on a thread, after this returns.
        """
        self._settle()
        self.at += len(data)
        self._running = (_pool.submit(self._two.update, data), _pool.submit(self._one.update, data))

    def _settle(self) -> None:
        for running in self._running:
            running.result()
        self._running = ()

    @property
    def hashes(self) -> Hashes:
        """Both, as they are now."""
        self._settle()
        return Hashes(self._one.hexdigest(), self._two.hexdigest())


class HashStates:
    """The hash states of files on their way in, in this process alone.

    A state is no more than a short cut: whoever has none re-reads the file (decision 0024).
    """

    def __init__(self, most: int = KEPT_STATES) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[UUID, Digests] = OrderedDict()

    def at(self, object_id: UUID, received: int) -> Digests | None:
        """A state to go on from, where this process has seen every byte before; else None."""
        if received == 0:
            return Digests()
        with self._lock:
            known = self._kept.get(object_id)
        return known.copy() if known is not None and known.at == received else None

    def keep(self, object_id: UUID, state: Digests) -> None:
        """Remember how far a file is hashed."""
        with self._lock:
            self._kept[object_id] = state
            self._kept.move_to_end(object_id)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def drop(self, object_id: UUID) -> None:
        """Forget a file."""
        with self._lock:
            self._kept.pop(object_id, None)


states = HashStates()


def write_segment(
    store: Store, key: bytes, object_id: UUID, at: int, data: bytes, digests: Digests | None
) -> Segment:
    """Hash, encrypt and keep one piece; returns it once it is durable. Raises StoreRefused."""
    if digests is not None:
        digests.update(data)
    stored = seal_segment(key, Place(object_id, at, len(data)), data)
    return Segment(at, len(data), store.put(stored))


@dataclass(frozen=True)
class FileReader:
    """One stored file, for whoever holds its key: read in pieces, any range of it."""

    store: Store
    key: bytes
    object_id: UUID
    segments: tuple[Segment, ...]

    @property
    def size_bytes(self) -> int:
        """How many clear bytes it has."""
        return self.segments[-1].at + self.segments[-1].size if self.segments else 0

    def chunks(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The clear bytes [start, end), a piece of at most 16 MiB at a time; raises CannotOpen."""
        last = self.size_bytes if end is None else min(end, self.size_bytes)
        for segment, first, to in pieces_of(self.segments, start, last):
            yield self._read(segment, first, to)

    def read(self, start: int, end: int) -> bytes:
        """The clear bytes [start, end) at once."""
        return b"".join(self.chunks(start, end))

    def hashes(self) -> Hashes:
        """Both hashes, worked out by reading all of it again."""
        digests = Digests()
        for piece in self.chunks():
            digests.update(piece)
        return digests.hashes

    def _read(self, segment: Segment, first: int, to: int) -> bytes:
        place = Place(self.object_id, segment.at, segment.size)
        if first == 0 and to == segment.size:
            return open_segment(self.key, place, self.store.get(segment.address))
        chunk, start, end = chunk_range(place, first, to)
        head = self.store.get_range(segment.address, 0, HEAD_BYTES)
        stored = self.store.get_range(segment.address, start, end)
        clear = open_chunks(self.key, place, head[len(MAGIC) :], chunk, stored)
        skip = first - chunk * CHUNK_BYTES
        return clear[skip : skip + to - first]


class Sink(RawIOBase):
    """What a ZIP is written to, and taken out of piece by piece; it cannot go back."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """What was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
