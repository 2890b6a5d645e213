"""Write records: one batch of drafts becomes new records, new revisions, or no change.

1. refuse what breaks a rule of records, and what no clause lets the actor contribute;
2. find the own records that the drafts speak of; the same content is no change;
3. insert records, parts and search terms: row-level security checks each part again;
4. a revision supersedes the old parts through accord.supersede, which asks for `alter`.

INVARIANT: a part of a victim or a minor leaves this file encrypted, and its only search terms are
keyed tokens.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import Error, IntegrityError
from psycopg.errors import CheckViolation, InsufficientPrivilege, UniqueViolation

from accord.agreements.domain import Decision
from accord.agreements.scope import Scope
from accord.kernel import ids
from accord.kernel.canonical import sorted_json
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed
from accord.kernel.labels import Label
from accord.kernel.phrases import phrase
from accord.records.actions import revise, writing
from accord.records.domain import RecordDraft
from accord.records.faults import FieldError
from accord.records.nodekeys import keys
from accord.records.policy import check_draft

NewId = Callable[[RecordDraft, str | None, int], UUID]
"""Names the record (part None) or a part of one revision."""


class WrittenMeanwhile(Conflict):
    """Somebody else wrote one of the same records at this moment; trying again helps."""


@dataclass(frozen=True)
class Contribution:
    """What one batch came to; `record_ids` in the order of the drafts."""

    loaded: int
    revised: int
    unchanged: int
    record_ids: tuple[UUID, ...]


def random_id(draft: RecordDraft, part: str | None, revision: int) -> UUID:
    """A new id that means nothing."""
    del draft, part, revision  # what a world derives its ids from
    return ids.uuid7()


def contribute(
    scope: Scope,
    drafts: Sequence[RecordDraft],
    *,
    collected_at: datetime,
    new_id: NewId = random_id,
) -> Contribution:
    """Write one batch of the actor's agency; all of it or, when this raises, nothing.

    Raises InvalidInput where a draft breaks a rule, NotAllowed where no clause lets the actor
    contribute, alter or release, Conflict when somebody writes the same record at this moment.
    """
    for draft in drafts:
        _check_rules(draft, scope.actor.agency, collected_at)
    labels = {part.label: part.label for draft in drafts for part in draft.parts}
    numbers = scope.number(labels)
    decisions = {label: check_contribute(scope, label) for label in labels}
    batch = writing.Batch(numbers, collected_at, new_id)
    counts = {"loaded": 0, "revised": 0, "unchanged": 0}
    record_ids: list[UUID] = []
    with refusals(scope):
        for wave in _waves(drafts):
            found = _existing(wave)
            for draft in wave:
                fate, record_id = _take(scope, batch, draft, found)
                counts[fate] += 1
                record_ids.append(record_id)
                if fate != "unchanged":
                    scope.note(record_id, draft.owner, decisions[draft.parts[0].label])
            batch.flush()
    _say(scope, counts)
    return Contribution(**counts, record_ids=tuple(record_ids))


def _check_rules(draft: RecordDraft, agency: str, collected_at: datetime) -> None:
    if draft.owner != agency:
        raise NotAllowed(phrase("A member contributes records of their own agency only."))
    if any(part.label.owner != agency for part in draft.parts):
        raise InvalidInput(
            "record", None, "label", phrase("the owner of a label is the record's agency")
        )
    try:
        check_draft(draft, collected_at.date())
    except FieldError as error:
        raise InvalidInput("record", None, error.rule, error.reason) from None


def check_contribute(scope: Scope, label: Label) -> Decision:
    """The decision that lets the actor contribute under this label; raises NotAllowed otherwise."""
    decision = scope.why(label, frozenset(), "contribute")
    if not decision.allowed:
        raise NotAllowed(
            phrase("No clause lets you contribute %(describe)s: ", describe=describe(label))
            + ("; ".join(decision.missing) or phrase("none in force permits it")),
            who_can_change=phrase(
                "a records custodian of %(agency_name)s, or whoever signs its agency policy",
                agency_name=scope.actor.agency_name,
            ),
        )
    return decision


def describe(label: Label) -> str:
    """A label in words, for whoever is refused."""
    facts = label.facts()
    flags = [flag for flag in ("minor", "sealed", "intelligence") if facts[flag]]
    return (
        f"the part {label.part} of a {label.schema} (subject: {', '.join(facts['subjects'])}; "
        f"sensitivity: {label.sensitivity}; handling: {label.handling}; basis: {label.basis}; "
        f"offence: {label.offence}{'; ' if flags else ''}{', '.join(flags)})"
    )


class refusals:
    """Turns what PostgreSQL refuses into the words of an officer; quotes no row."""

    def __init__(self, scope: Scope) -> None:
        self._agency = scope.actor.agency_name

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if not isinstance(error, Error):
            return
        match error.__cause__:
            case InsufficientPrivilege():
                raise NotAllowed(
                    phrase("The database refused this: no clause in force lets you write it."),
                    who_can_change=phrase(
                        "a records custodian of %(agency)s, or whoever signs its agency policy",
                        agency=self._agency,
                    ),
                ) from None
            case UniqueViolation():
                raise WrittenMeanwhile(
                    "Somebody of your agency is writing the same record; try again."
                ) from None
            case CheckViolation() as cause if isinstance(error, IntegrityError):
                rule = (cause.diag.constraint_name or "a rule of records").replace("_", " ")
                raise InvalidInput("record", None, "", rule) from None


def _waves(drafts: Sequence[RecordDraft]) -> Iterator[list[RecordDraft]]:
    """Runs of drafts in which no record comes twice: a later line revises an earlier one."""
    wave: list[RecordDraft] = []
    seen: set[tuple[str, str]] = set()
    for draft in drafts:
        source = (draft.source_system, draft.source_ref)
        if source in seen:
            yield wave
            wave, seen = [], set()
        wave.append(draft)
        seen.add(source)
    if wave:
        yield wave


Found = Mapping[tuple[str, str], writing.Existing]


def _existing(wave: Sequence[RecordDraft]) -> Found:
    refs: dict[str, list[str]] = {}
    for draft in wave:
        refs.setdefault(draft.source_system, []).append(draft.source_ref)
    return {
        (system, found.source_ref): found
        for system, wanted in refs.items()
        for found in writing.own_sources(system, wanted)
    }


def _take(scope: Scope, batch: writing.Batch, draft: RecordDraft, found: Found) -> tuple[str, UUID]:
    content = keyed_hash(draft)
    existing = found.get((draft.source_system, draft.source_ref))
    if existing is None:
        return "loaded", batch.add_record(draft, content)
    if existing.content_hash == content:
        return "unchanged", existing.record_id
    revise.add_revision(scope, batch, draft, content, existing)
    return "revised", existing.record_id


def keyed_hash(draft: RecordDraft) -> bytes:
    """Equal for the same cleaned line on this node; a plain hash would confirm a guess at it."""
    # Texts, lists and nulls only, so sorted names are canonical enough.
    message = b"accord/content/v1\0" + sorted_json(draft.facts())
    return hmac.new(keys().token_key(), message, hashlib.sha256).digest()


def _say(scope: Scope, counts: Mapping[str, int]) -> None:
    kind = "alteration" if counts["revised"] and not counts["loaded"] else "collection"
    scope.did(kind, at=now().isoformat(), **counts)
