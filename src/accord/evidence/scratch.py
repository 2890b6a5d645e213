"""The private folder in which a file lies in clear for as long as a confined process reads it.

Whoever made it holds a lock on it, which ends with the process. What nobody holds any more goes when the
worker starts, every few minutes, and when the next folder is made.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from accord.evidence.files import FileReader

FOLDER = "scratch"
YOUNG_S = 2
"""What is younger may be a folder that its maker is about to lock."""
ROOM_BYTES = 1024**3
"""What stays free on the disk whatever is read."""


class NoRoom(OSError):
    """The disk has no room for a clear copy of the file."""


@dataclass(frozen=True)
class Scratch:
    """One file in clear, and an empty folder for what is made of it."""

    source: Path
    out: Path


@contextmanager
def clear_file(reader: FileReader) -> Iterator[Scratch]:
    """Write a stored file in clear for the block, and remove it and all beside it afterwards.

    Raises NoRoom, CannotOpen, StoreRefused.
    """
    top = _top()
    sweep(top)
    # The file and, at most, something of its size that is made of it.
    if shutil.disk_usage(top).free < 2 * reader.size_bytes + ROOM_BYTES:
        raise NoRoom
    folder = top / uuid4().hex
    folder.mkdir(mode=0o700)
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        out = folder / "out"
        out.mkdir(mode=0o700)
        source = folder / "file"
        with source.open("xb") as target:
            for piece in reader.chunks():
                target.write(piece)
        source.chmod(0o400)
        yield Scratch(source, out)
    finally:
        try:
            shutil.rmtree(folder)
        finally:
            os.close(lock)  # held on, it would keep what is left from every sweep of this process


def _top() -> Path:
    top = Path(settings.ACCORD_DATA_DIR) / FOLDER
    top.mkdir(mode=0o700, exist_ok=True)
    return top


def sweep(top: Path | None = None) -> int:
    """Remove what processes left that are gone; returns how many folders."""
    return sum(map(_removed, (top or _top()).iterdir()))


def _removed(folder: Path) -> bool:
    """Remove a folder that nobody holds; whether it was this that did so."""
    try:
        if time.time() - folder.stat().st_mtime < YOUNG_S:
            return False
        lock = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:  # another process removed it
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        shutil.rmtree(folder, ignore_errors=True)  # another process may remove it too
        return True
    finally:
        os.close(lock)
