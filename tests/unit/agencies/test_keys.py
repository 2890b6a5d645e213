"""Which key of an agency counted when, and which rows are no keys."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accord.agencies.keys import NONE, SigningKey, ring, successor_payload
from accord.cli.agency_key import command
from accord.cli.agency_keys import put, successor
from accord.kernel.errors import InvalidInput
from accord.kernel.signatures import verifies

AGENCY = "riverbend-pd"
OLD, NEW = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
FIRST, SECOND = (key.public_key().public_bytes_raw() for key in (OLD, NEW))
TURN = datetime(2026, 11, 1, tzinfo=UTC)
SHORTLY = timedelta(seconds=1)
RETIRED = SigningKey(AGENCY, FIRST, None, retired_at=TURN)
FOLLOWING = SigningKey(
    AGENCY, SECOND, TURN, predecessor=FIRST,
    signature=OLD.sign(successor_payload(AGENCY, FIRST, SECOND)),
)  # fmt: skip


def test_one_key_counts_at_a_time() -> None:
    keys = ring((RETIRED, FOLLOWING))
    assert keys.key(AGENCY, TURN - SHORTLY) == FIRST
    assert keys.key(AGENCY, TURN) == SECOND
    assert keys.key("harlan-so", TURN) == NONE
    assert [k.public for k in keys.of(AGENCY)] == [SECOND, FIRST]


def test_a_revoked_key_counts_until_others_had_it() -> None:
    stolen = TURN - timedelta(days=3)
    keys = ring((replace(RETIRED, revoked_at=TURN, revoked_from=stolen), FOLLOWING))
    assert keys.key(AGENCY, stolen - SHORTLY) == FIRST
    assert keys.key(AGENCY, stolen) == NONE
    assert keys.key(AGENCY, TURN) == SECOND


@pytest.mark.parametrize(
    "forged",
    [
        replace(FOLLOWING, signature=NEW.sign(successor_payload(AGENCY, FIRST, SECOND))),
        replace(FOLLOWING, signature=OLD.sign(successor_payload("harlan-so", FIRST, SECOND))),
        replace(FOLLOWING, signature=None),
        replace(FOLLOWING, predecessor=SECOND),
        replace(FOLLOWING, agency="harlan-so"),
    ],
)
def test_a_key_that_its_predecessor_did_not_sign_is_none(forged: SigningKey) -> None:
    assert ring((RETIRED, forged)).key(forged.agency, TURN) == NONE


def test_what_follows_a_forged_key_is_none_either() -> None:
    third = Ed25519PrivateKey.generate()
    public = third.public_key().public_bytes_raw()
    after = SigningKey(
        AGENCY, public, TURN, predecessor=SECOND,
        signature=NEW.sign(successor_payload(AGENCY, SECOND, public)),
    )  # fmt: skip
    forged = replace(FOLLOWING, signature=b"x" * 64)
    assert ring((RETIRED, forged, after)).key(AGENCY, TURN) == NONE


def test_the_command_prints_what_both_keys_signed(tmp_path: Path) -> None:
    old, new = tmp_path / "old.pem", tmp_path / "new.pem"
    run = CliRunner()
    for path in (old, new):
        assert run.invoke(command, [str(path)]).exit_code == 0
    made = run.invoke(successor, [AGENCY, str(old), str(new)], catch_exceptions=False)
    said = json.loads(made.stdout)
    before, after = (bytes.fromhex(said[name]) for name in ("predecessor", "key"))
    payload = successor_payload(AGENCY, before, after)
    assert verifies(before, bytes.fromhex(said["signature"]), payload)
    assert verifies(after, bytes.fromhex(said["proof"]), payload)


@pytest.mark.parametrize(
    ("text", "rule"), [(None, "cannot be read"), ("no key", "is no private key in PEM")]
)
def test_the_command_names_the_file_that_is_wrong(
    tmp_path: Path, text: str | None, rule: str
) -> None:
    old, new = tmp_path / "old.pem", tmp_path / "new.pem"
    CliRunner().invoke(command, [str(old)])
    if text is not None:
        new.write_text(text)
    with pytest.raises(InvalidInput, match=rule):
        CliRunner().invoke(successor, [AGENCY, str(old), str(new)], catch_exceptions=False)
    with pytest.raises(InvalidInput, match="every key is new"):
        CliRunner().invoke(successor, [AGENCY, str(old), str(old)], catch_exceptions=False)


def test_a_key_of_wrong_length_is_not_brought(tmp_path: Path) -> None:
    for text in ("AAAA", "no base64!"):
        with pytest.raises(InvalidInput, match="32 bytes in base64"):
            CliRunner().invoke(
                put,
                [AGENCY, text, "--reason", "x", "--data-dir", str(tmp_path)],
                catch_exceptions=False,
            )
