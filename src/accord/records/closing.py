"""What closes own records to whoever has no key to them yet, as higher modules say it.

A module that closes records registers a question when it is loaded. The database refuses new keys by a
trigger of that module, for all that are written at once; asked before, one closed record keeps no other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Closed:
    """Records that nobody is given a key to now, why, and who can change that."""

    record_ids: frozenset[UUID]
    reason: str
    who_can_change: str


Ask = Callable[[Collection[UUID]], Closed | None]
_asked: list[Ask] = []


def register(ask: Ask) -> None:
    """Have a question asked before keys are written to many records; once each."""
    if ask not in _asked:
        _asked.append(ask)


def closed(record_ids: Collection[UUID]) -> tuple[Closed, ...]:
    """Which of these own records are closed, and by what."""
    return tuple(found for ask in _asked if (found := ask(record_ids)) is not None)
