"""Envelope encryption of sealed parts: one data key a part, wrapped by its agency's key.

Opening a part does, in this order:
1. read the version, the owner's key id, the two nonces and the two ciphertexts;
2. unwrap the data key with that agency key, bound to owner, key id and part id;
3. decrypt the body with the data key, bound to part id and label hash;
so a body moved to another part, owner or label does not open.

Not checked here: whether the asker may see the part (row-level security decides that before).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from accord.kernel.canonical import canonical
from accord.kernel.errors import AccordError

VERSION = 1
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16


class CannotOpen(AccordError):
    """A sealed part does not open: it was altered, moved, or its key is not here."""


class AgencyKeys(Protocol):
    """Where the keys that wrap data keys come from."""

    def current(self, owner: str) -> tuple[str, bytes]:
        """The id and the bytes of the key that an agency wraps with now."""
        ...

    def get(self, owner: str, key_id: str) -> bytes:
        """An agency's key by its id; CannotOpen where it is not here."""
        ...


@dataclass(frozen=True)
class Sealed:
    """A sealed body as it is stored."""

    key_id: str
    wrap_nonce: bytes
    wrapped_key: bytes
    nonce: bytes
    ciphertext: bytes

    def to_bytes(self) -> bytes:
        """One byte string: version, length of the key id, key id, then the four fixed pieces."""
        key_id = self.key_id.encode("ascii")
        head = bytes((VERSION, len(key_id)))
        return head + key_id + self.wrap_nonce + self.wrapped_key + self.nonce + self.ciphertext

    @classmethod
    def from_bytes(cls, stored: bytes) -> Sealed:
        """The parts of a stored byte string; CannotOpen where it has not that form."""
        fixed = 2 * NONCE_BYTES + KEY_BYTES + 2 * TAG_BYTES
        if len(stored) < 2 or stored[0] != VERSION or len(stored) < 2 + stored[1] + fixed:
            raise CannotOpen("The sealed part is not in the stored form of version 1.")
        key_id, rest = stored[2 : 2 + stored[1]], stored[2 + stored[1] :]
        wrapped_end = NONCE_BYTES + KEY_BYTES + TAG_BYTES
        return cls(
            key_id=key_id.decode("ascii", errors="replace"),
            wrap_nonce=rest[:NONCE_BYTES],
            wrapped_key=rest[NONCE_BYTES:wrapped_end],
            nonce=rest[wrapped_end : wrapped_end + NONCE_BYTES],
            ciphertext=rest[wrapped_end + NONCE_BYTES :],
        )


Values = Mapping[str, Sequence[str]]


def seal(values: Values, *, owner: str, part_id: UUID, label_hash: str, keys: AgencyKeys) -> Sealed:
    """Encrypts the values of one part under a data key of its own."""
    data_key, nonce = AESGCM.generate_key(bit_length=256), os.urandom(NONCE_BYTES)
    body = canonical({name: list(items) for name, items in values.items()})
    ciphertext = AESGCM(data_key).encrypt(nonce, body, _body_binding(part_id, label_hash))
    key_id, wrap_nonce, wrapped = _wrap(data_key, owner, part_id, keys)
    return Sealed(key_id, wrap_nonce, wrapped, nonce, ciphertext)


def unseal(
    sealed: Sealed, *, owner: str, part_id: UUID, label_hash: str, keys: AgencyKeys
) -> dict[str, tuple[str, ...]]:
    """The values of a sealed part."""
    data_key = _unwrap(sealed, owner, part_id, keys)
    try:
        body = AESGCM(data_key).decrypt(
            sealed.nonce, sealed.ciphertext, _body_binding(part_id, label_hash)
        )
    except InvalidTag:
        raise CannotOpen("The sealed part was altered, or belongs to another label.") from None
    return {name: tuple(items) for name, items in json.loads(body).items()}


def rewrap(sealed: Sealed, *, owner: str, part_id: UUID, keys: AgencyKeys) -> Sealed:
    """The same body under the agency's current key: rotation touches no ciphertext."""
    data_key = _unwrap(sealed, owner, part_id, keys)
    key_id, wrap_nonce, wrapped = _wrap(data_key, owner, part_id, keys)
    return Sealed(key_id, wrap_nonce, wrapped, sealed.nonce, sealed.ciphertext)


def reseal(
    sealed: Sealed, *, owner: str, part_id: UUID, old_hash: str, new_hash: str, keys: AgencyKeys
) -> Sealed:
    """The same values under a new label: what a change of label must do."""
    values = unseal(sealed, owner=owner, part_id=part_id, label_hash=old_hash, keys=keys)
    return seal(values, owner=owner, part_id=part_id, label_hash=new_hash, keys=keys)


def _wrap(data_key: bytes, owner: str, part_id: UUID, keys: AgencyKeys) -> tuple[str, bytes, bytes]:
    key_id, key = keys.current(owner)
    nonce = os.urandom(NONCE_BYTES)
    return key_id, nonce, AESGCM(key).encrypt(nonce, data_key, _key_binding(owner, key_id, part_id))


def _unwrap(sealed: Sealed, owner: str, part_id: UUID, keys: AgencyKeys) -> bytes:
    key = keys.get(owner, sealed.key_id)
    binding = _key_binding(owner, sealed.key_id, part_id)
    try:
        return AESGCM(key).decrypt(sealed.wrap_nonce, sealed.wrapped_key, binding)
    except InvalidTag:
        raise CannotOpen("The sealed part's key was altered, or belongs to another part.") from None


def _body_binding(part_id: UUID, label_hash: str) -> bytes:
    return b"accord/sealed-part/v1\0" + part_id.bytes + bytes.fromhex(label_hash)


def _key_binding(owner: str, key_id: str, part_id: UUID) -> bytes:
    return b"\0".join((b"accord/wrapped-key/v1", owner.encode(), key_id.encode(), part_id.bytes))
