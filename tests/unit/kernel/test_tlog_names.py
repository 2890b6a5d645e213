"""Names and contents of what a log publishes, against the letter of C2SP tlog-tiles."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.kernel import tlog
from accord.kernel.tlog import Tile, added, bundle, parse_path


def test_the_example_of_the_specification_is_named_as_it_says() -> None:
    assert Tile(0, 1234067).path == "tile/0/x001/x234/067"
    assert Tile(3, 5, 17).path == "tile/3/005.p/17"
    assert Tile(0, 273, 112, entries=True).path == "tile/entries/273.p/112"


@given(st.integers(0, 63), st.integers(0, 2**55), st.integers(1, 256), st.booleans())
def test_every_name_leads_back_to_its_tile(
    level: int, index: int, width: int, entries: bool
) -> None:
    tile = Tile(0 if entries else level, index, width, entries)
    assert parse_path(tile.path) == tile
    elements = tile.path.partition(".p/")[0].split("/")[2:]
    assert all(re.fullmatch("x[0-9]{3}", each) for each in elements[:-1])
    assert int("".join(each.removeprefix("x") for each in elements)) == index


@pytest.mark.parametrize(
    "path",
    [
        "", "tile", "checkpoint", "tile/0", "tile/64/000", "tile/00/000", "tile/-1/000", "tile/0/00",
        "tile/0/0000", "tile/0/x000/000", "tile/0/x000/x001/000", "tile/0/001/000", "tile/0/000.p/0",
        "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/", "tile/0/../000", "tile/0/x001/x234",
        "tile/entries/000/", "/tile/0/000", "tile/0/000\n", "tile/0/٠٠١", "tile/x/000", "tile/0//000",
        "tile/0/" + "x001/" * 40 + "000",
    ],
)  # fmt: skip
def test_other_names_are_nobodys(path: str) -> None:
    assert parse_path(path) is None


@given(st.text(alphabet="tile/0123x.pentries/", max_size=30))
def test_a_name_that_is_read_is_the_one_name_of_its_tile(text: str) -> None:
    for path in (text, f"tile/{text}"):
        tile = parse_path(path)
        assert tile is None or tile.path == path


def needed(size: int) -> set[Tile]:
    """What a log of this size serves, as the specification states it: floor(s / 256**l) mod 256."""
    found = set()
    for level in range(8):
        count = size // 256**level
        for index in range(count // 256):
            found.add(Tile(level, index))
        if count % 256:
            found.add(Tile(level, count // 256, count % 256))
    return found | {Tile(0, t.index, t.width, entries=True) for t in found if t.level == 0}


STEPS = st.lists(st.sampled_from([1, 2, 100, 255, 256, 257, 600, 3_000]), min_size=1)


@settings(max_examples=40)
@given(STEPS.map(lambda steps: steps[:8]), st.data())
def test_step_by_step_everything_that_a_head_needs_is_published(
    steps: list[int], data: st.DataObject
) -> None:
    """In whichever strides heads are published, each finds its tiles unless they are full by now."""
    base = data.draw(st.sampled_from([0, 65_279, 65_535]))
    sizes = [base + sum(steps[: n + 1]) for n in range(len(steps))]
    published = needed(base)
    since = base
    while since < sizes[-1]:
        waiting = [size for size in sizes if size > since]
        stride = waiting[: data.draw(st.integers(1, len(waiting)))]
        fresh = list(added(since, stride))
        assert len(fresh) == len(set(fresh))
        assert not published & set(fresh)
        published |= set(fresh)
        since = stride[-1]
        assert needed(since) <= published
    full = {(t.level, t.index, t.entries) for t in published if t.width == 256}
    for size in sizes:
        for tile in needed(size) - published:
            assert (tile.level, tile.index, tile.entries) in full
    assert published <= set[Tile]().union(needed(base), *map(needed, sizes))


def test_70_000_leaves_have_the_tiles_that_the_specification_counts() -> None:
    tiles = [tile for tile in added(0, [70_000]) if not tile.entries]
    assert sum(t.level == 0 and t.width == 256 for t in tiles) == 273
    partial = {(t.level, t.index, t.width) for t in tiles if t.width < 256}
    assert partial == {(0, 273, 112), (1, 1, 17), (2, 0, 1)}
    assert Tile(1, 0, 1) in added(255, [256])


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_is_leaves_behind_their_lengths(leaves: list[bytes]) -> None:
    raw, found = bundle(leaves), []
    while raw:
        length = raw[0] * 256 + raw[1]
        found.append(raw[2 : 2 + length])
        raw = raw[2 + length :]
    assert found == leaves


def test_a_leaf_that_is_too_long_is_refused() -> None:
    assert len(bundle([bytes(tlog.MAX_ENTRY_BYTES)])) == 65_537
    with pytest.raises(ValueError, match="does not fit"):
        bundle([bytes(tlog.MAX_ENTRY_BYTES + 1)])
