"""Entries: what is committed to, what an owner is told, and what may not be logged."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.kernel.canonical import canonical
from accord.kernel.errors import InvalidInput
from accord.ledger.domain import (
    MOST_OWNERS,
    SLOT_LEVELS,
    Entry,
    Item,
    Kind,
    Opening,
    build_leaf,
    check_entry,
    commit,
    commit_texts,
    export_leaf,
    slot_of,
)
from accord.ledger.sealing import BodyUnreadable, SealedBody, open_body, seal_body
from unit.verify.leafmaking import leaf_with

ID = UUID("01890000-0000-7000-8000-000000000001")
ENTRY = Entry(
    kind=Kind.DISCLOSURE,
    at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    actor="riverbend-pd.m.alvarez",
    agency="riverbend-pd",
    purpose="human-trafficking-investigation",
    case="HT-2026-014",
    legal_basis="statute",
    items=(
        Item("r1", "core", "harlan-so", "mou-2026-007", "4.2", ("no-onward",)),
        Item("r2", "core", "state-bi", "mou-2026-007", "4.1"),
        Item("r3", "core", "harlan-so", "mou-2026-007", "4.2"),
    ),
    detail={"query": "lopez"},
)


def committed(entry: Entry = ENTRY) -> tuple[bytes, Opening, dict[str, Opening]]:
    made = commit(entry, ID, random.Random(7))
    return made.commitment, made.acting, dict(made.owning)


def test_every_body_of_an_entry_leads_to_its_one_commitment() -> None:
    commitment, acting, owning = committed()
    assert acting.commitment() == commitment
    assert sorted(owning) == ["harlan-so", "state-bi"]
    assert {opening.commitment() for opening in owning.values()} == {commitment}


def test_the_owner_is_told_who_when_what_and_clause_and_not_why() -> None:
    _, _, owning = committed()
    body = owning["harlan-so"].body
    assert (body["actor"], body["agency"]) == ("riverbend-pd.m.alvarez", "riverbend-pd")
    assert body["at"] == "2026-03-01T12:00:00.000000Z"
    assert [(item["record"], item["clause"]) for item in body["items"]] == [
        ("r1", "4.2"),
        ("r3", "4.2"),
    ]
    shown = [owning["harlan-so"].text, *owning["harlan-so"].pieces.texts]  # type: ignore[union-attr]
    for hidden in ("HT-2026-014", "human-trafficking", "statute", "lopez", "state-bi", "r2"):
        assert hidden not in "".join(shown)


def test_an_owner_cannot_tell_how_many_other_owners_there_were() -> None:
    alone = replace(ENTRY, items=(ENTRY.items[0], ENTRY.items[2]))
    _, _, owning = committed(alone)
    _, _, among = committed()
    assert owning["harlan-so"].body == among["harlan-so"].body
    shapes = [
        [type(value) for value in opening.facts().values()] + [len(opening.path)]
        for opening in (owning["harlan-so"], among["harlan-so"])
    ]
    assert shapes[0] == shapes[1]
    assert len(among["harlan-so"].path) == SLOT_LEVELS


def test_the_leaf_says_nothing_about_the_entry() -> None:
    commitment, _, _ = committed()
    assert json.loads(build_leaf(commitment)) == {"v": 2, "commitment": commitment.hex()}


def test_the_same_entry_twice_has_two_commitments() -> None:
    assert commit(ENTRY, ID).commitment != commit(ENTRY, ID).commitment


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 120), st.integers(0, 2**32))
def test_any_number_of_readers_has_a_slot_each(count: int, seed: int) -> None:
    texts = {f"owning a{number}": f"body {number}" for number in range(count)}
    commitment, openings = commit_texts(texts, random.Random(seed))
    assert [opening.text for opening in openings] == list(texts.values())
    assert len({opening.slot for opening in openings}) == count
    assert {opening.commitment() for opening in openings} == {commitment}
    for reader, opening in zip(texts, openings, strict=True):
        assert opening.lot is not None
        assert opening.slot == slot_of(opening.lot, reader)


def test_as_many_owners_as_an_entry_may_touch_have_a_slot_each() -> None:
    owners = tuple(Item(record="r", owner=f"a{n}") for n in range(MOST_OWNERS))
    made = commit(replace(ENTRY, items=owners), ID)
    assert len({opening.slot for opening in made.owning.values()} | {made.acting.slot}) == 256
    assert all(each.leads_to(build_leaf(made.commitment)) for each in made.owning.values())


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        ["text", "salt", "slot", "path", "lot", "seed", "item", "detail", "order", "fewer"]
    ),
    st.integers(0, 7),
    st.integers(0, 255),
)
def test_any_change_to_an_opening_is_noticed(what: str, at: int, bit: int) -> None:
    commitment, acting, _ = committed()
    pieces = acting.pieces
    assert pieces is not None
    leaf = build_leaf(commitment)
    assert acting.leads_to(leaf)
    *items, detail = pieces.texts
    texts = {
        "item": (items[0].replace("4.2", "4.3"), *items[1:], detail),
        "detail": (*items, detail.replace("lopez", "lopes")),
        "order": (*reversed(items), detail),
        "fewer": tuple(items),
    }
    flipped = bytearray(acting.path[at] if what == "path" else acting.salt)
    flipped[bit // 8] ^= 1 << bit % 8
    path = (*acting.path[:at], bytes(flipped), *acting.path[at + 1 :])
    changed = {
        "text": replace(acting, text=acting.text.replace("HT-2026-014", "HT-2026-015")),
        "seed": replace(acting, pieces=replace(pieces, seed=bytes(32))),
        "salt": replace(acting, salt=bytes(flipped)),
        "slot": replace(acting, slot=acting.slot ^ 1 << at),
        "path": replace(acting, path=path),
        "lot": replace(acting, lot=bytes(16)),
        **{
            name: replace(acting, pieces=replace(pieces, texts=each))
            for name, each in texts.items()
        },
    }[what]
    assert not changed.leads_to(leaf)


def test_a_body_elsewhere_than_in_its_reader_s_slot_is_not_led_to() -> None:
    """Whoever writes a leaf could put a second body for the same reader beside the first."""
    lot = bytes(16)
    right = slot_of(lot, "acting")
    texts = {at: canonical({"v": 1, "view": "acting", "at": at}).decode() for at in (right, 7)}
    first, second = leaf_with(texts, SLOT_LEVELS, lot)
    assert first.leaf == second.leaf
    assert first.leads_to(first.leaf)
    assert not second.leads_to(second.leaf)


def test_an_opening_survives_the_round_trip() -> None:
    _, acting, _ = committed()
    assert Opening.of(json.loads(canonical(acting.facts()))) == acting


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"at": datetime(2026, 3, 1)}, "zone"),
        ({"actor": ""}, "names its actor"),
        ({"agency": ""}, "names its agency"),
        ({"kind": Kind.MISS}, "a miss names no owner"),
        ({"items": (Item(record="r1"),)}, "names its owner"),
        ({"items": tuple(Item(owner=f"a{n}") for n in range(256))}, "at most 255"),
    ],
)
def test_what_could_not_be_logged_truthfully_is_refused(
    change: dict[str, object], rule: str
) -> None:
    with pytest.raises(InvalidInput, match=rule):
        check_entry(replace(ENTRY, **change))  # type: ignore[arg-type]


def test_a_body_opens_only_for_its_row_and_under_its_key() -> None:
    _, acting, _ = committed()
    sealed = seal_body(acting, ID, "acting", bytes(32))
    assert b"lopez" not in sealed.cipher
    assert open_body(sealed, ID, "acting", bytes(32)) == acting
    other_id = UUID(int=ID.int + 1)
    for entry_id, reader, key in (
        (other_id, "acting", bytes(32)),
        (ID, "owning harlan-so", bytes(32)),
        (ID, "acting", bytes([1]) * 32),
    ):
        with pytest.raises(BodyUnreadable):
            open_body(sealed, entry_id, reader, key)
    cut = SealedBody(sealed.cipher[:-1], sealed.key)
    with pytest.raises(BodyUnreadable):
        open_body(cut, ID, "acting", bytes(32))


def test_an_export_shows_no_body_that_it_was_not_given() -> None:
    assert set(export_leaf(0, bytes(32))) == {"i", "v", "commitment", "hash"}
