"""A timestamp (RFC 3161) in a receipt is over its head and by the authority named, or is refused."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.kernel.signednote import parse_note
from accord.ledger.receipts import build_receipt, written
from accord_verify import main as program
from accord_verify import timestamp
from accord_verify.timestamp import Wrong
from timestamp_authority import TimestampAuthority
from unit.verify.bundlemaking import Ledger, chain, custody
from unit.verify.test_single_items import NODE, entry, placed

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
FEW = entry(1)
AT = placed(FEW.acting, 10)
TEXT = parse_note(AT.checkpoint).text.encode()
Node = dict[str, Any]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TimestampAuthority:
    return TimestampAuthority(tmp_path_factory.mktemp("tsa") / "here")


def stamped(token: bytes) -> Node:
    proof = build_receipt(FEW.acting, AT)
    return proof | {"timestamp": base64.b64encode(token).decode()}


def run(
    proof: Node, folder: Path, capsys: pytest.CaptureFixture[str], *certificates: Path
) -> tuple[int, set[str], str]:
    file = folder / "receipt.json"
    file.write_bytes(written(proof))
    words = [word for each in certificates for word in ("--tsa-cert", str(each))]
    code = program.main([str(file), "--key", NODE.public.text, "--json", *words])
    out, err = capsys.readouterr()
    steps = [step for each in (json.loads(out)["files"] if out else []) for step in each["steps"]]
    return code, {f["code"] for step in steps for f in step["failures"]}, out + err


@pytest.mark.parametrize("ess", ["sha256", "sha1"])
def test_a_token_verifies_under_the_certificate_or_under_its_root(
    ess: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = TimestampAuthority(tmp_path / "tsa", ess=ess)
    token = made.token(TEXT)
    proof = stamped(token)
    assert len(written(proof)) < 4096
    assert run(proof, tmp_path, capsys, made.certificate)[:2] == (0, set())
    assert run(proof, tmp_path, capsys, made.root)[1] == {"timestamp-untrusted"}
    whole = stamped(made.token(TEXT, with_certificate=True))
    code, failed, said = run(whole, tmp_path, capsys, made.root)
    assert (code, failed) == (0, set())
    assert "an authority that you named gave the time 20" in said


def test_without_a_certificate_it_says_what_was_not_checked(
    authority: TimestampAuthority, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, said = run(stamped(authority.token(TEXT)), tmp_path, capsys)
    assert code == 0
    assert "Who says so was not checked" in said
    proof = build_receipt(FEW.acting, AT)
    assert "none was checked" in run(proof, tmp_path, capsys, authority.certificate)[2]


def test_a_token_over_another_head_is_a_mismatch(
    authority: TimestampAuthority, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = stamped(authority.token(b"another head"))
    assert run(proof, tmp_path, capsys, authority.certificate)[:2] == (1, {"timestamp-mismatch"})
    assert run(proof, tmp_path, capsys)[:2] == (1, {"timestamp-mismatch"})


def test_a_token_of_another_authority_is_not_trusted(
    authority: TimestampAuthority, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = TimestampAuthority(tmp_path / "other", "stamps")  # the same names, other keys
    for whole in (False, True):
        proof = stamped(other.token(TEXT, with_certificate=whole))
        failed = run(proof, tmp_path, capsys, authority.root)[1]
        assert failed == {"timestamp-untrusted"}


def test_a_certificate_for_something_else_stamps_nothing(tmp_path: Path) -> None:
    wrong = TimestampAuthority(tmp_path / "wrong", use="signing")
    with pytest.raises(subprocess.CalledProcessError):  # openssl itself refuses to
        wrong.token(TEXT)
    certificate = timestamp.read_authority([wrong.certificate])
    assert certificate is not None
    with pytest.raises(Wrong, match="not for timestamps alone"):
        timestamp._check_purpose(certificate.certificates[0], datetime.now(UTC))


def test_timestamps_in_a_chain_of_custody_are_judged_too(
    authority: TimestampAuthority, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = Ledger()
    number, content = "RPD-2026-17/alpha/1", "ab" * 32
    events = chain(number, "01985e2c-0000-7000-8000-0000000000a1", content)
    facts = custody(ledger, events).facts
    first = facts["chain"][0]["receipt"]
    head = parse_note(first["checkpoint"]).text.encode()
    first["timestamp"] = base64.b64encode(authority.token(head, with_certificate=True)).decode()
    file = tmp_path / "custody.json"
    file.write_text(json.dumps(facts), "utf-8")

    def judged(*words: str) -> tuple[int, set[str], str]:
        code = program.main([str(file), "--key", Ledger().key.public.text, "--json", *words])
        out = capsys.readouterr().out
        steps = [step for each in json.loads(out)["files"] for step in each["steps"]]
        return code, {f["code"] for step in steps for f in step["failures"]}, out

    code, failed, said = judged()
    assert (code, failed) == (0, set()), said
    assert "a timestamp whose authority nobody named: 1" in said
    code, failed, said = judged("--tsa-cert", str(authority.root))
    assert (code, failed) == (0, set()), said
    other = TimestampAuthority(tmp_path / "third", "stamps")
    assert judged("--tsa-cert", str(other.root))[:2] == (1, {"timestamp-untrusted"})


def test_a_changed_time_is_noticed(
    authority: TimestampAuthority, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token = authority.token(TEXT)
    at = token.index(b"\x18\x0f20") + 2  # GeneralizedTime of 15 characters
    earlier = token[:at] + b"1999" + token[at + 4 :]
    assert run(stamped(earlier), tmp_path, capsys, authority.certificate)[:2] == (
        1,
        {"timestamp-invalid"},
    )


@pytest.mark.parametrize("garbage", [b"\x00", b"0\x80", b"0\x03\x02\x01\x01", b"\x30" * 90])
def test_what_is_no_token_is_invalid(
    garbage: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(stamped(garbage), tmp_path, capsys)[:2] == (1, {"timestamp-invalid"})


def test_a_file_without_a_certificate_is_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing", "utf-8")
    assert run(build_receipt(FEW.acting, AT), tmp_path, capsys, empty)[0] == 2


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_changed_byte_verifies_as_another_statement(
    data: st.DataObject, authority: TimestampAuthority
) -> None:
    token = _kept(authority)
    at = data.draw(st.integers(0, len(token) - 1))
    changed = bytearray(token)
    changed[at] ^= data.draw(st.integers(1, 255))
    trusted = timestamp.read_authority([authority.certificate])
    assert trusted is not None
    try:
        read = timestamp.read_token(bytes(changed))
        timestamp.check_signer(read, trusted)
    except Wrong:
        return
    # Wrappers and lists that nobody signs may read alike; what was stated and signed is the same.
    whole = timestamp.read_token(token)
    assert (read.info, read.attributes) == (whole.info, whole.attributes)


_TOKENS: dict[Path, bytes] = {}


def _kept(authority: TimestampAuthority) -> bytes:
    if authority.folder not in _TOKENS:
        _TOKENS[authority.folder] = authority.token(TEXT)
    return _TOKENS[authority.folder]
