"""The check of the ledger reads the tiles above the leaves, of which proofs are made too."""

from __future__ import annotations

from hashlib import sha256

import pytest

from accord.ledger import checking, queries, tiles

HASHES = [sha256(str(at).encode()).digest() for at in range(3 * 256 + 7)]


@pytest.mark.parametrize("at", [None, 0, 32, 95])
def test_a_changed_tile_above_the_leaves_is_found(
    at: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = tiles.grow(0, HASHES, lambda level, index: b"")
    monkeypatch.setattr(queries, "load_tile", lambda *name: stored.get(name, b""))
    if at is not None:
        changed = bytearray(stored[1, 0])
        changed[at] ^= 1
        stored[1, 0] = bytes(changed)
    assert checking._check_tiles(HASHES) == []
    found = [each.code for each in checking._check_tiles_above(HASHES)]
    assert found == ([] if at is None else ["tile-mismatch"])
