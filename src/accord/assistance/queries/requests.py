"""Read requests for assistance, as the asking and the asked agency may."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from accord.agreements.scope import Scope
from accord.assistance import sealing
from accord.assistance.domain import (
    OPEN,
    RUNNING,
    AssistanceState,
    AssistanceStep,
    Line,
    Request,
    Said,
    Urgency,
    state_of,
)
from accord.assistance.models import (
    AssistanceAct,
    AssistanceHand,
    AssistanceOrigin,
    AssistanceRequest,
)
from accord.kernel.clock import now
from accord.kernel.deadlines import is_overdue
from accord.kernel.errors import NotFound

SHOWN = 500
_PLACE = tuple(AssistanceState)


def inbox(scope: Scope) -> tuple[Line, ...]:
    """Return what the actor's agency is asked for: overdue first, then what is open by its day."""
    return _ordered(AssistanceRequest.objects.filter(asked_agency=scope.actor.agency))


def outbox(scope: Scope) -> tuple[Line, ...]:
    """Return what the actor's agency asked for, in the same order."""
    return _ordered(AssistanceRequest.objects.filter(requester_agency=scope.actor.agency))


def waiting(scope: Scope) -> tuple[int, int]:
    """Return how many requests wait for the actor's agency, and how many of those are overdue."""
    lines = inbox(scope)
    return sum(line.state in OPEN for line in lines), sum(line.overdue for line in lines)


def request(scope: Scope, request_id: UUID) -> Request:
    """Return one request; raises NotFound when it is absent or the actor's agency on neither side."""
    row = AssistanceRequest.objects.filter(id=request_id).first()
    if row is None:
        raise NotFound("There is no such request for you.")
    acts = _acts([row.id])
    origin = AssistanceOrigin.objects.filter(request_id=row.id).first()
    text, place = sealing.unseal(sealing.REQUEST, row.id, row.sealed)
    hands = {
        h.act_id: h.membership_id
        for h in AssistanceHand.objects.filter(act_id__in=[a.id for a in acts])
    }
    return Request(
        line=_line(row, acts, now()),
        purpose=row.purpose,
        legal_basis=row.legal_basis,
        text=text,
        place=place,
        needed_until=row.needed_until,
        case_number=origin.case_number if origin else None,
        asked_by=origin.membership_id if origin else None,
        beside=_beside(origin),
        acts=tuple(_said(act, hands.get(act.id)) for act in acts),
    )


def still_running(beside: Iterable[UUID]) -> tuple[UUID, ...]:
    """Return those of these requests that are not at their end."""
    rows = list(AssistanceRequest.objects.filter(id__in=list(beside)).order_by("id"))
    return tuple(line.id for line in _lines(rows) if line.state in RUNNING)


def _beside(origin: AssistanceOrigin | None) -> tuple[UUID, ...]:
    if origin is None:
        return ()
    rows = AssistanceOrigin.objects.filter(round_id=origin.round_id)
    others = rows.exclude(request_id=origin.request_id).order_by("request_id")
    return tuple(others.values_list("request_id", flat=True))


def _ordered(rows: Iterable[AssistanceRequest]) -> tuple[Line, ...]:
    found = _lines(sorted(rows, key=lambda r: r.sent_at, reverse=True)[:SHOWN])
    return tuple(
        sorted(
            found,
            key=lambda line: (
                not line.overdue,
                line.state not in OPEN,
                line.due_at.timestamp() if line.state in OPEN else _PLACE.index(line.state),
            ),
        )
    )


def _lines(rows: list[AssistanceRequest]) -> tuple[Line, ...]:
    by_request: dict[UUID, list[AssistanceAct]] = {row.id: [] for row in rows}
    for act in _acts(list(by_request)):
        by_request[act.request_id].append(act)
    at = now()
    return tuple(_line(row, by_request[row.id], at) for row in rows)


def _acts(numbers: list[UUID]) -> list[AssistanceAct]:
    return list(AssistanceAct.objects.filter(request_id__in=numbers).order_by("at", "id"))


def _line(row: AssistanceRequest, acts: Iterable[AssistanceAct], at: datetime) -> Line:
    state = state_of(AssistanceStep(act.act) for act in acts)
    return Line(
        id=row.id,
        asker=row.requester_agency,
        asked=row.asked_agency,
        discipline=row.discipline,
        languages=tuple(row.languages),
        urgency=Urgency(row.urgency),
        sent_at=row.sent_at,
        due_at=row.due_at,
        state=state,
        overdue=is_overdue(state in OPEN, row.due_at, at),
    )


def _said(act: AssistanceAct, by: str | None) -> Said:
    return Said(
        act=AssistanceStep(act.act),
        agency=act.agency_id,
        by=by,
        at=act.at,
        text=sealing.unseal(sealing.ACT, act.id, act.sealed)[0] if act.sealed else "",
        comes=tuple(act.comes),
        passed_to=act.passed_to,
        entry=act.entry_id,
    )
