"""Signed notes, checkpoints and cosignatures follow C2SP signed-note, tlog-checkpoint and
tlog-cosignature (https://c2sp.org).

A note is a text, a blank line and signature lines. A checkpoint is a note whose text names a log
(origin), its size and its root. A log signs with type 0x01; a cosigner, who checked that the log
only grew, signs with type 0x04 and a time. Signatures by keys that the reader does not know are
ignored, so cosigners can be added without anybody else changing anything.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from accord.kernel.errors import AccordError

ED25519 = 0x01
COSIGNATURE = 0x04
MAX_NOTE_BYTES = 64 * 1024
MAX_SIGNATURES = 64
MAX_SIZE = 2**63 - 1
_DASH = "\u2014 "
_SIZE = re.compile("0|[1-9][0-9]{0,18}")


class NoteError(AccordError):
    """A note is malformed or not signed by a known key."""


class BadSignatureError(NoteError):
    """A known key's signature does not fit the text."""


class UnknownKeyError(NoteError):
    """Nobody known signed the note."""


@dataclass(frozen=True)
class NoteKey:
    """A public key under a name; the type says what its signature states."""

    name: str
    public: bytes
    type: int = ED25519

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public) != 32:
            raise NoteError("An Ed25519 public key has 32 bytes.")
        if self.type not in (ED25519, COSIGNATURE):
            raise NoteError(f"Signature type {self.type:#04x} is not supported.")

    @property
    def id(self) -> bytes:
        """The first four bytes of SHA-256(name, newline, type, public key)."""
        return key_id(self.name, bytes([self.type]) + self.public)

    @property
    def text(self) -> str:
        """The verifier key as one line: name+id+base64(type, public key)."""
        blob = base64.b64encode(bytes([self.type]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{blob}"

    @classmethod
    def parse(cls, text: str) -> NoteKey:
        """Reads a verifier key line and checks that its id is its own."""
        name, hexed, blob = _key_fields(text.strip())
        key = cls(name, blob[1:], blob[0])
        if key.id.hex() != hexed:
            raise NoteError("The key id is not that of the key.")
        return key


@dataclass(frozen=True)
class Signature:
    """One signature line."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        blob = base64.b64encode(self.key_id + self.value).decode()
        return f"{_DASH}{self.name} {blob}\n"


@dataclass(frozen=True)
class Note:
    """A text, ending in a newline, and its signatures."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(signature.line for signature in self.signatures)

    def with_signature(self, signature: Signature) -> Note:
        return Note(self.text, (*self.signatures, signature))


@dataclass(frozen=True)
class Verified:
    """A known key signed the text; a cosigner also says when (POSIX seconds)."""

    key: NoteKey
    time: int | None = None


class SigningKey:
    """A private key under a name."""

    def __init__(self, name: str, seed: bytes) -> None:
        _check_name(name)
        self.name = name
        self._seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @classmethod
    def generate(cls, name: str) -> SigningKey:
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """Reads what `text` gives."""
        prefix, fields = "PRIVATE+KEY+", text.strip()
        if not fields.startswith(prefix):
            raise NoteError("A private note key begins with PRIVATE+KEY+.")
        name, hexed, blob = _key_fields(fields.removeprefix(prefix))
        if blob[0] != ED25519 or len(blob) != 33:
            raise NoteError("The private note key is not an Ed25519 key.")
        key = cls(name, blob[1:])
        if key.public.id.hex() != hexed:
            raise NoteError("The key id is not that of the key.")
        return key

    @property
    def text(self) -> str:
        """The private key as one line, for a file that only its owner reads."""
        blob = base64.b64encode(bytes([ED25519]) + self._seed).decode()
        return f"PRIVATE+KEY+{self.name}+{self.public.id.hex()}+{blob}"

    @property
    def public(self) -> NoteKey:
        return NoteKey(self.name, self._key.public_key().public_bytes_raw())

    @property
    def cosigner(self) -> NoteKey:
        return NoteKey(self.name, self._key.public_key().public_bytes_raw(), COSIGNATURE)

    def sign(self, text: str) -> Signature:
        _check_text(text)
        return Signature(self.name, self.public.id, self._key.sign(text.encode()))

    def cosign(self, text: str, time: int) -> Signature:
        """States that at this time the checkpoint was the largest consistent one seen."""
        if not 0 <= time < 2**63:
            raise NoteError("A cosignature's time is out of range.")
        _check_text(text)
        value = time.to_bytes(8) + self._key.sign(_cosigned(text, time))
        return Signature(self.name, self.cosigner.id, value)


def key_id(name: str, blob: bytes) -> bytes:
    """The id that C2SP signed-note recommends; `blob` is type and public key."""
    return sha256(name.encode() + b"\n" + blob).digest()[:4]


def sign_note(text: str, *keys: SigningKey) -> Note:
    return Note(text, tuple(key.sign(text) for key in keys))


def parse_note(raw: str) -> Note:
    """Splits a note at its last blank line."""
    if len(raw.encode()) > MAX_NOTE_BYTES:
        raise NoteError(f"The note is larger than {MAX_NOTE_BYTES} bytes.")
    if any(ord(char) < 0x20 and char != "\n" for char in raw):
        raise NoteError("The note holds a control character.")
    text, blank, lines = raw.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise NoteError("The note has no signature lines after a blank line.")
    signatures = tuple(_parse_line(line) for line in lines[:-1].split("\n"))
    if len(signatures) > MAX_SIGNATURES:
        raise NoteError(f"The note has more than {MAX_SIGNATURES} signatures.")
    return Note(text + "\n", signatures)


def check_note(note: Note, keys: Iterable[NoteKey]) -> tuple[Verified, ...]:
    """Returns who of the known keys signed; raises when none did or one's signature is wrong."""
    known = {(key.name, key.id): key for key in keys}
    found: dict[NoteKey, Verified] = {}
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is not None:
            found[key] = _check_signature(note.text, key, signature.value)
    if not found:
        raise UnknownKeyError("No known key signed this note.")
    return tuple(found.values())


def _check_signature(text: str, key: NoteKey, value: bytes) -> Verified:
    time, message, signature = None, text.encode(), value
    if key.type == COSIGNATURE:
        time, signature = int.from_bytes(value[:8]), value[8:]
        message = _cosigned(text, time)
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except InvalidSignature as error:
        raise BadSignatureError(f"The signature by {key.name} does not fit the text.") from error
    return Verified(key, time)


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log: which log, how many leaves, which root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Reads a checkpoint's text; extension lines are refused, since no monitor checks them."""
        lines = text.split("\n")
        if len(lines) != 4 or lines[3] or not lines[0]:
            raise NoteError("A checkpoint is three lines: origin, size, root.")
        origin, size, root = lines[:3]
        if not _SIZE.fullmatch(size) or int(size) > MAX_SIZE:
            raise NoteError("The checkpoint's size is not a plain number below 2**63.")
        hashed = _unbase64(root)
        if len(hashed) != 32:
            raise NoteError("The checkpoint's root is not 32 bytes.")
        return cls(origin, int(size), hashed)


def _cosigned(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _parse_line(line: str) -> Signature:
    fields = line.split(" ")
    if len(fields) != 3 or fields[0] != _DASH.strip():
        raise NoteError("A signature line is: em dash, name, base64.")
    _check_name(fields[1])
    blob = _unbase64(fields[2])
    if len(blob) < 5:
        raise NoteError("A signature is too short to hold a key id.")
    return Signature(fields[1], blob[:4], blob[4:])


def _key_fields(text: str) -> tuple[str, str, bytes]:
    fields = text.split("+", 2)
    if len(fields) != 3:
        raise NoteError("A note key is: name, +, key id, +, base64.")
    blob = _unbase64(fields[2])
    if not blob:
        raise NoteError("The note key is empty.")
    return fields[0], fields[1], blob


def _unbase64(text: str) -> bytes:
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("This is not base64.") from error
    if base64.b64encode(value).decode() != text:
        raise NoteError("This base64 is not in its one canonical form.")
    return value


def _check_name(name: str) -> None:
    if not name or "+" in name or any(char.isspace() or ord(char) < 0x20 for char in name):
        raise NoteError("A key name has no spaces and no plus sign, and is not empty.")


def _check_text(text: str) -> None:
    if not text.endswith("\n") or any(ord(char) < 0x20 and char != "\n" for char in text):
        raise NoteError("A note's text ends in a newline and holds no control characters.")
