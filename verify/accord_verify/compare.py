"""Several files of one ledger must show one history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from accord_verify.bodies import Shown
from accord_verify.dates import back_dated
from accord_verify.notes import Head
from accord_verify.receipt import Receipt
from accord_verify.report import Code, Failure, Report
from accord_verify.tree import roots_at

MOST_NAMED = 3


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
    """Compares all files that speak of one ledger; None when no two do."""
    report = Report("all files together")
    failures, pairs = list[Failure](), 0
    for origin in dict.fromkeys(each.head.origin for each in seen):
        same = [each for each in seen if each.head.origin == origin]
        found = list(_held_together(same))
        pairs += len(found)
        failures += [_fork(*pair) for pair in found if _differ(*pair)]
        report.notes += _apart(origin, same)
    written_twice, back, dated = _two_bodies(seen), _versions_back(seen), _back_dated(seen)
    if not (pairs or report.notes or written_twice or back or dated):
        return None
    report.step(f"no two files show different histories ({pairs} compared)", failures)
    report.step("no leaf has two bodies for one reader", written_twice)
    report.step("no leaf of version 1 comes after one of version 2", back)
    report.step("no entry is dated before one that came long before it in the ledger", dated)
    return report


Pair = tuple[Seen, Seen, bytes]
"""One whose head is smaller or as large, another, and the root that this one gives that size."""


def _held_together(same: list[Seen]) -> Iterator[Pair]:
    """Every head with the first of its size, and with each file that holds the leaves up to it."""
    first = dict[int, Seen]()
    for each in same:
        known = first.setdefault(each.head.size, each)
        if known is not each:
            yield each, known, known.head.root
    for holder in same:
        if not holder.hashes:
            continue
        roots = roots_at(holder.hashes, {each.head.size for each in same})
        for each in same:
            size = each.head.size
            if size in roots and each is not holder and size != holder.head.size:
                yield each, holder, roots[size]


def _differ(small: Seen, _: Seen, root: bytes) -> bool:
    return small.head.root != root


def _apart(origin: str, same: list[Seen]) -> list[str]:
    """Which heads no file at hand holds against the others, in one line however many there are."""
    held = max(len(each.hashes) for each in same)
    loose = [each for each in same if each.head.size > held]
    sizes = {each.head.size for each in loose}
    sources = list(dict.fromkeys(each.source for each in loose))
    within = [each for each in same if each.head.size <= held]
    if len(sizes) + bool(within) < 2 or len({each.source for each in same}) < 2:
        return []
    names = ", ".join(sources[:MOST_NAMED])
    more = f" and {len(sources) - MOST_NAMED} more" if len(sources) > MOST_NAMED else ""
    return [
        f"{len(sizes)} head(s) of {origin} could not be held against"
        f" {'the leaves at hand' if within else 'one another'}, as no file holds the leaves up to them:"
        f" {names}{more}. Ask for an export."
    ]


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


def _back_dated(seen: list[Seen]) -> list[Failure]:
    """Within one file its own step tells it; here, what two files show together."""
    failures = list[Failure]()
    for origin in dict.fromkeys(each.head.origin for each in seen):
        same = [each for each in seen if each.head.origin == origin]
        if len({each.source for each in same}) > 1:
            failures += back_dated((each.source, body) for each in same for body in each.bodies)
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


def _fork(small: Seen, large: Seen, _: bytes) -> Failure:
    return Failure(
        Code.FORK,
        f"{small.source} and {large.source} show different histories of {small.head.origin} up to "
        f"size {small.head.size}. Keep both: together they prove that the ledger was forked.",
    )
