"""Change the label of a part, by a revision; what became stricter is recalled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from accord.agreements import queries as agreements
from accord.agreements.context import VOCABULARY_VERSION
from accord.agreements.scope import Scope
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from accord.kernel.labels import Label, check_label
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import Vocabulary, VocabularyError
from accord.records import sealing
from accord.records.actions.contribute import check_contribute, refusals
from accord.records.actions.revise import check_alter, follow
from accord.records.actions.writing import Batch, Superseding
from accord.records.domain import PartDraft
from accord.records.models import Part, Record
from accord.records.nodekeys import keys


def relabel(scope: Scope, part_id: UUID, label: Label) -> UUID:
    """Give the current part of an own record another label, by a revision; returns the new part.

    A stricter label takes every key from the part; one that is looser in anything needs `release`.
    A part that comes to be a victim's or a minor's is encrypted, its older revisions too, and what
    other agencies had of it is recalled. Raises
    NotFound for a part that is not visible, NotAllowed, InvalidInput for a label of another part.
    """
    part = visible_part(part_id)
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


def read(facts: Mapping[str, Any]) -> Label:
    """The label that a form or a program says; raises InvalidInput."""
    try:
        return Label.from_facts(facts)
    except (KeyError, TypeError) as error:
        rule = phrase("name every attribute of the label, and no other")
        raise InvalidInput("label", None, "label", rule) from error


def vocabulary() -> Vocabulary:
    """The words of labels."""
    return Vocabulary.load(VOCABULARY_VERSION)


def visible_part(part_id: UUID) -> Part:
    """Return a current part that the actor may see; raises NotFound, Conflict for a replaced one."""
    part = Part.objects.filter(id=part_id).first()
    if part is None:
        raise NotFound()
    if part.superseded_at is not None:
        raise Conflict(phrase("This part was replaced by a newer revision; relabel that one."))
    return part


def _check_relabel(scope: Scope, part: Part, old: Label, new: Label) -> None:
    if part.owner_id != scope.actor.agency:
        raise NotAllowed(
            phrase("Only its owner changes a record's labels."), who_can_change=part.owner_id
        )
    if (new.owner, new.schema, new.part) != (old.owner, old.schema, old.part):
        raise InvalidInput(
            "label", None, "part", phrase("a label stays with its owner, schema and part")
        )
    try:
        check_label(new, vocabulary())
    except VocabularyError as error:
        raise InvalidInput("label", None, "label", error.message) from None
    decision = scope.why(old, frozenset(), "relabel")
    if not decision.allowed:
        raise NotAllowed(
            phrase("No clause lets you change this label: ") + "; ".join(decision.missing),
            who_can_change=phrase(
                "a records custodian or supervisor of %(agency_name)s",
                agency_name=scope.actor.agency_name,
            ),
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
