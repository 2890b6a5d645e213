"""Make the seal: the text a transaction shows PostgreSQL to say under which standing it runs.

1. the fields are joined by `|`: standing, action, keys, expiry, backend, transaction;
2. HMAC-SHA-256 under the node's seal key is appended;
3. `accord.seal_claims()` checks the same on every statement (platform/db/seal.sql).

The key never enters SQL that the application's role can read; migration installs its padded
halves in `accord.seal_key` (HMAC after RFC 2104), which only the probe role may read.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

BLOCK_BYTES = 64


@dataclass(frozen=True, slots=True)
class Backend:
    """One transaction of one database connection, as PostgreSQL names it."""

    pid: int
    transaction_us: int


def seal_text(
    key: bytes,
    *,
    standing: uuid.UUID,
    action: str,
    keys: Iterable[uuid.UUID],
    expires_us: int,
    backend: Backend,
) -> str:
    """Return the sealed setting for one transaction; `expires_us` is microseconds since 1970."""
    body = "|".join(
        (
            str(standing),
            action,
            ",".join(sorted(str(k) for k in keys)),
            str(expires_us),
            str(backend.pid),
            str(backend.transaction_us),
        )
    )
    return f"{body}|{hmac.new(key, body.encode(), hashlib.sha256).hexdigest()}"


def padded_halves(key: bytes) -> tuple[bytes, bytes]:
    """Return the inner and outer padded keys of HMAC (RFC 2104); raises ValueError over 64 bytes."""
    if len(key) > BLOCK_BYTES:
        raise ValueError("the seal key must not exceed one SHA-256 block")
    block = key.ljust(BLOCK_BYTES, b"\0")
    return bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block)


def word_text(key: bytes, *, what: str, expires_us: int, backend: Backend) -> str:
    """Return the node's own word for one transaction (nodeword.sql); it is never taken for a seal."""
    body = f"accord-node|{what}|{expires_us}|{backend.pid}|{backend.transaction_us}"
    return f"{body}|{hmac.new(key, body.encode(), hashlib.sha256).hexdigest()}"
