"""The node's ledger keys: random, in `<data_dir>/secrets`, mode 0600, made on first use.

`ledger.key` signs checkpoints; `ledger-body.key` wraps the keys of bodies. The ledger's origin is
derived from the signing key, so two nodes never answer to one name.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from accord.kernel.signednote import NoteKey, SigningKey
from accord.platform.secrets import secret_bytes


def signing_key(data_dir: Path) -> SigningKey:
    """The key under which this node's checkpoints are signed."""
    seed = secret_bytes(data_dir, "ledger.key", 32)
    public = SigningKey("accord", seed).public.public
    return SigningKey(f"accord.ledger/{sha256(public).hexdigest()[:16]}", seed)


def public_key(data_dir: Path) -> NoteKey:
    """The line to give to whoever checks this ledger."""
    return signing_key(data_dir).public


def body_key(data_dir: Path) -> bytes:
    """The key that wraps the keys of bodies."""
    return secret_bytes(data_dir, "ledger-body.key", 32)
