"""The numbered steps for a receipt, and for a signed head alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accord_verify import notes
from accord_verify.bodies import body_leads_to, commitment_field, leaf_bytes, summary
from accord_verify.notes import Head, Key, Trust
from accord_verify.report import BadFile, Code, Failure, Report
from accord_verify.tree import leaf_hash, root_by_path

FORMAT = "accord-receipt/1"


@dataclass(frozen=True)
class Receipt:
    """A receipt as read; nothing in it is believed yet."""

    key: Key
    index: int
    commitment: str
    led_to: str
    inclusion: tuple[bytes, ...]
    head: Head
    summary: str


def read_receipt(facts: dict[str, Any], source: str) -> Receipt:
    """Step 1: the file is whole. Raises BadFile."""
    index, inclusion, key = facts.get("leaf_index"), facts.get("inclusion"), facts.get("key")
    if not isinstance(index, int) or isinstance(index, bool) or index < 0:
        raise BadFile(f"{source}: `leaf_index` is not a number.")
    if not isinstance(inclusion, list) or len(inclusion) > 64 or not isinstance(key, str):
        raise BadFile(f"{source}: a receipt has `inclusion` and `key`.")
    path = tuple(notes.unbase64(node, "a hash of the inclusion proof") for node in inclusion)
    if any(len(node) != 32 for node in path):
        raise BadFile(f"{source}: a hash of the inclusion proof has 32 bytes.")
    opening = facts.get("opening")
    return Receipt(
        key=notes.parse_key(key),
        index=index,
        commitment=commitment_field(facts, source),
        led_to=body_leads_to(opening, source),
        inclusion=path,
        head=notes.parse_head(facts.get("checkpoint")),
        summary=summary(opening) if isinstance(opening, dict) else "",
    )


def check_receipt(receipt: Receipt, trust: Trust, source: str) -> Report:
    """Steps 2 to 5."""
    report = Report(source)
    report.step("the file is whole", [])
    report.step("the body is the one committed to", _check_body(receipt))
    report.step(
        f"the commitment is leaf {receipt.index} of {receipt.head.size} under the signed root",
        _check_place(receipt),
    )
    _check_head(receipt.head, receipt.key, trust, report)
    report.notes.append(receipt.summary)
    return report


def check_head(head: Head, trust: Trust, source: str) -> Report:
    """A signed head alone: who signed it."""
    report = Report(source)
    if not trust.signers:
        raise BadFile(f"{source}: a signed head alone needs the key of its ledger: --key.")
    _check_head(head, trust.signers[0], trust, report)
    return report


def _check_head(head: Head, shown: Key, trust: Trust, report: Report) -> None:
    if not trust.signers:
        report.notes.append(
            f"No key was named; the key in the file was used: {shown.line}. Compare it with the "
            "one the agency gives out, or name it with --key."
        )
    report.step(
        f"{head.label} has a known signature", notes.check_signer(head, trust.signers or (shown,))
    )
    if trust.quorum or trust.cosigners:
        report.step(
            f"at least {trust.quorum} cosigners signed it",
            notes.check_cosigners(head, trust, report.notes),
        )


def _check_body(receipt: Receipt) -> list[Failure]:
    if receipt.led_to == receipt.commitment:
        return []
    return [
        Failure(
            Code.BODY_MISMATCH,
            "The body, its salt and its path do not lead to the commitment: one was changed.",
        )
    ]


def _check_place(receipt: Receipt) -> list[Failure]:
    leaf = leaf_hash(leaf_bytes(receipt.commitment))
    root = root_by_path(leaf, receipt.index, receipt.head.size, receipt.inclusion)
    if root == receipt.head.root:
        return []
    return [
        Failure(
            Code.NOT_INCLUDED,
            f"The proof does not show this commitment as leaf {receipt.index} under the root.",
        )
    ]
