"""A program and a person are told by whose key a file was judged, and what of its times was checked."""

from __future__ import annotations

import base64
import json
import shutil
import ssl
from pathlib import Path
from typing import Any

import pytest

from accord.ledger.receipts import build_receipt
from accord_verify import main as program
from timestamp_authority import TimestampAuthority
from unit.verify import bundlemaking as making
from unit.verify.test_odd_values import WHOLE
from unit.verify.test_single_items import NODE, entry, placed

CHAIN = "custody/RPD-2026-17-alpha-1.json"
KEY = ("--key", making.NODE.public.text)
Facts = dict[str, Any]


def checked(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, Facts]:
    code = program.main([*map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("kind", WHOLE)
def test_a_program_reads_by_whose_key_a_file_was_judged(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts, file = WHOLE[kind], tmp_path / "file.json"
    lines = facts if isinstance(facts, list) else [facts]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    key = ["--key", NODE.public.text]
    if kind == "a signature":
        key = ["--member-key", facts["key"]["digest"]]
    for words, expected in ((key, "named"), ([], "from the file")):
        _, said = checked(capsys, file, *words)
        assert [said["signer"], said["files"][0]["signer"]] == [expected] * 2


def test_the_weakest_of_several_files_speaks_for_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a receipt", "a signature"):
        (tmp_path / f"{name}.json").write_text(json.dumps(WHOLE[name]), "utf-8")
    code, said = checked(capsys, tmp_path, "--key", NODE.public.text)
    assert (code, said["verifies"], said["signer"]) == (3, False, "from the file")
    assert "Whose " in said["unchecked"][0]
    assert {each["signer"] for each in said["files"]} == {"named", "from the file"}
    other = tmp_path / "a receipt.json"
    code, said = checked(capsys, other, other, "--key", NODE.public.text)
    assert [each["signer"] for each in said["files"]] == ["named", "named", None]
    assert said["signer"] == "named"


def test_without_a_key_the_exit_code_is_3_and_nothing_verifies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The text says that nobody can say that it verifies: so must what a program reads."""
    file, found = tmp_path / "bundle.zip", making.files()
    bare = {name: data for name, data in found.items() if name != making.DISCLOSURE}
    for files, words, expected in (
        (found, KEY, "named"),
        (found, (), "from the file"),
        (bare, (), "none"),
    ):
        file.write_bytes(making.streamed(files))
        code, said = checked(capsys, file, *words)
        sure = expected == "named"
        assert (code, said["verifies"], said["signer"]) == (0 if sure else 3, sure, expected)
        assert said["files"][0]["signer"] == expected


def test_the_help_says_what_exit_code_0_is_worth(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        program.main(["--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "Exit code 0: it verifies, and every file was held against a key that you named" in said
    assert "Exit code 3: what was checked holds, and it is NOT verified: without --key" in said


def notes(said: Facts) -> list[str]:
    return [note for each in said["files"] for note in each["notes"] if "imestamp" in note]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_an_authority_named_for_nothing_is_told_and_times_in_chains_are_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    authority = TimestampAuthority(tmp_path / "tsa")
    named = ("--tsa-cert", str(authority.root))
    found = making.files()
    chain, whole = tmp_path / "custody.json", tmp_path / "bundle.zip"
    chain.write_bytes(found[CHAIN])
    whole.write_bytes(making.streamed(found))
    none = "There is no timestamp in this file, so none was checked."
    assert notes(checked(capsys, chain, *KEY, *named)[1]) == [none]
    assert notes(checked(capsys, whole, *KEY, *named)[1]) == [none] * 3
    assert notes(checked(capsys, chain, *KEY)[1]) == []

    facts = json.loads(found[CHAIN])
    for line in facts["chain"][:2]:
        text = line["receipt"]["checkpoint"].rpartition("\n\n")[0] + "\n"
        token = authority.token(text.encode(), with_certificate=True)
        line["receipt"]["timestamp"] = base64.b64encode(token).decode()
    chain.write_text(json.dumps(facts), "utf-8")
    whole.write_bytes(making.streamed(making.relisted(found | {CHAIN: chain.read_bytes()}, CHAIN)))
    for words, by in (
        (named, "by an authority that you named: 2, from 20"),
        ((), "whose authority nobody named: 2 (--tsa-cert), from 20"),
    ):
        code, said = checked(capsys, chain, *KEY, *words)
        assert code == 0
        (note,) = notes(said)
        assert f"Receipts with a timestamp {by}" in note
        assert "+00:00 (earliest) to 20" in note
        said = checked(capsys, whole, *KEY, *words)[1]
        assert note in said["files"][0]["notes"]
    other = TimestampAuthority(tmp_path / "other")
    code, said = checked(capsys, chain, *KEY, "--tsa-cert", other.root)
    assert (code, notes(said)) == (1, [])


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_the_timestamp_of_a_disclosure_is_told_with_its_bundle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    authority, found = TimestampAuthority(tmp_path / "tsa"), making.files()
    facts = json.loads(found[making.DISCLOSURE])
    text = facts["checkpoint"].rpartition("\n\n")[0] + "\n"
    token = authority.token(text.encode(), with_certificate=True)
    facts["timestamp"] = base64.b64encode(token).decode()
    file = tmp_path / "bundle.zip"
    file.write_bytes(making.streamed(found | {making.DISCLOSURE: json.dumps(facts).encode()}))
    code, said = checked(capsys, file, *KEY, "--tsa-cert", authority.root)
    assert code == 0
    assert "by an authority that you named: 1, from 20" in notes(said)[0]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_a_certificate_of_no_known_version_is_a_bad_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    authority = TimestampAuthority(tmp_path / "tsa")
    whole = ssl.PEM_cert_to_DER_cert(authority.root.read_text("ascii"))
    assert whole.count(b"\xa0\x03\x02\x01\x02") == 1  # version 3
    odd, file = tmp_path / "odd.pem", tmp_path / "receipt.json"
    odd.write_text(
        ssl.DER_cert_to_PEM_cert(whole.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07"))
    )
    file.write_text(json.dumps(WHOLE["a receipt"]), "utf-8")
    assert program.main([str(file), "--tsa-cert", str(odd)]) == 2
    assert "odd.pem: the file holds no certificate" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_no_changed_bit_of_a_token_ends_without_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A changed tag in a certificate's name is a TypeError in cryptography's reader."""
    few = entry(1)
    proof = build_receipt(few.acting, placed(few.acting, 10))
    text = str(proof["checkpoint"]).rpartition("\n\n")[0] + "\n"
    authority = TimestampAuthority(tmp_path / "tsa")
    token = authority.token(text.encode(), with_certificate=True)
    file = tmp_path / "receipt.json"
    for place in range(len(token)):
        changed = token[:place] + bytes([token[place] ^ 1]) + token[place + 1 :]
        proof["timestamp"] = base64.b64encode(changed).decode()
        file.write_text(json.dumps(proof), "utf-8")
        words = ("--key", NODE.public.text, "--tsa-cert", str(authority.root))
        assert program.main([str(file), *words]) in (0, 1), place
    capsys.readouterr()
