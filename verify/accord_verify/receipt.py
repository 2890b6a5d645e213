"""The numbered steps for a receipt, and for a signed head alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accord_verify import notes, timestamp
from accord_verify.bodies import (
    Body,
    check_reader,
    commitment_field,
    hashes,
    leaf_bytes,
    read_body,
    summary,
)
from accord_verify.dates import dated_after
from accord_verify.notes import Head, Key, Trust, unbase64
from accord_verify.plain import within
from accord_verify.report import BadFile, Code, Failure, Report
from accord_verify.tree import leaf_hash, root_by_path

FORMATS = ("accord-receipt/1", "accord-receipt/2", "accord-receipt/3")
FIELDS = {"format", "key", "leaf_index", "commitment", "opening", "inclusion", "checkpoint"}
BY_PIECES = {"pieces", "shown", "timestamp"}
OPTIONAL = {FORMATS[0]: set[str](), FORMATS[1]: BY_PIECES, FORMATS[2]: BY_PIECES}
LEAF_VERSION = {FORMATS[0]: 1, FORMATS[1]: 1, FORMATS[2]: 2}
FIRST_VERSION = (
    "A body is of a leaf of version 1, which has room for several bodies for one reader: compare it with"
    " what others hold of the same leaf."
)


@dataclass(frozen=True)
class Receipt:
    """A receipt as read; nothing in it is believed yet."""

    key: Key
    index: int
    commitment: str
    body: Body
    inclusion: tuple[bytes, ...]
    head: Head
    token: bytes | None


def read_receipt(facts: dict[str, Any], source: str) -> Receipt:
    """Step 1: the file is whole. Raises BadFile."""
    with within(source):
        return _read(facts, source)


def _read(facts: dict[str, Any], source: str) -> Receipt:
    names, optional = set(facts), OPTIONAL.get(str(facts.get("format")))
    if optional is None:
        raise BadFile(f"{source}: this is no receipt that this program knows.")
    if FIELDS - names or names - FIELDS - optional:
        raise BadFile(f"{source}: a receipt has {', '.join(sorted(FIELDS))}, and nothing unknown.")
    if {"pieces", "shown"} <= names:
        raise BadFile(f"{source}: a receipt shows all pieces of a body or some of them, not both.")
    index, inclusion, key = facts.get("leaf_index"), facts.get("inclusion"), facts.get("key")
    if not isinstance(index, int) or isinstance(index, bool) or index < 0:
        raise BadFile(f"{source}: `leaf_index` is not a number.")
    if not isinstance(key, str):
        raise BadFile(f"{source}: `key` is not a line of text.")
    token = facts.get("timestamp")
    return Receipt(
        key=notes.parse_key(key),
        index=index,
        commitment=commitment_field(facts, source),
        body=read_body(_opening(facts), facts.get("shown"), source, LEAF_VERSION[facts["format"]]),
        inclusion=hashes(inclusion, source),
        head=notes.parse_head(facts.get("checkpoint")),
        token=None if token is None else unbase64(token, "a timestamp"),
    )


def _opening(facts: dict[str, Any]) -> object:
    """The body as it is shown; in a receipt its pieces stand beside it."""
    opening = facts.get("opening")
    if isinstance(opening, dict) and "pieces" in opening:
        raise BadFile("The pieces of a receipt's body stand beside `opening`, not in it.")
    if isinstance(opening, dict) and "pieces" in facts:
        return opening | {"pieces": facts["pieces"]}
    return opening


def check_receipt(
    receipt: Receipt, trust: Trust, source: str, authority: timestamp.Authority | None = None
) -> Report:
    """Steps 2 to 7."""
    report = Report(source)
    report.step("the file is whole", [])
    report.step("the body is the one committed to", check_body(receipt))
    if receipt.body.by_pieces:
        shown, total = len(receipt.body.shown), receipt.body.pieces
        report.step(
            f"every piece shown ({shown} of {total}) is one that the body commits to",
            receipt.body.unfit,
        )
    report.step(
        f"the commitment is leaf {receipt.index} of {receipt.head.size} under the signed root",
        check_place(receipt),
    )
    if trust.reader is not None:
        report.step(f"the body is for {trust.reader}", check_reader(receipt.body, trust.reader))
    _check_head(receipt.head, receipt.key, trust, report)
    stamped = None
    if receipt.token is not None:
        stamped = timestamp.check(receipt.token, receipt.head, authority, report)
    elif authority is not None:
        report.notes.append("There is no timestamp in this file, so none was checked.")
    times = [notes.vouched_at(receipt.head, trust), stamped if authority else None]
    if vouched := min((at for at in times if at is not None), default=None):
        report.step(
            "the entry is not dated after others vouched for the head",
            dated_after(receipt.body, vouched),
        )
    if receipt.body.version == 1:
        report.notes.append(FIRST_VERSION)
    report.notes += summary(receipt.body)
    return report


def check_head(head: Head, trust: Trust, source: str) -> Report:
    """A signed head alone: who signed it."""
    report = Report(source)
    if not trust.signers:
        raise BadFile(f"{source}: a signed head alone needs the key of its ledger: --key.")
    _check_head(head, trust.signers[0], trust, report)
    return report


def _check_head(head: Head, shown: Key, trust: Trust, report: Report) -> None:
    keys = notes.signers_of(shown, trust, report)
    report.step(f"{head.label} has a known signature", notes.check_signer(head, keys))
    notes.check_cosigned(head, trust, report)


def check_body(receipt: Receipt) -> list[Failure]:
    """Step 2."""
    if receipt.body.led_to == receipt.commitment:
        return receipt.body.misplaced
    return [
        Failure(
            Code.BODY_MISMATCH,
            "The body, its salt and its path do not lead to the commitment: one was changed.",
        )
    ]


def check_place(receipt: Receipt) -> list[Failure]:
    """Step 4."""
    leaf = leaf_hash(leaf_bytes(receipt.commitment, receipt.body.version))
    root = root_by_path(leaf, receipt.index, receipt.head.size, receipt.inclusion)
    if root == receipt.head.root:
        return []
    return [
        Failure(
            Code.NOT_INCLUDED,
            f"The proof does not show this commitment as leaf {receipt.index} under the root.",
        )
    ]
