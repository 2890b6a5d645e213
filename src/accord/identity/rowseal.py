"""Seals rows that say who somebody is: one that SQL alone made or moved signs nobody in."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from django.conf import settings

from accord.kernel.canonical import canonical
from accord.platform.secrets import secret_bytes

KEY = "credential.key"


def row_mac(kind: str, **facts: str | int | bool) -> bytes:
    """HMAC-SHA-256 (32 bytes) over a row's kind and facts, under a key of this node."""
    key = secret_bytes(Path(settings.ACCORD_DATA_DIR), KEY)
    return hmac.digest(key, canonical({"kind": kind, "facts": facts}), hashlib.sha256)


def is_ours(mac: bytes | memoryview, kind: str, **facts: str | int | bool) -> bool:
    """Whether this node sealed such a row."""
    return hmac.compare_digest(bytes(mac), row_mac(kind, **facts))


def user_handle(member: str) -> bytes:
    """What an authenticator keeps a passkey under: 32 bytes that tell nothing of the member."""
    return row_mac("user-handle", member=member)
