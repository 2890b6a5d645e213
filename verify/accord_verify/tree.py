"""The Merkle tree of RFC 6962, as its section 2.1 defines it."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def inner_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


class GrowingTree:
    """Takes leaf hashes one by one and knows the root at every size."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        height, node = 0, leaf
        while self._peaks and self._peaks[-1][0] == height:
            node = inner_hash(self._peaks.pop()[1], node)
            height += 1
        self._peaks.append((height, node))
        self.size += 1

    def root(self) -> bytes:
        if not self._peaks:
            return sha256(b"").digest()
        node = self._peaks[-1][1]
        for _, peak in reversed(self._peaks[:-1]):
            node = inner_hash(peak, node)
        return node


def root_at(leaves: Sequence[bytes], size: int) -> bytes:
    """The root over the first leaves."""
    tree = GrowingTree()
    for leaf in leaves[:size]:
        tree.add(leaf)
    return tree.root()


def root_by_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root to which a leaf's audit path leads; None when it has the wrong length."""
    if not 0 <= index < size:
        return None
    if size == 1:
        return leaf if not path else None
    if not path:
        return None
    left_size = 1 << ((size - 1).bit_length() - 1)
    if index < left_size:
        left = root_by_path(leaf, index, left_size, path[:-1])
        return None if left is None else inner_hash(left, path[-1])
    right = root_by_path(leaf, index - left_size, size - left_size, path[:-1])
    return None if right is None else inner_hash(path[-1], right)


def root_by_slot(leaf: bytes, slot: int, path: Sequence[bytes]) -> bytes:
    """The root of a full tree to which a slot's path leads."""
    node = leaf
    for sibling in path:
        node = inner_hash(sibling, node) if slot % 2 else inner_hash(node, sibling)
        slot //= 2
    return node
