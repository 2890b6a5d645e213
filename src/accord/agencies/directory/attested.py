"""Who attested each fact about a member, and until when: read from what administrators decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from accord.agencies.directory.domain import AttestedFact, ChangeKind
from accord.agencies.models import DirectoryChange, Membership
from accord.agencies.queries import ends_of

LEVELS = (ChangeKind.CLEARANCE, ChangeKind.ASSURANCE, ChangeKind.NATIONALITY)
ATTESTS = (ChangeKind.ROLE, *LEVELS)


def attested(
    row: Membership, decided: Iterable[DirectoryChange], at: datetime
) -> tuple[AttestedFact, ...]:
    """Return each fact of a membership, those too whose end has come; `decided` oldest first."""
    changes = [change for change in decided if change.kind in (*ATTESTS, ChangeKind.JOIN)]
    ends = ends_of(row)
    found = []
    for kind, value in _facts(row):
        word = value if kind is ChangeKind.ROLE else ""
        last = next((c for c in reversed(changes) if _says(c, kind, value)), None)
        until = ends.get((kind, word))
        found.append(
            AttestedFact(
                kind=kind,
                value=value,
                agency=row.agency_id,
                by=() if last is None else _by(last),
                since=last.decided_at if last and last.decided_at else row.valid_from,
                until=until,
                valid=until is None or until > at,
            )
        )
    return tuple(found)


def _facts(row: Membership) -> Iterator[tuple[ChangeKind, str]]:
    yield from ((ChangeKind.ROLE, role) for role in sorted(row.roles))
    yield ChangeKind.CLEARANCE, row.clearance
    yield ChangeKind.ASSURANCE, str(row.assurance)
    yield ChangeKind.NATIONALITY, row.member.nationality


def _says(change: DirectoryChange, kind: ChangeKind, value: str) -> bool:
    """Whether a change gave a fact; a new member's gave all that it named."""
    said = change.facts
    if change.kind == ChangeKind.JOIN:
        named = said["roles"] if kind is ChangeKind.ROLE else (str(said[kind]),)
        return value in named
    if change.kind != kind:
        return False
    return value in said["add"] if kind is ChangeKind.ROLE else str(said["to"]) == value


def _by(change: DirectoryChange) -> tuple[str, ...]:
    """Who proposed and who approved it; one that takes away has one for both."""
    return tuple(dict.fromkeys(m for m in (change.proposed_by, change.decided_by) if m))
