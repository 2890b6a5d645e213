"""The Merkle tree of RFC 6962, as its section 2.1 defines it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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


def roots_at(leaves: Sequence[bytes], sizes: Collection[int]) -> dict[int, bytes]:
    """The roots over so many of the first leaves, for those sizes that the leaves reach."""
    tree, found = GrowingTree(), dict[int, bytes]()
    for size in sorted(each for each in set(sizes) if each <= len(leaves)):
        for leaf in leaves[tree.size : size]:
            tree.add(leaf)
        found[size] = tree.root()
    return found


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


def roots_by_path(
    old: int, new: int, path: Sequence[bytes], old_root: bytes
) -> tuple[bytes, bytes] | None:
    """The roots (older, newer) to which a consistency proof leads, as RFC 6962 section 2.1.2 builds
    it up; None when it has the wrong length. An older size that is a power of two gives its own root.
    """
    if not 0 < old < new:
        return None
    hashes = list(reversed(path))
    try:
        older, newer = _subproof(old, new, hashes, old_root, whole=True)
    except IndexError:
        return None
    return None if hashes else (older, newer)


def _subproof(
    old: int, new: int, hashes: list[bytes], old_root: bytes, *, whole: bool
) -> tuple[bytes, bytes]:
    """SUBPROOF(m, D[n], b), read backwards; the proof's last hash is that of the topmost split."""
    if old == new:
        root = old_root if whole else hashes.pop()
        return root, root
    split = 1 << ((new - 1).bit_length() - 1)
    beside = hashes.pop(0)
    if old <= split:
        older, newer = _subproof(old, split, hashes, old_root, whole=whole)
        return older, inner_hash(newer, beside)
    older, newer = _subproof(old - split, new - split, hashes, old_root, whole=False)
    return inner_hash(beside, older), inner_hash(beside, newer)
