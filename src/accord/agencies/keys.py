"""The keys with which an agency signed and signs, one after another, and which of them counted when.

A signature is judged by the key that its agency had at the moment it was made. A retired key signs
nothing after its end; one that was revoked because others had it signs nothing from that moment on,
and what it signed since then counts no more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from accord.kernel.canonical import canonical
from accord.kernel.signatures import verifies

NONE = b""
"""No key: nothing verifies under it."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key of an agency. The first has no begin: it counts for all that was signed before.

    `predecessor` is the public half of the key that signed this one; None for a key that the node's
    operator brought.
    """

    agency: str
    public: bytes
    since: datetime | None
    retired_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_from: datetime | None = None
    reason: str = ""
    predecessor: bytes | None = None
    signature: bytes | None = None

    @property
    def until(self) -> datetime | None:
        """The end of its time: retired, or the moment since which others may have had it."""
        ends = [end for end in (self.retired_at, self.revoked_from) if end is not None]
        return min(ends, default=None)

    def counts_at(self, at: datetime) -> bool:
        """Whether the agency signed with it at a moment."""
        if self.since is not None and at < self.since:
            return False
        return self.until is None or at < self.until


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Every key of every agency, as far as each proves where it comes from."""

    keys: tuple[SigningKey, ...]

    def key(self, agency: str, at: datetime) -> bytes:
        """The public half of the key that an agency had at a moment; NONE where it had none."""
        found = (k.public for k in self.keys if k.agency == agency and k.counts_at(at))
        return next(found, NONE)

    def of(self, agency: str) -> tuple[SigningKey, ...]:
        """The keys of an agency, the newest first."""
        return tuple(reversed([k for k in self.keys if k.agency == agency]))


def ring(keys: Iterable[SigningKey]) -> KeyRing:
    """The ring of these keys, which come oldest first.

    INVARIANT: a key that names a predecessor counts only if that key's signature over it verifies,
    and that key is one that counts itself; a row that was written past that decides nothing.
    """
    trusted: dict[tuple[str, bytes], SigningKey] = {}
    for key in keys:
        if key.predecessor is None or _follows(key, trusted):
            trusted[key.agency, key.public] = key
    return KeyRing(tuple(trusted.values()))


def _follows(key: SigningKey, trusted: dict[tuple[str, bytes], SigningKey]) -> bool:
    before = key.predecessor or NONE
    return (key.agency, before) in trusted and succeeds(
        key.agency, before, key.public, key.signature or b""
    )


def successor_payload(agency: str, predecessor: bytes, key: bytes) -> bytes:
    """The bytes that the old key signs when a new one takes its place (RFC 8785); so does the new."""
    return canonical(
        {
            "type": "accord-agency-key/1",
            "agency": agency,
            "predecessor": predecessor.hex(),
            "key": key.hex(),
        }
    )


@lru_cache(maxsize=1024)
def succeeds(agency: str, predecessor: bytes, key: bytes, signature: bytes) -> bool:
    """Whether the old key signed that this one takes its place."""
    return verifies(predecessor, signature, successor_payload(agency, predecessor, key))
