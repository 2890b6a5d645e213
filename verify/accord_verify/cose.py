"""Public keys of passkeys: a COSE key (RFC 9052) of ES256, EdDSA or RS256, and nothing else of CBOR."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from accord_verify.points import check_order
from accord_verify.report import BadFile

KTY, ALG, CRV, X, Y, N, E = 1, 3, -1, -2, -3, -1, -2
ES256, EDDSA, RS256 = -7, -8, -257
SHORTEST_RSA_BITS = 2048
Value = int | bytes
Check = Callable[[bytes, bytes], None]


def verifies(cose: bytes, signature: bytes, message: bytes) -> bool:
    """Whether a signature over a message was made by this key; raises BadFile for none that is known."""
    check = _check_of(_read(cose))
    try:
        check(signature, message)
    except InvalidSignature:
        return False
    return True


def _check_of(key: dict[int, Value]) -> Check:
    match key.get(KTY), key.get(ALG):
        case 2, -7:
            return _es256(key)
        case 1, -8:
            return _eddsa(key)
        case 3, -257:
            return _rs256(key)
    raise BadFile("The key is none of ES256, EdDSA and RS256.")


def _es256(key: dict[int, Value]) -> Check:
    if key.get(CRV) != 1:
        raise BadFile("An ES256 key is on the curve P-256.")
    numbers = ec.EllipticCurvePublicNumbers(_number(key, X), _number(key, Y), ec.SECP256R1())
    try:
        public = numbers.public_key()
    except ValueError as error:
        raise BadFile("The key is no point of its curve.") from error
    return lambda signature, message: public.verify(signature, message, ec.ECDSA(hashes.SHA256()))


def _eddsa(key: dict[int, Value]) -> Check:
    point = key.get(X)
    if key.get(CRV) != 6 or not isinstance(point, bytes) or len(point) != 32:
        raise BadFile("An EdDSA key is 32 bytes on Ed25519.")
    check_order(point)
    return ed25519.Ed25519PublicKey.from_public_bytes(point).verify


def _rs256(key: dict[int, Value]) -> Check:
    try:
        public = rsa.RSAPublicNumbers(_number(key, E), _number(key, N)).public_key()
    except ValueError as error:
        raise BadFile("The key is no RSA key.") from error
    if public.key_size < SHORTEST_RSA_BITS:
        raise BadFile(f"An RSA key has at least {SHORTEST_RSA_BITS} bits.")
    return lambda signature, message: public.verify(
        signature, message, padding.PKCS1v15(), hashes.SHA256()
    )


def _number(key: dict[int, Value], name: int) -> int:
    value = key.get(name)
    if not isinstance(value, bytes):
        raise BadFile("The key lacks a number.")
    return int.from_bytes(value, "big")


def _read(data: bytes) -> dict[int, Value]:
    """A CBOR map of integers to integers and byte strings, whole and without anything after it."""
    major, count, at = _head(data, 0)
    if major != 5:
        raise BadFile("The key is no COSE key.")
    found: dict[int, Value] = {}
    for _ in range(count):
        name, at = _item(data, at)
        value, at = _item(data, at)
        if not isinstance(name, int) or name in found:
            raise BadFile("The key is no COSE key.")
        found[name] = value
    if at != len(data):
        raise BadFile("Something follows the key.")
    return found


def _item(data: bytes, at: int) -> tuple[Value, int]:
    major, value, at = _head(data, at)
    if major == 0:
        return value, at
    if major == 1:
        return -1 - value, at
    if major == 2 and at + value <= len(data):
        return data[at : at + value], at + value
    raise BadFile("The key is no COSE key.")


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """The kind of an item (its major type), its number, and where what follows begins."""
    if at >= len(data):
        raise BadFile("The key is cut off.")
    major, low = data[at] >> 5, data[at] & 31
    if low < 24:
        return major, low, at + 1
    size = {24: 1, 25: 2, 26: 4}.get(low)
    if size is None or at + 1 + size > len(data):
        raise BadFile("The key is no COSE key.")
    return major, int.from_bytes(data[at + 1 : at + 1 + size], "big"), at + 1 + size
