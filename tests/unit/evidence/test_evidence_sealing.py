"""Stored pieces open in their own place alone, and any range opens by itself."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from obstore.store import LocalStore, MemoryStore

from accord.evidence import sealing
from accord.evidence.domain import Segment
from accord.evidence.files import Digests, FileReader, HashStates, write_segment
from accord.evidence.sealing import CHUNK_BYTES, Place
from accord.evidence.store import ObjectStore, Store, StoreRefused
from accord.records.keystore import KeyStore
from accord.records.sealing import CannotOpen

KEY, OBJECT = b"k" * 32, UUID(int=7)
SIZES = (1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 17)


@pytest.mark.parametrize("size", SIZES)
def test_a_piece_opens_as_it_was_and_takes_the_room_that_its_place_says(size: int) -> None:
    clear, place = os.urandom(size), Place(OBJECT, 0, size)
    stored = sealing.seal_segment(KEY, place, clear)
    assert len(stored) == place.stored_size
    assert sealing.open_segment(KEY, place, stored) == clear
    assert size < 32 or clear[:32] not in stored, "a single byte may be there by chance"


@pytest.mark.parametrize(
    "elsewhere",
    [Place(UUID(int=8), 0, 1000), Place(OBJECT, 1000, 1000), Place(OBJECT, 0, 999)],
)
def test_a_piece_opens_in_its_own_place_alone(elsewhere: Place) -> None:
    stored = sealing.seal_segment(KEY, Place(OBJECT, 0, 1000), b"x" * 1000)
    with pytest.raises(CannotOpen):
        sealing.open_segment(KEY, elsewhere, stored)


def test_the_same_bytes_stored_twice_share_nothing() -> None:
    place = Place(OBJECT, 0, 1000)
    one, two = (sealing.seal_segment(KEY, place, b"x" * 1000) for _ in range(2))
    assert one[sealing.HEAD_BYTES :] != two[sealing.HEAD_BYTES :]


def test_chunks_cannot_be_exchanged_cut_or_altered() -> None:
    place = Place(OBJECT, 0, 2 * CHUNK_BYTES)
    stored = sealing.seal_segment(KEY, place, os.urandom(place.size))
    head, step = sealing.HEAD_BYTES, CHUNK_BYTES + 16
    first, second = stored[head : head + step], stored[head + step :]
    flipped = bytearray(stored)
    flipped[head + 5] ^= 1
    for wrong in (stored[:head] + second + first, stored[: head + step], bytes(flipped)):
        with pytest.raises(CannotOpen):
            sealing.open_segment(KEY, place, wrong)


def stored(store: Store, pieces: list[bytes]) -> FileReader:
    at, made = 0, []
    for piece in pieces:
        made.append(write_segment(store, KEY, OBJECT, at, piece, None))
        at += len(piece)
    return FileReader(store, KEY, OBJECT, tuple(made))


FILE = os.urandom(3 * CHUNK_BYTES + 5000)
READER = stored(
    ObjectStore(MemoryStore()), [FILE[:1000], FILE[1000 : CHUNK_BYTES * 2], FILE[CHUNK_BYTES * 2 :]]
)


@given(st.integers(0, len(FILE)), st.integers(0, len(FILE) + 10))
def test_any_range_is_what_the_file_says_there(start: int, end: int) -> None:
    assert READER.read(start, end) == FILE[start:end]


def test_hashes_are_those_of_the_clear_bytes() -> None:
    import hashlib

    digests = Digests()
    digests.update(FILE)
    expected = (hashlib.sha256(FILE).hexdigest(), hashlib.sha512(FILE).hexdigest())
    assert (digests.hashes.sha256, digests.hashes.sha512) == expected
    assert READER.hashes() == digests.hashes


def test_a_missing_exchanged_or_added_piece_shows_in_the_list() -> None:
    pieces = READER.segments
    mac = sealing.mac_of(KEY, sealing.list_text(OBJECT, pieces))
    sealing.check_list(KEY, OBJECT, pieces, mac)
    swapped = (pieces[1], pieces[0], pieces[2])
    added = (*pieces, Segment(len(FILE), 3, "0" * 64))
    for wrong in (pieces[:-1], pieces[1:], swapped, added):
        with pytest.raises(CannotOpen):
            sealing.check_list(KEY, OBJECT, wrong, mac)


def test_a_key_opens_for_its_own_agency_case_and_file_alone(tmp_path: Path) -> None:
    keys, case, file = KeyStore(tmp_path), uuid4(), uuid4()
    wrapped = sealing.wrap(KEY, owner="alpha", case_id=case, object_id=file, keys=keys)
    assert KEY not in wrapped
    opened = sealing.unwrap(wrapped, owner="alpha", case_id=case, object_id=file, keys=keys)
    assert opened == KEY
    keys.current("bravo")
    for owner, other_case, other in (
        ("bravo", case, file),
        ("alpha", uuid4(), file),
        ("alpha", case, uuid4()),
    ):
        with pytest.raises(CannotOpen):
            sealing.unwrap(wrapped, owner=owner, case_id=other_case, object_id=other, keys=keys)


def test_nothing_is_ever_overwritten_and_the_name_is_the_hash(tmp_path: Path) -> None:
    store = ObjectStore(LocalStore(str(tmp_path)), tmp_path)
    address = store.put(b"sealed")
    assert store.put(b"sealed") == address == sealing.address_of(b"sealed")
    assert (tmp_path / address[:2] / address).read_bytes() == b"sealed"
    assert store.get_range(address, 1, 3) == b"ea"
    store.remove(address)
    store.remove(address)
    with pytest.raises(CannotOpen, match="not in the store"):
        store.get(address)


class Full:
    """A store on a disk of which nothing is left, as obstore tells of it."""

    def __init__(self, number: int) -> None:
        self.number = number

    def put(self, *_: object, **__: object) -> None:
        raise OSError(self.number, "no room")


@pytest.mark.parametrize(
    ("number", "said"), [(28, "full"), (30, "cannot be written"), (5, "disk"), (110, "answer")]
)
def test_a_store_that_takes_nothing_says_what_is_wrong(number: int, said: str) -> None:
    with pytest.raises(StoreRefused, match=said) as refused:
        ObjectStore(Full(number)).put(b"x")
    assert refused.value.who_can_change


def test_a_hash_state_goes_on_only_where_it_stopped() -> None:
    states, digests = HashStates(most=1), Digests()
    digests.update(b"abc")
    states.keep(OBJECT, digests)
    assert states.at(OBJECT, 2) is None
    going_on = states.at(OBJECT, 3)
    assert going_on is not None
    going_on.update(b"d")
    assert digests.at == 3
    states.keep(UUID(int=9), Digests())
    assert states.at(OBJECT, 3) is None
    assert states.at(OBJECT, 0) is not None
