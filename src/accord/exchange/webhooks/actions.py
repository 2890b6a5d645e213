"""Write endpoints and messages. Every change is an entry of whoever made it or whose standing it had."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from accord.agencies import queries as agencies
from accord.agreements.scope import Scope
from accord.exchange.webhooks import policy, queries
from accord.exchange.webhooks.domain import (
    MISSED,
    STOPPED,
    TEST,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointState,
    Outcome,
    hour_of,
    next_judged,
    next_try,
)
from accord.exchange.webhooks.models import DeliveryRow, EndpointRow
from accord.exchange.webhooks.sending import allowed_networks
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput, NotFound
from accord.kernel.phrases import phrase
from accord.platform import outbox
from accord.platform.outbox import Change


def create(scope: Scope, *, url: str, topics: Iterable[str], membership: str) -> Endpoint:
    """Set up an endpoint, told of changes from now on under the standing of `membership`.

    Raises NotAllowed for anybody but a supervisor, InvalidInput for an address or kind that cannot
    be, or a member of another agency, Conflict when there are too many.
    """
    policy.check_manage(scope.actor)
    policy.check_url(url, allowed_networks())
    chosen = policy.check_topics(topics)
    if len(queries.endpoints()) >= policy.MOST_ENDPOINTS:
        raise Conflict(
            phrase(
                "An agency has at most %(most_endpoints)s webhooks.",
                most_endpoints=policy.MOST_ENDPOINTS,
            )
        )
    _check_member(scope, membership)
    policy.check_own(scope.actor, membership)
    at = now()
    row = EndpointRow(
        id=ids.uuid7(),
        agency_id=scope.actor.agency,
        url=url,
        membership_id=membership,
        topics=list(chosen),
        state=EndpointState.ACTIVE,
        generation=1,
        created_by=scope.actor.membership,
        created_at=at,
        seen=outbox.state(),
        seen_at=hour_of(at),
    )
    EndpointRow.objects.bulk_create([row])
    scope.did("alteration", of="webhook", step="set up", webhook=str(row.id), url=url)
    return queries.endpoint(row.id)


def _check_member(scope: Scope, membership: str) -> None:
    try:
        agency = agencies.actor(membership).agency
    except NotFound:
        agency = ""
    if agency != scope.actor.agency:
        rule = phrase("a membership of your own agency that is in force")
        raise InvalidInput("webhook", None, "membership", rule)


def set_state(scope: Scope, endpoint: Endpoint, to: EndpointState) -> None:
    """Pause, resume or remove an endpoint; what changed while it was paused is not told later."""
    policy.check_manage(scope.actor)
    if to is EndpointState.ACTIVE:
        policy.check_own(scope.actor, endpoint.membership)
    changed: dict[str, str | datetime | None] = {"state": to, "why": None}
    if to is EndpointState.ACTIVE:
        changed |= {"seen": outbox.state(), "seen_at": hour_of(now())}
    EndpointRow.objects.filter(id=endpoint.id).update(**changed)
    scope.did("alteration", of="webhook", step=f"became {to}", webhook=str(endpoint.id))


def renew_secret(scope: Scope, endpoint: Endpoint) -> Endpoint:
    """Give an endpoint another secret; the old one signs nothing from now on."""
    policy.check_manage(scope.actor)
    EndpointRow.objects.filter(id=endpoint.id).update(generation=endpoint.generation + 1)
    scope.did("alteration", of="webhook", step="new secret", webhook=str(endpoint.id))
    return queries.endpoint(endpoint.id)


def send_test(scope: Scope, endpoint: Endpoint) -> UUID:
    """Let the worker send a message that is about nothing; returns its id."""
    policy.check_manage(scope.actor)
    policy.check_own(scope.actor, endpoint.membership)
    if endpoint.state is not EndpointState.ACTIVE:
        raise Conflict(phrase("This webhook is paused; resume it first."))
    (made,) = _enqueue(endpoint, [Change(TEST, endpoint.id)])
    scope.did("alteration", of="webhook", step="test", webhook=str(endpoint.id))
    return made


def retry(scope: Scope, delivery: Delivery) -> None:
    """Let the worker try a dead message again, from the beginning; raises Conflict for others."""
    policy.check_manage(scope.actor)
    changed = DeliveryRow.objects.filter(id=delivery.id, state=DeliveryState.DEAD).update(
        state=DeliveryState.WAITING, attempts=0, next_at=now(), done_at=None
    )
    if not changed:
        raise Conflict(phrase("Only a message that was given up is tried again by hand."))
    scope.did("alteration", of="webhook", step="tried again", message=str(delivery.id))


def tell(
    scope: Scope,
    endpoint: Endpoint,
    pages: Iterable[Sequence[Change]],
    seen: str,
    *,
    missed: bool = False,
) -> None:
    """Put all that changed among an endpoint's messages, and note up to where it was told.

    Where changes may have gone by before that were kept no longer, it is told so first.
    """
    read_up_to(endpoint, seen)
    count = len(_enqueue(endpoint, [Change(MISSED, endpoint.id)])) if missed else 0
    count += sum(len(_enqueue(endpoint, page)) for page in pages)
    scope.did("disclosure", of="ids by webhook", webhook=str(endpoint.id), count=count)


def read_up_to(endpoint: Endpoint, seen: str) -> None:
    """Note that an endpoint is told up to this state of the database."""
    EndpointRow.objects.filter(id=endpoint.id).update(seen=seen, seen_at=hour_of(now()))


def _enqueue(endpoint: Endpoint, changes: Sequence[Change]) -> list[UUID]:
    at = now()
    rows = [
        DeliveryRow(
            id=ids.uuid7(),
            endpoint_id=endpoint.id,
            agency_id=endpoint.agency,
            topic=change.topic,
            subject=change.subject,
            record_id=change.record,
            made_at=at,
            attempts=0,
            next_at=at,
            state=DeliveryState.WAITING,
        )
        for change in changes
    ]
    DeliveryRow.objects.bulk_create(rows)
    return [row.id for row in rows]


def record(scope: Scope, endpoint: Endpoint, outcomes: Sequence[tuple[Delivery, Outcome]]) -> None:
    """Note how attempts went: delivered, to be tried again, or given up.

    A receiver that answers 410 wants no more: its messages are given up, and it is paused. What was
    withheld is no attempt: it waits until its member may fetch it, as long as a message is tried.
    """
    at = now()
    for delivery, outcome in outcomes:
        attempts = delivery.attempts + (0 if outcome.withheld else 1)
        again = _again(delivery, outcome, attempts, at)
        state = DeliveryState.WAITING if again else DeliveryState.DEAD
        if outcome.delivered:
            state = DeliveryState.DELIVERED
        DeliveryRow.objects.filter(id=delivery.id).update(
            attempts=attempts,
            state=state,
            status=outcome.status,
            fault=outcome.fault,
            next_at=again or at,
            done_at=None if state is DeliveryState.WAITING else at,
        )
    results = [outcome for _, outcome in outcomes]
    said = {
        "sent": sum(not r.withheld for r in results),
        "delivered": sum(r.delivered for r in results),
        "withheld": sum(r.withheld for r in results),
    }
    if not said["sent"]:
        scope.did("alteration", of="webhook", step="withheld", webhook=str(endpoint.id), **said)
        return
    running = EndpointRow.objects.filter(id=endpoint.id, state=EndpointState.ACTIVE)
    if any(r.unwanted for r in results) and running.update(state=EndpointState.PAUSED, why="gone"):
        scope.did("disclosure", step="became paused", because=str(STOPPED["gone"]))
    scope.did("disclosure", of="ids by webhook", webhook=str(endpoint.id), **said)


def _again(delivery: Delivery, outcome: Outcome, attempts: int, at: datetime) -> datetime | None:
    if outcome.delivered or outcome.unwanted:
        return None
    return next_judged(delivery.made_at, at) if outcome.withheld else next_try(attempts, at)


def stop_those_who_left(at: datetime) -> int:
    """Pause the endpoints of memberships that are not in force, and give up what waits for them."""
    with connection.cursor() as cursor:
        cursor.execute("select accord.webhooks_stop(%s)", [at])
        count: int = cursor.fetchone()[0]
    return count


def sweep(older_than: datetime, most: int) -> int:
    """Remove up to `most` messages that came to their end before; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("select accord.webhooks_sweep(%s, %s)", [older_than, most])
        count: int = cursor.fetchone()[0]
    return count
