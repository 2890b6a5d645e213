"""Keeps the file of an intake run encrypted until the run is over, then removes it.

One data key a file, wrapped by its agency's key; the body in blocks of 1 MiB, each bound to the run
and to its place, so that blocks cannot be changed, swapped or dropped. The size that the run's row
states says how many there must be. Layout: magic, key id (4), wrap nonce (12), wrapped key (48),
then the blocks, each with its tag.
"""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from accord.kernel.errors import AccordError
from accord.kernel.phrases import phrase
from accord.records.sealing import NONCE_BYTES, TAG_BYTES, AgencyKeys, CannotOpen

MAGIC = b"ACCORD-INTAKE-1\n"
KEY_ID_CHARS = 4
HEAD_BYTES = len(MAGIC) + KEY_ID_CHARS + NONCE_BYTES + 32 + TAG_BYTES
BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Stored:
    """A stored file: its size and the SHA-256 of what it says."""

    size_bytes: int
    sha256: str


def folder(data_dir: Path) -> Path:
    """Where the files of intake runs wait."""
    path = data_dir / "intake"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def store(path: Path, source: BinaryIO, *, run: UUID, owner: str, keys: AgencyKeys) -> Stored:
    """Encrypt all of a source into a new file of mode 0600, whole or not at all."""
    try:
        return _store(path, source, run=run, owner=owner, keys=keys)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise AccordError(
            phrase(
                "The file cannot be kept here: %(strerror)s. Nothing of it was taken.",
                strerror=error.strerror,
            ),
            who_can_change=phrase("the administrator of this node, who can make room"),
        ) from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _store(path: Path, source: BinaryIO, *, run: UUID, owner: str, keys: AgencyKeys) -> Stored:
    data_key, wrap_nonce = AESGCM.generate_key(bit_length=256), os.urandom(NONCE_BYTES)
    key_id, wrapping = keys.current(owner)
    wrapped = AESGCM(wrapping).encrypt(wrap_nonce, data_key, _binding(run, owner, key_id))
    digest, size, number = hashlib.sha256(), 0, 0
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as target:
        target.write(MAGIC + key_id.encode("ascii") + wrap_nonce + wrapped)
        source.seek(0)
        while block := _read_block(source):
            digest.update(block)
            size += len(block)
            target.write(AESGCM(data_key).encrypt(_nonce(number), block, run.bytes))
            number += 1
        target.flush()
        os.fsync(target.fileno())
    return Stored(size, digest.hexdigest())


def _read_block(source: BinaryIO) -> bytes:
    """A whole block, however little the source gives at a time; less only at its end."""
    pieces, wanted = [], BLOCK_BYTES
    while wanted and (piece := source.read(wanted)):
        pieces.append(piece)
        wanted -= len(piece)
    return b"".join(pieces)


def open_stored(
    path: Path, *, run: UUID, owner: str, size_bytes: int, keys: AgencyKeys
) -> BinaryIO:
    """The stored file, readable and seekable; raises CannotOpen when it is not whole."""
    key = data_key(path, run=run, owner=owner, keys=keys)
    return open_with_key(path.open("rb"), key, run=run, size_bytes=size_bytes)


def data_key(path: Path, *, run: UUID, owner: str, keys: AgencyKeys) -> bytes:
    """The key of one stored file, which opens nothing else; raises CannotOpen."""
    try:
        with path.open("rb") as raw:
            head = raw.read(HEAD_BYTES)
    except FileNotFoundError:
        raise CannotOpen(
            "The file of this run is no longer on the node.",
            who_can_change=phrase("you, by importing the file again; what was loaded stays"),
        ) from None
    if len(head) != HEAD_BYTES or not head.startswith(MAGIC):
        raise CannotOpen("The stored file of this run is not whole.")
    place = len(MAGIC)
    key_id = head[place : place + KEY_ID_CHARS].decode("ascii", errors="replace")
    wrap_nonce = head[place + KEY_ID_CHARS :][:NONCE_BYTES]
    wrapped = head[place + KEY_ID_CHARS + NONCE_BYTES :]
    try:
        binding = _binding(run, owner, key_id)
        return AESGCM(keys.get(owner, key_id)).decrypt(wrap_nonce, wrapped, binding)
    except InvalidTag:
        raise CannotOpen("The stored file belongs to another run or agency.") from None


def open_with_key(raw: BinaryIO, key: bytes, *, run: UUID, size_bytes: int) -> BinaryIO:
    """An opened stored file as what it says, for whoever holds its key; raises CannotOpen."""
    blocks = -(-size_bytes // BLOCK_BYTES)
    if raw.seek(0, os.SEEK_END) != HEAD_BYTES + size_bytes + blocks * TAG_BYTES:
        raw.close()
        raise CannotOpen("The stored file of this run is not whole.")
    return cast(BinaryIO, io.BufferedReader(_Blocks(raw, key, run, size_bytes)))


def _nonce(number: int) -> bytes:
    """The place of a block; a data key serves one file only, so no nonce comes twice."""
    return number.to_bytes(NONCE_BYTES, "big")


def _binding(run: UUID, owner: str, key_id: str) -> bytes:
    return b"\0".join((b"accord/intake-file/v1", owner.encode(), key_id.encode(), run.bytes))


class _Blocks(io.RawIOBase):
    """Decrypts the block that is asked for, and keeps one."""

    def __init__(self, raw: BinaryIO, data_key: bytes, run: UUID, size_bytes: int) -> None:
        super().__init__()
        self._raw, self._cipher, self._run = raw, AESGCM(data_key), run
        self._size, self._at = size_bytes, 0
        self._block: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # narrower than typeshed's Buffer
        if self._at >= self._size:
            return 0
        number, offset = divmod(self._at, BLOCK_BYTES)
        piece = self._plain(number)[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _plain(self, number: int) -> bytes:
        if self._block[0] != number:
            self._raw.seek(HEAD_BYTES + number * (BLOCK_BYTES + TAG_BYTES))
            sealed = self._raw.read(BLOCK_BYTES + TAG_BYTES)
            try:
                plain = self._cipher.decrypt(_nonce(number), sealed, self._run.bytes)
            except InvalidTag:
                raise CannotOpen("The stored file of this run was altered.") from None
            self._block = (number, plain)
        return self._block[1]

    def close(self) -> None:
        self._raw.close()
        super().close()
