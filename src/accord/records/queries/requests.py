"""Read disclosure requests: the owner's inbox and the requester's own."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from accord.agencies import queries as agencies
from accord.agreements.scope import Scope
from accord.kernel.errors import NotFound
from accord.records.models import DisclosureRequest, RequestedPart
from accord.records.queries.records import visible_ids
from accord.records.queries.texts import texts
from accord.records.requests import RequestFacts, RequestLine, RequestState


def inbox(scope: Scope) -> tuple[RequestFacts, ...]:
    """Return the requests to the actor's agency: open ones by deadline, then the answered."""
    rows = list(DisclosureRequest.objects.filter(owner_id=scope.actor.agency))
    rows.sort(key=lambda r: (r.state != RequestState.OPEN, r.due_at, str(r.id)))
    return _facts(scope, rows)


def sent(scope: Scope) -> tuple[RequestFacts, ...]:
    """Return the requests of the actor and of the cases the actor works on, newest first."""
    rows = list(
        DisclosureRequest.objects.filter(requester_agency=scope.actor.agency).order_by(
            "-created_at", "id"
        )
    )
    return _facts(scope, rows)


def request(scope: Scope, request_id: UUID) -> RequestFacts:
    """Return one request; raises NotFound when it is absent or neither side is the actor's."""
    row = DisclosureRequest.objects.filter(id=request_id).first()
    if row is None:
        raise NotFound("There is no such request for you.")
    return _facts(scope, [row])[0]


def inbox_lines(scope: Scope) -> tuple[RequestLine, ...]:
    """Return the requests to the actor's agency, without texts: open by deadline, then the others."""
    lines = _lines(DisclosureRequest.objects.filter(owner_id=scope.actor.agency))
    lines.sort(key=lambda r: (r.state is not RequestState.OPEN, r.due_at, str(r.id)))
    return tuple(lines)


def sent_lines(scope: Scope) -> tuple[RequestLine, ...]:
    """Return the requests of the actor and of the actor's cases, without texts, newest first."""
    rows = DisclosureRequest.objects.filter(requester_agency=scope.actor.agency)
    return tuple(_lines(rows.order_by("-created_at", "id")))


def by_handle(scope: Scope, handles: Collection[str]) -> dict[str, RequestLine]:
    """Return the newest request of the actor's agency in this case for each of these hits."""
    if not handles:
        return {}
    rows = DisclosureRequest.objects.filter(
        requester_agency=scope.actor.agency, handle__in=handles, case_id=scope.context.case_id
    ).order_by("created_at", "id")
    return {row.handle: _line(row) for row in rows}


def _lines(rows: QuerySet[DisclosureRequest]) -> list[RequestLine]:
    return [_line(row) for row in rows]


def _line(row: DisclosureRequest) -> RequestLine:
    return RequestLine(
        id=row.id,
        requester_agency=row.requester_agency,
        requester_membership=row.requester_membership,
        owner=row.owner_id,
        schema=row.schema,
        purpose=row.purpose,
        case_number=row.case_number,
        state=RequestState(row.state),
        created_at=row.created_at,
        due_at=row.due_at,
    )


def open_count(scope: Scope) -> int:
    """Return how many requests wait for an answer of the actor's agency."""
    return DisclosureRequest.objects.filter(
        owner_id=scope.actor.agency, state=RequestState.OPEN
    ).count()


def _facts(scope: Scope, rows: list[DisclosureRequest]) -> tuple[RequestFacts, ...]:
    said = texts(
        scope,
        [r.reason_record for r in rows] + [r.answer_record for r in rows if r.answer_record],
    )
    people = agencies.names(
        {r.requester_membership for r in rows} | {r.answered_by for r in rows if r.answered_by}
    )
    directory = agencies.agency_names()
    seen = visible_ids([r.record_id for r in rows])
    decisions = _decisions([r.id for r in rows])
    return tuple(
        RequestFacts(
            id=row.id,
            requester_agency=row.requester_agency,
            requester_agency_name=directory.get(row.requester_agency, row.requester_agency),
            requester_name=people.get(row.requester_membership, ""),
            requester_membership=row.requester_membership,
            owner=row.owner_id,
            owner_name=directory.get(row.owner_id, row.owner_id),
            handle=row.handle,
            schema=row.schema,
            purpose=row.purpose,
            legal_basis=row.legal_basis,
            case_id=row.case_id,
            case_number=row.case_number,
            state=RequestState(row.state),
            created_at=row.created_at,
            due_at=row.due_at,
            answered_at=row.answered_at,
            answered_by_name=people.get(row.answered_by) if row.answered_by else None,
            granted_until=row.granted_until,
            reason=said.get(row.reason_record),
            reason_closed=said.is_closed(row.reason_record),
            answer=said.get(row.answer_record),
            answer_closed=said.is_closed(row.answer_record),
            granted=decisions.get((row.id, "granted"), ()),
            refused=decisions.get((row.id, "refused"), ()),
            record_id=_record_for(scope, row, seen),
        )
        for row in rows
    )


def _record_for(scope: Scope, row: DisclosureRequest, seen: frozenset[UUID]) -> UUID | None:
    return row.record_id if row.owner_id == scope.actor.agency or row.record_id in seen else None


def _decisions(request_ids: list[UUID]) -> dict[tuple[UUID, str], tuple[str, ...]]:
    found: dict[tuple[UUID, str], list[str]] = {}
    rows = RequestedPart.objects.filter(request_id__in=request_ids).order_by("kind")
    for row in rows:
        found.setdefault((row.request_id, row.decision), []).append(row.kind)
    return {key: tuple(kinds) for key, kinds in found.items()}


def has_asked(scope: Scope) -> bool:
    """Whether the member has asked for a disclosure."""
    asked = DisclosureRequest.objects.filter(requester_membership=scope.actor.membership)
    return asked.exists()


def has_answered(scope: Scope) -> bool:
    """Whether the member has answered one."""
    return DisclosureRequest.objects.filter(answered_by=scope.actor.membership).exists()
