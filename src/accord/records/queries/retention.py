"""Read what is to be reviewed, what a purge would remove, proposals, and tombstones.

The queue comes from a definer function for those who keep the agency's records: what they may not
read must be reviewed too. It says ids, days and words of labels, never content.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from accord.agreements import queries as agreements
from accord.kernel.errors import NotFound
from accord.kernel.labels import Label
from accord.records import retention
from accord.records.models import RetentionReview
from accord.records.models import Tombstone as TombstoneRow
from accord.records.retention import Due, ReviewState

SHOWN = 200
SOON = timedelta(days=30)
LATER = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Kept:
    """How long one own record is kept."""

    record_id: UUID
    schema: str
    source_system: str
    retention_class: str
    created_on: date
    review_on: date
    retain_until: date | None
    validated_on: date | None
    legal_hold: bool
    intelligence: bool

    @property
    def validated_from(self) -> date:
        """The day from which a legal maximum counts."""
        return max(self.created_on, self.validated_on or self.created_on)

    def due(self, today: date) -> Due:
        """How it stands on a day."""
        return retention.due(self.review_on, self.retain_until, today)


@dataclass(frozen=True, slots=True)
class Going:
    """One part that a purge would remove."""

    part_id: UUID
    kind: str
    revision: int
    label: Label
    sealed: bool
    replaced: bool
    keys: int
    terms: int


@dataclass(frozen=True, slots=True)
class Review:
    """One review of one record."""

    id: UUID
    record_id: UUID
    schema: str
    retention_class: str
    state: ReviewState
    reason_record: UUID
    by_member: str
    at: datetime
    parts: tuple[UUID, ...]
    review_on: date | None
    retain_until: date | None
    closed_by: str | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tombstone:
    """That a record was here, and who ended it under which rule."""

    record_id: UUID
    schema: str
    retention_class: str
    authority: str
    id: UUID
    entry_id: UUID
    proposed_by: str
    approved_by: str
    parts: int
    at: datetime


def day() -> date:
    """Today by the clock that a purge is judged by."""
    with connection.cursor() as cursor:
        cursor.execute("select accord.retention_day()")
        found: date = cursor.fetchone()[0]
    return found


def queue(today: date, *, within: timedelta = SOON) -> tuple[Kept, ...]:
    """Return own records whose review or last day comes within that time, the earliest first."""
    return _own(None, today + within, SHOWN)


def kept(record_id: UUID) -> Kept:
    """Return how long one own record is kept; raises NotFound for all but its keepers."""
    found = _own(record_id, None, 1)
    if not found:
        raise NotFound("There is no such record for you.")
    return found[0]


def _own(wanted: UUID | None, until: date | None, cap: int) -> tuple[Kept, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select record_id, schema, source_system, retention_class, created_on, review_on,"
            " retain_until, validated_on, legal_hold, intelligence"
            " from accord.own_retention(%s, %s, %s)",
            [wanted, until, cap],
        )
        return tuple(Kept(*row) for row in cursor.fetchall())


def manifest(record_id: UUID) -> tuple[Going, ...]:
    """Return every part that a purge of an own record would remove, newest revision first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select part_id, kind, revision, label_id, sealed, replaced, keys, terms"
            " from accord.manifest(%s)",
            [record_id],
        )
        rows = cursor.fetchall()
    labels = agreements.labels({row[3] for row in rows})
    return tuple(
        Going(part, kind, revision, labels[number], sealed, replaced, keys, terms)
        for part, kind, revision, number, sealed, replaced, keys, terms in rows
    )


def reviews(*, states: Iterable[ReviewState], record_id: UUID | None = None) -> tuple[Review, ...]:
    """Return the agency's reviews in these states, newest first."""
    rows = RetentionReview.objects.filter(state__in=list(states))
    if record_id is not None:
        rows = rows.filter(record_id=record_id)
    return tuple(_review(row) for row in rows.order_by("-at", "id")[:SHOWN])


def review(review_id: UUID) -> Review:
    """Return one review; raises NotFound for all but the agency's keepers and its oversight."""
    row = RetentionReview.objects.filter(id=review_id).first()
    if row is None:
        raise NotFound("There is no such review for you.")
    return _review(row)


def tombstones() -> tuple[Tombstone, ...]:
    """Return what the agency has purged, newest first."""
    names = tuple(Tombstone.__dataclass_fields__)
    rows = TombstoneRow.objects.order_by("-at", "record_id").values_list(*names)[:SHOWN]
    return tuple(Tombstone(*row) for row in rows)


def _review(row: RetentionReview) -> Review:
    return Review(
        id=row.id,
        record_id=row.record_id,
        schema=row.schema,
        retention_class=row.retention_class,
        state=ReviewState(row.state),
        reason_record=row.reason_record,
        by_member=row.by_member,
        at=row.at,
        parts=tuple(row.parts),
        review_on=row.review_on,
        retain_until=row.retain_until,
        closed_by=row.closed_by,
        closed_at=row.closed_at,
    )
