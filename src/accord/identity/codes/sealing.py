"""What rows of codes are sealed over, and the secret of a code device, encrypted at rest."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

from accord.identity.codes.domain import PENDING_LIFE, SECRET_BYTES
from accord.platform.secrets import secret_bytes

KEY, KEY_BYTES = "code.key", 64
DEVICE, RECOVERY, KNOWN = "code-device", "recovery-code", "known-device"
_MOMENT_BYTES = 8


def seal_secret(secret: bytes, device: UUID, member: str) -> bytes:
    """The secret of one device of one member, as it is kept."""
    return AESSIV(_key()).encrypt(secret, [b"device", device.bytes, member.encode()])


def open_secret(sealed: bytes, device: UUID, member: str) -> bytes | None:
    """The secret; None for one that is another device's or another node's."""
    try:
        return AESSIV(_key()).decrypt(sealed, [b"device", device.bytes, member.encode()])
    except (InvalidTag, ValueError):
        return None


def seal_pending(secret: bytes, member: str, at: datetime) -> str:
    """A secret that is shown to a member, to come back with the form that takes it up."""
    moment = int(at.timestamp()).to_bytes(_MOMENT_BYTES, "big")
    sealed = AESSIV(_key()).encrypt(moment + secret, [b"pending", member.encode()])
    return base64.urlsafe_b64encode(sealed).decode()


def open_pending(sealed: str, member: str, at: datetime) -> bytes | None:
    """The secret that was shown to this member; None for another's and after half an hour."""
    try:
        raw = base64.urlsafe_b64decode(sealed.encode())
        opened = AESSIV(_key()).decrypt(raw, [b"pending", member.encode()])
    except (InvalidTag, ValueError, binascii.Error):
        return None
    age_s = at.timestamp() - int.from_bytes(opened[:_MOMENT_BYTES], "big")
    secret = opened[_MOMENT_BYTES:]
    if len(secret) != SECRET_BYTES or not -1 <= age_s <= PENDING_LIFE.total_seconds():
        return None
    return secret


def device_facts(
    device: UUID, member: str, sealed: bytes, password: str, version: int
) -> dict[str, str | int]:
    """What the seal of a device's row says.

    INVARIANT: a version is sealed once, and the database lets none fall, so a password that was
    changed does not come back. Rows of version 0 were sealed before there were versions.
    """
    facts: dict[str, str | int] = {
        "device": str(device),
        "member": member,
        "secret": sealed.hex(),
        "password": password,
    }
    return facts | {"version": version} if version else facts


def recovery_facts(code: UUID, member: str, membership: str, digest: bytes) -> dict[str, str]:
    """What the seal of a recovery code's row says."""
    return {
        "code": str(code),
        "member": member,
        "membership": membership,
        "digest": digest.hex(),
    }


def _key() -> bytes:
    return secret_bytes(Path(settings.ACCORD_DATA_DIR), KEY, KEY_BYTES)
