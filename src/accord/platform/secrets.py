"""Secrets of a node: random, made on first use, kept in `<data_dir>/secrets`, mode 0600."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def secret_bytes(data_dir: Path, name: str, length_bytes: int = 32) -> bytes:
    """Return the named secret, making it if it does not exist yet.

    Creation is exclusive and by rename, so two processes that start together agree on one value.
    """
    folder = data_dir / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    if not path.exists():
        _create(path, secrets.token_bytes(length_bytes))
    return path.read_bytes()


def _create(path: Path, value: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(value)
        handle.flush()
        os.fsync(handle.fileno())
    try:
        os.link(temporary, path)
    except FileExistsError:
        return  # another process was first; its value stands
    finally:
        temporary.unlink()
