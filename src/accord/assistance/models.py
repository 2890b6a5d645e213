"""Entries of the directory of expertise, and requests for assistance. Private to this module.

Nothing is changed but a member's own consent to be named: acts are added.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Expertise(models.Model):
    """What a member or a unit offers. Whose it is stands in ExpertiseHolder."""

    id = models.UUIDField(primary_key=True)
    agency_id = models.TextField()
    discipline = models.TextField()
    level = models.TextField()
    languages = ArrayField(models.TextField())
    is_unit = models.BooleanField()
    sealed = models.TextField()  # the unit's name and the note
    proposed_at = models.DateTimeField()

    class Meta:
        db_table = "expertise"
        indexes = [models.Index(fields=["discipline"], name="expertise_by_discipline")]


class ExpertiseHolder(models.Model):
    """Whose an entry is. Another agency's reader has this row only where `named`."""

    expertise = models.OneToOneField(
        Expertise, models.DO_NOTHING, primary_key=True, related_name="holder"
    )
    agency_id = models.TextField()
    membership_id = models.TextField()
    named = models.BooleanField()

    class Meta:
        db_table = "expertise_holder"


class ExpertiseAct(models.Model):
    """That an entry was attested, until when; or withdrawn. Append-only."""

    id = models.UUIDField(primary_key=True)
    expertise = models.ForeignKey(Expertise, models.DO_NOTHING, related_name="acts")
    agency_id = models.TextField()
    act = models.TextField()  # accord.assistance.domain.EntryAct
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)  # the instant after the inclusive last day

    class Meta:
        db_table = "expertise_act"


class AssistanceRequest(models.Model):
    """What one agency asks another for; never changed."""

    id = models.UUIDField(primary_key=True)
    requester_agency = models.TextField()
    asked_agency = models.TextField()
    discipline = models.TextField()
    languages = ArrayField(models.TextField())
    urgency = models.TextField()
    purpose = models.TextField()
    legal_basis = models.TextField()
    needed_until = models.DateTimeField(null=True)
    sealed = models.TextField()  # what is needed, and where
    sent_at = models.DateTimeField()
    due_at = models.DateTimeField()

    class Meta:
        db_table = "assistance_request"


class AssistanceOrigin(models.Model):
    """Who asked and in which case, and what was sent together; for the asking agency alone."""

    request = models.OneToOneField(AssistanceRequest, models.DO_NOTHING, primary_key=True)
    agency_id = models.TextField()
    membership_id = models.TextField()
    case_id = models.UUIDField(null=True)
    case_number = models.TextField(null=True)
    round_id = models.UUIDField()

    class Meta:
        db_table = "assistance_origin"


class AssistanceAct(models.Model):
    """A step of either side. Append-only; the states follow from the steps."""

    id = models.UUIDField(primary_key=True)
    request = models.ForeignKey(AssistanceRequest, models.DO_NOTHING, related_name="acts")
    requester_agency = models.TextField()
    asked_agency = models.TextField()
    agency_id = models.TextField()  # whose step it is
    act = models.TextField()  # accord.assistance.domain.AssistanceStep
    at = models.DateTimeField()
    sealed = models.TextField(null=True)
    comes = ArrayField(models.UUIDField())  # entries of the directory; names are looked up there
    passed_to = models.TextField(null=True)
    entry_id = models.UUIDField()

    class Meta:
        db_table = "assistance_act"


class AssistanceHand(models.Model):
    """Which member took a step, with an entry or a request; for their own agency alone."""

    act_id = models.UUIDField(primary_key=True)
    agency_id = models.TextField()
    membership_id = models.TextField()

    class Meta:
        db_table = "assistance_hand"
