"""Recall a whole record, and what both sides do about a notice: answer, hold, escalate, note."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accord.agencies.demokeys import sign_here
from accord.agreements.duties import actions as duties
from accord.agreements.scope import Scope
from accord.kernel import ids
from accord.kernel.canonical import canonical
from accord.kernel.clock import now
from accord.platform.db.locks import alone
from accord.records import requests as asking
from accord.records.actions.keeping import check_keeper
from accord.records.actions.keys import end_every_key
from accord.records.actions.recalls import own_head, start
from accord.records.actions.texts import write_text
from accord.records.models import DisclosureRequest, RecallAct, RequestedPart
from accord.records.policy import check_recall
from accord.records.queries.recalls import Recall, recall
from accord.records.queries.records import owner_of
from accord.records.recalls import (
    Act,
    check_because,
    check_escalate,
    check_outcome,
    check_owner,
    check_recipient,
    step,
)


def recall_record(scope: Scope, record_id: UUID, because: str) -> tuple[str, ...]:
    """Withdraw everything that was given of an own record; returns which agencies are told.

    Every key on its parts ends now, on every revision. What a clause opens without a key stays
    open: its label says so, and a stricter label closes it. Raises NotAllowed under a legal hold.
    """
    check_keeper(scope)
    owner = owner_of(record_id)
    _, held, _ = own_head(record_id)
    check_recall(actor_agency=scope.actor.agency, owner=owner, legal_hold=held)
    word = check_because(because)
    end_every_key(scope, record_id)
    granted = DisclosureRequest.objects.filter(
        record_id=record_id,
        owner_id=scope.actor.agency,
        state__in=[asking.RequestState.GRANTED, asking.RequestState.PARTLY_GRANTED],
    )
    numbers = list(granted.values_list("id", flat=True))
    RequestedPart.objects.filter(request_id__in=numbers, decision="granted").update(
        decision="revoked", at=now()
    )
    granted.update(state=asking.RequestState.REVOKED)
    scope.did("alteration", step="recalled a record", record=str(record_id))
    return start(scope, record_id, what="record", because=word)


def answer(scope: Scope, notice_id: UUID, outcome: str) -> None:
    """Say, signed, what became of what was recalled; discharges the duty to return copies.

    Raises NotAllowed for another agency or role, InvalidInput where a listed copy is overlooked.
    """
    found = _alone(notice_id)
    check_recipient(scope.actor, found.notice.to)
    step(found.state, Act.ANSWER)
    said = check_outcome(outcome, found.notice.copies)
    _add(scope, found, Act.ANSWER, outcome=said)
    if said != "nothing-held":
        duties.copies_gone(scope, found.notice.record, said)


def hold(scope: Scope, notice_id: UUID, reason: str) -> None:
    """Say, signed, that copies are kept under a legal hold of the recipient, and for what.

    The owner reads the reason, and the notice stays open until the hold ends and it is answered.
    """
    found = _alone(notice_id)
    check_recipient(scope.actor, found.notice.to)
    step(found.state, Act.HOLD)
    text = write_text(
        scope,
        schema="Request",
        text=asking.check_reason(reason),
        source_ref=f"{notice_id}/held",
        granted_to=found.notice.owner,
    )
    _add(scope, found, Act.HOLD, outcome="held", reason_record=text)


def escalate(scope: Scope, notice_id: UUID) -> None:
    """Escalate an overdue notice to the recipient's duty desk; raises NotAllowed before that."""
    found = _alone(notice_id)
    check_owner(scope.actor, found.notice.owner)
    check_escalate(found.state, found.notice.due, now())
    _add(scope, found, Act.ESCALATE)


def note(scope: Scope, notice_id: UUID) -> None:
    """Take note of a receipt as the owner, which closes the recall towards that recipient."""
    found = _alone(notice_id)
    check_owner(scope.actor, found.notice.owner)
    step(found.state, Act.NOTE)
    _add(scope, found, Act.NOTE)


def _add(
    scope: Scope,
    found: Recall,
    act: Act,
    *,
    outcome: str | None = None,
    reason_record: UUID | None = None,
) -> None:
    at, actor = now(), scope.actor
    facts: dict[str, Any] | None = None
    if outcome is not None:
        facts = found.notice.receipt(
            outcome=outcome, by=actor.membership, at=at, entry=scope.entry_id
        )
    RecallAct.objects.bulk_create(
        [
            RecallAct(
                id=ids.uuid7(),
                notice_id=found.notice.id,
                act=act,
                member=actor.membership,
                agency=actor.agency,
                at=at,
                facts=facts,
                signature=sign_here(actor.agency, canonical(facts)) if facts else None,
                reason_record=reason_record,
                entry_id=scope.entry_id,
            )
        ]
    )
    scope.did("alteration", step=f"recall: {act}", notice=str(found.notice.id), outcome=outcome)


def _alone(notice_id: UUID) -> Recall:
    """The recall as it stands once whoever else acts on it has finished; raises NotFound."""
    alone(f"accord.recall {notice_id}")
    return recall(notice_id)
