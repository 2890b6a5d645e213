"""Write what becomes of records after intake: legal holds and retention dates."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from accord.agreements.duties import actions as duties
from accord.agreements.scope import Scope
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from accord.kernel.phrases import phrase
from accord.records.faults import FieldError
from accord.records.models import Record
from accord.records.policy import check_no_hold, check_retention
from accord.records.queries import retention as retention_queries

CUSTODIANS = frozenset({"records-custodian", "supervisor"})
SHORTEST_REASON = 10


def set_legal_hold(scope: Scope, record_id: UUID, on: bool, reason: str) -> None:
    """Put a record under a legal hold, or end it; the reason goes to the ledger's encrypted body.

    Raises NotFound for a record that is not visible, NotAllowed for whoever keeps no records.
    """
    record = _own_record(scope, record_id)
    if len(reason.strip()) < SHORTEST_REASON:
        rule = phrase(
            "say in at least %(shortest_reason)s characters which proceeding asks for it",
            shortest_reason=SHORTEST_REASON,
        )
        raise InvalidInput("legal hold", None, "reason", rule)
    if record.legal_hold == on:
        raise Conflict(
            phrase("The record is %(what)s under a legal hold.", what="already" if on else "not")
        )
    if not Record.objects.filter(id=record_id, legal_hold=not on).update(legal_hold=on):
        raise Conflict(phrase("The record changed or went meanwhile; look at it again."))
    duties.hold(scope, record_id, on)
    _log(scope, record_id, step=f"legal hold {'on' if on else 'off'}", reason=reason.strip())


def set_retention(scope: Scope, record_id: UUID, until: date | None) -> None:
    """Set the day to review or purge a record; nothing beyond the legal maximum.

    Raises NotFound, NotAllowed under a legal hold that it would shorten, InvalidInput past the
    maximum (28 CFR 23.20(h)), which counts from the day of collection or of the last validation.
    """
    record = _own_record(scope, record_id)
    try:
        validated = max(record.created_at.date(), record.validated_on or date.min)
        check_retention(record.intelligence, until, validated)
    except FieldError as error:
        raise InvalidInput("record", None, "retain_until", error.reason) from None
    if until is not None and until <= retention_queries.day():
        # INVARIANT: nobody makes a record's day come; a purge waits for the day that stands.
        raise InvalidInput("record", None, "retain_until", phrase("must lie in the future"))
    if until is not None and (record.retain_until is None or until < record.retain_until):
        check_no_hold(record.legal_hold, "given an earlier retention date")
    if not Record.objects.filter(id=record_id).update(retain_until=until):
        raise Conflict(phrase("The record changed or went meanwhile; look at it again."))
    _log(scope, record_id, step="retention", until=until.isoformat() if until else None)


def _own_record(scope: Scope, record_id: UUID) -> Record:
    record = Record.objects.filter(id=record_id).first()
    if record is None:
        raise NotFound()
    if record.owner_id != scope.actor.agency:
        raise NotAllowed(phrase("Only its owner keeps a record."), who_can_change=record.owner_id)
    check_keeper(scope)
    return record


def check_keeper(scope: Scope) -> None:
    """Raise NotAllowed for whoever keeps no records."""
    if not scope.actor.roles & CUSTODIANS:
        raise NotAllowed(
            phrase("A records custodian or a supervisor does this."),
            who_can_change=phrase(
                "a records custodian of %(agency_name)s", agency_name=scope.actor.agency_name
            ),
        )


def _log(scope: Scope, record_id: UUID, **detail: object) -> None:
    scope.did("alteration", record=str(record_id), **detail)
