"""Judges a mixed load by what was seen and what is stored: plain facts in, faults out.

Nothing here asks the application: what is compared was read by a superuser from the tables and, of
the ledger, opened with the node's keys.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accord.cli.benches.diary import Answer, Context, Write

SAME_CLOCK_S = 0.01
"""What reading one clock in two processes may differ by."""
QUOTED = 10
THE_LEDGER = "the ledger"


@dataclass(frozen=True)
class Verdict:
    """One question, what was checked, and every fault."""

    name: str
    checked: str
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.faults

    def lines(self) -> list[str]:
        """The verdict as lines of the page of figures."""
        said = "holds" if self.holds else f"**DOES NOT HOLD: {len(self.faults)} faults**"
        return [
            f"- {self.name}: {said} ({self.checked})",
            *[f"  - {f}" for f in self.faults[:QUOTED]],
        ]


@dataclass(frozen=True)
class Found:
    """One thing that a marker names, as it is stored."""

    marker: str
    piece: int
    member: str
    place: str
    lacks: str = ""
    """What of it is not there; empty when it is whole, and logged."""


def lost_writes(writes: Mapping[str, Write], stored: Collection[Found]) -> Verdict:
    """Every acknowledged write is there once and whole; every other whole or not at all."""
    by_marker: dict[str, list[Found]] = {}
    for one in stored:
        by_marker.setdefault(one.marker, []).append(one)
    faults = [f"{marker} was never sent" for marker in by_marker if marker not in writes]
    for marker, write in writes.items():
        faults += [
            f"{write.kind} {marker}: {said}" for said in _wrong(write, by_marker.get(marker, []))
        ]
    sent = Counter(w.kind for w in writes.values())
    kept = Counter(w.kind for w in writes.values() if w.acknowledged)
    said = ", ".join(f"{kept[kind]:,} of {count:,} {kind}" for kind, count in sorted(sent.items()))
    there = sum(not w.acknowledged and m in by_marker for m, w in writes.items())
    return Verdict(
        "no lost acknowledged write",
        f"acknowledged: {said}; of the others {there} are there whole",
        tuple(faults),
    )


def _wrong(write: Write, found: Sequence[Found]) -> list[str]:
    pieces = [one.piece for one in found]
    said = [f"piece {one.piece} lacks {one.lacks}" for one in found if one.lacks]
    if write.acknowledged and not pieces:
        return ["acknowledged, and it is not there"]
    if len(set(pieces)) != len(pieces):
        said.append("is there more than once")
    if pieces and set(pieces) != set(range(write.pieces)):
        said.append(f"{len(set(pieces))} of {write.pieces} are there")
    if any((one.member, one.place) != (write.member, write.place) for one in found):
        said.append("is there as somebody else's, or elsewhere")
    return said


@dataclass(frozen=True)
class Logged:
    """One committed entry of the ledger, opened."""

    id: str
    at: float
    actor: str
    purpose: str | None
    case: str | None
    records: frozenset[str]


def unlogged(
    answers: Sequence[Answer],
    entries: Collection[Logged],
    records: Collection[str],
    notes: Mapping[str, str],
) -> Verdict:
    """Every page opened, and every refusal that shows a record, has an entry of its own naming each."""
    by_actor: dict[str, list[Logged]] = {}
    for entry in sorted(entries, key=lambda e: e.at):
        by_actor.setdefault(entry.actor, []).append(entry)
    asked: dict[str, list[tuple[Answer, frozenset[str]]]] = {}
    shown = 0
    for answer in answers:
        if answer.what == "push records":
            continue  # it says again what its sender sent, unchanged records too
        seen = records_in(answer, records, notes)
        if answer.status == 200 or seen:
            shown += len(seen)
            asked.setdefault(answer.member, []).append((answer, seen))
    faults = [
        f"{said} of {member} in {answer.context.path} showed {len(seen)} records at"
        f" {answer.ended:.3f} and no entry names them"
        for member, pages in sorted(asked.items())
        for answer, seen in _without_entry(pages, by_actor.get(member, []))
        for said in [answer.what]
    ]
    count = sum(len(pages) for pages in asked.values())
    return Verdict(
        "no unlogged disclosure",
        f"{count:,} answers that showed {shown:,} records, each held against an entry of its own"
        f" among {len(entries):,}",
        tuple(faults),
    )


def records_in(
    answer: Answer, records: Collection[str], notes: Mapping[str, str]
) -> frozenset[str]:
    """The records that an answer names, or whose text it shows.

    A list of log entries names records that its reader was shown before, under other entries.
    """
    if answer.what == THE_LEDGER:
        return frozenset()
    texts = {notes[marker] for marker in answer.markers if marker in notes}
    return frozenset(i for i in answer.ids if i in records) | texts


def _without_entry(
    pages: Sequence[tuple[Answer, frozenset[str]]], entries: Sequence[Logged]
) -> list[tuple[Answer, frozenset[str]]]:
    """The answers left over when as many as can be have an entry of their own (Kuhn's matching)."""
    moments = [entry.at for entry in entries]
    could = []
    for answer, seen in pages:
        first = bisect_left(moments, answer.began - SAME_CLOCK_S)
        beyond = bisect_right(moments, answer.ended + SAME_CLOCK_S)
        could.append([n for n in range(first, beyond) if _fits(entries[n], answer, seen)])
    taken: dict[int, int] = {}

    def take(page: int, tried: set[int]) -> bool:
        for entry in could[page]:
            if entry not in tried:
                tried.add(entry)
                if entry not in taken or take(taken[entry], tried):
                    taken[entry] = page
                    return True
        return False

    return [pages[n] for n in range(len(pages)) if not take(n, set())]


def _fits(entry: Logged, answer: Answer, seen: frozenset[str]) -> bool:
    context = answer.context
    return (entry.purpose, entry.case) == (context.purpose, context.case) and seen <= entry.records


May = Callable[[str, Context, str, datetime], bool]
"""Whether a member may see a record in a context, at a moment."""


def leaks(
    answers: Sequence[Answer],
    seen: Mapping[tuple[str, Context, str], datetime],
    may: May,
    names: Mapping[str, str],
    cases: Mapping[str, str],
) -> Verdict:
    """What was seen is what the reference lets each member see, and each page is its reader's own."""
    faults = [
        f"{member} saw {record} in {context.path}, and no clause opens it"
        for (member, context, record), at in seen.items()
        if not may(member, context, record, at)
    ]
    named = marked = 0
    for answer in answers:
        if answer.called is not None:
            named += 1
            if answer.called != names[answer.member]:
                faults.append(f"{answer.what} of {answer.member} names {answer.called}")
        for marker in answer.markers & cases.keys():
            marked += 1
            if cases[marker] != answer.context.case:
                faults.append(
                    f"{answer.member} saw {marker} of another case in {answer.context.path}"
                )
    return Verdict(
        "no leak between users",
        f"{len(seen):,} records of members in contexts against the naive reference, {named:,} pages"
        f" that name their reader, {marked:,} texts of notes",
        tuple(faults),
    )
