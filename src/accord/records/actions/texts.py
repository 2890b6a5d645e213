"""Write what people write: titles, notes, reasons, answers. Every stored text is a part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from accord.agreements import queries as agreements
from accord.agreements.context import VOCABULARY_VERSION
from accord.agreements.scope import Scope
from accord.kernel.clock import now
from accord.kernel.labels import Label
from accord.kernel.vocabulary import Vocabulary
from accord.records.actions.contribute import contribute
from accord.records.actions.keys import open_text, own_parts
from accord.records.domain import Assertion, PartDraft, RecordDraft
from accord.records.labelling import text_label

SOURCE_SYSTEM = "accord"
TEXT_PROPERTY = {"Case": "title", "Note": "text", "Request": "text"}
NUMBER_PROPERTY = {"Case": "caseNumber", "Request": "requestNumber"}


def write_text(
    scope: Scope,
    *,
    schema: str,
    text: str,
    source_ref: str,
    case_id: UUID | None = None,
    granted_to: str | None = None,
    subjects: Iterable[str] = (),
    about: Iterable[Label] = (),
) -> UUID:
    """Store a text as the narrative part of a new record and return the record's id.

    `case_id` lets the case's members read it, `granted_to` another agency, as far as clauses say
    so. `subjects` are the data-subject categories that the author says it concerns (LED art. 6);
    without any, and without records that it is about, it concerns `unknown`.
    """
    vocabulary = Vocabulary.load(VOCABULARY_VERSION)
    label = text_label(
        vocabulary, owner=scope.actor.agency, schema=schema, about=about, subjects=subjects
    )
    values: dict[str, Mapping[str, tuple[str, ...]]] = {
        "narrative": {TEXT_PROPERTY[schema]: (text,)}
    }
    if schema in NUMBER_PROPERTY:
        values["core"] = {NUMBER_PROPERTY[schema]: (source_ref,)}
    labels = {part: _of_part(label, part) for part in values}
    draft = RecordDraft(
        owner=scope.actor.agency,
        source_system=SOURCE_SYSTEM,
        source_ref=f"{schema}/{source_ref}",
        schema=schema,
        occurred_at=None,
        grading=None,
        assertion=Assertion.FACT,
        retain_until=None,
        basis_of_suspicion=None,
        parts=tuple(PartDraft(p, labels[p], v) for p, v in sorted(values.items())),
        cases=(),
    )
    record_id = contribute(scope, [draft], collected_at=now()).record_ids[0]
    _open_parts(scope, record_id, case_id, granted_to)
    return record_id


def _of_part(label: Label, part: str) -> Label:
    return Label.from_facts(label.facts() | {"part": part})


def _open_parts(
    scope: Scope, record_id: UUID, case_id: UUID | None, granted_to: str | None
) -> None:
    for part_id, label_id in own_parts(record_id):
        label = agreements.label(label_id)
        open_text(scope, part_id, label, label_id, case_id=case_id, granted_to=granted_to)
