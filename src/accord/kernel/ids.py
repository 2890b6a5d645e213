"""Identifiers: UUIDv7 at run time, keyed hashes in worlds, derived ids for keys.

An id never means anything to its reader; keys are derived so that two nodes that know the same
fact name it alike without asking each other.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from uuid import UUID

from accord.kernel.canonical import canonical

_time_ns: Callable[[], int] = time.time_ns
_random_bits: Callable[[int], int] = secrets.randbits


def uuid7() -> UUID:
    """A new id in the order of time: RFC 9562 version 7, with sub-millisecond bits (method 3)."""
    ms, rest_ns = divmod(_time_ns(), 1_000_000)
    fraction = (rest_ns * 4096) // 1_000_000
    return UUID(
        int=(ms & (1 << 48) - 1) << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | _random_bits(62)
    )


@contextmanager
def repeatable(seed: int, from_ns: int) -> Iterator[None]:
    """Make the same new ids each time within the block, in the whole process; tests only.

    INVARIANT: only where ACCORD_DEMO says that nothing is real; ids must not be guessed.
    """
    global _time_ns, _random_bits
    if os.environ.get("ACCORD_DEMO") != "1":
        raise RuntimeError("ids are repeatable only in tests and demonstrations")
    ticks = iter(range(from_ns, from_ns + 10**15, 1_000_000))
    before = _time_ns, _random_bits
    _time_ns, _random_bits = lambda: next(ticks), Random(seed).getrandbits  # noqa: S311 - for tests
    try:
        yield
    finally:
        _time_ns, _random_bits = before


def _custom(digest: bytes) -> UUID:
    """The first 16 bytes of a digest as RFC 9562 version 8, the version for own schemes."""
    value = int.from_bytes(digest[:16], "big")
    value = value & ~(0xF << 76) | 0x8 << 76
    return UUID(int=value & ~(0b11 << 62) | 0b10 << 62)


def world_uuid(seed: str | int, owner: str, source_ref: str) -> UUID:
    """The id of a record in a world: the same seed gives the same id, another seed another one."""
    message = canonical([owner, source_ref])
    return _custom(hmac.new(str(seed).encode(), message, hashlib.sha256).digest())


def _derived(*facts: str | None) -> UUID:
    return _custom(hashlib.sha256(canonical(["accord-key", *facts])).digest())


def _text(value: UUID | str | None) -> str | None:
    return None if value is None else str(value)


def case_key(case_id: UUID | str) -> UUID:
    """The key that a part carries when it is placed in this case."""
    return _derived("case", _text(case_id))


def grant_key(agency: str, case_id: UUID | str | None) -> UUID:
    """The key that a part carries when its owner granted it to this agency (for this case)."""
    return _derived("grant", agency, _text(case_id))


def consent_key(agency: str, purpose: str) -> UUID:
    """The key that a part carries when its subject consented towards this agency and purpose."""
    return _derived("consent", agency, purpose)


def determination_key(kind: str, agency: str, case_id: UUID | str | None) -> UUID:
    """The key of a signed human statement of this kind for this agency (and case)."""
    return _derived("determination", kind, agency, _text(case_id))
