"""What hangs on exhibits beside their records. No text stands here: every text is a part.

Custody keeps its own tables (accord.evidence.custody); they refer to `Exhibit` by its record.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Exhibit(models.Model):
    """A record of schema `Exhibit` with its running number in a case of its owner's."""

    record_id = models.UUIDField(primary_key=True)
    owner_id = models.TextField()
    case_id = models.UUIDField()  # in which it was acquired
    serial = models.IntegerField()
    acquired_by = models.TextField()
    acquired_at = models.DateTimeField()

    class Meta:
        db_table = "exhibit"
        constraints = [
            models.UniqueConstraint(
                fields=["owner_id", "case_id", "serial"], name="exhibit_serial_once"
            )
        ]


class ExhibitCounter(models.Model):
    """The last number given in one case of one agency; it only ever grows by one."""

    id = models.UUIDField(primary_key=True)
    owner_id = models.TextField()
    case_id = models.UUIDField()
    last = models.IntegerField()

    class Meta:
        db_table = "exhibit_counter"
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "case_id"], name="exhibit_counter_once")
        ]


class Upload(models.Model):
    """A file on its way in; its id becomes that of the stored object."""

    id = models.UUIDField(primary_key=True)
    owner_id = models.TextField()
    membership_id = models.TextField()
    case_id = models.UUIDField()
    case_number = (
        models.TextField()
    )  # with purpose and basis: under what the worker goes on with it
    purpose = models.TextField()
    legal_basis = models.TextField()
    size_bytes = models.BigIntegerField()
    received_bytes = models.BigIntegerField()
    state = models.TextField()  # accord.evidence.domain.UploadState
    sealed_name = models.BinaryField()  # file name and media type, under the data key
    wrapped_key = models.BinaryField()
    declared_sha256 = models.CharField(max_length=64, null=True)
    sha256 = models.CharField(max_length=64, null=True)
    sha512 = models.CharField(max_length=128, null=True)
    failure = models.TextField(null=True)  # a word of the node, never of the sender
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "upload"
        indexes = [
            models.Index(fields=["membership_id"], name="upload_by_member"),
            models.Index(fields=["expires_at"], name="upload_by_expiry"),
        ]


class StoredObject(models.Model):
    """A file of an exhibit, encrypted in segments under a key of its own; never changed."""

    id = models.UUIDField(primary_key=True)
    record_id = models.UUIDField()
    owner_id = models.TextField()
    case_id = models.UUIDField()  # bound into the wrapped key
    role = models.TextField()  # accord.evidence.domain.ObjectRole
    number = models.SmallIntegerField(default=0)  # of several previews
    size_bytes = models.BigIntegerField()
    address = models.CharField(max_length=64)  # SHA-256 of the list of segments
    list_mac = models.BinaryField(max_length=32)  # of that list, under the data key
    wrapped_key = models.BinaryField()
    made_at = models.DateTimeField()
    frozen = models.BooleanField(default=False)  # an alarm stands; kept by the database

    class Meta:
        db_table = "stored_object"
        constraints = [
            models.UniqueConstraint(
                fields=["record_id", "role", "number"], name="stored_object_once"
            )
        ]


class ObjectSegment(models.Model):
    """One piece of an upload or a stored object, by the name of its encrypted bytes."""

    id = models.BigAutoField(primary_key=True)
    object_id = models.UUIDField()  # of an upload, and then of the stored object
    owner_id = models.TextField()
    at = models.BigIntegerField()  # of its first clear byte
    size = models.IntegerField()  # clear bytes
    address = models.CharField(max_length=64)  # SHA-256 of the stored bytes

    class Meta:
        db_table = "object_segment"
        constraints = [
            models.UniqueConstraint(fields=["object_id", "at"], name="object_segment_once")
        ]


class ObjectLitter(models.Model):
    """The name of a stored piece that nothing refers to any more, until it is removed."""

    address = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "object_litter"


class ExhibitReading(models.Model):
    """How far the reading of an exhibit's file has come; no text of the file."""

    record_id = models.UUIDField(primary_key=True)
    owner_id = models.TextField()
    membership_id = (
        models.TextField()
    )  # with purpose, basis and case: under what the worker reads it
    case_number = models.TextField()
    purpose = models.TextField()
    legal_basis = models.TextField()
    state = models.TextField()  # accord.evidence.domain.ReadingState
    tries = models.SmallIntegerField(default=0)
    lost = models.SmallIntegerField(default=0)  # how often a worker was gone before its end
    asked_at = models.DateTimeField()
    next_at = models.DateTimeField()  # before it the worker leaves it alone
    done_at = models.DateTimeField(null=True)
    kind = models.TextField(null=True)  # accord.evidence.reading.kinds.KINDS
    reason = models.TextField(null=True)  # accord.evidence.reading.results.SetAside
    notes = ArrayField(models.TextField(), default=list)  # accord.evidence.reading.results.Lack
    tools = models.JSONField(default=list)  # [[name, version]]
    reading = models.IntegerField(default=0)  # how often it was read to an end

    class Meta:
        db_table = "exhibit_reading"
        indexes = [models.Index(fields=["next_at"], name="exhibit_reading_due")]


class ExhibitSource(models.Model):
    """What an exhibit was made from: its source, and by a trigger all that the source was made from."""

    id = models.UUIDField(primary_key=True)
    record_id = models.UUIDField()
    owner_id = models.TextField()
    source_record_id = models.UUIDField()
    source_owner = models.TextField()
    direct = models.BooleanField()

    class Meta:
        db_table = "exhibit_source"
        constraints = [
            models.UniqueConstraint(
                fields=["record_id", "source_record_id"], name="exhibit_source_once"
            )
        ]
        indexes = [models.Index(fields=["source_record_id"], name="exhibit_source_of")]


class Derivation(models.Model):
    """A derivation that a member asked for; what it is to be is sealed."""

    id = models.UUIDField(primary_key=True)
    owner_id = models.TextField()
    membership_id = models.TextField()
    case_number = models.TextField()
    purpose = models.TextField()
    legal_basis = models.TextField()
    source_record_id = models.UUIDField()
    way = models.TextField()  # redaction, clip, extraction, copy
    sealed = models.TextField()  # parameters, description, labels; empty once it is over
    state = models.TextField()  # accord.evidence.domain.DerivationState
    reason = models.TextField(null=True)  # SetAside, or accord.evidence.domain.Refused
    result_record_id = models.UUIDField(null=True)
    asked_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    lost = models.SmallIntegerField(default=0)  # how often a worker was gone before its end

    class Meta:
        db_table = "derivation"
        indexes = [models.Index(fields=["membership_id", "asked_at"], name="derivation_by_member")]


from accord.evidence.custody import models as custody  # noqa: E402, F401 - loads its tables
