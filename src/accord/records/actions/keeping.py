"""Write what becomes of records after intake: stricter labels, legal holds, retention dates."""

from __future__ import annotations

import json
from datetime import date
from uuid import UUID

from accord.agreements import queries as agreements
from accord.agreements.context import VOCABULARY_VERSION
from accord.agreements.duties import actions as duties
from accord.agreements.scope import Scope
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from accord.kernel.labels import Label, check_label
from accord.kernel.vocabulary import Vocabulary, VocabularyError
from accord.records import sealing
from accord.records.actions.contribute import check_contribute, refusals
from accord.records.actions.revise import check_alter, follow
from accord.records.actions.writing import Batch, Superseding
from accord.records.domain import PartDraft
from accord.records.faults import FieldError
from accord.records.models import Part, Record
from accord.records.nodekeys import keys
from accord.records.policy import check_no_hold, check_retention

CUSTODIANS = frozenset({"records-custodian", "supervisor"})
SHORTEST_REASON = 10


def relabel(scope: Scope, part_id: UUID, label: Label) -> UUID:
    """Give the current part of an own record another label, by a revision; returns the new part.

    A stricter label takes every key from the part; one that is looser in anything needs `release`.
    A part that comes to be a victim's or a minor's is encrypted, its older revisions too. Raises
    NotFound for a part that is not visible, NotAllowed, InvalidInput for a label of another part.
    """
    part = _visible_part(part_id)
    old = agreements.label(part.label_id)
    _check_relabel(scope, part, old, label)
    if label == old:
        return part.id
    batch = Batch(scope.number([label]), now(), lambda *_: ids.uuid7())
    check_contribute(scope, label)
    check_alter(scope, old)
    new_part = ids.uuid7()
    record = Record.objects.get(id=part.record_id)
    draft = PartDraft(part.kind, label, _values(part, old))
    revision = record.revision + 1
    batch.add_part_row(
        draft,
        new_part,
        record.id,
        revision,
        grading=json.dumps(part.grading) if part.grading else None,
        assertion=part.assertion,
    )
    follow(scope, batch, record.id, old, label, new_part)
    batch.old_parts.append(part.id)
    intelligent = True if label.intelligence else None
    batch.superseding.append(Superseding(record.id, None, None, None, intelligent, None))
    with refusals(scope):
        batch.flush()
    scope.note(record.id, record.owner_id, scope.why(old, frozenset(), "relabel"), new_part)
    scope.did("alteration", step="relabelled", part=str(new_part), was=str(part.id))
    return new_part


def _visible_part(part_id: UUID) -> Part:
    part = Part.objects.filter(id=part_id).first()
    if part is None:
        raise NotFound()
    if part.superseded_at is not None:
        raise Conflict("This part was replaced by a newer revision; relabel that one.")
    return part


def _check_relabel(scope: Scope, part: Part, old: Label, new: Label) -> None:
    if part.owner_id != scope.actor.agency:
        raise NotAllowed("Only its owner changes a record's labels.", who_can_change=part.owner_id)
    if (new.owner, new.schema, new.part) != (old.owner, old.schema, old.part):
        raise InvalidInput("label", None, "part", "a label stays with its owner, schema and part")
    try:
        check_label(new, Vocabulary.load(VOCABULARY_VERSION))
    except VocabularyError as error:
        raise InvalidInput("label", None, "label", error.message) from None
    decision = scope.why(old, frozenset(), "relabel")
    if not decision.allowed:
        raise NotAllowed(
            "No clause lets you change this label: " + "; ".join(decision.missing),
            who_can_change=f"a records custodian or supervisor of {scope.actor.agency_name}",
        )


def _values(part: Part, label: Label) -> dict[str, tuple[str, ...]]:
    if part.sealed_body is None:
        return {name: tuple(items) for name, items in (part.body or {}).items()}
    return sealing.unseal(
        sealing.Sealed.from_bytes(bytes(part.sealed_body)),
        owner=part.owner_id,
        part_id=part.id,
        label_hash=label.hash,
        keys=keys(),
    )


def set_legal_hold(scope: Scope, record_id: UUID, on: bool, reason: str) -> None:
    """Put a record under a legal hold, or end it; the reason goes to the ledger's encrypted body.

    Raises NotFound for a record that is not visible, NotAllowed for whoever keeps no records.
    """
    record = _own_record(scope, record_id)
    if len(reason.strip()) < SHORTEST_REASON:
        rule = f"say in at least {SHORTEST_REASON} characters which proceeding asks for it"
        raise InvalidInput("legal hold", None, "reason", rule)
    if record.legal_hold == on:
        raise Conflict(f"The record is {'already' if on else 'not'} under a legal hold.")
    Record.objects.filter(id=record_id).update(legal_hold=on)
    duties.hold(scope, record_id, on)
    _log(scope, record_id, step=f"legal hold {'on' if on else 'off'}", reason=reason.strip())


def set_retention(scope: Scope, record_id: UUID, until: date | None) -> None:
    """Set the day to review or purge a record; nothing beyond the legal maximum.

    Raises NotFound, NotAllowed under a legal hold that it would shorten, InvalidInput past the
    maximum (28 CFR 23.20(h)), which counts from the day of collection.
    """
    record = _own_record(scope, record_id)
    try:
        check_retention(record.intelligence, until, record.created_at.date())
    except FieldError as error:
        raise InvalidInput("record", None, "retain_until", error.reason) from None
    if until is not None and (record.retain_until is None or until < record.retain_until):
        check_no_hold(record.legal_hold, "given an earlier retention date")
    Record.objects.filter(id=record_id).update(retain_until=until)
    _log(scope, record_id, step="retention", until=until.isoformat() if until else None)


def _own_record(scope: Scope, record_id: UUID) -> Record:
    record = Record.objects.filter(id=record_id).first()
    if record is None:
        raise NotFound()
    if record.owner_id != scope.actor.agency:
        raise NotAllowed("Only its owner keeps a record.", who_can_change=record.owner_id)
    if not scope.actor.roles & CUSTODIANS:
        raise NotAllowed(
            "A records custodian or a supervisor does this.",
            who_can_change=f"a records custodian of {scope.actor.agency_name}",
        )
    return record


def _log(scope: Scope, record_id: UUID, **detail: object) -> None:
    scope.did("alteration", record=str(record_id), **detail)
