"""Review records when their day comes: keep them with a reason, or purge them by two people.

Nothing here deletes. `accord.purge` does, and asks everything again in the database: who the two
are, the legal hold, the day, and that what goes is what the first person saw.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import Error, connection
from psycopg.errors import InsufficientPrivilege, SerializationFailure

from accord.agencies import queries as agencies
from accord.agreements.scope import Scope
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed
from accord.kernel.phrases import phrase
from accord.platform.db.locks import alone
from accord.records import requests as rules
from accord.records import retention
from accord.records.actions.keeping import CUSTODIANS, check_keeper
from accord.records.actions.texts import write_text
from accord.records.keeps import check_nothing_keeps
from accord.records.models import RetentionReview
from accord.records.policy import check_no_hold, check_purge
from accord.records.queries import retention as queries
from accord.records.queries.retention import Going, Kept, Review
from accord.records.retention import RetentionClass, ReviewState, ReviewStep


def revalidate(
    scope: Scope,
    record_id: UUID,
    *,
    review_on: date,
    retain_until: date | None,
    reason: str,
) -> UUID:
    """Keep a record after its review, until a new day of review and perhaps a new last day.

    Raises InvalidInput for a day that is past or beyond the legal maximum, NotAllowed under a hold
    that a shorter time would cut, NotFound for all but the owner's custodians.
    """
    check_keeper(scope)
    said, found, today = rules.check_reason(reason), queries.kept(record_id), queries.day()
    _check_days(found, review_on, retain_until, today)
    shorter = retain_until is not None and (
        found.retain_until is None or retain_until < found.retain_until
    )
    if shorter:
        check_no_hold(found.legal_hold, "given an earlier retention date")
    going = _check_alter(scope, record_id)
    review = _put(
        scope, found, ReviewState.KEPT, said, going, review_on=review_on, retain_until=retain_until
    )
    with _refusals():
        _call("select accord.revalidate(%s)", [review])
    _say(scope, found, "alteration", "validated after review", review)
    return review


def propose_purge(scope: Scope, record_id: UUID, reason: str, *, seen: Collection[UUID]) -> UUID:
    """Propose that a record be purged, as the first of two people; returns the review's id.

    `seen` are the parts that the proposer was shown. Raises NotAllowed before its day and under a
    legal hold, Conflict when the record changed or is proposed already.
    """
    check_keeper(scope)
    said, found, today = rules.check_reason(reason), queries.kept(record_id), queries.day()
    alone(f"accord.purge {record_id}")
    check_day(found, today)
    going = _check_alter(scope, record_id)
    _check_seen(going, seen)
    if queries.reviews(states=[ReviewState.PROPOSED], record_id=record_id):
        raise Conflict(phrase("Somebody of your agency has already proposed to purge this record."))
    review = _put(scope, found, ReviewState.PROPOSED, said, going)
    _say(scope, found, "alteration", "proposed to purge", review)
    return review


def withdraw(scope: Scope, review_id: UUID) -> None:
    """Take a proposal to purge back; raises NotAllowed when it is not open."""
    check_keeper(scope)
    found = _alone(review_id)
    to = retention.step(found.state, ReviewStep.WITHDRAW)
    RetentionReview.objects.filter(id=review_id, state=found.state).update(
        state=to, closed_by=scope.actor.membership, closed_at=now()
    )
    record = queries.kept(found.record_id)
    _say(scope, record, "alteration", "kept: the proposal to purge was withdrawn", review_id)


def approve(scope: Scope, review_id: UUID, *, seen: Collection[UUID]) -> int:
    """Purge a record as the second person; returns how many parts went.

    `seen` are the parts that this person was shown. Raises NotAllowed for whoever proposed it,
    under a hold or before its day, Conflict when the record is not what was proposed.
    """
    check_keeper(scope)
    found = _alone(review_id)
    retention.step(found.state, ReviewStep.APPROVE)
    check_second(scope, found)
    record = queries.kept(found.record_id)
    check_day(record, queries.day())
    going = _check_alter(scope, found.record_id)
    _check_seen(going, seen)
    _check_seen(going, found.parts)
    rule = authority(record)
    with _refusals():
        gone: int = _call("select accord.purge(%s, %s, %s)", [review_id, scope.entry_id, rule])
    _say(scope, record, "erasure", "purged", review_id)
    scope.did("erasure", rule=rule, proposed_by=found.by_member, parts=gone)
    return gone


def check_second(scope: Scope, found: Review) -> None:
    """Raise NotAllowed unless the actor is another person than the one who proposed, in office still."""
    first = agencies.actor_or_none(found.by_member)
    same = scope.actor.membership == found.by_member
    if same or (first is not None and first.member == scope.actor.member):
        raise NotAllowed(
            phrase("Whoever proposed a purge cannot approve it as well."),
            who_can_change=phrase(
                "another records custodian or supervisor of %(agency_name)s",
                agency_name=scope.actor.agency_name,
            ),
        )
    if first is None or not first.roles & CUSTODIANS:
        raise NotAllowed(
            phrase(
                "Whoever proposed this purge no longer keeps records of %(agency_name)s; withdraw it"
                " and propose it anew.",
                agency_name=scope.actor.agency_name,
            ),
            who_can_change=phrase(
                "a records custodian or supervisor of %(agency_name)s",
                agency_name=scope.actor.agency_name,
            ),
        )


def check_day(found: Kept, today: date) -> None:
    """Raise NotAllowed under a legal hold, before its day, or where something else ends it first."""
    check_nothing_keeps(found.record_id)
    check_purge(
        review_on=found.review_on,
        retain_until=found.retain_until,
        today=today,
        legal_hold=found.legal_hold,
        people=2,
    )


def authority(record: Kept) -> str:
    """The rule under which a record is reviewed and ended."""
    kind = retention.class_named(record.retention_class)
    return kind.authority if kind else "no class: received before classes of retention"


def latest_for(record: Kept, today: date) -> date | None:
    """The last day until which a record can be kept by a validation today; None without a limit."""
    limits = [
        c.latest(max(today, record.created_on))
        for c in retention.classes()
        if c.maximum and (c.id == record.retention_class or c.intelligence == record.intelligence)
    ]
    return min((limit for limit in limits if limit is not None), default=None)


def suggested(record: Kept, today: date) -> tuple[date, date | None]:
    """The days that a validation today gives by the record's class."""
    kind: RetentionClass = retention.class_named(record.retention_class) or retention.classes()[-1]
    return kind.review_on(today), kind.purge_on(today)


def _check_days(found: Kept, review_on: date, until: date | None, today: date) -> None:
    if review_on <= today:
        raise InvalidInput("review", None, "review_on", phrase("must lie in the future"))
    limit = latest_for(found, today)
    if until is None and limit is not None:
        rule = phrase("the law sets a maximum for this class, so it needs a last day")
        raise InvalidInput("review", None, "retain_until", rule)
    if until is not None and until <= today:
        raise InvalidInput("review", None, "retain_until", phrase("must lie in the future"))
    for field, chosen in (("retain_until", until), ("review_on", review_on)):
        if chosen is not None and limit is not None and chosen > limit:
            rule = phrase(
                "at the latest %(day)s: %(authority)s",
                day=limit.isoformat(),
                authority=authority(found),
            )
            raise InvalidInput("review", None, field, rule)
    if until is not None and review_on > until:
        raise InvalidInput("review", None, "review_on", phrase("cannot lie after the last day"))


def _check_alter(scope: Scope, record_id: UUID) -> tuple[Going, ...]:
    """The parts of the record; raises NotAllowed where no clause lets the actor change one."""
    going = queries.manifest(record_id)
    for part in going:
        decision = scope.why(part.label, frozenset(), "alter")
        if not part.replaced and not decision.allowed:
            raise NotAllowed(
                phrase("No clause lets you change this record (part %(kind)s): ", kind=part.kind)
                + ("; ".join(decision.missing) or phrase("none in force permits it")),
                who_can_change=phrase(
                    "whoever signs the policy of %(agency_name)s",
                    agency_name=scope.actor.agency_name,
                ),
            )
    return going


def _check_seen(going: tuple[Going, ...], seen: Collection[UUID]) -> None:
    if {part.part_id for part in going} != set(seen):
        raise Conflict(
            phrase("The record changed since you looked at what would go; look at it again.")
        )


def _put(
    scope: Scope,
    found: Kept,
    state: ReviewState,
    reason: str,
    going: tuple[Going, ...],
    *,
    review_on: date | None = None,
    retain_until: date | None = None,
) -> UUID:
    review_id = ids.uuid7()
    text = write_text(
        scope,
        schema="Request",
        text=reason,
        source_ref=f"{review_id}/review",
        # Why a record is kept or purged is an administrative text, no intelligence itself.
        about=tuple(replace(part.label, intelligence=False) for part in going),
    )
    RetentionReview.objects.bulk_create(
        [
            RetentionReview(
                id=review_id,
                owner_id=scope.actor.agency,
                record_id=found.record_id,
                schema=found.schema,
                retention_class=found.retention_class,
                state=state,
                reason_record=text,
                by_member=scope.actor.membership,
                at=now(),
                parts=sorted(part.part_id for part in going),
                review_on=review_on,
                retain_until=retain_until,
            )
        ]
    )
    return review_id


def _alone(review_id: UUID) -> Review:
    """The review as it stands once whoever else decides on it has finished; raises NotFound."""
    alone(f"accord.purge {queries.review(review_id).record_id}")
    return queries.review(review_id)


def _say(scope: Scope, found: Kept, kind: str, step: str, review: UUID) -> None:
    scope.did(kind, step=step, record=str(found.record_id), review=str(review))


def _call(statement: str, values: list[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


class _refusals:
    """Turns what the two functions refuse into the words of an officer."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        match error.__cause__ if isinstance(error, Error) else None:
            case InsufficientPrivilege() as cause:
                said = str(cause).partition("\n")[0].removeprefix("accord: ")
                raise NotAllowed(
                    phrase("The database refused this: %(said)s.", said=said)
                ) from None
            case SerializationFailure():
                raise Conflict(
                    phrase("The record is not what was proposed; propose it anew.")
                ) from None
