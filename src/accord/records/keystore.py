"""Key files of one node: `<data_dir>/secrets/`, each 0600 in a folder 0700, made on first use.

A key file is written whole and linked into place, so two processes that start at once agree on
one key, and a crash leaves either no key or a whole one. Keys are never overwritten: rotation adds
the next number, and the old one stays for what it still wraps.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import time
from pathlib import Path

from accord.kernel.errors import AccordError
from accord.kernel.phrases import phrase
from accord.platform.files import sync
from accord.records.sealing import KEY_BYTES, CannotOpen

_OWNER = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
_KEY_ID = re.compile(r"\d{4}")
FIRST = "0001"
SETTLED_NS = 1_000_000_000


class KeyStore:
    """The agency keys that wrap data keys, and the node's key for exact tokens."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "secrets"
        self._cache: dict[Path, bytes] = {}
        self._folders: dict[str, Path] = {}
        self._paths: dict[tuple[str, str], Path] = {}
        self._ids: dict[str, tuple[int, list[str]]] = {}

    def current(self, owner: str) -> tuple[str, bytes]:
        """The newest key of an agency, made on first use."""
        ids = self.key_ids(owner)
        key_id = ids[-1] if ids else FIRST
        return key_id, self._read_or_make(self._path(owner, key_id))

    def get(self, owner: str, key_id: str) -> bytes:
        """An agency's key by its id; one that is not here is not made."""
        path = self._path(owner, key_id)
        if path not in self._cache and not path.exists():
            raise CannotOpen(
                f"Key {key_id} of {owner} is not on this node, so what it seals stays closed.",
                who_can_change=phrase("whoever keeps the backup of the secrets folder"),
            )
        return self._read_or_make(path)

    def rotate(self, owner: str) -> str:
        """Adds an agency's next key and answers its id; `rewrap` moves parts over to it."""
        ids = self.key_ids(owner)
        key_id = f"{int(ids[-1]) + 1:04d}" if ids else FIRST
        self._read_or_make(self._path(owner, key_id))
        return key_id

    def key_ids(self, owner: str) -> list[str]:
        """The ids of an agency's keys, oldest first."""
        first = self._path(owner, FIRST)
        folder = self._folders.setdefault(owner, first.parent)
        try:
            changed_ns = os.stat(folder).st_mtime_ns
        except FileNotFoundError:
            return []
        known = self._ids.get(owner)
        if known and known[0] == changed_ns:
            return list(known[1])
        found = sorted(p.stem for p in folder.glob("*.key") if _KEY_ID.fullmatch(p.stem))
        # A key that another process adds within the clock's grain would leave the time as it is.
        if time.time_ns() - changed_ns > SETTLED_NS:
            self._ids[owner] = (changed_ns, found)
        return found

    def token_key(self) -> bytes:
        """The node's key for exact tokens."""
        return self._read_or_make(self._folder / "exact-token.key")

    def _path(self, owner: str, key_id: str) -> Path:
        known = self._paths.get((owner, key_id))
        if known is not None:
            return known
        if not _OWNER.fullmatch(owner) or ".." in owner:
            raise CannotOpen(f"{owner!r} is not the id of an agency.")
        if not _KEY_ID.fullmatch(key_id):
            raise CannotOpen("The sealed part names a key in a form that no key has.")
        path = self._folder / "agency-keys" / owner / f"{key_id}.key"
        self._paths[owner, key_id] = path
        return path

    def _read_or_make(self, path: Path) -> bytes:
        if path not in self._cache:
            if not path.exists():
                _make(path)
            self._cache[path] = _read(path)
        return self._cache[path]


def _make(path: Path) -> None:
    _make_folder(path.parent)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process made it first; its key is the one
    finally:
        draft.unlink()
    sync(path.parent)


def _make_folder(folder: Path) -> None:
    """Makes a folder and those above it, each closed to others from its first moment."""
    if not folder.exists():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _read(path: Path) -> bytes:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise AccordError(
            phrase(
                "%(path)s can be read by others (mode %(mode)s); a key file has mode 0600.",
                path=path,
                mode=f"{mode:04o}",
            ),
            who_can_change=phrase("the administrator of this machine"),
        )
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise AccordError(
            phrase(
                "%(path)s is not a key: it has %(number)s bytes, not %(key_bytes)s.",
                path=path,
                number=len(key),
                key_bytes=KEY_BYTES,
            )
        )
    return key
