"""Signing keys of the agencies of a demonstration, which lie on the node.

In production an agency's key lives off the node: its officer signs there, and only the signature
comes here. Nothing outside a demonstration asks for a key on the node.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from accord.agencies.queries import key_now
from accord.platform.files import private_folder
from accord.platform.secrets import secret_bytes

FOLDER = "agency-signing"


def signing_key(data_dir: Path, agency: str) -> Ed25519PrivateKey:
    """The demonstration's key of an agency, made on first use."""
    private_folder(data_dir / "secrets" / FOLDER)
    return Ed25519PrivateKey.from_private_bytes(secret_bytes(data_dir, f"{FOLDER}/{agency}.key"))


def is_here(agency: str) -> bool:
    """Whether this node is a demonstration that holds the key that the agency signs with now."""
    data_dir = Path(settings.ACCORD_DATA_DIR)
    path = data_dir / "secrets" / FOLDER / f"{agency}.key"
    if not settings.ACCORD_DEMO or not path.exists():
        return False
    return signing_key(data_dir, agency).public_key().public_bytes_raw() == key_now(agency)


def sign_here(agency: str, payload: bytes) -> bytes | None:
    """The agency's signature (64 bytes, Ed25519) where this node is a demonstration that holds its key.

    None anywhere else: then the signature is made off the node and brought here.
    """
    if not is_here(agency):
        return None
    return signing_key(Path(settings.ACCORD_DATA_DIR), agency).sign(payload)
