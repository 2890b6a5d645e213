"""Read saved mappings: the agency's own, row-level security says which."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accord.agencies import queries as agencies
from accord.agreements.scope import Scope
from accord.exchange.models import IntakeMapping
from accord.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class MappingView:
    """One version of a saved mapping."""

    name: str
    version: int
    text: str
    columns: tuple[str, ...]
    by: str
    created_at: datetime


def mappings(scope: Scope) -> tuple[MappingView, ...]:
    """Return the newest version of each mapping of the actor's agency, by name."""
    rows = (
        IntakeMapping.objects.filter(owner_id=scope.actor.agency)
        .order_by("name", "-version")
        .distinct("name")
    )
    return _views(rows)


def mapping(scope: Scope, name: str, version: int | None = None) -> MappingView:
    """Return one version of a mapping, else the newest; raises NotFound."""
    rows = IntakeMapping.objects.filter(owner_id=scope.actor.agency, name=name)
    if version is not None:
        rows = rows.filter(version=version)
    found = rows.order_by("-version").first()
    if found is None:
        raise NotFound("Your agency has no mapping of this name and version.")
    return _views([found])[0]


def versions(scope: Scope, name: str) -> tuple[MappingView, ...]:
    """Return every version of a mapping, newest first; raises NotFound."""
    rows = IntakeMapping.objects.filter(owner_id=scope.actor.agency, name=name)
    found = _views(rows.order_by("-version"))
    if not found:
        raise NotFound()
    return found


def fitting(scope: Scope, columns: Iterable[str]) -> MappingView | None:
    """Return the latest saved mapping, of those in their newest version, that fits a header."""
    wanted = tuple(sorted(columns))
    found = [m for m in mappings(scope) if m.columns == wanted]
    return max(found, key=lambda m: m.created_at, default=None)


def _views(rows: Iterable[IntakeMapping]) -> tuple[MappingView, ...]:
    rows = list(rows)
    people = agencies.names({row.created_by for row in rows})
    return tuple(
        MappingView(
            name=row.name,
            version=row.version,
            text=row.text,
            columns=tuple(row.columns),
            by=people.get(row.created_by, ""),
            created_at=row.created_at,
        )
        for row in rows
    )
