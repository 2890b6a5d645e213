"""The quota of questions to other agencies, by membership and hour: a measure against fishing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from accord.agreements.scope import Scope
from accord.kernel.clock import now
from accord.kernel.errors import NotAllowed
from accord.kernel.phrases import phrase
from accord.records.models import HitSpending

QUERIES_AN_HOUR = 60
HITS_AN_HOUR = 200

SPEND = """
insert into hit_spending (membership_id, agency_id, hour, queries, hits)
values (%(membership)s, %(agency)s, %(hour)s, %(queries)s, %(hits)s)
on conflict (membership_id, hour) do update
   set queries = hit_spending.queries + excluded.queries, hits = hit_spending.hits + excluded.hits
returning queries, hits
"""


@dataclass(frozen=True, slots=True)
class QuotaState:
    """What is left of this hour's quota, and when the next one begins."""

    queries_left: int
    hits_left: int
    frees_at: datetime


def spent(scope: Scope) -> QuotaState:
    """Return the state of the actor's quota."""
    hour = _hour()
    row = (
        HitSpending.objects.filter(membership_id=scope.actor.membership, hour=hour)
        .values_list("queries", "hits")
        .first()
    )
    return _state(hour, *(row or (0, 0)))


def begin_query(scope: Scope) -> QuotaState:
    """Spend one question; raises NotAllowed when the hour's questions or hits are spent."""
    hour = _hour()
    queries, hits = _spend(scope, hour, queries=1, hits=0)
    if queries > QUERIES_AN_HOUR or hits >= HITS_AN_HOUR:
        what = (
            f"{QUERIES_AN_HOUR} questions" if queries > QUERIES_AN_HOUR else f"{HITS_AN_HOUR} hits"
        )
        at = _next(hour)
        raise NotAllowed(
            phrase(
                "You have used your %(what)s of this hour. The next hour begins at "
                "%(at)s UTC; what you may see without asking others stays open to you "
                "in lists and cases.",
                what=what,
                at=f"{at:%H:%M}",
            ),
            who_can_change=phrase("nobody before then"),
        )
    return _state(hour, queries, hits)


def spend_hits(scope: Scope, hits: int) -> QuotaState:
    """Spend hits that are about to be shown; the question that crosses the line is answered."""
    hour = _hour()
    return _state(hour, *_spend(scope, hour, queries=0, hits=hits))


def _spend(scope: Scope, hour: datetime, *, queries: int, hits: int) -> tuple[int, int]:
    values: dict[str, Any] = {
        "membership": scope.actor.membership,
        "agency": scope.actor.agency,
        "hour": hour,
        "queries": queries,
        "hits": hits,
    }
    with connection.cursor() as cursor:
        cursor.execute(SPEND, values)
        row: tuple[int, int] = cursor.fetchone()
    return row


def _hour() -> datetime:
    return now().replace(minute=0, second=0, microsecond=0)


def _next(hour: datetime) -> datetime:
    return hour + timedelta(hours=1)


def _state(hour: datetime, queries: int, hits: int) -> QuotaState:
    return QuotaState(max(0, QUERIES_AN_HOUR - queries), max(0, HITS_AN_HOUR - hits), _next(hour))
