"""Tiles hold the tree of any size, however it grew."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.kernel import merkle
from accord.ledger import tiles

LEAVES = [merkle.leaf_hash(str(number).encode()) for number in range(70_000)]


def from_dict(stored: dict[tuple[int, int], bytes]) -> tiles.LoadTile:
    return lambda level, index: stored.get((level, index), b"")


def grown(*steps: int) -> tuple[dict[tuple[int, int], bytes], int]:
    stored: dict[tuple[int, int], bytes] = {}
    load = from_dict(stored)
    size = 0
    for step in steps:
        stored.update(tiles.grow(size, LEAVES[size : size + step], load))
        size += step
    return stored, size


def test_a_tree_of_70_000_has_the_tiles_that_the_specification_counts() -> None:
    """C2SP tlog-tiles gives this size as its example."""
    stored, size = grown(70_000)
    widths = {at: len(content) // 32 for at, content in stored.items()}
    assert [widths[0, index] for index in range(273)] == [256] * 273
    assert (widths[0, 273], widths[1, 0], widths[1, 1], widths[2, 0]) == (112, 256, 17, 1)
    assert len(widths) == 277
    fetch = tiles.fetch_from(from_dict(stored))
    assert merkle.root_of(size, fetch) == merkle.root(LEAVES)
    proof = merkle.inclusion_proof(65_535, size, fetch)
    merkle.check_inclusion(LEAVES[65_535], 65_535, size, proof, merkle.root(LEAVES))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from([1, 2, 3, 100, 255, 256, 257, 511, 512, 600]), max_size=8))
def test_the_tree_is_the_same_however_it_grew(steps: list[int]) -> None:
    stored, size = grown(*steps)
    assert stored == (grown(size)[0] if size else {})
    fetch = tiles.fetch_from(from_dict(stored))
    assert merkle.frontier_of(size, fetch).root() == merkle.root(LEAVES[:size])


def test_a_tile_that_lost_hashes_is_noticed() -> None:
    stored, size = grown(300)
    stored[0, 1] = stored[0, 1][:-32]
    with pytest.raises(LookupError):
        tiles.grow(size, LEAVES[300:301], from_dict(stored))
    with pytest.raises(LookupError):
        merkle.root_of(size, tiles.fetch_from(from_dict(stored)))
