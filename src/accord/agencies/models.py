"""Agencies, the people who act for them, and how they prove it. Private to this module."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Agency(models.Model):
    """An organisation with authority or a service duty; a directory entry every member may read."""

    id = models.SlugField(primary_key=True, max_length=64)
    name = models.TextField()
    kind = models.TextField()
    country = models.CharField(max_length=2)
    ori = models.CharField(max_length=9, unique=True)
    zone = models.TextField()
    duty_desk = models.JSONField()  # {name, phone, hours, escalation}
    public_key = models.BinaryField(max_length=32)  # Ed25519, raw
    suspended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "agency"


class Member(models.Model):
    """A person; what the person may do comes from memberships."""

    id = models.TextField(primary_key=True)
    name = models.TextField()
    nationality = models.CharField(max_length=2)
    persona = models.TextField(blank=True, default="")  # one line for the demo's sign-in list

    class Meta:
        db_table = "member"


class Membership(models.Model):
    """One person acting for one agency; a session holds exactly one."""

    id = models.TextField(primary_key=True)
    member = models.ForeignKey(Member, models.PROTECT)
    agency = models.ForeignKey(Agency, models.PROTECT)
    title = models.TextField(blank=True, default="")
    roles = ArrayField(models.TextField())
    clearance = models.TextField()
    assurance = models.SmallIntegerField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "membership"
        constraints = [
            models.UniqueConstraint(fields=["member", "agency"], name="one_membership_an_agency")
        ]


class Certificate(models.Model):
    """Training held, until a day; expiry takes effect without anybody acting."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="certificates")
    training = models.TextField()
    issued_on = models.DateField()
    valid_until = models.DateField()  # inclusive
    attested_by = models.ForeignKey(Agency, models.PROTECT)

    class Meta:
        db_table = "certificate"
        constraints = [
            models.UniqueConstraint(
                fields=["member", "training", "issued_on"], name="certificate_once"
            )
        ]


class SigninLink(models.Model):
    """A one-time link; only the digest of its token is kept."""

    token_hash = models.BinaryField(primary_key=True, max_length=32)
    membership = models.ForeignKey(Membership, models.CASCADE)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "signin_link"


class ApiToken(models.Model):
    """A bearer token of one membership; only its digest is kept."""

    token_hash = models.BinaryField(primary_key=True, max_length=32)
    membership = models.ForeignKey(Membership, models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_token"
