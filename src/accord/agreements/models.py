"""Agreements, their signatures and states, labels, and who holds which case key."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class AgreementVersion(models.Model):
    """One version of one agreement, content-addressed and never altered."""

    content_hash = models.CharField(primary_key=True, max_length=64)
    agreement = models.TextField()  # the id that its text names, for example mou-2026-007
    kind = models.TextField()
    title = models.TextField()
    parties = ArrayField(models.TextField())
    text = models.TextField()  # the YAML that was signed
    parent_hash = models.CharField(max_length=64, null=True)
    effective_from = models.DateTimeField()
    effective_until = models.DateTimeField(null=True)  # the instant after the inclusive last day
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "agreement_version"


class AgreementSignature(models.Model):
    """A party's Ed25519 signature over the canonical form, used by a named officer."""

    version = models.ForeignKey(AgreementVersion, models.PROTECT, related_name="signatures")
    agency = models.TextField()
    officer = models.TextField()
    signature = models.BinaryField(max_length=64)
    signed_at = models.DateTimeField()

    class Meta:
        db_table = "agreement_signature"
        constraints = [
            models.UniqueConstraint(fields=["version", "agency"], name="one_signature_a_party")
        ]


class AgreementState(models.Model):
    """A step that an agency took with a version: proposed, put in force, suspended, ended.

    The states follow from the steps (accord.agreements.course). Those that change what is decided
    carry the agency's Ed25519 signature over accord.agreements.life.step_payload.
    """

    version = models.ForeignKey(AgreementVersion, models.PROTECT, related_name="states")
    step = models.TextField()
    at = models.DateTimeField()
    by_member = models.TextField()
    agency = models.TextField()
    reason = models.TextField()  # public among members, as the agreement is
    signature = models.BinaryField(max_length=64, null=True)

    class Meta:
        db_table = "agreement_state"


class AgreementDraft(models.Model):
    """An agreement that one agency is writing; nobody else sees it."""

    id = models.UUIDField(primary_key=True)
    agency = models.TextField()
    name = models.TextField()
    text = models.TextField()
    revision = models.IntegerField()  # counts edits, so that none overwrites another unseen
    created_by = models.TextField()
    created_at = models.DateTimeField()
    updated_by = models.TextField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "agreement_draft"
        indexes = [models.Index(fields=["agency", "-updated_at"], name="draft_by_agency")]


class LabelEntry(models.Model):
    """The node's number for one combination of record-side attributes; identity is the hash."""

    id = models.IntegerField(primary_key=True)
    content_hash = models.CharField(max_length=64, unique=True)
    facts = models.JSONField()

    class Meta:
        db_table = "label"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(id__gte=0, id__lt=65536), name="label_within_the_bitset"
            )
        ]


class CaseKeyHolder(models.Model):
    """A membership's need to know one case, from and until; the case's purposes ride along."""

    id = models.UUIDField(primary_key=True)
    case_id = models.UUIDField()
    case_key = models.UUIDField()  # accord.kernel.ids.case_key(case_id), for the policies
    case_number = models.TextField()
    lead_agency = models.TextField()  # equals the case's, by composite foreign key
    purposes = ArrayField(models.TextField())
    membership_id = models.TextField()
    agency_id = models.TextField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "case_key_holder"
        indexes = [models.Index(fields=["membership_id", "case_number"], name="case_key_by_member")]


class Duty(models.Model):
    """What one agency owes another for one record, under one clause, once it was disclosed."""

    id = models.UUIDField(primary_key=True)
    entry_id = models.UUIDField()  # the ledger entry of the disclosure
    agency = models.TextField()  # who owes it
    owner_id = models.TextField()  # to whom
    record_id = models.UUIDField()
    parts = ArrayField(models.TextField())
    agreement = models.TextField()
    agreement_hash = models.CharField(max_length=64)
    clause = models.TextField()
    kind = models.TextField()  # accord.agreements.obligations.DutyKind
    value = models.TextField(null=True)  # the period or the determination that the clause names
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    held = models.BooleanField(default=False)  # a legal hold of the owner beats the end of access
    waits_for = ArrayField(
        models.UUIDField(), default=list
    )  # keys of a determination, or emergencies
    by_member = models.TextField()
    discharged_at = models.DateTimeField(null=True)
    discharged_by = models.TextField(null=True)  # nobody where time or the node did it
    how = models.TextField(null=True)
    closed = models.BooleanField(default=False)  # done, and a notice taken note of

    class Meta:
        db_table = "duty"


class AccessEnd(models.Model):
    """When an agency's access to one kind of part ends, as far as it rests on keys of one kind.

    Key kind -1 stands for access without a key. A key given after the end opens the part again.
    """

    id = models.UUIDField(primary_key=True)
    agency = models.TextField()
    owner_id = models.TextField()
    record_id = models.UUIDField()
    part_kind = models.TextField()
    key_kind = models.SmallIntegerField()
    ends_at = models.DateTimeField()
    held = models.BooleanField(default=False)

    class Meta:
        db_table = "access_end"


class StatementRow(models.Model):
    """A signed human statement as its maker gave it; never altered (docs/decisions/0009)."""

    id = models.UUIDField(primary_key=True)
    agency = models.TextField()
    maker = models.TextField()
    kind = models.TextField()
    case_id = models.UUIDField(null=True)
    key = models.UUIDField(null=True)  # what parts carry; none for an emergency
    ends = models.DateTimeField()
    facts = models.JSONField()  # what is signed; the other columns only find it

    class Meta:
        db_table = "statement"


class StatementAct(models.Model):
    """What happened to a statement: signed, confirmed, revoked, reviewed. Append-only."""

    id = models.UUIDField(primary_key=True)
    statement = models.ForeignKey(StatementRow, models.PROTECT, related_name="acts")
    act = models.TextField()
    member = models.TextField()
    person = models.TextField()
    agency = models.TextField()
    at = models.DateTimeField()
    signature = models.BinaryField(max_length=64, null=True)
    word = models.TextField(null=True)  # why it was taken back, how it was judged

    class Meta:
        db_table = "statement_act"


class StatementNotice(models.Model):
    """What another agency is told of a statement: neither the record nor the case."""

    id = models.UUIDField(primary_key=True)
    statement = models.UUIDField()
    by_agency = models.TextField()
    to_agency = models.TextField()
    kind = models.TextField()
    purpose = models.TextField(null=True)
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "statement_notice"
