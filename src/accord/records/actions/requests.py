"""Write disclosure requests: ask, answer part by part, withdraw, revoke.

What is granted opens through a key on the part, never by copying; revoking ends the key.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from accord.agreements.scope import Scope
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, NotFound
from accord.kernel.phrases import phrase
from accord.platform.db.locks import alone
from accord.records import requests as rules
from accord.records.actions.keys import end_keys_because, give_grant_key
from accord.records.actions.recalls import start as start_recall
from accord.records.actions.texts import write_text
from accord.records.models import DisclosureRequest, RequestedPart
from accord.records.queries.handles import record_behind
from accord.records.queries.records import PartView, record_worked_on
from accord.records.queries.requests import request as read_request
from accord.records.requests import RequestState


def ask(scope: Scope, handle: str, reason: str) -> UUID:
    """Ask the owner of a hit to disclose it; returns the request's id.

    Raises NotFound when the handle is not a hit of this standing (absent and no longer open look
    alike), InvalidInput when the reason says too little, Conflict when the same question is open.
    """
    text = rules.check_reason(reason)
    target = record_behind(scope, handle)
    _one_at_a_time(scope, target.record_id)
    if _is_open(scope, target.record_id):
        raise Conflict(phrase("Your agency has already asked for this record in this case."))
    request_id = ids.uuid7()
    reason_record = write_text(
        scope,
        schema="Request",
        text=text,
        source_ref=f"{request_id}/reason",
        case_id=scope.context.case_id,
        granted_to=target.owner,
    )
    at = now()
    DisclosureRequest.objects.bulk_create(
        [
            DisclosureRequest(
                id=request_id,
                requester_agency=scope.actor.agency,
                requester_membership=scope.actor.membership,
                owner_id=target.owner,
                record_id=target.record_id,
                handle=handle,
                schema=target.schema,
                purpose=scope.context.purpose,
                legal_basis=scope.context.legal_basis,
                case_id=scope.context.case_id,
                case_number=scope.context.case_number,
                reason_record=reason_record,
                state=RequestState.OPEN,
                created_at=at,
                due_at=at + rules.ANSWER_WITHIN,
            )
        ]
    )
    scope.did("consultation", step="asked for disclosure", request=str(request_id))
    return request_id


def _one_at_a_time(scope: Scope, record_id: UUID) -> None:
    """Let a colleague who asks the same at this moment finish first."""
    alone(f"accord.ask {scope.actor.agency} {record_id} {scope.context.case_id}")


def _is_open(scope: Scope, record_id: UUID) -> bool:
    return DisclosureRequest.objects.filter(
        requester_agency=scope.actor.agency,
        record_id=record_id,
        case_id=scope.context.case_id,
        state=RequestState.OPEN,
    ).exists()


def answer(
    scope: Scope,
    request_id: UUID,
    *,
    granted: Collection[str],
    until: datetime | None,
    text: str,
) -> RequestState:
    """Answer a request: the kinds of part in `granted` open to the requester until `until`.

    An empty `granted` refuses. What a clause ends sooner ends then: the shorter wins. Raises
    NotAllowed for whoever may not answer or where a clause does not let the agency release a part,
    InvalidInput for an unknown part or a bad date.
    """
    found = _held(scope, request_id)
    rules.check_answer(scope.actor, found.owner)
    said = rules.check_reason(text)
    assert found.record_id is not None  # the owner's side always has it
    parts = _parts(scope, found.record_id)
    state = rules.outcome(granted, parts)
    rules.check_step(found.state, state)
    wanted = rules.check_until(until or now() + rules.LONGEST_GRANT, now()) if granted else None
    given = [
        give_grant_key(
            scope,
            parts[kind],
            to=found.requester_agency,
            case_id=found.case_id,
            until=wanted,
            because=request_id,
        )
        for kind in sorted(granted)
    ]
    ends = max((end for end in given if end is not None), default=None)
    _record_decisions(found, parts, granted)
    answer_record = write_text(
        scope,
        schema="Request",
        text=said,
        source_ref=f"{request_id}/answer",
        granted_to=found.requester_agency,
    )
    _set(
        request_id,
        state=state,
        answered_at=now(),
        answered_by=scope.actor.membership,
        answer_record=answer_record,
        granted_until=ends,
    )
    scope.did(
        "disclosure" if granted else "refusal",
        step=f"answered: {state}",
        request=str(request_id),
        granted=sorted(granted),
    )
    return state


def _parts(scope: Scope, record_id: UUID) -> dict[str, PartView]:
    """The parts that can be granted, by kind; none where the actor sees none. Answering reads none."""
    try:
        return {part.kind: part for part in record_worked_on(scope, record_id).parts}
    except NotFound:
        return {}


def _record_decisions(
    found: rules.RequestFacts, parts: Collection[str], granted: Collection[str]
) -> None:
    RequestedPart.objects.bulk_create(
        RequestedPart(
            id=ids.uuid7(),
            request_id=found.id,
            owner_id=found.owner,
            requester_agency=found.requester_agency,
            kind=kind,
            decision="granted" if kind in granted else "refused",
            at=now(),
        )
        for kind in sorted(parts)
    )


def withdraw(scope: Scope, request_id: UUID) -> None:
    """Withdraw a question that one asked oneself and nobody answered yet; raises NotAllowed."""
    found = _held(scope, request_id)
    rules.check_withdraw(scope.actor, found)
    rules.check_step(found.state, RequestState.WITHDRAWN)
    _set(request_id, state=RequestState.WITHDRAWN)
    scope.did("alteration", step="withdrew a request", request=str(request_id))


def revoke(scope: Scope, request_id: UUID) -> None:
    """Take back what was granted, effective on the next request; raises NotAllowed."""
    found = _held(scope, request_id)
    rules.check_answer(scope.actor, found.owner)
    rules.check_step(found.state, RequestState.REVOKED)
    end_keys_because(scope, request_id)
    RequestedPart.objects.filter(request_id=request_id, decision="granted").update(
        decision="revoked", at=now()
    )
    _set(request_id, state=RequestState.REVOKED)
    scope.did("alteration", step="revoked a grant", request=str(request_id))
    assert found.record_id is not None  # the owner's side always has it
    start_recall(
        scope,
        found.record_id,
        what="grant",
        because="withdrawn",
        parts=found.granted,
        only=[found.requester_agency],
    )


def _held(scope: Scope, request_id: UUID) -> rules.RequestFacts:
    """Return a request as it stands once whoever else changes it has finished; raises NotFound.

    INVARIANT: one answer a request. A refusal written over a grant would leave keys that nobody
    could revoke.
    """
    row = DisclosureRequest.objects.select_for_update().filter(id=request_id)
    list(row.values_list("id"))  # none where the actor may read it and change nothing
    return read_request(scope, request_id)


def _set(request_id: UUID, **values: object) -> None:
    if not DisclosureRequest.objects.filter(id=request_id).update(**values):
        raise Conflict(phrase("Somebody else changed this request first; look at it again."))
