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
    duty_desk = models.JSONField()  # as accord.agencies.about.facts reads it
    territory = models.JSONField(default=dict)
    competence = models.JSONField(default=dict)
    light = models.BooleanField(default=False)
    suspended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "agency"


class AgencyKey(models.Model):
    """A key with which an agency signed or signs (Ed25519); they follow one another.

    `valid_from` is null for the first; `predecessor` and `signature` for one that the operator brought.
    """

    id = models.UUIDField(primary_key=True)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="keys")
    public_key = models.BinaryField(max_length=32)
    valid_from = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_from = models.DateTimeField(null=True)
    sayings = models.JSONField(default=list)
    reason = models.TextField(blank=True, default="")
    predecessor = models.BinaryField(max_length=32, null=True)
    signature = models.BinaryField(max_length=64, null=True)

    class Meta:
        db_table = "agency_key"
        constraints = [
            models.UniqueConstraint(
                fields=["agency"],
                condition=models.Q(retired_at=None, revoked_at=None),
                name="one_agency_key_at_a_time",
            )
        ]


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
    ends = models.JSONField(default=dict)  # {fact: moment}, roles under {"role": {word: moment}}
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "membership"
        constraints = [
            models.UniqueConstraint(fields=["member", "agency"], name="one_membership_an_agency")
        ]


class Certificate(models.Model):
    """Training held, until a day; expiry takes effect without anybody acting.

    It counts for a membership of the agency that attested it: no other speaks for who acts for one.
    """

    member = models.ForeignKey(Member, models.PROTECT, related_name="certificates")
    training = models.TextField()
    issued_on = models.DateField()
    valid_until = models.DateField()  # inclusive
    attested_by = models.ForeignKey(Agency, models.PROTECT)

    class Meta:
        db_table = "certificate"
        constraints = [
            models.UniqueConstraint(
                fields=["member", "training", "issued_on", "attested_by"], name="certificate_once"
            )
        ]


class SigninLink(models.Model):
    """A one-time link; only the digest of its token is kept.

    One that a change of the directory brought opens with a code beside it, which another person has.
    """

    token_hash = models.BinaryField(primary_key=True, max_length=32)
    membership = models.ForeignKey(Membership, models.CASCADE)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    change_id = models.UUIDField(null=True)
    code_hash = models.BinaryField(max_length=32, null=True)

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


class DirectoryChange(models.Model):
    """One change of an agency's directory: proposed by one administrator, and in force or not.

    Under row-level security; the application adds proposals, accord.apply_directory_change decides.
    """

    id = models.UUIDField(primary_key=True)
    agency_id = models.TextField()
    kind = models.TextField()
    member_id = models.TextField()
    membership_id = models.TextField()
    facts = models.JSONField()  # words of the vocabulary, days, and of a new member the name
    held = models.JSONField(null=True)  # what the membership said before it
    state = models.TextField()
    proposed_by = models.TextField()
    proposed_at = models.DateTimeField()
    decided_by = models.TextField(null=True)
    decided_at = models.DateTimeField(null=True)
    via = models.TextField()

    class Meta:
        db_table = "directory_change"


class AgencyChange(models.Model):
    """One change of what the directory says of an agency: proposed, and in force or not.

    Under row-level security; the application adds proposals, accord.apply_agency_change decides.
    """

    id = models.UUIDField(primary_key=True)
    agency_id = models.TextField()
    kind = models.TextField()
    facts = models.JSONField()
    held = models.JSONField(null=True)  # what stood there before it
    state = models.TextField()
    proposed_by = models.TextField()
    proposed_at = models.DateTimeField()
    decided_by = models.TextField(null=True)
    decided_at = models.DateTimeField(null=True)
    via = models.TextField()

    class Meta:
        db_table = "agency_change"
