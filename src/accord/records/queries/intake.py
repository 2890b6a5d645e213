"""Read intake runs and their quarantine: the owner's own, row-level security says which."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from accord.agencies import queries as agencies
from accord.agreements.scope import Scope
from accord.kernel.errors import NotFound
from accord.records.models import IntakeRun, QuarantineEntry

FINISHED = frozenset({"done", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class RunView:
    """One file on its way in, or arrived."""

    id: UUID
    file_name: str
    format: str
    said: str
    source_system: str
    mapping_name: str | None
    mapping_version: int | None
    remarks: str | None
    state: str
    by: str
    purpose: str
    total_bytes: int
    done_bytes: int
    rows: int
    loaded: int
    revised: int
    unchanged: int
    quarantined: int
    failure: str | None
    sender_away: bool
    """It waits outside the line: who sent it does not act for the agency at present."""
    created_at: datetime
    updated_at: datetime

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in FINISHED

    @property
    def percent(self) -> int:
        """How much of the file was read, for a progress bar."""
        if self.state == "done":
            return 100
        return min(99, self.done_bytes * 100 // self.total_bytes) if self.total_bytes else 0


@dataclass(frozen=True, slots=True)
class QuarantineView:
    """One refused row; its text is the narrative part of `record_id`, read like any other part."""

    id: UUID
    line: int
    field: str
    rule: str
    reason: str
    record_id: UUID
    resolved_at: datetime | None


def runs(scope: Scope, *, limit: int = 100) -> tuple[RunView, ...]:
    """Return the agency's newest intake runs."""
    rows = list(
        IntakeRun.objects.filter(owner_id=scope.actor.agency).order_by("-created_at", "-id")[:limit]
    )
    return _views(rows)


def run(scope: Scope, run_id: UUID) -> RunView:
    """Return one run of the actor's agency; raises NotFound."""
    row = IntakeRun.objects.filter(id=run_id, owner_id=scope.actor.agency).first()
    if row is None:
        raise NotFound()
    return _views([row])[0]


def waiting(stale_before: datetime) -> list[tuple[UUID, str, str]]:
    """Return runs that wait for a worker: (run, membership, purpose), before there is a standing."""
    with connection.cursor() as cursor:
        cursor.execute("select * from accord.waiting_runs(%s)", [stale_before])
        return list(cursor.fetchall())


def unmapped(before: datetime) -> list[tuple[UUID, str, str]]:
    """Return files that have waited for their mapping since before then: (run, membership, purpose)."""
    with connection.cursor() as cursor:
        cursor.execute("select * from accord.unmapped_runs(%s)", [before])
        return list(cursor.fetchall())


def meaning_of(scope: Scope, run_id: UUID) -> str | None:
    """Return the mapping that a run of the actor's agency is read by; raises NotFound."""
    row = IntakeRun.objects.filter(id=run_id, owner_id=scope.actor.agency).first()
    if row is None:
        raise NotFound()
    return row.mapping


def _views(rows: Iterable[IntakeRun]) -> tuple[RunView, ...]:
    rows = list(rows)
    people = agencies.names({row.membership_id for row in rows})
    waiting = {row.membership_id for row in rows if row.state not in FINISHED}
    away = waiting - agencies.in_force_of(waiting)
    return tuple(
        RunView(
            id=row.id,
            file_name=row.file_name,
            format=row.format,
            said=row.said,
            source_system=row.source_system,
            mapping_name=row.mapping_name,
            mapping_version=row.mapping_version,
            remarks=row.remarks,
            state=row.state,
            by=people.get(row.membership_id, ""),
            purpose=row.purpose,
            total_bytes=row.total_bytes,
            done_bytes=row.done_bytes,
            rows=row.next_row,
            loaded=row.loaded,
            revised=row.revised,
            unchanged=row.unchanged,
            quarantined=row.quarantined,
            failure=row.failure,
            sender_away=row.state not in FINISHED and row.membership_id in away,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in rows
    )


def quarantine(
    scope: Scope, run_id: UUID, *, after_line: int = 0, limit: int = 200
) -> tuple[QuarantineView, ...]:
    """Return the refused rows of a run that the actor may see, by line; raises NotFound."""
    run(scope, run_id)
    rows = QuarantineEntry.objects.filter(run_id=run_id, line__gt=after_line).order_by("line", "id")
    return tuple(
        QuarantineView(
            id=row.id,
            line=row.line,
            field=row.field,
            rule=row.rule,
            reason=row.reason,
            record_id=row.record_id,
            resolved_at=row.resolved_at,
        )
        for row in rows[:limit]
    )


def sent_by(scope: Scope, run_id: UUID) -> bool:
    """Return whether the actor is the member who sent a file."""
    return IntakeRun.objects.filter(id=run_id, membership_id=scope.actor.membership).exists()
