"""Signatures of members, checked offline: whole ones hold, and each way of being wrong is named."""

from __future__ import annotations

import base64
import copy
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from accord.identity.signed import Signs, ToSign
from accord.kernel.canonical import canonical
from accord_verify.main import main

ORIGIN, RP = "https://accord.example", "accord.example"
AT = datetime(2026, 11, 16, 15, tzinfo=UTC)
DOCUMENT = canonical({"id": "mou-2026-007", "parties": ["alpha", "bravo"]})
UP_UV = 0x05


def b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


@dataclass
class Key:
    """A passkey of one algorithm."""

    cose: bytes
    sign: Callable[[bytes], bytes]


def es256() -> Key:
    key = ec.generate_private_key(ec.SECP256R1())
    at = key.public_key().public_numbers()
    x, y = at.x.to_bytes(32, "big"), at.y.to_bytes(32, "big")
    cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
    return Key(cose, lambda message: key.sign(message, ec.ECDSA(hashes.SHA256())))


def eddsa() -> Key:
    key = ed25519.Ed25519PrivateKey.generate()
    cose = cbor2.dumps({1: 1, 3: -8, -1: 6, -2: key.public_key().public_bytes_raw()})
    return Key(cose, key.sign)


def rs256() -> Key:
    key = rsa.generate_private_key(65537, 2048)
    at = key.public_key().public_numbers()
    n, e = at.n.to_bytes(256, "big"), at.e.to_bytes(3, "big")
    cose = cbor2.dumps({1: 3, 3: -257, -1: n, -2: e})
    return Key(cose, lambda message: key.sign(message, padding.PKCS1v15(), hashes.SHA256()))


def shown(document: bytes = DOCUMENT, at: datetime = AT) -> ToSign:
    digest = sha256(document).hexdigest()
    return ToSign(Signs.AGREEMENT, digest, document, "m.alvarez", "alpha.m.alvarez", "alpha", at)


def bundle(key: Key, to_sign: ToSign | None = None, **wrong: Any) -> dict[str, Any]:
    """A signature as a node gives it out; every part that the passkey signs can be made wrong."""
    to_sign = to_sign or shown()
    challenge = base64.urlsafe_b64encode(to_sign.challenge()).rstrip(b"=").decode()
    said = {
        "type": wrong.get("type", "webauthn.get"),
        "challenge": challenge,
        "origin": wrong.get("origin", ORIGIN),
        "crossOrigin": wrong.get("cross", False),
    }
    client = json.dumps(said).encode()
    data = sha256(wrong.get("rp", RP).encode()).digest() + bytes([wrong.get("flags", UP_UV)])
    data += wrong.get("counter", 1).to_bytes(4, "big")
    return {
        "format": "accord-signature/1",
        "document": b64(to_sign.document),
        "signed": to_sign.signed().decode(),
        "assertion": {
            "authenticatorData": b64(data),
            "clientDataJSON": b64(client),
            "signature": b64(key.sign(data + sha256(client).digest())),
        },
        "key": {
            "cose": b64(key.cose),
            "digest": sha256(key.cose).hexdigest(),
            "credential": "AAAA",
        },
        "rp": RP,
        "origin": ORIGIN,
    }


@pytest.fixture
def check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """What the command says of bundles: its exit code and the codes of what failed."""

    def checked(*bundles: dict[str, Any], options: tuple[str, ...] = ()) -> tuple[int, list[str]]:
        files = []
        for number, each in enumerate(bundles):
            files.append(tmp_path / f"{number}.json")
            files[-1].write_text(json.dumps(each), encoding="utf-8")
        code = main([*map(str, files), "--json", *options])
        out = capsys.readouterr().out
        found = json.loads(out)["files"] if out else []
        return code, [
            f["code"] for file in found for step in file["steps"] for f in step["failures"]
        ]

    return checked


@pytest.mark.parametrize("made", [es256, eddsa, rs256])
def test_a_signature_of_every_kind_of_key_holds(made, check) -> None:
    key = made()
    named = ("--origin", ORIGIN, "--member-key", sha256(key.cose).hexdigest())
    assert check(bundle(key)) == (3, [])
    assert check(bundle(key), options=named) == (0, [])


def test_another_key_than_the_one_named_is_refused(check) -> None:
    key = es256()
    named = ("--member-key", sha256(es256().cose).hexdigest())
    assert check(bundle(key), options=named) == (1, ["wrong-key"])


def test_another_origin_than_the_one_named_is_refused(check) -> None:
    assert check(bundle(es256()), options=("--origin", "https://other.example")) == (
        1,
        ["wrong-origin"],
    )


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"origin": "https://evil.example"}, "wrong-origin"),
        ({"origin": "https://accord.example.evil.example"}, "wrong-origin"),
        ({"cross": True}, "wrong-origin"),
        ({"rp": "evil.example"}, "wrong-node"),
        ({"flags": 0x01}, "user-not-verified"),
        ({"flags": 0x04}, "user-not-verified"),
        ({"type": "webauthn.create"}, "wrong-ceremony"),
    ],
    ids=str,
)
def test_what_the_passkey_itself_signed_wrong_is_named(wrong, code, check) -> None:
    assert check(bundle(es256(), **wrong)) == (1, [code])


def test_a_phished_answer_with_its_own_origin_in_the_file_is_not_of_the_node(check) -> None:
    sent = bundle(es256(), origin="https://evil.example")
    sent["origin"] = "https://evil.example"
    assert check(sent) == (1, ["wrong-origin"])


def _altered(sent: dict[str, Any], *path: str, to: Any) -> dict[str, Any]:
    made = copy.deepcopy(sent)
    place = made
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = to
    return made


def test_a_tampered_document_is_named(check) -> None:
    sent = bundle(es256())
    other = b64(DOCUMENT.replace(b"bravo", b"delta"))
    assert check(_altered(sent, "document", to=other)) == (1, ["document-mismatch"])


def test_a_signature_replayed_beside_another_document_is_named(check) -> None:
    key = es256()
    first, second = bundle(key), bundle(key, shown(canonical({"id": "other"})), counter=2)
    replayed = _altered(second, "assertion", to=first["assertion"])
    assert check(replayed) == (1, ["wrong-challenge"])


def test_a_statement_whose_subject_is_not_its_document_is_named(check) -> None:
    key = es256()
    step = canonical({"type": "accord-agreement-step/1", "hash": "ab" * 32, "step": "suspend"})
    said = ToSign(Signs.AGREEMENT_STEP, "cd" * 32, step, "m", "alpha.m", "alpha", AT)
    assert check(bundle(key, said)) == (1, ["wrong-subject"])
    fits = ToSign(Signs.AGREEMENT_STEP, "ab" * 32, step, "m", "alpha.m", "alpha", AT)
    assert check(bundle(key, fits)) == (3, [])


def test_tampered_client_data_break_the_signature(check) -> None:
    sent = bundle(es256(), origin="https://evil.example")
    client = json.loads(base64.b64decode(sent["assertion"]["clientDataJSON"]))
    client["origin"] = ORIGIN
    text = b64(json.dumps(client).encode())
    assert check(_altered(sent, "assertion", "clientDataJSON", to=text)) == (
        1,
        ["signature-invalid"],
    )


def test_tampered_flags_break_the_signature(check) -> None:
    sent = bundle(es256(), flags=0x01)
    data = bytearray(base64.b64decode(sent["assertion"]["authenticatorData"]))
    data[32] = UP_UV
    altered = _altered(sent, "assertion", "authenticatorData", to=b64(bytes(data)))
    assert check(altered) == (1, ["signature-invalid"])


@pytest.mark.parametrize("made", [es256, eddsa, rs256])
def test_the_signature_of_another_key_is_refused(made, check) -> None:
    sent = bundle(made())
    other = bundle(made())
    swapped = _altered(sent, "key", to=other["key"])
    assert check(swapped) == (1, ["signature-invalid"])
    kept = _altered(sent, "key", "cose", to=other["key"]["cose"])
    assert check(kept) == (1, ["wrong-key", "signature-invalid"])


def test_a_member_s_name_altered_in_the_statement_is_named(check) -> None:
    sent = bundle(es256())
    altered = _altered(sent, "signed", to=sent["signed"].replace("m.alvarez", "d.okafor"))
    assert check(altered) == (1, ["wrong-challenge"])


@pytest.mark.parametrize(("counter", "code"), [(5, 3), (4, 1), (3, 1)])
def test_the_counter_of_one_key_goes_up(counter: int, code: int, check) -> None:
    key = es256()
    later = shown(at=AT.replace(hour=16))
    found = check(bundle(key, counter=4), bundle(key, later, counter=counter))
    assert found == (code, ["counter-back"] if code == 1 else [])


def test_a_key_without_a_counter_and_one_file_given_twice_say_nothing(check) -> None:
    key = es256()
    later = shown(at=AT.replace(hour=16))
    assert check(bundle(key, counter=0), bundle(key, later, counter=0)) == (3, [])
    sent = bundle(key)
    assert check(sent, sent) == (3, [])


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("signed",), "accord-member-signature/2\n{}"),
        (("signed",), "accord-member-signature/1\n{}"),
        (("signed",), "accord-member-signature/1\nnonsense"),
        (("assertion",), None),
        (("assertion", "authenticatorData"), b64(b"short")),
        (("assertion", "signature"), "no base64!"),
        (("assertion", "clientDataJSON"), b64(b"[]")),
        (("assertion", "clientDataJSON"), b64(b'{"origin": "\\udc00"}')),
        (("rp",), "\udc00"),
    ],
    ids=ascii,
)
def test_what_is_no_signature_is_a_bad_file(path, to, check) -> None:
    code, _ = check(_altered(bundle(es256()), *path, to=to))
    assert code == 2


WEAK = bytes([1]) + bytes(31)  # the neutral point, under which a made-up signature fits anything


@pytest.mark.parametrize(
    ("cose", "said"),
    [
        (cbor2.dumps({1: 2, 3: -47}), "none of ES256, EdDSA and RS256"),
        (b"\xa1\x01", "cut off"),
        (b"\x00", "no COSE key"),
        (cbor2.dumps({1: 1, 3: -8, -1: 6, -2: bytes(31)}), "32 bytes on Ed25519"),
        (cbor2.dumps({1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)}), "no point of its curve"),
        (cbor2.dumps({1: 1, 3: -8, -1: 6, -2: WEAK}), "small order"),
    ],
    ids=ascii,
)
def test_an_odd_key_fails_its_own_signature_and_ends_nothing(cose, said, tmp_path, capsys) -> None:
    odd = Key(cose, lambda _: WEAK + bytes(32))
    for name, sent in (("odd", bundle(odd)), ("sound", bundle(es256()))):
        (tmp_path / f"{name}.json").write_text(json.dumps(sent), encoding="utf-8")
    code = main([str(tmp_path), "--json"])
    found, sound = json.loads(capsys.readouterr().out)["files"]
    failed = [failure for step in found["steps"] for failure in step["failures"]]
    assert (code, sound["verifies"]) == (1, True)
    assert [failure["code"] for failure in failed] == ["wrong-key"]
    assert said in failed[0]["sentence"]


def test_the_command_checks_a_file_without_accord(tmp_path: Path) -> None:
    file = tmp_path / "s.json"
    file.write_text(json.dumps(bundle(es256())), encoding="utf-8")
    hidden = (
        "import sys; sys.modules['accord'] = sys.modules['django'] = None; "
        "from accord_verify.main import main; sys.exit(main(sys.argv[1:]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", hidden, str(file)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 3, ran.stderr
    assert "What was checked holds. NOT CHECKED" in ran.stdout
    assert "m.alvarez (as alpha.m.alvarez of alpha) signed agreement" in ran.stdout
