"""Which of the agreements given are taken as in force together, and what must be said about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from accord.agreements.domain import Agreement
from accord.agreements.terms import check_amendment, in_force
from accord.kernel.errors import NotAllowed


@dataclass(frozen=True)
class Together:
    """The agreements that decide, and in words which of those given do not."""

    agreements: tuple[Agreement, ...]
    notes: tuple[str, ...] = ()


def together(given: Sequence[Agreement], at: date | None = None) -> Together:
    """The agreements given, taken as signed: each amendment instead of what it amends.

    Without a day every term is taken as running; with one, those that hold at its noon (UTC).
    """
    every = tuple({a.content_hash: a for a in given}.values())
    if at is not None:
        holding = in_force(every, datetime.combine(at, time(12), UTC))
        left = [a for a in every if a not in holding]
        return Together(holding, tuple(f"{_name(a)} is not in force on {at}" for a in left))
    by_hash = {a.content_hash: a for a in every}
    notes, gone = [], set()
    for child in every:
        parent = by_hash.get(child.amends or "")
        if parent is None:
            continue
        try:
            check_amendment(child, parent)
        except NotAllowed as refusal:
            notes.append(f"{_name(child)} decides nothing: {refusal.reason}")
            gone.add(child.content_hash)
        else:
            notes.append(f"{_name(child)} takes the place of version {parent.content_hash[:12]}")
            gone.add(parent.content_hash)
    kept = tuple(sorted((a for a in every if a.content_hash not in gone), key=_order))
    return Together(kept, (*notes, *_twice(kept)))


def _twice(kept: Sequence[Agreement]) -> list[str]:
    ids = [a.id for a in kept]
    return [
        f"{ids.count(name)} versions of {name} are taken as in force: none amends another"
        for name in dict.fromkeys(ids)
        if ids.count(name) > 1
    ]


def _order(agreement: Agreement) -> tuple[str, str]:
    return (agreement.id, agreement.content_hash)


def _name(agreement: Agreement) -> str:
    return f"{agreement.id} (version {agreement.content_hash[:12]})"
