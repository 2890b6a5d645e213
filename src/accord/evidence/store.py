"""Where encrypted pieces of files are kept: a folder of the node, or S3 by configuration.

INVARIANT: nothing is overwritten. A piece is put under the SHA-256 of its own bytes, create-only, and
is on the disk (file and folder) before `put` returns.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, from_url

from accord.evidence.sealing import SEGMENT_BYTES, address_of
from accord.kernel.errors import Unavailable
from accord.kernel.phrases import phrase
from accord.platform.files import private_folder, sync
from accord.records.sealing import CannotOpen

FOLDER = "objects"
_NOWHERE = "0" * 64
_ADDRESS = re.compile(r"[0-9a-f]{64}")
_UNFINISHED = re.compile(r"[0-9a-f]{64}#[0-9]+")
"""How obstore calls a file until it is whole; whoever is killed meanwhile leaves it."""
_OS_ERROR = re.compile(r"os error (\d+)")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_DAMAGED = (errno.EIO, errno.EBADMSG, getattr(errno, "EUCLEAN", errno.EIO))
_CLOSED = (errno.EROFS, errno.EACCES, errno.EPERM)


class StoreRefused(Unavailable):
    """The store took nothing: it is full, read-only or away. What was there stays as it was."""


class DiskFault(StoreRefused):
    """The disk does not give what it holds at this place: damaged, if other places answer."""


class Store(Protocol):
    """Pieces by address."""

    def put(self, stored: bytes | bytearray) -> str:
        """Keep these bytes durably and return their address; raises StoreRefused."""
        ...

    def get(self, address: str) -> bytes:
        """The bytes of that address; raises CannotOpen where they are not there, StoreRefused."""
        ...

    def get_range(self, address: str, start: int, end: int) -> bytes:
        """Some of the bytes of that address; raises the same."""
        ...

    def remove(self, address: str) -> None:
        """Let go of a piece; one that is not there is no error. Raises StoreRefused."""
        ...

    def trouble(self) -> str | None:
        """Why nothing can be put here now; None where nothing is known to be in the way."""
        ...

    def remove_unfinished(self, before: datetime) -> int:
        """Let go of what was left half-written before then; returns how many. Raises StoreRefused."""
        ...

    def names(self, folder: str) -> Iterator[tuple[str, datetime]]:
        """Addresses below one folder (two digits), each with when it was put; raises StoreRefused."""
        ...

    def answers(self) -> bool:
        """Whether the store says of something that was never there that it is not."""
        ...


def store() -> Store:
    """The store of this node."""
    return _store(str(settings.ACCORD_DATA_DIR), settings.ACCORD_OBJECT_STORE)


@lru_cache(maxsize=8)
def _store(data_dir: str, url: str) -> Store:
    if url:
        return ObjectStore(from_url(url))
    folder = private_folder(Path(data_dir) / FOLDER)
    return ObjectStore(LocalStore(str(folder)), folder)


class ObjectStore:
    """Pieces in an object store of obstore; `folder` where it is one of this machine."""

    def __init__(self, inner: Any, folder: Path | None = None) -> None:
        self._inner = inner
        self._folder = folder
        self._settled = set[Path]()
        """Folders of pieces whose own name is on the disk: nobody removes one."""

    def put(self, stored: bytes | bytearray) -> str:
        address = address_of(stored)
        try:
            self._inner.put(path_of(address), stored, mode="create", use_multipart=False)
            self._settle(address)
        except AlreadyExistsError:
            self._settle(address)
        except (BaseError, OSError) as error:
            raise _refused(error) from error
        return address

    def get(self, address: str) -> bytes:
        try:
            return bytes(self._inner.get(path_of(address)).bytes())
        except FileNotFoundError:
            raise _gone() from None
        except (BaseError, OSError) as error:
            raise _refused(error) from error

    def get_range(self, address: str, start: int, end: int) -> bytes:
        try:
            return bytes(self._inner.get_range(path_of(address), start=start, end=end))
        except FileNotFoundError:
            raise _gone() from None
        except (BaseError, OSError) as error:
            raise _refused(error) from error

    def remove(self, address: str) -> None:
        try:
            self._inner.delete(path_of(address))
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise _refused(error) from error

    def trouble(self) -> str | None:
        if self._folder is None:
            return None  # elsewhere: each piece that is put there asks it
        try:
            room = shutil.disk_usage(self._folder).free
        except OSError as error:
            return str(_refused(error))
        if not os.access(self._folder, os.W_OK):
            return str(_refused(OSError(errno.EROFS, "")))
        return str(_refused(OSError(errno.ENOSPC, ""))) if room < SEGMENT_BYTES else None

    def remove_unfinished(self, before: datetime) -> int:
        if self._folder is None:
            return 0  # an object store shows no object before it is whole
        removed = 0
        try:
            for path in self._folder.glob("??/*"):
                if _UNFINISHED.fullmatch(path.name) and path.stat().st_mtime < before.timestamp():
                    path.unlink(missing_ok=True)
                    removed += 1
        except OSError as error:
            raise _refused(error) from error
        return removed

    def names(self, folder: str) -> Iterator[tuple[str, datetime]]:
        try:
            for batch in self._inner.list(prefix=folder):
                for each in batch:
                    address = each["path"].rpartition("/")[2]
                    if _ADDRESS.fullmatch(address) and each["path"] == path_of(address):
                        yield address, each["last_modified"]
        except (BaseError, OSError) as error:
            raise _refused(error) from error

    def answers(self) -> bool:
        try:
            self.get_range(_NOWHERE, 0, 1)
        except CannotOpen:
            return True
        except StoreRefused:
            return False
        return False

    def _settle(self, address: str) -> None:
        """Bring a piece to the disk: the file, its folder, and once the folder of that."""
        if self._folder is None:
            return
        path = self._folder / path_of(address)
        settled = path.parent in self._settled
        for place in (path, path.parent) if settled else (path, path.parent, self._folder):
            sync(place)
        self._settled.add(path.parent)


def path_of(address: str) -> str:
    """Where a piece lies, below the folder or prefix of a store; ValueError for what is no address."""
    if not _ADDRESS.fullmatch(address):
        raise ValueError("an address is a SHA-256 in lower-case hexadecimal")
    return f"{address[:2]}/{address}"


def _gone() -> CannotOpen:
    return CannotOpen(
        phrase("A piece of the file is not in the store."),
        who_can_change=phrase("the administrator of this node, who keeps the backups"),
    )


def _refused(error: Exception) -> StoreRefused:
    """The refusal in words; it quotes no path."""
    number = error.errno if isinstance(error, OSError) and error.errno else _number(str(error))
    if number in _FULL:
        said = phrase("The store of evidence is full. Nothing of what was sent is lost so far.")
    elif number in _CLOSED:
        said = phrase("The store of evidence cannot be written to. What is in it stays readable.")
    elif number in _DAMAGED:
        return DiskFault(
            phrase("The disk of the store of evidence does not take or give a piece of this file."),
            who_can_change=phrase("the administrator of this node, who keeps the backups"),
        )
    else:
        said = phrase("The store of evidence does not answer. Nothing was changed.")
    return StoreRefused(
        said, who_can_change=phrase("the administrator of this node; then go on where you stopped")
    )


def _number(text: str) -> int:
    found = _OS_ERROR.search(text)
    return int(found.group(1)) if found else 0
