"""Read endpoints and messages as row-level security shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from accord.exchange.webhooks.domain import (
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointState,
)
from accord.exchange.webhooks.models import DeliveryRow, EndpointRow
from accord.kernel.errors import NotFound

SHOWN = 200

# As the policy of the outbox (cases 0003), whose rows are gone before the last attempt: each question
# stands under the policies of the table it asks.
_COVERED = """
select d.id from webhook_delivery d
 where d.id = any(%s)
   and (d.record_id is null or exists (select 1 from record it where it.id = d.record_id))
   and case d.topic
       when 'test' then true
       when 'missed' then true
       when 'case' then exists (select 1 from joint_case it where it.id = d.subject)
       when 'record' then exists (select 1 from record it where it.id = d.subject)
       when 'request' then exists (select 1 from disclosure_request it where it.id = d.subject)
       when 'duty' then exists (select 1 from duty it where it.id = d.subject)
       when 'run' then exists (select 1 from intake_run it where it.id = d.subject)
       when 'statement' then exists (select 1 from statement it where it.id = d.subject)
       when 'notice' then exists (select 1 from statement_notice it where it.id = d.subject)
       when 'custody' then exists (select 1 from custody_head it where it.id = d.subject)
       else false
   end
"""


def endpoints() -> tuple[Endpoint, ...]:
    """Return the agency's endpoints, newest first."""
    rows = EndpointRow.objects.exclude(state=EndpointState.REMOVED).order_by("-created_at", "-id")
    return tuple(_endpoint(row) for row in rows)


def endpoint(endpoint_id: UUID) -> Endpoint:
    """Return one; raises NotFound."""
    row = EndpointRow.objects.filter(id=endpoint_id).exclude(state=EndpointState.REMOVED).first()
    if row is None:
        raise NotFound("There is no such webhook for you.")
    return _endpoint(row)


def deliveries(endpoint_id: UUID, state: DeliveryState | None = None) -> tuple[Delivery, ...]:
    """Return an endpoint's newest messages."""
    rows = DeliveryRow.objects.filter(endpoint_id=endpoint_id)
    if state is not None:
        rows = rows.filter(state=state)
    return tuple(_delivery(row) for row in rows.order_by("-made_at", "-id")[:SHOWN])


def delivery(endpoint_id: UUID, delivery_id: UUID) -> Delivery:
    """Return one message; raises NotFound."""
    row = DeliveryRow.objects.filter(id=delivery_id, endpoint_id=endpoint_id).first()
    if row is None:
        raise NotFound("There is no such message for you.")
    return _delivery(row)


def due(endpoint_id: UUID, at: datetime, limit: int) -> tuple[Delivery, ...]:
    """Return the messages whose time has come, oldest first."""
    rows = DeliveryRow.objects.filter(
        endpoint_id=endpoint_id, state=DeliveryState.WAITING, next_at__lte=at
    )
    return tuple(_delivery(row) for row in rows.order_by("next_at", "id")[:limit])


def covered(messages: Sequence[Delivery]) -> frozenset[UUID]:
    """Return which of these messages are about what the sealed standing may still fetch."""
    with connection.cursor() as cursor:
        cursor.execute(_COVERED, [[message.id for message in messages]])
        return frozenset(row[0] for row in cursor.fetchall())


def waiting(at: datetime) -> tuple[tuple[UUID, str], ...]:
    """Return the endpoints that there is something to do for, with their members."""
    with connection.cursor() as cursor:
        cursor.execute("select endpoint_id, membership_id from accord.webhooks_waiting(%s)", [at])
        return tuple(cursor.fetchall())


def _endpoint(row: EndpointRow) -> Endpoint:
    return Endpoint(
        id=row.id,
        agency=row.agency_id,
        url=row.url,
        membership=row.membership_id,
        topics=tuple(row.topics),
        state=EndpointState(row.state),
        generation=row.generation,
        created_at=row.created_at,
        seen=row.seen,
        seen_at=row.seen_at,
        why=row.why,
    )


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(
        id=row.id,
        endpoint=row.endpoint_id,
        topic=row.topic,
        subject=row.subject,
        record=row.record_id,
        made_at=row.made_at,
        attempts=row.attempts,
        next_at=row.next_at,
        state=DeliveryState(row.state),
        status=row.status,
        fault=row.fault,
        done_at=row.done_at,
    )
