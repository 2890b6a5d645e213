"""Read duties as either side may see them, and which access has ended."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection
from django.db.models import Case, F, Q, When

from accord.agreements.models import AccessEnd, Duty
from accord.agreements.obligations import DutyKind
from accord.kernel.clock import now
from accord.kernel.errors import NotFound

if TYPE_CHECKING:
    from accord.agreements.scope import Scope

SHOWN = 500


class DutyState(StrEnum):
    """How a duty stands."""

    WAITING = "waiting"
    DUE = "due"
    OVERDUE = "overdue"
    HELD = "held"
    DISCHARGED = "discharged"


@dataclass(frozen=True, slots=True)
class DutyFacts:
    """One duty, as whoever owes it and whoever it is owed to may see it."""

    id: UUID
    entry_id: UUID
    agency: str
    owner: str
    record_id: UUID
    parts: tuple[str, ...]
    agreement: str
    agreement_hash: str
    clause: str
    kind: DutyKind
    value: str | None
    made_at: datetime
    due_at: datetime | None
    by_member: str
    discharged_at: datetime | None
    discharged_by: str | None
    how: str | None
    closed: bool
    state: DutyState


def duties(*, owes: str | None = None, owner: str | None = None) -> tuple[DutyFacts, ...]:
    """Return the duties that the sealed actor owes or is owed, of one side where that is named.

    At most `SHOWN`: what is not done before anything else, by its day, then what is done and new.
    """
    sides = {"agency": owes, "owner_id": owner}
    rows = (
        Duty.objects.filter(**{name: agency for name, agency in sides.items() if agency})
        .annotate(done=Q(discharged_at__isnull=False), day=_UNTIL)
        .order_by("done", "closed", F("day").asc(nulls_last=True), "-made_at", "id")[:SHOWN]
    )
    at = now()
    found = sorted((_facts(row, at) for row in rows), key=lambda d: d.due_at or d.made_at)
    done = [d for d in reversed(found) if d.state is DutyState.DISCHARGED]
    open_ones = [d for d in found if d.state is not DutyState.DISCHARGED]
    open_ones.sort(key=lambda d: _PLACE[d.state])
    return (*open_ones, *done)


_UNTIL = Case(When(discharged_at=None, then="due_at"))
_PLACE = {
    DutyState.OVERDUE: 0,
    DutyState.DUE: 1,
    DutyState.WAITING: 2,
    DutyState.HELD: 3,
}


def duty(duty_id: UUID) -> DutyFacts:
    """Return one duty; raises NotFound when it is absent or the actor's on neither side."""
    row = Duty.objects.filter(id=duty_id).first()
    if row is None:
        raise NotFound("There is no such obligation for you.")
    return _facts(row, now())


def waiting_for(found: Collection[DutyFacts], agency: str) -> int:
    """Return how many wait for this agency: what it owes and is overdue, what it was told anew."""
    return sum(
        (d.state is DutyState.OVERDUE and d.agency == agency)
        or (is_notice(d) and d.owner == agency and not d.closed)
        for d in found
    )


def is_notice(found: DutyFacts) -> bool:
    """Whether the duty is to tell the owner, and the owner was told."""
    notices = (DutyKind.NOTIFY_OWNER, DutyKind.NOTIFY_AFTER)
    return found.kind in notices and found.discharged_at is not None


def ended(scope: Scope, record_ids: Collection[UUID]) -> Mapping[tuple[UUID, str, int], datetime]:
    """Return when access of the actor's agency to these records ended: (record, part, key kind)."""
    rows = AccessEnd.objects.filter(
        agency=scope.actor.agency, record_id__in=list(record_ids), ends_at__lte=now(), held=False
    )
    found: dict[tuple[UUID, str, int], datetime] = {}
    for row in rows:
        key = (row.record_id, row.part_kind, row.key_kind)
        found[key] = max(row.ends_at, found.get(key, row.ends_at))
    return found


def come_due(aside: Collection[str] = ()) -> list[tuple[UUID, str, str]]:
    """Return (duty, agency, member who owes it) of what time has brought, for the worker.

    But what members owe who stand aside.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select duty_id, agency, by_member from accord.duties_come_due(%s, %s)",
            [now(), list(aside)],
        )
        return list(cursor.fetchall())


def _facts(row: Duty, at: datetime) -> DutyFacts:
    return DutyFacts(
        id=row.id,
        entry_id=row.entry_id,
        agency=row.agency,
        owner=row.owner_id,
        record_id=row.record_id,
        parts=tuple(row.parts),
        agreement=row.agreement,
        agreement_hash=row.agreement_hash,
        clause=row.clause,
        kind=DutyKind(row.kind),
        value=row.value,
        made_at=row.made_at,
        due_at=row.due_at,
        by_member=row.by_member,
        discharged_at=row.discharged_at,
        discharged_by=row.discharged_by,
        how=row.how,
        closed=row.closed,
        state=_state(row, at),
    )


def _state(row: Duty, at: datetime) -> DutyState:
    if row.discharged_at is not None:
        return DutyState.DISCHARGED
    if row.held:
        return DutyState.HELD
    if row.due_at is None:
        return DutyState.WAITING
    if row.due_at > at:
        return DutyState.DUE
    # PostgreSQL has closed the access at that moment, whoever notes it down.
    return DutyState.DISCHARGED if row.kind == DutyKind.END_ACCESS else DutyState.OVERDUE
