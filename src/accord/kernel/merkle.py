"""Merkle tree hashing and proofs follow RFC 6962 section 2.1.

A tree over n leaves is addressed by its *perfect* nodes: node (level, index) covers the leaves
from index * 2**level up to (index + 1) * 2**level. Whoever stores the tree hands in a function
that fetches such a node; every root and proof for every size is composed from them.

Verification of proofs follows RFC 9162 sections 2.1.3.2 and 2.1.4.2, which state the same tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from accord.kernel.errors import AccordError

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

FetchNode = Callable[[int, int], bytes]
"""(level, index) -> hash of that perfect node."""


class ProofError(AccordError):
    """A proof does not show what it claims."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf; the 0x00 keeps a leaf from being passed off as a node."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """A compact range: the perfect subtrees from the left that make up a tree of this size.

    It holds one hash for each 1 in the binary form of the size, so a tree head can be kept up to
    date without the tree.
    """

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)
        if size < 0 or len(self.hashes) != size.bit_count():
            raise ValueError(f"a frontier of size {size} has {size.bit_count()} hashes")

    def append(self, leaf: bytes) -> None:
        """Adds one leaf hash."""
        carry = leaf
        size = self.size
        while size & 1:
            carry = node_hash(self.hashes.pop(), carry)
            size >>= 1
        self.hashes.append(carry)
        self.size += 1

    def root(self) -> bytes:
        """The tree head of what has been appended."""
        if not self.hashes:
            return EMPTY_ROOT
        head = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            head = node_hash(left, head)
        return head


def frontier_of(size: int, fetch: FetchNode) -> Frontier:
    """The frontier of a stored tree."""
    hashes, start = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            hashes.append(fetch(level, start >> level))
            start += 1 << level
    return Frontier(size, hashes)


def root(leaves: Iterable[bytes]) -> bytes:
    """The tree head over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def nodes_of(leaves: Sequence[bytes]) -> FetchNode:
    """Serves the perfect nodes of a tree whose leaf hashes are at hand."""
    levels: list[list[bytes]] = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append(
            [node_hash(below[i], below[i + 1]) for i in range(0, len(below) - len(below) % 2, 2)]
        )
    return lambda level, index: levels[level][index]


def range_hash(start: int, end: int, fetch: FetchNode) -> bytes:
    """MTH(D[start:end]) of RFC 6962, for the ranges that its recursion produces."""
    width = end - start
    if width <= 0:
        raise ValueError("an empty range has no hash")
    if width & (width - 1) == 0 and start % width == 0:
        level = width.bit_length() - 1
        return fetch(level, start >> level)
    split = start + _split(width)
    return node_hash(range_hash(start, split, fetch), range_hash(split, end, fetch))


def root_of(size: int, fetch: FetchNode) -> bytes:
    """The tree head of the first `size` leaves of a stored tree."""
    return range_hash(0, size, fetch) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, fetch: FetchNode) -> tuple[bytes, ...]:
    """PATH(m, D[n]) of RFC 6962 section 2.1.1, leaf end first."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of size {size}")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        split = start + _split(end - start)
        if index < split:
            proof.append(range_hash(split, end, fetch))
            end = split
        else:
            proof.append(range_hash(start, split, fetch))
            start = split
    return tuple(reversed(proof))


def consistency_proof(old: int, new: int, fetch: FetchNode) -> tuple[bytes, ...]:
    """PROOF(m, D[n]) of RFC 6962 section 2.1.2. From an empty tree, or to itself, it is empty."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of size {new} has no earlier size {old}")
    if old in (0, new):
        return ()
    proof: list[bytes] = []
    start, end = 0, new
    while end != old:
        split = start + _split(end - start)
        if old <= split:
            proof.append(range_hash(split, end, fetch))
            end = split
        else:
            proof.append(range_hash(start, split, fetch))
            start = split
    if start:
        proof.append(range_hash(start, end, fetch))
    return tuple(reversed(proof))


@dataclass(frozen=True)
class Step:
    """One step of an inclusion proof: a sibling, on which side it stands, and what both hash to."""

    sibling: bytes
    sibling_is_left: bool
    node: bytes


def inclusion_steps(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> Iterator[Step]:
    """The steps from a leaf to a tree head (RFC 9162 section 2.1.3.2). Raises ProofError."""
    if not 0 <= index < size:
        raise ProofError(f"Leaf {index} cannot be in a tree of size {size}.")
    place, last, head = index, size - 1, leaf
    for sibling in proof:
        _check_hash(sibling)
        if last == 0:
            raise ProofError("The inclusion proof is longer than the tree is high.")
        left = bool(place & 1) or place == last
        head = node_hash(sibling, head) if left else node_hash(head, sibling)
        yield Step(sibling, left, head)
        while left and not place & 1 and place:
            place >>= 1
            last >>= 1
        place >>= 1
        last >>= 1
    if last:
        raise ProofError("The inclusion proof is shorter than the tree is high.")


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The tree head that an inclusion proof leads to."""
    head = leaf
    for step in inclusion_steps(leaf, index, size, proof):
        head = step.node
    return head


def check_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes
) -> None:
    """Raises unless the proof shows this leaf at this index under the expected root."""
    if root_from_inclusion(leaf, index, size, proof) != expected:
        raise ProofError(f"Leaf {index} is not under this root at size {size}.")


def check_consistency(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Raises unless the proof shows that the new tree only added to the old one."""
    if not 0 <= old <= new:
        raise ProofError(f"A tree of size {new} cannot have grown from one of size {old}.")
    if old in (0, new):
        _check_trivial(old, new, proof, old_root, new_root)
        return
    got_old, got_new = roots_from_consistency(old, new, proof, old_root)
    if got_old != old_root:
        raise ProofError(f"The proof does not lead to the older root at size {old}.")
    if got_new != new_root:
        raise ProofError(f"The proof does not lead to the newer root at size {new}.")


def roots_from_consistency(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes
) -> tuple[bytes, bytes]:
    """Both roots that a consistency proof leads to (RFC 9162 section 2.1.4.2)."""
    # An older tree that is perfect is itself the first node; its hash is left out of the proof.
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        raise ProofError("The consistency proof is empty.")
    for sibling in path:
        _check_hash(sibling)
    place, last = old - 1, new - 1
    while place & 1:
        place >>= 1
        last >>= 1
    head_old = head_new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError("The consistency proof is longer than the tree is high.")
        if place & 1 or place == last:
            head_old = node_hash(sibling, head_old)
            head_new = node_hash(sibling, head_new)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            head_new = node_hash(head_new, sibling)
        place >>= 1
        last >>= 1
    if last:
        raise ProofError("The consistency proof is shorter than the tree is high.")
    return head_old, head_new


def _check_trivial(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    if proof:
        raise ProofError("Between these sizes the consistency proof must be empty.")
    if old == 0 and old_root != EMPTY_ROOT:
        raise ProofError("The root of the empty tree is wrong.")
    if old == new and old_root != new_root:
        raise ProofError(f"There are two different roots at size {old}: the log was forked.")


def _check_hash(value: bytes) -> None:
    if len(value) != HASH_BYTES:
        raise ProofError(f"A hash in the proof has {len(value)} bytes instead of {HASH_BYTES}.")


def _split(width: int) -> int:
    """The largest power of two below the width."""
    return 1 << ((width - 1).bit_length() - 1)
