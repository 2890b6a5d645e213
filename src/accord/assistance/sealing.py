"""The texts of entries and requests: encrypted, each for the row that it belongs to (decision 0021)."""

from __future__ import annotations

from uuid import UUID

from accord.platform import sealedaddress

ENTRY, REQUEST, ACT = b"accord-expertise/1", b"accord-assistance/1", b"accord-assistance-act/1"


def seal(kind: bytes, of: UUID, *texts: str) -> str:
    """Return texts as their row holds them."""
    return sealedaddress.seal(list(texts), [kind, of.bytes])


def unseal(kind: bytes, of: UUID, sealed: str) -> list[str]:
    """Return the texts of a row that the reader has; raises NotFound for what another row holds."""
    return [str(text) for text in sealedaddress.unseal(sealed, [kind, of.bytes])]
