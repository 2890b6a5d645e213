"""Files of exhibits: taken in, hashed again, bundled; beside SHA-256 alone on the same file."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from uuid import uuid4

from accord.cli.benches.page import Compared

PIECE_BYTES = 8 * 1024 * 1024
"""As the browser sends it."""
GOAL = 0.70
ROUNDS = 3


def figures(folder: Path, size_bytes: int) -> list[Compared]:
    """Take in a file of random bytes in pieces, read it again, and hash it with SHA-256 alone.

    The best of three rounds of each, so that what else runs on the machine counts for little. The file
    is in the page cache for all of them alike; what is taken in is brought to the disk (fsync).
    """
    from obstore.store import LocalStore

    from accord.cli.benches import bundling
    from accord.evidence.files import Digests, FileReader, write_segment
    from accord.evidence.sealing import new_key
    from accord.evidence.store import ObjectStore

    source, kept = folder / "source.bin", folder / "objects"
    _fill(source, size_bytes)
    kept.mkdir(mode=0o700)
    store, key = ObjectStore(LocalStore(str(kept)), kept), new_key()

    def take_in() -> FileReader:
        digests, at, segments, object_id = Digests(), 0, [], uuid4()
        for piece in _pieces(source):
            segments.append(write_segment(store, key, object_id, at, piece, digests))
            at += len(piece)
        return FileReader(store, key, object_id, tuple(segments))

    readers: list[FileReader] = []
    alone_s = best(lambda: _hash(source, "sha256"))
    longer_s = best(lambda: _hash(source, "sha512"))
    taken_s = best(lambda: readers.append(take_in()))
    again_s = best(lambda: readers[-1].hashes())
    bundled = bundling.figures(folder, source, readers[-1], alone_s)
    shutil.rmtree(kept)
    gigabytes = size_bytes / 1e9
    alone = f"SHA-256 alone: {rate(size_bytes, alone_s)}"
    bound = f"SHA-512 alone: {rate(size_bytes, longer_s)}"
    return [
        Compared(
            f"taking in {gigabytes:.1f} GB: both hashes, encrypted, stored, on the disk",
            rate(size_bytes, taken_s),
            alone,
            f"{alone_s / taken_s:.0%}",
            f"{GOAL:.0%} of SHA-256 alone",
        ),
        Compared(
            "the same, beside the slower of the two hashes",
            rate(size_bytes, taken_s),
            bound,
            f"{longer_s / taken_s:.0%}",
            "none; one stream cannot pass it",
        ),
        Compared(
            "hashing it again from the store: read, decrypted, both hashes",
            f"{gigabytes / again_s * 3600:,.0f} GB/h",
            alone,
            f"{alone_s / again_s:.0%}",
        ),
        *bundled,
    ]


def _fill(path: Path, size_bytes: int) -> None:
    with path.open("wb") as target:
        for at in range(0, size_bytes, PIECE_BYTES):
            target.write(os.urandom(min(PIECE_BYTES, size_bytes - at)))


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while piece := source.read(PIECE_BYTES):
            yield piece


def _hash(path: Path, algorithm: str) -> None:
    digest = hashlib.new(algorithm)
    for piece in _pieces(path):
        digest.update(piece)
    digest.hexdigest()


def best(do: Callable[[], object]) -> float:
    """The seconds of the fastest of several rounds."""
    times = []
    for _ in range(ROUNDS):
        begun = perf_counter()
        do()
        times.append(perf_counter() - begun)
    return min(times)


def rate(size_bytes: int, seconds: float) -> str:
    """A throughput in megabytes (10^6 bytes) a second."""
    return f"{size_bytes / seconds / 1e6:,.0f} MB/s"
