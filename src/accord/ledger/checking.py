"""The node's own check of its ledger, against what its database holds.

1. every leaf up to the newest head is there, once, in its place;
2. the tiles hold the hashes of those leaves, and those above the roots of the full ones below;
3. each signed head was signed by this node's key, in growing sizes;
   and what stands under it for a cosigner of the policy is that cosigner's;
4. each signed head has the root of the leaves before it, so the ledger only grew;
5. every body that the caller may read is the one committed to.

Not checked here, and by whom: heads that were removed together with their leaves, or a second
history shown to somebody else (cosigners, and any agency that kept an export or a receipt); bodies
that the caller may not read (the oversight of their agencies); entries that wait for their place
(the next head); whether what was logged is true (people).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from accord.kernel import merkle
from accord.kernel.merkle import HASH_BYTES, Frontier, leaf_hash
from accord.kernel.signednote import (
    BadSignatureError,
    Checkpoint,
    Note,
    NoteError,
    UnknownKeyError,
    check_note,
    parse_note,
)
from accord.kernel.tlogpolicy import Policy
from accord.ledger import keys, queries
from accord.ledger.quorum import load_policy
from accord.ledger.sealing import BodyUnreadable
from accord.ledger.tiles import WIDTH

_BATCH = 500


@dataclass(frozen=True)
class Finding:
    """One thing that does not verify."""

    code: str
    sentence: str


@dataclass(frozen=True)
class Report:
    """What was looked at, and what was found wrong."""

    size: int
    heads: int
    bodies: int
    waiting: int
    findings: tuple[Finding, ...]

    @property
    def verifies(self) -> bool:
        return not self.findings


def check_ledger() -> Report:
    """Checks the whole ledger in one snapshot of the database."""
    with transaction.atomic():
        newest = queries.head()
        if newest is None:
            return Report(0, 0, 0, 0, ())
        hashes, findings = _check_leaves(newest.size)
        findings += _check_tiles(hashes) or _check_tiles_above(hashes)
        heads, wrong = _check_heads(hashes)
        bodies, unfit = _check_bodies(newest.size)
        return Report(newest.size, heads, bodies, newest.waiting, (*findings, *wrong, *unfit))


def _check_leaves(size: int) -> tuple[list[bytes], list[Finding]]:
    hashes: list[bytes] = []
    findings: list[Finding] = []
    expected, version = 0, 1
    for leaf in queries.leaves(size):
        if leaf.version < version:
            said = f"Leaf {leaf.index} is of version {leaf.version} and comes after a later one."
            findings.append(Finding("version-back", said))
        version = max(version, leaf.version)
        if leaf.index != expected:
            findings.append(_missing(expected, leaf.index - 1))
        expected = leaf.index + 1
        hashes.append(leaf_hash(leaf.text))
    if expected < size:
        findings.append(_missing(expected, size - 1))
    if beyond := queries.placed_beyond(size):
        findings.append(
            Finding(
                "head-missing",
                f"{beyond} leaves have a place after the newest signed head: a head was removed.",
            )
        )
    return hashes, findings


def _missing(first: int, last: int) -> Finding:
    which = f"leaf {first}" if first == last else f"leaves {first} to {last}"
    return Finding("leaf-missing", f"A signed head covers {which}, and the database has none.")


def _check_tiles(hashes: list[bytes]) -> list[Finding]:
    for start in range(0, len(hashes), WIDTH):
        wanted = b"".join(hashes[start : start + WIDTH])
        if queries.load_tile(0, start // WIDTH)[: len(wanted)] != wanted:
            stored = queries.load_tile(0, start // WIDTH)
            at = next(
                place
                for place in range(0, len(wanted), HASH_BYTES)
                if stored[place : place + HASH_BYTES] != wanted[place : place + HASH_BYTES]
            )
            return [
                Finding(
                    "leaf-altered",
                    f"Leaf {start + at // HASH_BYTES} does not have the hash that the tree holds.",
                )
            ]
    return []


def _check_tiles_above(hashes: list[bytes]) -> list[Finding]:
    """Proofs are made of these tiles too: a changed one would make receipts that do not verify."""
    level = 0
    while len(hashes) >= WIDTH:
        level, full = level + 1, len(hashes) - len(hashes) % WIDTH
        hashes = [merkle.root(hashes[at : at + WIDTH]) for at in range(0, full, WIDTH)]
        for start in range(0, len(hashes), WIDTH):
            wanted, index = b"".join(hashes[start : start + WIDTH]), start // WIDTH
            if queries.load_tile(level, index)[: len(wanted)] != wanted:
                said = f"The tile {level}/{index} does not hold the roots of the tiles below it."
                return [Finding("tile-mismatch", said)]
    return []


def _check_heads(hashes: list[bytes]) -> tuple[int, list[Finding]]:
    data_dir = Path(settings.ACCORD_DATA_DIR)
    key, policy = keys.public_key(data_dir), load_policy(data_dir)
    frontier, findings, count = Frontier(), list[Finding](), 0
    for size, root, text in queries.checkpoints():
        count += 1
        try:
            note = parse_note(text)
            check_note(note, [key])
            head = Checkpoint.parse(note.text)
        except NoteError as error:
            findings.append(Finding("signature-invalid", f"The head at size {size}: {error}"))
            continue
        findings += _false_cosignatures(note, size, policy)
        if (head.origin, head.size, head.root) != (key.name, size, root):
            findings.append(
                Finding("head-altered", f"The head at size {size} is not what it says.")
            )
        for leaf in hashes[frontier.size : size]:
            frontier.append(leaf)
        if frontier.size == size and frontier.root() != root:
            findings.append(
                Finding(
                    "root-mismatch",
                    f"The leaves do not give the root signed at size {size}: one of them was "
                    "changed, moved or replaced.",
                )
            )
    return count, findings


def _false_cosignatures(note: Note, size: int, policy: Policy) -> list[Finding]:
    """Signatures under the name and key of a known cosigner that are not its own."""
    findings = list[Finding]()
    for witness in policy.witnesses.values():
        try:
            check_note(note, [witness.key])
        except UnknownKeyError:
            continue
        except BadSignatureError:
            said = f"The cosignature of {witness.name} at size {size} is not its own."
            findings.append(Finding("cosignature-invalid", said))
    return findings


def _check_bodies(size: int) -> tuple[int, list[Finding]]:
    count, findings, batch = 0, list[Finding](), list[queries.StoredLeaf]()
    for leaf in queries.leaves(size):
        batch.append(leaf)
        if len(batch) == _BATCH or leaf.index == size - 1:
            seen, wrong = _check_batch(batch)
            count, findings, batch = count + seen, findings + wrong, []
    return count, findings


def _check_batch(batch: list[queries.StoredLeaf]) -> tuple[int, list[Finding]]:
    count, findings = 0, list[Finding]()
    try:
        shown = queries.readable([leaf.entry_id for leaf in batch])
    except BodyUnreadable as error:
        if len(batch) == 1:
            return 1, [Finding("body-altered", str(error))]
        parts = [_check_batch([leaf]) for leaf in batch]
        return sum(seen for seen, _ in parts), [one for _, wrong in parts for one in wrong]
    for leaf in batch:
        for opening in shown.get(leaf.entry_id, queries.Readable()).openings:
            count += 1
            if not opening.leads_to(leaf.text):
                findings.append(
                    Finding(
                        "body-mismatch",
                        f"The body of entry {leaf.entry_id} (leaf {leaf.index}) is not the one "
                        "committed to.",
                    )
                )
    return count, findings
