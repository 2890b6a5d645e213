"""What was asked, as one step of an address that says nothing.

It is encrypted deterministically (AES-SIV, RFC 5297) under a key of the node, with whoever asked as
associated data. So the answer has an address to come back to, the same question has the same one,
nothing is stored, and nobody else can use it.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

from accord.kernel.errors import NotFound
from accord.platform.secrets import secret_bytes

KEY_NAME, KEY_BYTES = "question.key", 64


def seal(said: Any, whose: Sequence[bytes]) -> str:
    """Return plain data as one step of an address, for `whose` alone."""
    sealed = AESSIV(_key()).encrypt(json.dumps(said, sort_keys=True).encode(), list(whose))
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def unseal(step: str, whose: Sequence[bytes]) -> Any:
    """Return what was sealed; raises NotFound for any step that was not made for `whose`."""
    try:
        raw = base64.b64decode(step + "=" * (-len(step) % 4), altchars=b"-_", validate=True)
        return json.loads(AESSIV(_key()).decrypt(raw, list(whose)))
    except (binascii.Error, InvalidTag, ValueError) as error:
        raise NotFound() from error


def _key() -> bytes:
    return secret_bytes(Path(settings.ACCORD_DATA_DIR), KEY_NAME, KEY_BYTES)
