"""Endpoints and messages. Private to this module; guarded by agency and role (migration 0002)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class EndpointRow(models.Model):
    """Where an agency is told; no secret is kept, each is derived from the node's key."""

    id = models.UUIDField(primary_key=True)
    agency_id = models.TextField()
    url = models.TextField()
    membership_id = models.TextField()  # whose standing decides
    topics = ArrayField(models.TextField())
    state = models.TextField()
    generation = models.IntegerField()
    created_by = models.TextField()
    created_at = models.DateTimeField()
    why = models.TextField(null=True)  # why it is paused, where nobody paused it
    seen = models.TextField()  # the state of the database up to which it was told
    seen_at = models.DateTimeField()  # in which hour that was

    class Meta:
        db_table = "webhook_endpoint"


class DeliveryRow(models.Model):
    """One message to one endpoint: kind and ids."""

    id = models.UUIDField(primary_key=True)
    endpoint = models.ForeignKey(EndpointRow, models.DO_NOTHING)
    agency_id = models.TextField()
    topic = models.TextField()
    subject = models.UUIDField()
    record_id = models.UUIDField(null=True)
    made_at = models.DateTimeField()
    attempts = models.IntegerField()
    next_at = models.DateTimeField()
    state = models.TextField()
    status = models.IntegerField(null=True)
    fault = models.TextField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "webhook_delivery"
        indexes = [
            models.Index(
                fields=["next_at"],
                name="webhook_delivery_waiting",
                condition=models.Q(state="waiting"),
            ),
            models.Index(
                fields=["done_at"],
                name="webhook_delivery_done",
                condition=~models.Q(state="waiting"),
            ),
            models.Index(fields=["endpoint", "made_at"], name="webhook_delivery_endpoint"),
        ]
