"""Read recalls as either side may see them, each with what was said about it and whether it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accord.agencies import queries as agencies
from accord.agencies.keys import KeyRing
from accord.kernel.canonical import canonical
from accord.kernel.clock import now
from accord.kernel.errors import NotFound
from accord.kernel.signatures import verifies
from accord.records.models import RecallAct, RecallNotice
from accord.records.recalls import OPEN, Act, Notice, RecallState, is_overdue, state_of

SHOWN = 500


@dataclass(frozen=True, slots=True)
class Said:
    """One act about a notice."""

    act: Act
    member: str
    agency: str
    at: datetime
    outcome: str | None
    reason_record: UUID | None
    entry: UUID
    signed: bool
    """By the agency's key; where not, the ledger entry stands for it."""


@dataclass(frozen=True, slots=True)
class Recall:
    """One notice, as its owner and its recipient may see it."""

    notice: Notice
    signed: bool
    acts: tuple[Said, ...]
    state: RecallState
    overdue: bool


def recalls(*, owner: str | None = None, to: str | None = None) -> tuple[Recall, ...]:
    """Return the newest recalls of an owner or to a recipient: overdue first, then what is open."""
    rows = RecallNotice.objects.order_by("-at", "id").prefetch_related("acts")
    if owner is not None:
        rows = rows.filter(owner_id=owner)
    if to is not None:
        rows = rows.filter(to_agency=to)
    at, keys = now(), agencies.key_ring()
    found = [_recall(row, at, keys) for row in rows[:SHOWN]]
    return tuple(sorted(found, key=lambda r: (not r.overdue, _PLACE[r.state])))


def waiting(agency: str) -> tuple[int, int]:
    """Return how many of this agency's recalls are overdue, and how many it has to answer."""
    at, overdue, asked = now(), 0, 0
    for row in (
        RecallNotice.objects.defer("facts", "signature")
        .prefetch_related("acts")
        .order_by("-at")[:SHOWN]
    ):
        acts = sorted(row.acts.all(), key=lambda a: (a.at, a.id))
        state = state_of(Act(a.act) for a in acts)
        overdue += row.owner_id == agency and is_overdue(state, row.due_at, at)
        asked += row.to_agency == agency and state in OPEN
    return overdue, asked


_PLACE = {
    RecallState.ESCALATED: 0,
    RecallState.SENT: 1,
    RecallState.ANSWERED: 2,
    RecallState.HELD: 3,
    RecallState.CLOSED: 4,
}


def recall(notice_id: UUID) -> Recall:
    """Return one recall; raises NotFound when it is absent or the actor's on neither side."""
    row = RecallNotice.objects.filter(id=notice_id).prefetch_related("acts").first()
    if row is None:
        raise NotFound("There is no such recall for you.")
    return _recall(row, now(), agencies.key_ring())


def _recall(row: RecallNotice, at: datetime, keys: KeyRing) -> Recall:
    notice = Notice.from_facts(row.facts)
    acts = sorted(row.acts.all(), key=lambda a: (a.at, a.id))
    state = state_of(Act(a.act) for a in acts)
    return Recall(
        notice=notice,
        signed=_holds(row.signature, notice.canonical(), keys.key(notice.owner, row.at)),
        acts=tuple(_said(a, keys) for a in acts),
        state=state,
        overdue=is_overdue(state, notice.due, at),
    )


def _said(row: RecallAct, keys: KeyRing) -> Said:
    facts: dict[str, Any] = row.facts or {}
    return Said(
        act=Act(row.act),
        member=row.member,
        agency=row.agency,
        at=row.at,
        outcome=facts.get("outcome"),
        reason_record=row.reason_record,
        entry=row.entry_id,
        signed=_holds(row.signature, canonical(facts), keys.key(row.agency, row.at)),
    )


def _holds(signature: bytes | memoryview | None, payload: bytes, key: bytes) -> bool:
    return signature is not None and verifies(key, bytes(signature), payload)
