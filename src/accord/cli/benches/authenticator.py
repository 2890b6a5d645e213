"""An authenticator in software: makes and uses passkeys as a browser and a device would (WebAuthn 3).

Every part of an answer can be made wrong, so that tests can try what an attacker would send.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40


def b64(value: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def unb64(value: str) -> bytes:
    """The bytes of a base64url text without padding."""
    return urlsafe_b64decode(value + "=" * (-len(value) % 4))


@dataclass
class Authenticator:
    """One device with its keys, at one origin."""

    origin: str = "http://localhost"
    synchronised: bool = True
    keys: dict[str, dict[bytes, ec.EllipticCurvePrivateKey]] = field(default_factory=dict)
    handles: dict[bytes, bytes] = field(default_factory=dict)
    count: int = 0

    def create(self, options: str, **wrong: Any) -> str:
        """Answer `navigator.credentials.create`."""
        asked = json.loads(options)
        key = ec.generate_private_key(ec.SECP256R1())
        credential = secrets.token_bytes(32)
        self.keys.setdefault(asked["rp"]["id"], {})[credential] = key
        self.handles[credential] = unb64(asked["user"]["id"])
        numbers = key.public_key().public_numbers()
        cose = cbor2.dumps(
            {
                1: 2,
                3: -7,
                -1: 1,
                -2: numbers.x.to_bytes(32, "big"),
                -3: numbers.y.to_bytes(32, "big"),
            }
        )
        attested = bytes(16) + struct.pack(">H", len(credential)) + credential + cose
        data = (
            self._data(wrong.get("rp", asked["rp"]["id"]), UP | AT | wrong.get("flags", UV))
            + attested
        )
        sent = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked["challenge"], wrong)
        return self._answer(
            credential, {"attestationObject": b64(sent), "clientDataJSON": b64(client)}
        )

    def get(self, options: str, credential: bytes | None = None, **wrong: Any) -> str:
        """Answer `navigator.credentials.get` with one of the keys, by default the newest."""
        asked = json.loads(options)
        held = self.keys[asked["rpId"]]
        chosen = credential or list(held)[-1]
        data = self._data(wrong.get("rp", asked["rpId"]), UP | wrong.get("flags", UV))
        client = self._client("webauthn.get", asked["challenge"], wrong)
        signed = held[chosen].sign(
            data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256())
        )
        handle = wrong.get("handle", self.handles[chosen])
        return self._answer(
            chosen,
            {
                "authenticatorData": b64(data),
                "clientDataJSON": b64(client),
                "signature": b64(signed),
                "userHandle": b64(handle),
            },
        )

    def _data(self, rp: str, flags: int) -> bytes:
        self.count += 1
        kept = BE | BS if self.synchronised else 0
        return (
            hashlib.sha256(rp.encode()).digest()
            + bytes([flags | kept])
            + struct.pack(">I", self.count)
        )

    def _client(self, kind: str, challenge: str, wrong: dict[str, Any]) -> bytes:
        said = {
            "type": wrong.get("type", kind),
            "challenge": wrong.get("challenge", challenge),
            "origin": wrong.get("origin", self.origin),
            "crossOrigin": wrong.get("cross_origin", False),
        }
        return json.dumps(said).encode()

    def _answer(self, credential: bytes, response: dict[str, Any]) -> str:
        return json.dumps(
            {
                "id": b64(credential),
                "rawId": b64(credential),
                "type": "public-key",
                "response": response,
            }
        )
