"""Signed heads: C2SP signed-note, tlog-checkpoint and tlog-cosignature with Ed25519."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from accord_verify.points import SMALL_ORDER
from accord_verify.report import BadFile, Code, Failure, Report, Signer

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
    """Whom the reader trusts: signers, cosigners, and how many agencies' must have signed.

    `agencies` says whose a cosigner is, where that is not its name; a policy says all of it instead.
    """

    signers: tuple[Key, ...] = ()
    cosigners: tuple[Key, ...] = ()
    quorum: int = 0
    agencies: Mapping[str, str] = field(default_factory=dict)
    policy: Quorum | None = None
    reader: str | None = None
    """The agency for which bodies have to be, where the reader says who that is."""

    @property
    def asks_cosigners(self) -> bool:
        return bool(self.policy or self.quorum or self.cosigners)


class Quorum(Protocol):
    """A policy, as far as a head's cosignatures are held against it."""

    @property
    def asked(self) -> str: ...

    def met_by(self, keys: Collection[Key]) -> bool: ...


def parse_key(line: str) -> Key:
    """Reads the line of a key. Raises BadFile for what is none, and for a key that proves nothing."""
    if not _whole(line):
        raise BadFile("A key line is text in whole characters.")
    name, _, rest = line.strip().partition("+")
    hexed, _, encoded = rest.partition("+")
    blob = unbase64(encoded, "the key")
    if not name or len(blob) != 33 or blob[0] not in (SIGNER, COSIGNER):
        raise BadFile(f"This is not the line of an Ed25519 key (name+id+base64): {line.strip()!r}")
    key = Key(line.strip(), name, blob[0], blob[1:])
    if key.id.hex() != hexed:
        raise BadFile(f"The key line does not carry its own id; it was mistyped: {line.strip()!r}")
    if key.public in SMALL_ORDER:
        raise BadFile(f"Anybody can sign under this key, a point of small order: {line.strip()!r}")
    return key


def _whole(text: str) -> bool:
    """Whether a text has no half of a character, as words on a command line may."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


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


def signers_of(shown: Key, trust: Trust, report: Report) -> tuple[Key, ...]:
    """The keys under which heads are checked: those that the reader named, else the one in the file."""
    if trust.signers:
        report.signer = Signer.NAMED
        return trust.signers
    report.signer = Signer.IN_FILE
    report.notes.append(
        f"No key was named; the key in the file was used: {shown.line}. Compare it with the one the "
        "agency gives out, or name it with --key."
    )
    return (shown,)


def check_signer(head: Head, keys: Iterable[Key]) -> list[Failure]:
    """The head is signed by the key of its own log, one of these, and no such signature is false.

    A log's key carries the log's name (C2SP tlog-checkpoint), or whoever holds the key of one log
    could speak for another, and a second history could pass for the one of some other log.
    """
    signed, failures = _verified(head, [key for key in keys if key.type == SIGNER])
    if signed and not any(key.name == head.origin for key, _ in signed):
        names = ", ".join(sorted({key.name for key, _ in signed}))
        failures.append(
            Failure(Code.WRONG_LOG, f"{head.label} is signed by the key of another log: {names}.")
        )
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
        notes.append(f"{key.name} cosigned {head.label} at {_moment(time or 0)}.")
    if trust.policy is not None:
        return failures + _held_against(trust.policy, head, [key for key, _ in signed])
    distinct = {trust.agencies.get(key.line, key.name) for key, _ in signed}
    if len(distinct) < trust.quorum:
        failures.append(
            Failure(
                Code.TOO_FEW_COSIGNERS,
                f"{len(distinct)} of the {trust.quorum} cosigners asked for signed {head.label}.",
            )
        )
    return failures


def vouched_at(head: Head, trust: Trust) -> datetime | None:
    """When the last of the cosigners that the reader trusts signed; None where none did.

    The last, so that one whose clock is behind accuses nobody.
    """
    found = [_at(time or 0) for _, time in _verified(head, trust.cosigners)[0]]
    return max((at for at in found if at is not None), default=None)


def _moment(time: int) -> str:
    at = _at(time)
    return f"second {time} after 1970, which is no time" if at is None else at.isoformat()


def _at(time: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(time, UTC)
    except (OverflowError, ValueError, OSError):  # a cosigner may state any 64 bits
        return None


def _held_against(policy: Quorum, head: Head, signed: list[Key]) -> list[Failure]:
    if policy.met_by(signed):
        return []
    names = ", ".join(key.name for key in signed) or "nobody"
    sentence = f"The policy asks for {policy.asked}; {head.label} was cosigned by {names}."
    return [Failure(Code.TOO_FEW_COSIGNERS, sentence)]


def check_cosigned(head: Head, trust: Trust, report: Report) -> None:
    """The last step for a head, where cosigners are asked for."""
    if trust.policy is not None:
        sentence = f"{head.label} is cosigned as the policy asks ({trust.policy.asked})"
    elif trust.asks_cosigners:
        sentence = f"at least {trust.quorum} cosigners signed {head.label}"
    else:
        return
    report.step(sentence, check_cosigners(head, trust, report.notes))


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
