"""The keys of a node in one file, closed to a passphrase or to the holder of a recipient's key.

The file is one line of JSON that says how it is closed, a line feed, and the rest AES-256-GCM
(NIST SP 800-38D) with that line as associated data. A passphrase becomes a key by scrypt (RFC 7914);
for a recipient an ephemeral X25519 agreement (RFC 7748) and HKDF-SHA-256 (RFC 5869) do.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from accord.kernel.errors import InvalidInput

SHORTEST_PASSPHRASE = 12
_SCRYPT_COST = 2**16
_NONCE_BYTES = 12
_WHAT = "accord-keys/1"


@dataclass(frozen=True)
class Lock:
    """What closes or opens the file: a passphrase, or one half of an X25519 key as PEM."""

    passphrase: str | None = None
    pem: bytes | None = None


def close(plain: bytes, lock: Lock) -> bytes:
    """Return the file; raises InvalidInput for a short passphrase or a key of another kind."""
    salt = os.urandom(16)
    head: dict[str, str] = {"format": _WHAT, "salt": base64.b64encode(salt).decode()}
    if lock.pem is not None:
        ephemeral = X25519PrivateKey.generate()
        head["ephemeral"] = base64.b64encode(ephemeral.public_key().public_bytes_raw()).decode()
        key = _from_agreement(ephemeral.exchange(_public(lock.pem)), salt)
    else:
        key = _from_passphrase(_long_enough(lock.passphrase), salt)
    line, nonce = json.dumps(head, sort_keys=True).encode(), os.urandom(_NONCE_BYTES)
    return line + b"\n" + nonce + AESGCM(key).encrypt(nonce, plain, line)


def open_closed(closed: bytes, lock: Lock, name: str) -> bytes:
    """Return what was closed; raises InvalidInput, naming the file, when it does not open."""
    line, _, rest = closed.partition(b"\n")
    try:
        head = json.loads(line)
        salt = base64.b64decode(head["salt"])
        if head["format"] != _WHAT:
            raise InvalidInput(name, 1, "format", f"must be {_WHAT}")
        key = _key_to(head, lock, salt, name)
        return AESGCM(key).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], line)
    except InvalidTag as error:
        raise InvalidInput(
            name, None, "", "does not open: another passphrase or key, or the file was changed"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(name, 1, "", "is no file of keys that accord backup wrote") from error


def _key_to(head: dict[str, str], lock: Lock, salt: bytes, name: str) -> bytes:
    if "ephemeral" not in head:
        if lock.passphrase is None:
            raise InvalidInput(name, None, "", "is closed by a passphrase: give it")
        return _from_passphrase(lock.passphrase, salt)
    if lock.pem is None:
        raise InvalidInput(name, None, "", "is closed to a recipient's key: give its private half")
    other = X25519PublicKey.from_public_bytes(base64.b64decode(head["ephemeral"]))
    return _from_agreement(_private(lock.pem).exchange(other), salt)


def _long_enough(passphrase: str | None) -> str:
    if passphrase is None or len(passphrase) < SHORTEST_PASSPHRASE:
        raise InvalidInput(
            "passphrase", None, "", f"must have {SHORTEST_PASSPHRASE} characters or more"
        )
    return passphrase


def _from_passphrase(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_SCRYPT_COST, r=8, p=1).derive(passphrase.encode())


def _from_agreement(shared: bytes, salt: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt, _WHAT.encode()).derive(shared)


def _public(pem: bytes) -> X25519PublicKey:
    try:
        key = serialization.load_pem_public_key(pem)
    except ValueError as error:
        raise InvalidInput("recipient", None, "", "is no public key in PEM") from error
    if not isinstance(key, X25519PublicKey):
        raise InvalidInput("recipient", None, "", "must be an X25519 key")
    return key


def _private(pem: bytes) -> X25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError) as error:
        raise InvalidInput("identity", None, "", "is no open private key in PEM") from error
    if not isinstance(key, X25519PrivateKey):
        raise InvalidInput("identity", None, "", "must be an X25519 key")
    return key
