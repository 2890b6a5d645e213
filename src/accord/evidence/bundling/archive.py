"""Write a bundle as one ZIP while its files are read: nothing is held but the piece at hand.

Stored and not compressed, ZIP64, each file once. What leaves is hashed again and compared with the
manifest, which stands in the ledger by then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from accord.evidence.bundling.domain import Listed
from accord.evidence.files import FileReader, Sink
from accord.records.sealing import CannotOpen

_MODE = 0o100644 << 16


@dataclass(frozen=True)
class Entry:
    """One file of a bundle on its way out; `content` is its bytes, or what reads them."""

    listed: Listed
    content: bytes | FileReader

    def chunks(self) -> Iterator[bytes]:
        """Its bytes, a piece of at most 16 MiB at a time."""
        if isinstance(self.content, bytes):
            yield self.content
        else:
            yield from self.content.chunks()


def archive(
    entries: Iterator[Entry], at: datetime, last: Callable[[], Entry | None]
) -> Iterator[bytes]:
    """The ZIP, as it is read; `last` is asked for one more file when all others have left.

    Raises CannotOpen where a file is another than its entry says: what has left then is no ZIP.
    """
    sink = Sink()
    made = at.timetuple()[:6]
    whole = ZipFile(sink, "w", ZIP_STORED)
    for entry in entries:
        yield from _one(whole, sink, entry, made)
    if (more := last()) is not None:
        yield from _one(whole, sink, more, made)
    # Closed only where all left: the directory at its end is what makes it a ZIP.
    whole.close()
    yield sink.taken()


def _one(whole: ZipFile, sink: Sink, entry: Entry, made: tuple[int, ...]) -> Iterator[bytes]:
    """One file: its last piece leaves once all of it is what the manifest says."""
    listed, digest, size = entry.listed, hashlib.sha256(), 0
    info = ZipInfo(listed.path, made)  # type: ignore[arg-type]  # six numbers
    info.external_attr = _MODE
    with whole.open(info, "w", force_zip64=True) as target:
        for piece in entry.chunks():
            size += len(piece)
            digest.update(piece)
            yield sink.taken()
            target.write(piece)
        if (size, digest.hexdigest()) != (listed.size_bytes, listed.sha256):
            raise CannotOpen(f"{listed.path} is another file than the manifest says.")
    yield sink.taken()
