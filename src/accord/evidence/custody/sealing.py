"""The texts of custody: encrypted, each for the row that it belongs to (decision 0013)."""

from __future__ import annotations

from uuid import UUID

from accord.platform import sealedaddress

EVENT, OPENING, REASON = b"accord-custody-event/1", b"accord-custody-opening/1", b"accord-alarm/1"


def seal(kind: bytes, of: UUID, text: str) -> str:
    """Return a text as its row holds it."""
    return sealedaddress.seal(text, [kind, of.bytes])


def unseal(kind: bytes, of: UUID, sealed: str) -> str:
    """Return the text of a row; raises NotFound for what another row holds."""
    return str(sealedaddress.unseal(sealed, [kind, of.bytes]))
