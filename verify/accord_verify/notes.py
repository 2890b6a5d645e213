"""Signed heads: C2SP signed-note, tlog-checkpoint and tlog-cosignature with Ed25519."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from accord_verify.report import BadFile, Code, Failure

SIGNER, COSIGNER = 1, 4
_SIGNATURE = re.compile(r"\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class Key:
    """A public key by its line: name+id+base64."""

    line: str
    name: str
    type: int
    public: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]


@dataclass(frozen=True)
class Head:
    """A signed head, parsed and not yet believed."""

    origin: str
    size: int
    root: bytes
    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    @property
    def label(self) -> str:
        return f"the head at size {self.size} of {self.origin}"


@dataclass(frozen=True)
class Trust:
    """Whom the reader trusts: signers, cosigners, and how many of those must have signed."""

    signers: tuple[Key, ...] = ()
    cosigners: tuple[Key, ...] = ()
    quorum: int = 0


def parse_key(line: str) -> Key:
    name, _, rest = line.strip().partition("+")
    hexed, _, encoded = rest.partition("+")
    blob = unbase64(encoded, "the key")
    if not name or len(blob) != 33 or blob[0] not in (SIGNER, COSIGNER):
        raise BadFile(f"This is not the line of an Ed25519 key (name+id+base64): {line.strip()!r}")
    key = Key(line.strip(), name, blob[0], blob[1:])
    if key.id.hex() != hexed:
        raise BadFile(f"The key line does not carry its own id; it was mistyped: {line.strip()!r}")
    return key


def parse_head(raw: object) -> Head:
    """Reads a signed head; raises BadFile when it is not one."""
    if not isinstance(raw, str) or len(raw) > 65536:
        raise BadFile("A signed head is text of at most 64 KiB.")
    text, blank, tail = raw.rpartition("\n\n")
    lines = text.split("\n")
    if not blank or not tail.endswith("\n") or len(lines) != 3:
        raise BadFile("A signed head is origin, size, root, a blank line and signature lines.")
    origin, size, root = lines
    if not origin or not _SIZE.fullmatch(size):
        raise BadFile("A signed head names its ledger and its size.")
    hashed = unbase64(root, "the root of a head")
    if len(hashed) != 32:
        raise BadFile("The root of a head has 32 bytes.")
    signatures = tuple(_signature(line) for line in tail[:-1].split("\n"))
    return Head(origin, int(size), hashed, text + "\n", signatures)


def _signature(line: str) -> tuple[str, bytes, bytes]:
    found = _SIGNATURE.fullmatch(line)
    blob = unbase64(found[2], "a signature") if found else b""
    if found is None or len(blob) < 5:
        raise BadFile("A signature line of a head is malformed.")
    return found[1], blob[:4], blob[4:]


def check_signer(head: Head, keys: Iterable[Key]) -> list[Failure]:
    """The head is signed by one of these keys, and none of their signatures is false."""
    signed, failures = _verified(head, [key for key in keys if key.type == SIGNER])
    if not signed and not failures:
        names = ", ".join(sorted({name for name, _, _ in head.signatures}))
        failures.append(
            Failure(
                Code.UNKNOWN_KEY,
                f"{head.label} is signed by {names}, and by no key that you trust.",
            )
        )
    return failures


def check_cosigners(head: Head, trust: Trust, notes: list[str]) -> list[Failure]:
    """Enough distinct cosigners signed the head."""
    signed, failures = _verified(head, trust.cosigners)
    for key, time in signed:
        at = datetime.fromtimestamp(time or 0, UTC).isoformat()
        notes.append(f"{key.name} cosigned {head.label} at {at}.")
    distinct = {key.name for key, _ in signed}
    if len(distinct) < trust.quorum:
        failures.append(
            Failure(
                Code.TOO_FEW_COSIGNERS,
                f"{len(distinct)} of the {trust.quorum} cosigners asked for signed {head.label}.",
            )
        )
    return failures


def _verified(
    head: Head, keys: Iterable[Key]
) -> tuple[list[tuple[Key, int | None]], list[Failure]]:
    known = {(key.name, key.id): key for key in keys}
    signed: list[tuple[Key, int | None]] = []
    failures: list[Failure] = []
    for name, key_id, value in head.signatures:
        key = known.get((name, key_id))
        if key is None:
            continue
        time = None
        message, signature = head.text.encode(), value
        if key.type == COSIGNER:
            time, signature = int.from_bytes(value[:8], "big"), value[8:]
            message = f"cosignature/v1\ntime {time}\n{head.text}".encode()
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
        except InvalidSignature:
            failures.append(
                Failure(
                    Code.SIGNATURE_INVALID,
                    f"The signature of {name} does not fit {head.label}: the head was changed or "
                    "the signature forged.",
                )
            )
        else:
            signed.append((key, time))
    return signed, failures


def unbase64(text: object, what: str) -> bytes:
    """Decodes base64 in its one canonical form."""
    try:
        value = base64.b64decode(text, validate=True) if isinstance(text, str) else None
    except (binascii.Error, ValueError):
        value = None
    if value is None or base64.b64encode(value).decode() != text:
        raise BadFile(f"{what[0].upper()}{what[1:]} is not base64.")
    return value
