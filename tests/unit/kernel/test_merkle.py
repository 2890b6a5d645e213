"""RFC 6962 trees: known answers, every size up to 70, and proofs that must fail."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.kernel import merkle

LARGEST = 70

# The eight leaves and nine roots of the Certificate Transparency reference tests.
CT_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
CT_PATH_5_OF_8 = [
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]
CT_PROOF_6_TO_8 = [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]

LEAVES = [merkle.leaf_hash(str(number).encode()) for number in range(LARGEST)]
FETCH = merkle.nodes_of(LEAVES)


def definition(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962 section 2.1 writes it, over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + definition(leaves[:split]) + definition(leaves[split:])).digest()


def test_roots_are_those_of_certificate_transparency() -> None:
    hashes = [merkle.leaf_hash(leaf) for leaf in CT_LEAVES]
    assert [merkle.root(hashes[:size]).hex() for size in range(9)] == CT_ROOTS


def test_proofs_are_those_of_certificate_transparency() -> None:
    fetch = merkle.nodes_of([merkle.leaf_hash(leaf) for leaf in CT_LEAVES])
    assert [node.hex() for node in merkle.inclusion_proof(5, 8, fetch)] == CT_PATH_5_OF_8
    assert [node.hex() for node in merkle.consistency_proof(6, 8, fetch)] == CT_PROOF_6_TO_8


@pytest.mark.parametrize("size", range(LARGEST + 1))
def test_every_way_to_the_root_agrees_with_the_definition(size: int) -> None:
    expected = definition(LEAVES[:size])
    assert merkle.root(LEAVES[:size]) == expected
    assert merkle.root_of(size, FETCH) == expected
    assert merkle.frontier_of(size, FETCH).root() == expected


def test_a_frontier_can_be_taken_up_again_at_every_size() -> None:
    for size in range(LARGEST):
        frontier = merkle.frontier_of(size, FETCH)
        frontier.append(LEAVES[size])
        assert frontier.root() == definition(LEAVES[: size + 1])


def test_every_leaf_of_every_tree_has_a_proof() -> None:
    for size in range(1, LARGEST + 1):
        head = merkle.root(LEAVES[:size])
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, FETCH)
            merkle.check_inclusion(LEAVES[index], index, size, proof, head)


def test_every_pair_of_sizes_has_a_consistency_proof() -> None:
    heads = [merkle.root(LEAVES[:size]) for size in range(LARGEST + 1)]
    for new in range(LARGEST + 1):
        for old in range(new + 1):
            proof = merkle.consistency_proof(old, new, FETCH)
            merkle.check_consistency(old, new, proof, heads[old], heads[new])


def test_an_inclusion_proof_holds_for_no_other_leaf_index_or_length() -> None:
    for size in range(1, 20):
        head = merkle.root(LEAVES[:size])
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, FETCH)
            for other in range(size):
                if other != index:
                    with pytest.raises(merkle.ProofError):
                        merkle.check_inclusion(LEAVES[index], other, size, proof, head)
            for wrong in (proof[:-1], (*proof, LEAVES[0])):
                if wrong != proof:
                    with pytest.raises(merkle.ProofError):
                        merkle.check_inclusion(LEAVES[index], index, size, wrong, head)


def test_a_consistency_proof_does_not_cover_a_changed_history() -> None:
    forged = [merkle.leaf_hash(b"forged"), *LEAVES[1:]]
    fetch = merkle.nodes_of(forged)
    for new in range(2, 24):
        for old in range(1, new):
            proof = merkle.consistency_proof(old, new, fetch)
            with pytest.raises(merkle.ProofError):
                merkle.check_consistency(
                    old, new, proof, merkle.root(LEAVES[:old]), merkle.root(forged[:new])
                )


def test_two_roots_at_one_size_are_a_fork() -> None:
    with pytest.raises(merkle.ProofError, match="forked"):
        merkle.check_consistency(3, 3, (), LEAVES[0], LEAVES[1])


def test_an_empty_older_tree_must_have_the_empty_root() -> None:
    with pytest.raises(merkle.ProofError, match="empty tree"):
        merkle.check_consistency(0, 3, (), LEAVES[0], merkle.root(LEAVES[:3]))


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_outside_the_tree_is_refused(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="not in a tree"):
        merkle.inclusion_proof(index, size, FETCH)
    with pytest.raises(merkle.ProofError):
        merkle.root_from_inclusion(LEAVES[0], index, size, ())


def test_a_shrunken_tree_has_no_proof() -> None:
    with pytest.raises(ValueError, match="no earlier size"):
        merkle.consistency_proof(4, 3, FETCH)
    with pytest.raises(merkle.ProofError, match="cannot have grown"):
        merkle.check_consistency(4, 3, (), LEAVES[0], LEAVES[0])


@settings(max_examples=150, deadline=None)
@given(
    old=st.integers(1, LARGEST),
    more=st.integers(1, LARGEST),
    flip=st.integers(0, 10_000),
)
def test_any_flipped_bit_of_a_consistency_proof_is_noticed(old: int, more: int, flip: int) -> None:
    new = min(old + more, LARGEST)
    proof = list(merkle.consistency_proof(old, new, FETCH))
    if not proof:
        return
    at, bit = flip % len(proof), flip % 256
    changed = bytearray(proof[at])
    changed[bit // 8] ^= 1 << (bit % 8)
    proof[at] = bytes(changed)
    with pytest.raises(merkle.ProofError):
        merkle.check_consistency(
            old, new, proof, merkle.root(LEAVES[:old]), merkle.root(LEAVES[:new])
        )
