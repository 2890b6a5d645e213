"""Encryption of stored files: segments of chunks, each bound to its file and its place in it.

A segment opens in this order:
1. its stored form is read: magic, salt (32), then chunks of 256 KiB, each with its tag (16);
2. its key is derived (HKDF-SHA-256) from the file's data key, the salt, and the file's id, the place
   of its first byte and its length, so one that was moved, cut or taken from elsewhere has another;
3. each chunk is decrypted with AES-256-GCM; the nonce is its number and whether it is the last
   (the STREAM construction: Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015).
That no segment is missing at the end is said by the MAC over the list of segments.

The data key is wrapped under a key derived from the agency's key for one case. Who takes the wrapped
key away takes the file away.

Not checked here: whether the asker may have the file (row-level security decides that before).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from accord.evidence.domain import Segment
from accord.records.sealing import KEY_BYTES, NONCE_BYTES, TAG_BYTES, AgencyKeys, CannotOpen

MAGIC = b"ACCORD-OBJ-1\n"
SALT_BYTES = 32
HEAD_BYTES = len(MAGIC) + SALT_BYTES
CHUNK_BYTES = 256 * 1024
SEGMENT_BYTES = 16 * 1024 * 1024
KEY_ID_CHARS = 4


@dataclass(frozen=True, slots=True)
class Place:
    """Which file a segment belongs to, where it begins there and how many clear bytes it holds."""

    object_id: UUID
    at: int
    size: int

    @property
    def info(self) -> bytes:
        """What binds a segment's key to its place."""
        where = self.at.to_bytes(8, "big") + self.size.to_bytes(4, "big")
        return b"accord/segment/v1\0" + self.object_id.bytes + where

    @property
    def chunks(self) -> int:
        """How many chunks it has; at least one."""
        return max(1, -(-self.size // CHUNK_BYTES))

    @property
    def stored_size(self) -> int:
        """How many bytes it takes in the store."""
        return HEAD_BYTES + self.size + self.chunks * TAG_BYTES


# -- keys ------------------------------------------------------------------------------------------


def new_key() -> bytes:
    """A data key for one file."""
    return os.urandom(KEY_BYTES)


def wrap(key: bytes, *, owner: str, case_id: UUID, object_id: UUID, keys: AgencyKeys) -> bytes:
    """The data key as it is stored: key id (4), nonce (12), wrapped key and tag (48)."""
    key_id, agency_key = keys.current(owner)
    nonce = os.urandom(NONCE_BYTES)
    cipher = AESGCM(_case_key(agency_key, case_id))
    return key_id.encode("ascii") + nonce + cipher.encrypt(nonce, key, _bound(owner, object_id))


def unwrap(
    wrapped: bytes, *, owner: str, case_id: UUID, object_id: UUID, keys: AgencyKeys
) -> bytes:
    """The data key; raises CannotOpen where it was altered, moved, or its agency's key is not here."""
    if len(wrapped) != KEY_ID_CHARS + NONCE_BYTES + KEY_BYTES + TAG_BYTES:
        raise CannotOpen("The file's key is not in the stored form.")
    key_id = wrapped[:KEY_ID_CHARS].decode("ascii", errors="replace")
    nonce, sealed = wrapped[KEY_ID_CHARS:][:NONCE_BYTES], wrapped[KEY_ID_CHARS + NONCE_BYTES :]
    cipher = AESGCM(_case_key(keys.get(owner, key_id), case_id))
    try:
        return cipher.decrypt(nonce, sealed, _bound(owner, object_id))
    except InvalidTag:
        raise CannotOpen("The file's key was altered, or belongs to another file.") from None


def _case_key(agency_key: bytes, case_id: UUID) -> bytes:
    return _derive(agency_key, b"", b"accord/evidence-case/v1\0" + case_id.bytes)


def _bound(owner: str, object_id: UUID) -> bytes:
    return b"accord/evidence-key/v1\0" + owner.encode() + b"\0" + object_id.bytes


def _derive(key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt or None, info=info).derive(key)


# -- segments --------------------------------------------------------------------------------------


def seal_segment(key: bytes, place: Place, clear: bytes | memoryview) -> bytearray:
    """The stored form of one segment; its clear bytes must be as many as its place says.

    Each chunk is encrypted into its place: joining them would move every byte once more, which takes
    longer than encrypting it.
    """
    view = memoryview(clear)
    if len(view) != place.size or place.size > SEGMENT_BYTES:
        raise ValueError("a segment holds as many bytes as its place says, and at most 16 MiB")
    salt = os.urandom(SALT_BYTES)
    cipher = AESGCM(_derive(key, salt, place.info))
    stored, last, step = bytearray(place.stored_size), place.chunks - 1, CHUNK_BYTES + TAG_BYTES
    stored[:HEAD_BYTES] = MAGIC + salt
    body = memoryview(stored)[HEAD_BYTES:]
    for number in range(place.chunks):
        chunk = view[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES]
        sealed = body[number * step : (number + 1) * step]
        cipher.encrypt_into(_nonce(number, number == last), chunk, None, sealed)
    return stored


def open_segment(key: bytes, place: Place, stored: bytes | bytearray) -> bytes:
    """The clear bytes of a whole segment; raises CannotOpen."""
    if len(stored) != place.stored_size or not stored.startswith(MAGIC):
        raise CannotOpen("A stored piece of the file is not whole.")
    view = memoryview(stored)
    body = view[HEAD_BYTES:]
    return open_chunks(key, place, bytes(view[len(MAGIC) : HEAD_BYTES]), 0, body)


def chunk_range(place: Place, start: int, end: int) -> tuple[int, int, int]:
    """For clear bytes [start, end) of a segment: the first chunk, and the stored bytes to read."""
    first = start // CHUNK_BYTES
    last = min(place.chunks - 1, (end - 1) // CHUNK_BYTES)
    step = CHUNK_BYTES + TAG_BYTES
    return first, HEAD_BYTES + first * step, min(HEAD_BYTES + (last + 1) * step, place.stored_size)


def open_chunks(
    key: bytes, place: Place, salt: bytes, first: int, stored: bytes | memoryview
) -> bytes:
    """The clear bytes of some chunks that follow each other, from number `first` on."""
    cipher, step = AESGCM(_derive(key, salt, place.info)), CHUNK_BYTES + TAG_BYTES
    view, last = memoryview(stored), place.chunks - 1
    try:
        return b"".join(
            cipher.decrypt(
                _nonce(first + n, first + n == last), view[n * step : (n + 1) * step], None
            )
            for n in range(-(-len(view) // step))
        )
    except InvalidTag:
        raise CannotOpen("A stored piece of the file was altered, or belongs elsewhere.") from None


def _nonce(number: int, last: bool) -> bytes:
    """No nonce comes twice under a segment's key: it serves one segment, stored once."""
    return number.to_bytes(NONCE_BYTES - 1, "big") + bytes([last])


# -- the list of segments --------------------------------------------------------------------------


def list_text(object_id: UUID, segments: Iterable[Segment]) -> bytes:
    """What a file consists of, a line each: the form whose hash is the file's address."""
    lines = [f"accord-object/1 {object_id}"]
    lines += [f"{s.at} {s.size} {s.address}" for s in segments]
    return ("\n".join(lines) + "\n").encode("ascii")


def address_of(listed: bytes | bytearray) -> str:
    """The name of stored bytes, or of a list of them."""
    return hashlib.sha256(listed).hexdigest()


def mac_of(key: bytes, listed: bytes) -> bytes:
    """That exactly these segments are the file, under its data key (HMAC-SHA-256)."""
    return hmac.digest(_derive(key, b"", b"accord/segment-list/v1"), listed, "sha256")


def check_list(key: bytes, object_id: UUID, segments: tuple[Segment, ...], mac: bytes) -> None:
    """Raise CannotOpen unless these are all the segments of the file, in order and without a gap."""
    listed = list_text(object_id, segments)
    if not hmac.compare_digest(mac_of(key, listed), mac) or not _contiguous(segments):
        raise CannotOpen("The list of the file's pieces was altered: one is missing or exchanged.")


def _contiguous(segments: tuple[Segment, ...]) -> bool:
    at = 0
    for segment in segments:
        if segment.at != at:
            return False
        at += segment.size
    return True


# -- names -----------------------------------------------------------------------------------------


def seal_name(key: bytes, file_name: str, media_type: str) -> bytes:
    """What an upload is called, until it becomes a part."""
    nonce = os.urandom(NONCE_BYTES)
    body = json.dumps([file_name, media_type]).encode()
    return nonce + AESGCM(_derive(key, b"", b"accord/upload-name/v1")).encrypt(nonce, body, None)


def open_name(key: bytes, sealed: bytes) -> tuple[str, str]:
    """File name and media type of an upload; raises CannotOpen."""
    cipher = AESGCM(_derive(key, b"", b"accord/upload-name/v1"))
    try:
        body = cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
    except InvalidTag:
        raise CannotOpen("The name of the upload was altered.") from None
    file_name, media_type = json.loads(body)
    return str(file_name), str(media_type)


def pieces_of(
    segments: Iterable[Segment], start: int, end: int
) -> Iterator[tuple[Segment, int, int]]:
    """The segments that hold clear bytes [start, end), each with the range wanted inside it."""
    for segment in segments:
        first, last = max(start, segment.at), min(end, segment.at + segment.size)
        if first < last:
            yield segment, first - segment.at, last - segment.at
