"""The worker's part: find what each endpoint may be told, and send it.

Each endpoint is told under the standing of its own member in records administration, without a case:
what that member could not fetch is not told. No transaction is open while something is sent.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connections

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor
from accord.agreements.context import WorkingContext, resolve
from accord.agreements.scope import glance, open_scope
from accord.exchange.webhooks import actions, queries
from accord.exchange.webhooks.domain import (
    WITHHELD,
    Delivery,
    Endpoint,
    EndpointState,
    Outcome,
)
from accord.exchange.webhooks.sending import send
from accord.exchange.webhooks.signing import body_of, headers_of, secret_of
from accord.kernel.clock import now
from accord.kernel.errors import NotFound
from accord.platform import outbox
from accord.platform.logs import facts

PURPOSE = "records-administration"
BATCH = 20
AT_ONCE = 4
MOST_CHANGES = 20_000
"""Changes held in memory at once; what is beyond them follows in the same transaction."""
SWEEP_BATCH, SWEEP_BATCHES = 1_000, 20
OUTBOX_KEPT = timedelta(hours=24)
MISSED_AFTER = OUTBOX_KEPT - timedelta(hours=1)
"""An endpoint not read for so long may have missed a change: one is dated when its change began."""

log = logging.getLogger("accord.webhooks")


def work() -> int:
    """Tell every endpoint what there is to tell, and send what is due; returns how much was sent."""
    sent = 0
    if stopped := actions.stop_those_who_left(now()):
        log.warning("webhooks of memberships not in force are paused", extra=facts(count=stopped))
    for endpoint_id, membership in queries.waiting(now()):
        actor = agencies.actor_or_none(membership)
        if actor is None:
            continue
        try:
            sent += _serve(endpoint_id, actor)
        except NotFound:
            log.info("a webhook was removed meanwhile, or its member left")
        except Exception as error:  # one endpoint holds up no other; the next round tries again
            log.error("a webhook failed", extra=facts(kind=type(error).__name__), exc_info=error)
            connections.close_all()
    return sent


def sweep() -> int:
    """Remove what everybody had time to read from the outbox, and messages that ended long ago.

    In batches, each a transaction of its own; what is left over waits for the next round.
    """
    swept = outbox.sweep(now() - OUTBOX_KEPT)
    older = now() - timedelta(days=settings.ACCORD_WEBHOOK_KEPT_DAYS)
    for _ in range(SWEEP_BATCHES):
        count = actions.sweep(older, SWEEP_BATCH)
        swept += count
        if count < SWEEP_BATCH:
            break
    return swept


def _serve(endpoint_id: UUID, actor: Actor) -> int:
    context = resolve(actor, PURPOSE, "statute", None)
    with glance(actor, context):
        endpoint = queries.endpoint(endpoint_id)
        if endpoint.state is not EndpointState.ACTIVE:
            return 0
        until = outbox.state()
        anything = any(outbox.pages(endpoint.seen, until, endpoint.topics, 1))
    _tell(endpoint, actor, context, anything, until)
    sent = 0
    for _ in range(BATCH // AT_ONCE):
        count = _send_next(endpoint_id, actor.membership, context)
        sent += count
        if count < AT_ONCE:
            break
    return sent


def _tell(
    endpoint: Endpoint,
    actor: Actor,
    context: WorkingContext,
    anything: bool,
    until: str,
) -> None:
    """Nothing to tell is not logged; but the place up to which it was read is kept.

    The time alone decides whether changes were missed: what the member may not know of decides
    nothing here.
    """
    missed = endpoint.seen_at <= now() - MISSED_AFTER
    if anything or missed:
        with open_scope(actor, context) as scope:
            pages = outbox.pages(endpoint.seen, until, endpoint.topics, MOST_CHANGES)
            actions.tell(scope, endpoint, pages, until, missed=missed)
        return
    with glance(actor, context):
        actions.read_up_to(endpoint, until)


def _send_next(endpoint_id: UUID, membership: str, context: WorkingContext) -> int:
    """Send up to `AT_ONCE` messages by the facts that hold right before; returns how many were due.

    1. read the member and the endpoint anew; 2. ask the sealed standing for each message; 3. send
    what it covers; 4. note how it went. What was paused, removed or left meanwhile stays as it is.
    """
    actor = agencies.actor(membership)
    with glance(actor, context):
        endpoint = queries.endpoint(endpoint_id)
        if endpoint.state is not EndpointState.ACTIVE:
            return 0
        due = queries.due(endpoint_id, now(), AT_ONCE)
        covered = queries.covered(due)
    if not due:
        return 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(lambda d: _attempt(endpoint, d, d.id in covered), due))
    with open_scope(actor, context) as scope:
        actions.record(scope, endpoint, list(zip(due, outcomes, strict=True)))
    return len(due)


def _attempt(endpoint: Endpoint, delivery: Delivery, covered: bool) -> Outcome:
    if not covered:
        return Outcome(None, WITHHELD)
    body = body_of(delivery)
    secret = secret_of(Path(settings.ACCORD_DATA_DIR), endpoint.id, endpoint.generation)
    outcome = send(endpoint.url, body, headers_of(secret, delivery.id, now(), body))
    if not outcome.delivered:
        log.warning("a webhook was not taken", extra=facts(kind=outcome.fault or "status"))
    return outcome
