"""Read one's own subscriptions and the notices they brought, as far as each is still open."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from accord.agreements.scope import Scope
from accord.kernel.clock import now
from accord.kernel.errors import NotFound
from accord.records.models import Part, Subscription, SubscriptionMatch
from accord.records.queries.handles import Target, handle_of, record_behind
from accord.records.queries.records import RecordView, record_views
from accord.records.question import open_question
from accord.records.subscriptions import TICK, SubscriptionState

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Running:
    """One subscription, in the context in which it was made."""

    id: UUID
    kind: str
    said: str
    """What is asked; empty outside its context."""
    purpose: str
    legal_basis: str
    case_number: str
    state: SubscriptionState
    ended_why: str | None
    made_at: datetime
    ends_at: datetime
    unread: int

    @property
    def path(self) -> str:
        """The pages of its context."""
        return f"/w/{self.purpose}/{self.legal_basis}/{self.case_number}"


@dataclass(frozen=True, slots=True)
class Notice:
    """One record that met a subscription: the record where it is visible, else what a hit tells."""

    subscription: UUID
    at: datetime
    unread: bool
    record: RecordView | None
    hit: Target | None
    handle: str | None


def context_of(scope: Scope) -> dict[str, Any]:
    """What finds the actor's subscriptions of this context."""
    return {
        "membership_id": scope.actor.membership,
        "purpose": scope.context.purpose,
        "legal_basis": scope.context.legal_basis,
        "case_number": scope.context.case_number,
    }


def running(scope: Scope) -> int:
    """Return how many subscriptions the actor has that have not ended, in every context."""
    open_states = [SubscriptionState.ACTIVE, SubscriptionState.PAUSED]
    return Subscription.objects.filter(
        membership_id=scope.actor.membership, state__in=open_states, ends_at__gt=now()
    ).count()


def here(scope: Scope) -> tuple[Running, ...]:
    """Return the actor's subscriptions of this context, newest first."""
    rows = Subscription.objects.filter(**context_of(scope)).order_by("-made_at", "id")[:SHOWN]
    return _running(list(rows), scope)


def everywhere() -> tuple[Running, ...]:
    """Return the actor's subscriptions of every context, newest first, without what they ask."""
    return _running(list(Subscription.objects.order_by("-made_at", "id")[:SHOWN]), None)


def subscription(scope: Scope, subscription_id: UUID) -> Running:
    """Return one subscription of the actor in this context; raises NotFound."""
    row = Subscription.objects.filter(id=subscription_id, **context_of(scope)).first()
    if row is None:
        raise NotFound("There is no such subscription for you here.")
    return _running([row], scope)[0]


def _running(rows: list[Subscription], scope: Scope | None) -> tuple[Running, ...]:
    unread: dict[UUID, int] = {}
    fresh = SubscriptionMatch.objects.filter(
        subscription_id__in=[row.id for row in rows], noticed_at__isnull=False, seen_at=None
    )
    for subscribed in fresh.values_list("subscription_id", flat=True):
        unread[subscribed] = unread.get(subscribed, 0) + 1
    at = now()
    return tuple(
        Running(
            id=row.id,
            kind=row.kind,
            said=open_question(scope, row.question).said if scope else "",
            purpose=row.purpose,
            legal_basis=row.legal_basis,
            case_number=row.case_number,
            state=SubscriptionState.ENDED if row.ends_at <= at else SubscriptionState(row.state),
            ended_why="time" if row.ends_at <= at and not row.ended_why else row.ended_why,
            made_at=row.made_at,
            ends_at=row.ends_at,
            unread=unread.get(row.id, 0),
        )
        for row in rows
    )


def notices(scope: Scope, wanted: Iterable[UUID]) -> tuple[Notice, ...]:
    """Return what these subscriptions met, newest first; what is no longer open is left out."""
    rows = list(
        SubscriptionMatch.objects.filter(
            subscription_id__in=list(wanted), noticed_at__isnull=False
        ).order_by("-noticed_at", "id")[:SHOWN]
    )
    seen = {r.record_id: r for r in record_views(scope, [row.record_id for row in rows])}
    found = []
    for row in rows:
        record = seen.get(row.record_id)
        hit = None if record else _hit(scope, row.record_id)
        if record is not None or hit is not None:
            handle = None if hit is None else handle_of(scope, row.record_id)
            assert row.noticed_at is not None  # asked for
            found.append(
                Notice(
                    row.subscription_id, row.noticed_at, row.seen_at is None, record, hit, handle
                )
            )
    if any(n.hit for n in found):
        scope.did("disclosure", step="looked at hits of subscriptions")
    return tuple(found)


def _hit(scope: Scope, record_id: UUID) -> Target | None:
    try:
        return record_behind(scope, handle_of(scope, record_id))
    except NotFound:  # no longer a hit for the actor, or gone
        return None


def revisions(record_ids: Mapping[UUID, object]) -> dict[UUID, int]:
    """Return the newest visible revision of each of these visible records."""
    found: dict[UUID, int] = {}
    rows = Part.objects.filter(record_id__in=list(record_ids), superseded_at=None)
    for record, revision in rows.values_list("record_id", "revision"):
        found[record] = max(revision, found.get(record, 0))
    return found


def to_ask(aside: Collection[str] = ()) -> list[tuple[str, str, str, str]]:
    """Return (member, purpose, basis, case) whose turn it is, for the worker.

    But of members who stand aside.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select membership_id, purpose, legal_basis, case_number"
            " from accord.subscriptions_to_ask(%s, %s)",
            [now() - TICK, list(aside)],
        )
        return list(cursor.fetchall())
