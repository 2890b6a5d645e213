"""The pieces of exhibits' files, copied out of the store for a backup and put back from one.

    FOLDER/ab/ab12...   a piece as it lies in the store: encrypted, named by the SHA-256 of its bytes

INVARIANT: what has its name in FOLDER has the bytes of that name and is on the disk.
"""

from __future__ import annotations

import enum
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from accord.evidence.sealing import address_of
from accord.evidence.store import DiskFault, Store, path_of
from accord.kernel.errors import InvalidInput
from accord.platform.files import sync
from accord.records.sealing import CannotOpen


class Outcome(enum.Enum):
    """What became of a piece that was to be copied."""

    COPIED = "copied"
    LINKED = "linked"
    LEFT = "left where it is"
    ABSENT = "absent"
    DAMAGED = "damaged"


def copy_out(
    addresses: Iterable[str], kept: Store, folder: Path, earlier: Path | None = None
) -> Iterator[tuple[str, Outcome]]:
    """Bring pieces out of the store into a folder; yields each with what became of it.

    What `earlier`, the folder of another backup, has already is linked from there, and not read.
    Raises StoreRefused where the store does not answer, OSError where the folder takes nothing.
    """
    for address in addresses:
        place = folder / path_of(address)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if earlier is not None and _linked(earlier / path_of(address), place):
            yield address, Outcome.LINKED
            continue
        try:
            content = kept.get(address)
        except CannotOpen:
            yield address, Outcome.ABSENT
            continue
        except DiskFault:
            yield address, Outcome.DAMAGED
            continue
        if address_of(content) != address:
            yield address, Outcome.DAMAGED
            continue
        _write(place, content)
        yield address, Outcome.COPIED


def settle(folder: Path) -> None:
    """Have the names of the pieces on the disk, too; each piece's bytes are."""
    for place in (*folder.glob("??"), folder):
        sync(place)


def check_there(addresses: frozenset[str], folder: Path) -> None:
    """Raise InvalidInput unless the folder has just the pieces of these names; reads none of them."""
    found = {path.name: path for path in folder.glob("*/*")}
    for address in sorted(addresses - found.keys()):
        raise InvalidInput(str(folder / path_of(address)), None, "", "is missing from the backup")
    for name, path in sorted(found.items()):
        if name not in addresses or path != folder / path_of(name):
            raise InvalidInput(str(path), None, "", "is no part of the backup: move it elsewhere")


def put_back(addresses: Iterable[str], folder: Path, kept: Store) -> Iterator[tuple[str, Outcome]]:
    """Bring pieces of a backup into the store; yields each with what became of it.

    One that cannot be read, or whose bytes are not those of its name, stays out, and keeps nothing else
    from coming back. Raises StoreRefused.
    """
    for address in addresses:
        try:
            content = (folder / path_of(address)).read_bytes()
        except OSError:
            content = b""
        if address_of(content) != address:
            yield address, Outcome.DAMAGED
            continue
        kept.put(content)
        yield address, Outcome.COPIED


def _linked(there: Path, here: Path) -> bool:
    """Whether the piece of an earlier backup could be linked to its place here."""
    try:
        os.link(there, here)
    except OSError:
        return False  # not there, or on another file system: it is copied
    return True


def _write(place: Path, content: bytes) -> None:
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as written:
        written.write(content)
        written.flush()
        os.fsync(written.fileno())
