"""The tree is kept in tiles of 256 hashes (C2SP tlog-tiles): a leaf hash at level 0, and at each
level above the root of one full tile below. Perfect nodes between tile levels are recomputed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from accord.kernel.merkle import HASH_BYTES, FetchNode, node_hash

HEIGHT = 8
WIDTH = 1 << HEIGHT
TILE_BYTES = WIDTH * HASH_BYTES

LoadTile = Callable[[int, int], bytes]
"""(level, index) -> the hashes of a tile one after the other; empty when there is none."""


def fetch_from(load: LoadTile) -> FetchNode:
    """Serves perfect nodes from tiles; each tile is loaded once."""
    cached = lru_cache(maxsize=1024)(load)

    def fetch(level: int, index: int) -> bytes:
        tile_level, within = divmod(level, HEIGHT)
        start = index << within
        tile, offset = divmod(start, WIDTH)
        hashes = cached(tile_level, tile)
        begin, end = offset * HASH_BYTES, (offset + (1 << within)) * HASH_BYTES
        if len(hashes) < end:
            raise LookupError(f"tile {tile_level}/{tile} is missing or too short")
        return _fold([hashes[at : at + HASH_BYTES] for at in range(begin, end, HASH_BYTES)])

    return fetch


def wanted(asking: Callable[[FetchNode], object]) -> set[tuple[int, int]]:
    """The tiles (level, index) whose nodes a proof asks for, found without loading any.

    INVARIANT: which nodes a proof asks for depends on its place and the size alone.
    """
    found: set[tuple[int, int]] = set()

    def note(level: int, index: int) -> bytes:
        tile_level, within = divmod(level, HEIGHT)
        found.add((tile_level, (index << within) // WIDTH))
        return bytes(HASH_BYTES)

    asking(note)
    return found


def grow(size: int, leaves: Iterable[bytes], load: LoadTile) -> dict[tuple[int, int], bytes]:
    """The tiles that change when these leaf hashes are added to a tree of this size."""
    changed: dict[tuple[int, int], bytes] = {}
    level, added = 0, list(leaves)
    while added:
        tile, offset = divmod(size >> (HEIGHT * level), WIDTH)
        hashes = load(level, tile) if offset else b""
        if len(hashes) != offset * HASH_BYTES:
            raise LookupError(f"tile {level}/{tile} does not have the width of the tree")
        full: list[bytes] = []
        for start in range(0, len(added) + offset, WIDTH):
            part = added[max(start - offset, 0) : start - offset + WIDTH]
            hashes = (hashes if start == 0 else b"") + b"".join(part)
            changed[level, tile] = hashes
            tile += 1
            if len(hashes) == TILE_BYTES:
                full.append(_fold([hashes[at : at + 32] for at in range(0, TILE_BYTES, 32)]))
        level, added = level + 1, full
    return changed


def _fold(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]
