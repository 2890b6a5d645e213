"""Several files of one ledger must show one history."""

from __future__ import annotations

from dataclasses import dataclass

from accord_verify.notes import Head
from accord_verify.report import Code, Failure, Report
from accord_verify.tree import root_at


@dataclass(frozen=True)
class Seen:
    """What one file shows of a ledger: its newest head, and the leaves if it holds them."""

    source: str
    head: Head
    hashes: tuple[bytes, ...] = ()


def compare(seen: list[Seen]) -> Report | None:
    """Compares every two files that speak of one ledger; None when there are none."""
    report = Report("all files together")
    failures: list[Failure] = []
    pairs = 0
    for at, one in enumerate(seen):
        for other in seen[at + 1 :]:
            if one.head.origin != other.head.origin:
                continue
            small, large = sorted((one, other), key=lambda each: each.head.size)
            root = _root(large, small.head.size)
            if root is None:
                report.notes.append(
                    f"{small.source} and {large.source} could not be compared: neither holds the "
                    "leaves. Ask for an export."
                )
                continue
            pairs += 1
            if root != small.head.root:
                failures.append(_fork(small, large))
    if not pairs and not report.notes:
        return None
    report.step(f"no two files show different histories ({pairs} compared)", failures)
    return report


def _root(large: Seen, size: int) -> bytes | None:
    if large.head.size == size:
        return large.head.root
    return root_at(large.hashes, size) if len(large.hashes) >= size else None


def _fork(small: Seen, large: Seen) -> Failure:
    return Failure(
        Code.FORK,
        f"{small.source} and {large.source} show different histories of {small.head.origin} up to "
        f"size {small.head.size}. Keep both: together they prove that the ledger was forked.",
    )
