"""Hit handles: a name for a record that means nothing outside one agency.

The record's id is encrypted deterministically (AES-SIV, RFC 5297) under the node's handle key with
the asking agency as associated data. So the same agency gets the same handle each time, two
agencies cannot compare theirs, nobody can make one, and none is stored.
"""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

KEY_BYTES = 64


def make_handle(key: bytes, agency: str, record_id: UUID) -> str:
    """Return the handle of a record for one agency; `key` holds 64 random bytes."""
    sealed = AESSIV(key).encrypt(record_id.bytes, [b"accord-hit-handle/1", agency.encode()])
    return base64.b32encode(sealed).decode().rstrip("=").lower()


def open_handle(key: bytes, agency: str, handle: str) -> UUID | None:
    """Return the record that a handle of this agency names; None for anything else."""
    padded = handle.upper() + "=" * (-len(handle) % 8)
    try:
        sealed = base64.b32decode(padded)
        plain = AESSIV(key).decrypt(sealed, [b"accord-hit-handle/1", agency.encode()])
        return UUID(bytes=plain)
    except (binascii.Error, InvalidTag, ValueError):  # no handle of this agency, hence no record
        return None
