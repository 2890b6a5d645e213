"""Leaves as nobody writes them any more, or as only a forger would: every slot by hand."""

from __future__ import annotations

import random
from collections.abc import Mapping

from accord.kernel.merkle import leaf_hash, node_hash
from accord.ledger.domain import Opening


def leaf_with(
    by_slot: Mapping[int, str], levels: int = 8, lot: bytes | None = None, seed: int = 1
) -> list[Opening]:
    """The openings of texts in these slots of one leaf: of version 1 where there is no lot."""
    chance = random.Random(seed)
    salts = {slot: chance.randbytes(32) for slot in by_slot}
    level = [chance.randbytes(32) for _ in range(1 << levels)]
    for slot, text in by_slot.items():
        level[slot] = leaf_hash(salts[slot] + text.encode())
    paths: dict[int, list[bytes]] = {slot: [] for slot in by_slot}
    for height in range(levels):
        for slot, path in paths.items():
            path.append(level[slot >> height ^ 1])
        level = [node_hash(*level[at : at + 2]) for at in range(0, len(level), 2)]
    return [
        Opening(text, salts[slot], slot, tuple(paths[slot]), lot=lot)
        for slot, text in by_slot.items()
    ]
