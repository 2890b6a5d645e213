"""The key store of this node's data directory; one a process, since keys are only ever added."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from accord.records.keystore import KeyStore


def keys() -> KeyStore:
    """Return the node's keys for sealed parts and for exact tokens."""
    return _store(str(settings.ACCORD_DATA_DIR))


@lru_cache(maxsize=4)
def _store(data_dir: str) -> KeyStore:
    return KeyStore(Path(data_dir))
