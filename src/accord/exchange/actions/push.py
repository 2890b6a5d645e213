"""Take records that a records-management system pushes: each row has its own answer.

A batch may be sent again after any failure: the same content is no change. A row that breaks a rule
costs that row alone, and stays with its sender; nothing goes to quarantine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accord.agreements.scope import Scope
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotAllowed
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import NEWEST, Vocabulary
from accord.records.actions.contribute import contribute
from accord.records.actions.fates import fates
from accord.records.domain import RecordDraft
from accord.records.faults import Problem
from accord.records.intake.drafting import Intake, RawRecord, Rejected, draft_record
from accord.records.intake.repeats import Repeats
from accord.records.intake.worldline import raw_from_line
from accord.records.ontology import common_ontology

MOST_RECORDS = 500


@dataclass(frozen=True)
class Answer:
    """What became of one pushed record."""

    row: int
    """Its place in the batch, from 1."""
    outcome: str
    """loaded, revised, unchanged or refused."""
    record_id: UUID | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class _Drafted:
    row: int
    draft: RecordDraft


def push_records(scope: Scope, records: Sequence[Mapping[str, object]]) -> list[Answer]:
    """Write the records of one batch and answer for each, in their order; raises InvalidInput."""
    if not 1 <= len(records) <= MOST_RECORDS:
        raise InvalidInput(
            "request",
            None,
            "records",
            phrase("a batch has 1 to %(most_records)s records", most_records=MOST_RECORDS),
        )
    answers: dict[int, Answer] = {}
    drafts = list(_drafts(scope, records, answers))
    scope.number({part.label for one in drafts for part in one.draft.parts})
    _write(scope, drafts, answers)
    refused = sum(a.outcome == "refused" for a in answers.values())
    scope.did("collection", step="took a pushed batch", rows=len(records), refused=refused)
    return [answers[row] for row in sorted(answers)]


def _drafts(
    scope: Scope, records: Sequence[Mapping[str, object]], answers: dict[int, Answer]
) -> list[_Drafted]:
    intake = Intake(
        owner=scope.actor.agency,
        ontology=common_ontology(),
        vocabulary=Vocabulary.load(NEWEST),
        collected=now().date(),
        region=scope.actor.country,
    )
    repeats, drafts = Repeats(), []
    for row, given in enumerate(records, 1):
        try:
            raw = raw_from_line({"agency": scope.actor.agency, **given}, intake)
            _check_repeat(repeats, raw, row)
            drafts.append(_Drafted(row, draft_record(raw, intake)))
        except Rejected as rejected:
            answers[row] = Answer(row, "refused", problems=rejected.problems)
    return drafts


def _check_repeat(repeats: Repeats, raw: RawRecord, row: int) -> None:
    conflict = repeats.problem(raw, row)
    if conflict is not None:
        reason = "an earlier record of this batch says something else under the same reference"
        raise Rejected([Problem(conflict.field, conflict.rule, reason)])


def _write(scope: Scope, drafts: Sequence[_Drafted], answers: dict[int, Answer]) -> None:
    """Contribute together; where that is refused, halve until the refused records stand alone."""
    if not drafts:
        return
    noted = dict(scope.items)
    try:
        with transaction.atomic():
            expected = fates([one.draft for one in drafts])
            done = contribute(scope, [one.draft for one in drafts], collected_at=now())
    except (InvalidInput, NotAllowed) as error:
        scope.items = noted
        if len(drafts) == 1:
            answers[drafts[0].row] = _refused(drafts[0].row, error)
            return
        half = len(drafts) // 2
        _write(scope, drafts[:half], answers)
        _write(scope, drafts[half:], answers)
        return
    seen: set[UUID] = set()
    for one, fate, record_id in zip(drafts, expected, done.record_ids, strict=True):
        outcome = "unchanged" if record_id in seen else fate
        seen.add(record_id)
        answers[one.row] = Answer(one.row, outcome, record_id)


def _refused(row: int, error: InvalidInput | NotAllowed) -> Answer:
    if isinstance(error, InvalidInput):
        problem = Problem(error.field, "record", error.rule)
    else:
        problem = Problem("", "not-allowed", error.reason)
    return Answer(row, "refused", problems=(problem,))
