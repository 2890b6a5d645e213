"""Sealed parts open only as the part, label and owner they were sealed for."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.kernel.errors import AccordError
from accord.records.keystore import KeyStore
from accord.records.ontology import common_ontology
from accord.records.sealing import CannotOpen, Sealed, reseal, rewrap, seal, unseal
from accord.records.tokens import exact_terms, part_tokens, query_tokens, token

PART, OTHER = UUID(int=1), UUID(int=2)
HASH, OTHER_HASH = "ab" * 32, "cd" * 32
OWNER = "riverbend-pd"
VALUES = {"name": ("Maria Lopez",), "birthDate": ("1990-02-01",)}
KEY = b"k" * 32


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return KeyStore(tmp_path_factory.mktemp("data"))


def _seal(keys, values=VALUES):
    return seal(values, owner=OWNER, part_id=PART, label_hash=HASH, keys=keys)


def _open(sealed, keys, owner=OWNER, part=PART, label=HASH):
    return unseal(sealed, owner=owner, part_id=part, label_hash=label, keys=keys)


@given(st.dictionaries(st.text(max_size=8), st.lists(st.text(max_size=20)).map(tuple), max_size=4))
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_sealed_opens_again_from_its_stored_form(keys, values):
    try:
        sealed = _seal(keys, values)
    except UnicodeEncodeError:
        return
    assert _open(Sealed.from_bytes(sealed.to_bytes()), keys) == values


def test_nothing_of_a_value_stands_in_the_stored_form(keys):
    assert b"Maria" not in _seal(keys).to_bytes()


def test_two_sealings_of_equal_values_look_different(keys):
    one, other = _seal(keys), _seal(keys)
    assert one.ciphertext != other.ciphertext
    assert one.wrapped_key != other.wrapped_key


@pytest.mark.parametrize("moved", [{"part": OTHER}, {"label": OTHER_HASH}, {"owner": "harlan-so"}])
def test_a_body_moved_elsewhere_does_not_open(keys, moved):
    keys.current("harlan-so")
    with pytest.raises(CannotOpen):
        _open(_seal(keys), keys, **moved)


@pytest.mark.parametrize("position", [0, 1, 3, 10, 30, 70, 100, -1])
def test_a_changed_byte_does_not_open(keys, position):
    stored = bytearray(_seal(keys).to_bytes())
    stored[position] ^= 1
    with pytest.raises(CannotOpen):
        _open(Sealed.from_bytes(bytes(stored)), keys)


@pytest.mark.parametrize("stored", [b"", b"\x01", b"\x02" + b"x" * 200, b"\x01\x04" + b"0001"])
def test_what_is_no_sealed_part_is_refused(stored):
    with pytest.raises(CannotOpen):
        Sealed.from_bytes(stored)


def test_rotation_rewraps_the_key_and_leaves_the_body(tmp_path):
    keys = KeyStore(tmp_path)
    old = _seal(keys)
    assert keys.rotate(OWNER) == "0002"
    new = rewrap(old, owner=OWNER, part_id=PART, keys=keys)
    assert (old.key_id, new.key_id) == ("0001", "0002")
    assert new.ciphertext == old.ciphertext
    assert _open(new, keys) == _open(old, keys) == VALUES


def test_a_key_that_another_process_adds_wraps_from_then_on(tmp_path):
    here, there = KeyStore(tmp_path), KeyStore(tmp_path)
    assert here.current(OWNER)[0] == "0001"
    folder = tmp_path / "secrets" / "agency-keys" / OWNER
    os.utime(folder, (1_000_000_000, 1_000_000_000))  # settled: what is in it is remembered
    assert here.current(OWNER)[0] == "0001"
    there.rotate(OWNER)
    assert here.current(OWNER)[0] == "0002"


def test_a_new_label_needs_a_new_sealing(keys):
    moved = reseal(
        _seal(keys), owner=OWNER, part_id=PART, old_hash=HASH, new_hash=OTHER_HASH, keys=keys
    )
    assert _open(moved, keys, label=OTHER_HASH) == VALUES
    with pytest.raises(CannotOpen):
        _open(moved, keys)


def test_keys_last_across_processes_and_differ_between_agencies(tmp_path):
    first = KeyStore(tmp_path)
    sealed = _seal(first)
    assert _open(sealed, KeyStore(tmp_path)) == VALUES
    assert first.current(OWNER)[1] != first.current("harlan-so")[1]
    assert first.token_key() == KeyStore(tmp_path).token_key()


def test_processes_that_start_at_once_agree_on_one_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: KeyStore(tmp_path).current(OWNER), range(16)))
    assert len(made) == 1
    assert not [p for p in tmp_path.rglob("*") if p.name.startswith(".")]


def test_key_files_are_closed_to_others(tmp_path):
    keys = KeyStore(tmp_path)
    keys.current(OWNER)
    for path in (tmp_path / "secrets").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_a_key_file_open_to_others_is_not_used(tmp_path):
    KeyStore(tmp_path).token_key()
    os.chmod(tmp_path / "secrets" / "exact-token.key", 0o644)
    with pytest.raises(AccordError, match="0600"):
        KeyStore(tmp_path).token_key()


def test_a_key_that_is_not_here_is_not_made(tmp_path):
    keys = KeyStore(tmp_path)
    with pytest.raises(CannotOpen, match="not on this node"):
        _open(replace(_seal(keys), key_id="0007"), keys)
    assert keys.key_ids(OWNER) == ["0001"]


@pytest.mark.parametrize("owner", ["../etc", "a/b", "", "A", "..", "x\x00"])
def test_a_key_path_stays_in_its_folder(tmp_path, owner):
    with pytest.raises(CannotOpen):
        KeyStore(tmp_path).current(owner)


def test_tokens_differ_by_owner_kind_and_key():
    base = token(KEY, owner=OWNER, kind="identifier", value="12345678")
    assert base == token(KEY, owner=OWNER, kind="identifier", value="1234-5678")
    others = {
        token(KEY, owner="harlan-so", kind="identifier", value="12345678"),
        token(KEY, owner=OWNER, kind="plate", value="12345678"),
        token(b"x" * 32, owner=OWNER, kind="identifier", value="12345678"),
    }
    assert len(others) == 3
    assert base not in others


def test_a_token_frames_its_pieces_so_none_can_shift():
    one = token(KEY, owner="a", kind="name", value="bc")
    assert one != token(KEY, owner="ab", kind="name", value="c")


def test_a_query_meets_the_token_of_a_sealed_part_whatever_the_word_order():
    person = common_ontology().schema("Person")
    stored = part_tokens(KEY, owner=OWNER, schema=person, values=VALUES)
    asked = query_tokens(KEY, owners=[OWNER, "harlan-so"], kind="name", value="LOPEZ, Maria")
    assert ("name", asked[OWNER]) in stored
    assert ("name", asked["harlan-so"]) not in stored


def test_only_a_birth_date_is_an_exact_term_among_dates():
    person = common_ontology().schema("Person")
    values = {"birthDate": ("1990-02-01",), "occurredAt": ("2026-01-01",), "phone": ("+15550100",)}
    assert exact_terms(person, values) == {("birthDate", "1990-02-01"), ("phone", "+15550100")}
