"""Two parties that hold the same facts hold the same bytes: JSON canonical form (RFC 8785)."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785


def canonical(obj: Any) -> bytes:
    """The RFC 8785 bytes of plain JSON data: dicts, lists, text, numbers, booleans, None."""
    return bytes(rfc8785.dumps(obj))


def content_hash(obj: Any) -> str:
    """The SHA-256 of the canonical form, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(obj)).hexdigest()
