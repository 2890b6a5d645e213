"""Write revisions: new parts stand in the place of the old, which stay until retention ends."""

from __future__ import annotations

from uuid import UUID

from accord.agreements.context import VOCABULARY_VERSION
from accord.agreements.domain import UNRECORDED
from accord.agreements.scope import Scope
from accord.kernel.errors import InvalidInput, NotAllowed
from accord.kernel.labels import Label
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import Vocabulary
from accord.records.actions.recalls import start as start_recall
from accord.records.actions.writing import Batch, Existing, Superseding, occurred_at
from accord.records.domain import RecordDraft, is_sealed
from accord.records.faults import FieldError
from accord.records.labelling import looser
from accord.records.policy import check_retention


def add_revision(
    scope: Scope, batch: Batch, draft: RecordDraft, content: bytes, existing: Existing
) -> None:
    """Collect the next revision of a record.

    Raises NotAllowed where the old parts may not be altered, or a looser label not be released;
    InvalidInput where retention would pass its maximum, counted from the first collection.
    """
    _check_retention(draft, existing)
    revision = existing.revision + 1
    old_labels = {kind: batch.label(n) for kind, (_, n) in existing.parts.items()}
    for label in old_labels.values():
        if label.schema != draft.schema:
            rule = phrase(
                "the source's record is a %(schema)s; a revision keeps its schema",
                schema=label.schema,
            )
            raise InvalidInput("record", None, "schema", rule)
        check_alter(scope, label)
    for part in draft.parts:
        new_part = batch.add_part(draft, part, existing.record_id, revision)
        old = old_labels.get(part.part)
        if old is not None:
            follow(scope, batch, existing.record_id, old, part.label, new_part)
    batch.old_parts += [part_id for part_id, _ in existing.parts.values()]
    batch.superseding.append(
        Superseding(
            record_id=existing.record_id,
            content_hash=content,
            occurred_at=occurred_at(draft),
            retain_until=draft.retain_until,
            intelligence=draft.intelligence,
            suspicion_stated=bool(draft.basis_of_suspicion),
        )
    )


def follow(
    scope: Scope, batch: Batch, record_id: UUID, old: Label, new: Label, new_part: UUID
) -> None:
    """Collect what a change of label brings: release where it is looser; where tighter, a recall.

    A tighter label takes every key from the part, and what other agencies had of it is recalled.
    """
    vocabulary = Vocabulary.load(VOCABULARY_VERSION)
    if looser(old, new, vocabulary):
        check_release(scope, old)
    if looser(new, old, vocabulary) or lost_its_basis(old, new):
        start_recall(scope, record_id, what="label", because="stricter-label", parts=[new.part])
    else:
        batch.keeping.append(new_part)
    if is_sealed(new) and not is_sealed(old):
        batch.to_seal.append((record_id, new.part))


def lost_its_basis(old: Label, new: Label) -> bool:
    """Whether the ground on which it was collected fell away: then nobody else keeps it."""
    return new.basis == UNRECORDED != old.basis


def check_alter(scope: Scope, label: Label) -> None:
    """Raise NotAllowed unless the actor may alter a part with this label."""
    _check(scope, label, "alter", "change this record")


def check_release(scope: Scope, label: Label) -> None:
    """Raise NotAllowed unless the actor may make a part with this label less strict."""
    _check(scope, label, "release", "make its label less strict")


def _check(scope: Scope, label: Label, action: str, what: str) -> None:
    decision = scope.why(label, frozenset(), action)
    if not decision.allowed:
        raise NotAllowed(
            phrase("No clause lets you %(what)s (part %(part)s): ", what=what, part=label.part)
            + ("; ".join(decision.missing) or phrase("none in force permits it")),
            who_can_change=phrase(
                "a records custodian or supervisor of %(agency_name)s",
                agency_name=scope.actor.agency_name,
            ),
        )


def _check_retention(draft: RecordDraft, existing: Existing) -> None:
    try:
        check_retention(draft.intelligence, draft.retain_until, existing.created_at.date())
    except FieldError as error:
        raise InvalidInput("record", None, error.rule, error.reason) from None
