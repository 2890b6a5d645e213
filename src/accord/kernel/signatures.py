"""Ed25519 signatures (RFC 8032) as agencies make them."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KEY_BYTES = 32
SIGNATURE_BYTES = 64


def verifies(public_key: bytes, signature: bytes, payload: bytes) -> bool:
    """Whether an Ed25519 signature is this key's over these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, payload)
    except (InvalidSignature, ValueError):
        return False
    return True
