"""A key under which anybody can sign speaks for nobody: not for a log, a cosigner or a member."""

from __future__ import annotations

import base64
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from accord_verify import cose, notes
from accord_verify import main as program
from accord_verify.points import SMALL_ORDER
from accord_verify.report import BadFile

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
NEUTRAL = (0, 1)
Point = tuple[int, int]


def decoded(encoding: bytes) -> Point | None:
    """The point of an encoding (RFC 8032, 5.1.3), also of one that is not canonical; None for none."""
    number = int.from_bytes(encoding, "little")
    y, sign = (number & (1 << 255) - 1) % P, number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square:
        return None
    return (x if x % 2 == sign else -x % P, y)


def added(one: Point, other: Point) -> Point:
    (x1, y1), (x2, y2) = one, other
    product = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, P)
    return x % P, y % P


def eightfold(point: Point) -> Point:
    for _ in range(3):
        point = added(point, point)
    return point


def test_all_encodings_of_the_eight_points_and_no_others_are_refused() -> None:
    points = {decoded(each) for each in SMALL_ORDER}
    assert len(points) == 8
    assert all(point is not None and eightfold(point) == NEUTRAL for point in points)
    values = {y for point in points if point for y in (point[1], point[1] + P) if y < 1 << 255}
    every = {(y | sign << 255).to_bytes(32, "little") for y in values for sign in (0, 1)}
    assert every == SMALL_ORDER
    base = decoded((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
    assert base is not None
    assert eightfold(base) != NEUTRAL


@pytest.mark.parametrize("public", sorted(SMALL_ORDER), ids=bytes.hex)
@pytest.mark.parametrize("kind", [notes.SIGNER, notes.COSIGNER])
def test_no_line_of_a_key_holds_one(public: bytes, kind: int) -> None:
    with pytest.raises(BadFile, match="small order"):
        notes.parse_key(line(public, kind))


def line(public: bytes, kind: int) -> str:
    name = "accord.ledger/weak"
    key_id = sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]
    return f"{name}+{key_id.hex()}+{base64.b64encode(bytes([kind]) + public).decode()}"


@pytest.mark.parametrize("public", sorted(SMALL_ORDER), ids=bytes.hex)
def test_no_passkey_is_one(public: bytes) -> None:
    key = bytes([0xA4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 32]) + public
    with pytest.raises(BadFile, match="small order"):
        cose.verifies(key, bytes([1]) + bytes(63), b"anything")


def test_a_made_up_signature_under_one_verifies_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weak, forged = bytes([1]) + bytes(31), bytes([1]) + bytes(63)
    Ed25519PublicKey.from_public_bytes(weak).verify(forged, b"anything")  # so OpenSSL admits it
    key = line(weak, notes.SIGNER)
    name, key_id, _ = key.split("+", 2)
    value = base64.b64encode(bytes.fromhex(key_id) + forged).decode()
    root = base64.b64encode(bytes(32)).decode()
    file = tmp_path / "head.note"
    file.write_text(f"{name}\n1\n{root}\n\n\u2014 {name} {value}\n", "utf-8")
    assert program.main([str(file), "--key", key]) == 2
    assert "small order" in capsys.readouterr().err
