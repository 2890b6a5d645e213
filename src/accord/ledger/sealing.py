"""Bodies are encrypted apart from the tree: AES-256-GCM under a key of their own.

Each body's key is wrapped (RFC 3394) under the node's body key and stands beside the body; erasing
both leaves nothing to decrypt, and the tree as it was. The entry's id and whose body it is are
bound in, so a body cannot be moved to another row.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_wrap,
)

from accord.kernel.canonical import canonical
from accord.kernel.errors import AccordError
from accord.ledger.domain import EntryId, Opening

_NONCE_BYTES = 12


class BodyUnreadable(AccordError):
    """A stored body was changed, or belongs to another node key."""


@dataclass(frozen=True)
class SealedBody:
    """An opening, encrypted, and its wrapped key."""

    cipher: bytes
    key: bytes


def seal_body(opening: Opening, entry_id: EntryId, reader: str, node_key: bytes) -> SealedBody:
    """Encrypts an opening for the row of one reader."""
    return _seal(canonical(opening.facts()), _bound(entry_id, reader), node_key)


def open_body(sealed: SealedBody, entry_id: EntryId, reader: str, node_key: bytes) -> Opening:
    """Decrypts what `seal_body` made."""
    said = f"The body of entry {entry_id}"
    return Opening.of(json.loads(_open(sealed, _bound(entry_id, reader), node_key, said)))


def seal_words(words: Mapping[str, str], proposal: UUID, node_key: bytes) -> SealedBody:
    """Encrypts what a proposal to erase says, for its row."""
    return _seal(canonical(dict(words)), _words_of(proposal), node_key)


def open_words(sealed: SealedBody, proposal: UUID, node_key: bytes) -> dict[str, str]:
    """Decrypts what `seal_words` made."""
    said = f"The text of proposal {proposal}"
    found: dict[str, str] = json.loads(_open(sealed, _words_of(proposal), node_key, said))
    return found


def _seal(plain: bytes, bound: bytes, node_key: bytes) -> SealedBody:
    key, nonce = secrets.token_bytes(32), secrets.token_bytes(_NONCE_BYTES)
    cipher = AESGCM(key).encrypt(nonce, plain, bound)
    return SealedBody(nonce + cipher, aes_key_wrap(node_key, key))


def _open(sealed: SealedBody, bound: bytes, node_key: bytes, said: str) -> bytes:
    try:
        key = aes_key_unwrap(node_key, sealed.key)
        nonce, cipher = sealed.cipher[:_NONCE_BYTES], sealed.cipher[_NONCE_BYTES:]
        return AESGCM(key).decrypt(nonce, cipher, bound)
    except (InvalidUnwrap, InvalidTag, ValueError) as error:
        raise BodyUnreadable(
            f"{said} cannot be decrypted: it was changed in the database, or "
            "secrets/ledger-body.key is not the one it was written with.",
            who_can_change="the operator of this node",
        ) from error


def _bound(entry_id: EntryId, reader: str) -> bytes:
    return f"accord ledger body 1\n{entry_id}\n{reader}".encode()


def _words_of(proposal: UUID) -> bytes:
    return f"accord ledger erasure 1\n{proposal}".encode()
