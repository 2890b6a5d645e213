"""Cases and who works on them. A case's texts are parts of records of schema Case and Note."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Case(models.Model):
    """A joint case: lead agency, purposes fixed by a supervisor; its title is a part."""

    id = models.UUIDField(primary_key=True)
    case_key = models.UUIDField(unique=True)
    number = models.TextField()
    lead_agency = models.TextField()
    purposes = ArrayField(models.TextField())
    state = models.TextField()  # open, closed
    title_record = models.UUIDField()
    opened_by = models.TextField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "joint_case"
        constraints = [
            # Keys begin with the owner: another agency's numbers must not show through a clash.
            models.UniqueConstraint(fields=["lead_agency", "number"], name="case_number_once")
        ]


class Placement(models.Model):
    """A record placed in a case by its owner; the keys of its parts say the same to the database."""

    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(Case, models.DO_NOTHING)
    record_id = models.UUIDField()
    owner_id = models.TextField()
    placed_by = models.TextField()
    placed_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "placement"


class NoteRevision(models.Model):
    """One revision of one note; an edit adds a revision and names the one it started from."""

    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(Case, models.DO_NOTHING)
    note_id = models.UUIDField()
    record_id = models.UUIDField()
    based_on = models.UUIDField(null=True)
    agency_id = models.TextField()
    author = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "note_revision"
