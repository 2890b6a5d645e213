"""The chain of custody and the alarms of stored files. Private to this module.

The application reads these tables under row-level security; functions of the database write them
(custody.sql). They name the exhibit's record by id alone, since they outlive it.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class CustodyHead(models.Model):
    """What a chain has come to; its id is that of the exhibit's record."""

    id = models.UUIDField(primary_key=True)
    exhibit_number = models.TextField()
    owner_id = models.TextField()
    number = models.IntegerField()
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    state = models.TextField()  # accord.evidence.custody.domain.CustodyState
    custodian_id = models.TextField()
    offered_to = models.TextField(null=True)
    goes_back = models.BooleanField()
    givers = ArrayField(models.TextField())
    seal = models.TextField(null=True)
    content = models.CharField(max_length=64, null=True)
    items = models.IntegerField()
    receiver = models.TextField(null=True)
    ordered_by = models.TextField(null=True)
    disposal_order = models.JSONField(null=True)
    custodians = ArrayField(models.TextField())

    class Meta:
        db_table = "custody_head"


class CustodyEvent(models.Model):
    """One event; its text is sealed, and hashes to `hash`. Never changed."""

    id = models.UUIDField(primary_key=True)
    record_id = models.UUIDField()
    number = models.IntegerField()
    hash = models.CharField(max_length=64)
    act = models.TextField()  # accord.evidence.custody.domain.CustodyAct
    agency_id = models.TextField()
    membership_id = models.TextField()
    at = models.DateTimeField()
    sealed = models.TextField()
    entry_id = models.UUIDField()
    opening = models.TextField()  # sealed: what shows the body of its entry in the ledger
    signature_id = models.UUIDField(null=True)

    class Meta:
        db_table = "custody_event"
        constraints = [
            models.UniqueConstraint(fields=["record_id", "number"], name="custody_event_once")
        ]


class CustodyReread(models.Model):
    """When a stored file was last read again, and what was found."""

    object_id = models.UUIDField(primary_key=True)
    record_id = models.UUIDField()
    at = models.DateTimeField()
    outcome = models.TextField()  # accord.evidence.custody.rereading.Outcome

    class Meta:
        db_table = "custody_reread"


class CustodyAlarm(models.Model):
    """A stored file is altered, gone or unreadable; open until two people of the owner resolve it."""

    id = models.UUIDField(primary_key=True)
    record_id = models.UUIDField()
    object_id = models.UUIDField()
    owner_id = models.TextField()
    custodian_id = models.TextField()
    outcome = models.TextField()
    at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "custody_alarm"


class CustodyAlarmAct(models.Model):
    """That somebody explained an alarm, or confirmed the explanation (its reason is sealed)."""

    id = models.UUIDField(primary_key=True)
    alarm = models.ForeignKey(CustodyAlarm, models.DO_NOTHING, related_name="acts")
    act = models.TextField()  # explain, confirm
    agency_id = models.TextField()
    membership_id = models.TextField()
    at = models.DateTimeField()
    sealed = models.TextField()

    class Meta:
        db_table = "custody_alarm_act"
