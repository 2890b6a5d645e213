"""Small files that are whole or absent, and locks that end with their holder."""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

LARGEST_LOG_BYTES = 5_000_000


def private_folder(path: Path) -> Path:
    """A folder that only its owner may enter, made if it is missing."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def data_folder(path: Path) -> Path:
    """The data directory. For root it lets others pass through, but not list it.

    The server of a root's node runs as another user, and must reach its own folder inside.
    """
    try:
        path.mkdir(parents=True, mode=0o700)
    except FileExistsError:  # made before, or by another start at this very moment
        return path
    if os.geteuid() == 0:
        path.chmod(0o711)
    return path


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600 that is never seen half-written."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path)


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def open_log(path: Path) -> BinaryIO:
    """A log that only its owner may read, appended to; a large one is set aside first."""
    if path.exists() and path.stat().st_size > LARGEST_LOG_BYTES:
        path.replace(path.with_name(f"{path.name}.1"))
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    return cast(BinaryIO, os.fdopen(handle, "ab", buffering=0))


class Locked(Exception):
    """Another process holds the lock; `holder` is what it wrote about itself."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


@contextmanager
def lock(path: Path, *, note: str = "", wait_s: float = 0) -> Iterator[None]:
    """Hold an exclusive lock on a file; the kernel releases it when the holder ends, however."""
    with open(path, "a+", encoding="utf-8") as stream:
        _take(stream.fileno(), path, time.monotonic() + wait_s)
        stream.truncate(0)
        stream.write(note or str(os.getpid()))
        stream.flush()
        yield


def _take(descriptor: int, path: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise Locked(path.read_text("utf-8").strip()) from None
            time.sleep(0.05)
        else:
            return
