"""The keys with which an agency signed and signs, one after another, and which of them counted when.

A signature is judged by the key that its agency had at the moment it was made. A retired key signs
nothing after its end; one that was revoked because others had it signs nothing from that moment on,
and what it signed since then opens nothing any more. What it signed until the agency knew of it still
takes away: that is judged by the key that the agency *held*, whoever else had it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
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
    operator brought. `sayings` are the moments at which it was said that others had it, the first of
    them `revoked_at`, each with the moment since when, the last of them `revoked_from`.
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
    sayings: tuple[tuple[datetime, datetime], ...] = ()

    @property
    def until(self) -> datetime | None:
        """The end of its time: retired, or the moment since which others may have had it."""
        ends = [end for end in (self.retired_at, self.revoked_from) if end is not None]
        return min(ends, default=None)

    def counts_at(self, at: datetime) -> bool:
        """Whether the agency signed with it at a moment, and nobody else could."""
        return self._is_within(at, self.until)

    def held_at(self, at: datetime) -> bool:
        """Whether it was the agency's own at a moment, whether or not others had it too."""
        ends = [end for end in (self.retired_at, self.revoked_at) if end is not None]
        return self._is_within(at, min(ends, default=None))

    def _is_within(self, at: datetime, end: datetime | None) -> bool:
        return (self.since is None or self.since <= at) and (end is None or at < end)

    def undoing(self) -> tuple[datetime, ...]:
        """When it was said of it what undoes something that had counted until then."""
        return tuple(at for at, since in self.sayings if since < at)

    def as_known(self, until: datetime) -> SigningKey:
        """The key as it was known before a moment: revoked since when had been said by then."""
        if self.revoked_at is None:
            return self
        said = [since for at, since in self.sayings if at < until]
        return replace(self, revoked_from=said[-1] if said else self.revoked_at)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Every key of every agency, as far as each proves where it comes from."""

    keys: tuple[SigningKey, ...]

    def key(self, agency: str, at: datetime) -> bytes:
        """The public half of the key that an agency had at a moment; NONE where it had none."""
        found = (k.public for k in self.keys if k.agency == agency and k.counts_at(at))
        return next(found, NONE)

    def held(self, agency: str, at: datetime) -> bytes:
        """The public half of the key that was an agency's own at a moment, whoever else had it too.

        INVARIANT: what it says of a moment that is over never changes, whatever is revoked later, since
        when. So what only takes away, judged by it, is never undone.
        """
        found = (k.public for k in self.keys if k.agency == agency and k.held_at(at))
        return next(found, NONE)

    def as_known(self, agencies: Collection[str]) -> tuple[KeyRing, ...]:
        """The ring as it was known until each saying that undoes something, the oldest first.

        Of these agencies' keys alone; none where nothing was undone.
        """
        moments = sorted({at for k in self.keys if k.agency in agencies for at in k.undoing()})
        return tuple(KeyRing(tuple(k.as_known(at) for k in self.keys)) for at in moments)

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
