"""Policies mean what C2SP tlog-policy says, against brute force, and hostile ones are refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.kernel.errors import InvalidInput
from accord.kernel.signednote import Checkpoint, SigningKey, sign_note
from accord.kernel.tlogpolicy import parse_policy

LOG = SigningKey("accord.ledger/test", bytes(range(32)))
KEYS = [SigningKey(f"cosigner-{n}.example", bytes([n + 1]) * 32) for n in range(8)]
WITNESSES = "".join(f"witness w{n} {key.cosigner.text}\n" for n, key in enumerate(KEYS))


def test_the_example_of_the_specification_is_read() -> None:
    raw = (
        f"# two organisations\n\n log {LOG.public.text}\thttps://node.example/tlog \n{WITNESSES}"
        "group X 2 w0 w1 w2\ngroup Y any w3 w4 w5\ngroup X-and-Y all X Y\nquorum X-and-Y\n"
    )
    policy = parse_policy(raw.encode(), "policy")
    assert policy.logs[0].url == "https://node.example/tlog"
    assert policy.met_by({"w0", "w2", "w4"})
    assert not policy.met_by({"w0", "w1", "w2"})
    assert not policy.met_by({"w0", "w3", "w4", "w5"})
    assert policy.agencies() is policy.groups["X-and-Y"]


@st.composite
def trees(draw: st.DrawFn) -> tuple[str, Any]:
    """A policy's groups as text, and as a tree of (k, members) that brute force can ask."""
    loose: list[tuple[str, Any]] = [(f"w{n}", f"w{n}") for n in range(draw(st.integers(1, 8)))]
    text = ""
    for number in range(draw(st.integers(0, 5))):
        members = draw(st.lists(st.sampled_from(loose), min_size=1, max_size=4, unique_by=str))
        k = draw(st.integers(1, len(members)))
        said = "any" if k == 1 and draw(st.booleans()) else str(k)
        said = "all" if k == len(members) and draw(st.booleans()) else said
        text += f"group g{number} {said} {' '.join(name for name, _ in members)}\n"
        loose = [each for each in loose if each not in members]
        loose.append((f"g{number}", (k, [tree for _, tree in members])))
    name, tree = loose[-1]
    return f"{WITNESSES}{text}quorum {name}\n", tree


def _counts(tree: Any, names: set[str]) -> bool:
    if isinstance(tree, str):
        return tree in names
    return bool(sum(_counts(member, names) for member in tree[1]) >= tree[0])


@given(trees(), st.sets(st.sampled_from([f"w{n}" for n in range(8)] + ["g0", "none", "other"])))
def test_a_quorum_is_met_exactly_when_the_tree_says_so(
    made: tuple[str, Any], names: set[str]
) -> None:
    text, tree = made
    policy = parse_policy(text.encode(), "policy")
    assert policy.met_by(names) == _counts(tree, names - {"g0"})


W0, W1 = (f"witness w{n} {KEYS[n].cosigner.text}\n" for n in (0, 1))
FAULTS = {
    "no quorum": W0,
    "two quorums": W0 + "quorum w0\nquorum w0\n",
    "an unknown name": W0 + "quorum w9\n",
    "a name that comes later": "quorum w0\n" + W0,
    "a name taken": W0 + W1.replace("w1", "w0") + "quorum w0\n",
    "a key twice": W0 + W0.replace("w0", "w1") + "quorum w0\n",
    "a key twice under another name": W0
    + f"witness w1 {SigningKey('other.example', bytes([1]) * 32).cosigner.text}\nquorum w0\n",
    "a log twice": f"log {LOG.public.text}\n" * 2 + "quorum none\n",
    "a log's key for a witness": f"witness w0 {KEYS[0].public.text}\nquorum w0\n",
    "a witness's key for a log": f"log {KEYS[0].cosigner.text}\nquorum none\n",
    "none as a member": W0 + "group g all w0 none\nquorum g\n",
    "none as a name": W0 + "group none all w0\nquorum none\n",
    "a member twice": W0 + "group g 1 w0 w0\nquorum g\n",
    "a member of two groups": W0 + W1 + "group g 1 w0\ngroup h 2 w0 w1\nquorum h\n",
    "no member": W0 + "group g any\nquorum w0\n",
    "k of zero": W0 + "group g 0 w0\nquorum g\n",
    "k above n": W0 + "group g 2 w0\nquorum g\n",
    "k with a zero in front": W0 + "group g 01 w0\nquorum g\n",
    "k in other digits": W0 + "group g ١ w0\nquorum g\n",
    "another keyword": W0 + "threshold w0\nquorum w0\n",
    "too many words": W0 + "quorum w0 w0\n",
    "a mistyped key": W0.replace("+", "+0", 1) + "quorum w0\n",
    "a carriage return": W0 + "quorum w0\r\n",
    "a cut-off file": W0 + "quorum w0",
    "an empty file": "",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_policy_with_a_fault_is_refused(fault: str) -> None:
    with pytest.raises(InvalidInput):
        parse_policy(FAULTS[fault].encode(), "policy")


@given(
    st.binary(max_size=200), st.sampled_from([b"", b"quorum none\n", W0.encode() + b"quorum w0\n"])
)
def test_bytes_of_strangers_are_read_or_refused(raw: bytes, after: bytes) -> None:
    try:
        parse_policy(raw + after, "policy")
    except InvalidInput:
        return


def test_names_are_octets() -> None:
    raw = b"witness \xff\xfeK " + KEYS[0].cosigner.text.encode() + b"\nquorum \xff\xfeK\n"
    policy = parse_policy(raw, "policy")
    assert policy.met_by(list(policy.witnesses))


def test_only_valid_cosignatures_count() -> None:
    policy = parse_policy((WITNESSES + "group a 2 w0 w1 w2\nquorum a\n").encode(), "policy")
    note = sign_note(Checkpoint(LOG.name, 0, bytes(32)).text, LOG)
    other = sign_note(Checkpoint(LOG.name, 1, bytes(32)).text, LOG)
    note = note.with_signature(KEYS[0].cosign(note.text, 5))
    note = note.with_signature(KEYS[1].cosign(other.text, 5))
    note = note.with_signature(KEYS[3].sign(note.text))
    assert policy.cosigners_of(note) == {"w0"}
    assert not policy.met_by(policy.cosigners_of(note))
