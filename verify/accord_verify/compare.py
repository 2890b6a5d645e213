"""Several files of one ledger must show one history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from accord_verify.bodies import Shown
from accord_verify.notes import Head
from accord_verify.receipt import Receipt
from accord_verify.report import Code, Failure, Report
from accord_verify.tree import root_at


@dataclass(frozen=True)
class Seen:
    """What one file shows of a ledger: its newest head, and the leaves if it holds them."""

    source: str
    head: Head
    hashes: tuple[bytes, ...] = ()
    bodies: tuple[Shown, ...] = ()
    versions: tuple[tuple[int, int], ...] = ()
    """Leaves whose version is known besides: the last of version 1 and the first of version 2."""


def seen_in(source: str, receipts: Iterable[Receipt]) -> list[Seen]:
    """Every head that receipts of one file show, once, with the bodies under it."""
    heads, bodies = dict[str, Head](), dict[str, list[Shown]]()
    for each in receipts:
        heads.setdefault(each.head.text, each.head)
        bodies.setdefault(each.head.text, []).append(each.body.shown_at(each.index))
    return [Seen(source, head, bodies=tuple(bodies[text])) for text, head in heads.items()]


def compare(seen: list[Seen]) -> Report | None:
    """Compares every two files that speak of one ledger; None when there are none."""
    report = Report("all files together")
    failures: list[Failure] = []
    pairs, apart = 0, dict[frozenset[str], str]()
    for at, one in enumerate(seen):
        for other in seen[at + 1 :]:
            if one.head.origin != other.head.origin:
                continue
            small, large = sorted((one, other), key=lambda each: each.head.size)
            root = _root(large, small.head.size)
            if root is None and one.source == other.source:
                continue  # two heads of one file, of which neither holds the leaves
            if root is None:
                apart[frozenset((small.source, large.source))] = (
                    f"{small.source} and {large.source} could not be compared: neither holds the "
                    "leaves. Ask for an export."
                )
                continue
            pairs += 1
            if root != small.head.root:
                failures.append(_fork(small, large))
    report.notes += apart.values()
    written_twice, back = _two_bodies(seen), _versions_back(seen)
    if not (pairs or report.notes or written_twice or back):
        return None
    report.step(f"no two files show different histories ({pairs} compared)", failures)
    report.step("no leaf has two bodies for one reader", written_twice)
    report.step("no leaf of version 1 comes after one of version 2", back)
    return report


def _two_bodies(seen: list[Seen]) -> list[Failure]:
    """A leaf of version 1 has room for many: whoever wrote it could have put in one for each asker."""
    first: dict[tuple[str, int, str | None], tuple[str, bytes]] = {}
    failures: list[Failure] = []
    for each in seen:
        for body in each.bodies:
            place = (each.head.origin, body.leaf, body.reader)
            source, other = first.setdefault(place, (each.source, body.digest))
            if other != body.digest:
                failures.append(
                    Failure(
                        Code.TWO_BODIES,
                        f"{source} and {each.source} show different bodies of leaf {body.leaf} for"
                        " the same reader. Keep both: together they prove that it was written twice.",
                    )
                )
    return failures


def _versions_back(seen: list[Seen]) -> list[Failure]:
    """A ledger that has begun with version 2 writes no leaf of version 1 any more."""
    last, first = dict[str, tuple[int, str]](), dict[str, tuple[int, str]]()
    for each in seen:
        for leaf, version in (*((b.leaf, b.version) for b in each.bodies), *each.versions):
            known, better = (last, max) if version == 1 else (first, min)
            found = known.get(each.head.origin, (leaf, each.source))
            known[each.head.origin] = better(found, (leaf, each.source))
    return [
        Failure(
            Code.VERSION_BACK,
            f"{last[origin][1]} has leaf {last[origin][0]} in version 1, and {first[origin][1]} has"
            f" the earlier leaf {first[origin][0]} in version 2. Keep both: no ledger goes back.",
        )
        for origin in sorted(set(last) & set(first))
        if last[origin][0] > first[origin][0]
    ]


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
