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
from accord.exchange.webhooks.domain import Delivery, Endpoint, Outcome
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
OUTBOX_KEPT = timedelta(hours=24)

log = logging.getLogger("accord.webhooks")


def work() -> int:
    """Tell every endpoint what there is to tell, and send what is due; returns how much was sent."""
    sent = 0
    for endpoint_id, membership in queries.waiting(now()):
        actor = agencies.actor_or_none(membership)
        if actor is None:
            continue
        try:
            sent += _serve(endpoint_id, actor)
        except NotFound:
            log.info("a webhook was removed meanwhile")
        except Exception as error:  # one endpoint holds up no other; the next round tries again
            log.error("a webhook failed", extra=facts(kind=type(error).__name__), exc_info=error)
            connections.close_all()
    return sent


def sweep() -> int:
    """Remove what everybody had time to read from the outbox."""
    return outbox.sweep(now() - OUTBOX_KEPT)


def _serve(endpoint_id: UUID, actor: Actor) -> int:
    context = resolve(actor, PURPOSE, "statute", None)
    with glance(actor, context):
        endpoint = queries.endpoint(endpoint_id)
        until = outbox.state()
        found = outbox.between(endpoint.seen, until, limit=MOST_CHANGES)
    changes = [c for c in found if c.topic in endpoint.topics]
    _tell(endpoint, actor, context, changes, until)
    with glance(actor, context):
        due = queries.due(endpoint_id, now(), BATCH)
    if not due:
        return 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(lambda d: _attempt(endpoint, d), due))
    with open_scope(actor, context) as scope:
        actions.record(scope, endpoint, list(zip(due, outcomes, strict=True)))
    return len(due)


def _tell(
    endpoint: Endpoint,
    actor: Actor,
    context: WorkingContext,
    changes: list[outbox.Change],
    until: str,
) -> None:
    """Nothing to tell is not logged; but the place up to which it was read is kept."""
    if changes:
        with open_scope(actor, context) as scope:
            actions.tell(scope, endpoint, changes, until)
        return
    with glance(actor, context):
        actions.read_up_to(endpoint, until)


def _attempt(endpoint: Endpoint, delivery: Delivery) -> Outcome:
    body = body_of(delivery)
    secret = secret_of(Path(settings.ACCORD_DATA_DIR), endpoint.id, endpoint.generation)
    outcome = send(endpoint.url, body, headers_of(secret, delivery.id, now(), body))
    if not outcome.delivered:
        log.warning("a webhook was not taken", extra=facts(kind=outcome.fault or "status"))
    return outcome
