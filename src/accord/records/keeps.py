"""What keeps a record from being purged beside a legal hold and its days, and what no hold can keep.

A module that hangs something on records registers a check when it is loaded. The database refuses the
same by a trigger of that module; here it is said in words, with the page on which it can be changed.
What of a record is gone already is said where it is put under a legal hold.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from accord.kernel.errors import NotAllowed


@dataclass(frozen=True, slots=True)
class Keeps:
    """Why a record stays: the reason, who can change it, and where."""

    reason: str
    who_can_change: str
    href: str
    link: str


Check = Callable[[UUID], Keeps | None]
Lost = Callable[[UUID], str | None]
_checks: list[Check] = []
_lost: list[Lost] = []


def register(check: Check) -> None:
    """Have a check asked before any purge; once each."""
    if check not in _checks:
        _checks.append(check)


def keeps(record_id: UUID) -> Keeps | None:
    """What keeps this record, if anything does."""
    return next((found for check in _checks if (found := check(record_id))), None)


def check_nothing_keeps(record_id: UUID) -> None:
    """Raise NotAllowed where something else must end the record first."""
    found = keeps(record_id)
    if found is not None:
        raise NotAllowed(found.reason, who_can_change=found.who_can_change)


def register_lost(check: Lost) -> None:
    """Have a check asked wherever a record is put under a legal hold, or shown under one; once each."""
    if check not in _lost:
        _lost.append(check)


def gone(record_id: UUID) -> str | None:
    """What of this record is gone already, in a sentence; None where nothing is known to be."""
    return next((found for check in _lost if (found := check(record_id))), None)
