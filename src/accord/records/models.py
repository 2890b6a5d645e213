"""Records, parts, keys, search terms, intake runs and disclosure requests.

Every table here holds agency data and stands under forced row-level security (migration 0002).
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class Record(models.Model):
    """One agency's report about one thing, all revisions; visible while one of its parts is."""

    id = models.UUIDField(primary_key=True)
    owner_id = models.TextField()
    source_system = models.TextField()
    source_ref = models.TextField()
    schema = models.TextField()
    revision = models.IntegerField()
    content_hash = models.BinaryField(max_length=32)  # of the cleaned line: makes intake idempotent
    occurred_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    intelligence = models.BooleanField()
    suspicion_stated = models.BooleanField()
    retain_until = models.DateField(null=True)
    legal_hold = models.BooleanField(default=False)
    retention_class = models.TextField(default="unclassified")  # of retention.yaml
    review_on = models.DateField(null=True)
    validated_on = models.DateField(null=True)  # set by accord.revalidate alone

    class Meta:
        db_table = "record"
        constraints = [
            models.UniqueConstraint(
                fields=["owner_id", "source_system", "source_ref"],
                name="record_source_once",
            ),
            # 28 CFR 23.20(a), (c): no intelligence without a stated basis of suspicion.
            models.CheckConstraint(
                condition=models.Q(intelligence=False) | models.Q(suspicion_stated=True),
                name="intelligence_states_its_suspicion",
            ),
        ]


class Part(models.Model):
    """One field group of one revision with one label: the unit of visibility."""

    id = models.UUIDField(primary_key=True)
    record = models.ForeignKey(Record, models.DO_NOTHING)
    owner_id = models.TextField()
    revision = models.IntegerField()
    kind = models.TextField()
    label_id = models.IntegerField()
    newest_label_id = models.IntegerField()
    body = models.JSONField(null=True)  # {property: [values]}; NULL when sealed
    sealed_body = models.BinaryField(null=True)
    grading = models.JSONField(null=True)  # {scheme, source, information}
    assertion = models.TextField(default="fact")  # LED art. 7: fact or assessment
    created_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "part"
        constraints = [
            models.UniqueConstraint(fields=["record", "revision", "kind"], name="part_once"),
            models.CheckConstraint(
                condition=models.Q(body__isnull=False, sealed_body__isnull=True)
                | models.Q(body__isnull=True, sealed_body__isnull=False),
                name="part_is_open_or_sealed",
            ),
        ]


class PartKey(models.Model):
    """A fact about one part and one relation that opens it where a clause asks for it."""

    id = models.UUIDField(primary_key=True)
    part = models.ForeignKey(Part, models.DO_NOTHING)
    owner_id = models.TextField()
    label_id = models.IntegerField()  # equals the part's, by composite foreign key
    kind = models.SmallIntegerField()  # the bit: case 0, grant 1, consent 2, determinations from 3
    key = models.UUIDField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    because = models.UUIDField(null=True)  # the disclosure request or consent it came from

    class Meta:
        db_table = "part_key"
        indexes = [
            models.Index(fields=["part", "key"], name="part_key_by_part"),
            models.Index(fields=["key"], name="part_key_by_key"),
        ]


class SearchName(models.Model):
    """A normalised name of one open part, for trigram and phonetic candidates."""

    id = models.BigAutoField(primary_key=True)
    part = models.ForeignKey(Part, models.DO_NOTHING)
    owner_id = models.TextField()
    name = models.TextField()
    phonetic = ArrayField(models.TextField())

    class Meta:
        db_table = "search_name"


class SearchExact(models.Model):
    """An exact term of one part; of a sealed part, a keyed token."""

    id = models.BigAutoField(primary_key=True)
    part = models.ForeignKey(Part, models.DO_NOTHING)
    owner_id = models.TextField()
    kind = models.TextField()  # phone, plate, vin, birthDate, identifier, email, token
    term = models.TextField()

    class Meta:
        db_table = "search_exact"


class SearchText(models.Model):
    """The full text of one open part."""

    part = models.OneToOneField(Part, models.DO_NOTHING, primary_key=True)
    owner_id = models.TextField()
    body = SearchVectorField()

    class Meta:
        db_table = "search_text"


class HitSpending(models.Model):
    """What one membership has spent of its quota of hits, by the hour."""

    id = models.BigAutoField(primary_key=True)
    membership_id = models.TextField()
    agency_id = models.TextField()
    hour = models.DateTimeField()
    queries = models.IntegerField()
    hits = models.IntegerField()

    class Meta:
        db_table = "hit_spending"
        constraints = [
            models.UniqueConstraint(fields=["membership_id", "hour"], name="spending_once_an_hour")
        ]


class IntakeRun(models.Model):
    """One file on its way in; resumable by row."""

    id = models.UUIDField(primary_key=True)
    owner_id = models.TextField()
    membership_id = models.TextField()
    purpose = models.TextField()
    source_system = models.TextField()
    file_name = models.TextField()
    file_hash = models.CharField(max_length=64)
    stored_as = models.TextField()  # name in the node's intake folder
    format = models.TextField()  # a name of accord.exchange.formats
    said = models.TextField(default="")  # the format in words
    mapping = models.TextField(null=True)  # YAML, as it was when the run began
    mapping_name = models.TextField(null=True)  # of a saved mapping
    mapping_version = models.IntegerField(null=True)
    remarks = models.TextField(null=True)  # what was left out, by kind; quotes no row
    state = models.TextField()  # unmapped, queued, running, done, failed, cancelled
    total_bytes = models.BigIntegerField()
    done_bytes = models.BigIntegerField(default=0)
    next_row = models.BigIntegerField(default=0)
    loaded = models.BigIntegerField(default=0)
    revised = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    quarantined = models.BigIntegerField(default=0)
    failure = models.TextField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "intake_run"


class QuarantineEntry(models.Model):
    """Where a refused row is: its text is a part of a QuarantinedRow record."""

    id = models.UUIDField(primary_key=True)
    run = models.ForeignKey(IntakeRun, models.DO_NOTHING)
    owner_id = models.TextField()
    line = models.BigIntegerField()
    field = models.TextField()
    rule = models.TextField()
    reason = models.TextField()
    record = models.ForeignKey(Record, models.DO_NOTHING)
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "quarantine_entry"


class DisclosureRequest(models.Model):
    """A reasoned request that follows a hit; texts are parts of Request records."""

    id = models.UUIDField(primary_key=True)
    requester_agency = models.TextField()
    requester_membership = models.TextField()
    owner_id = models.TextField()
    record_id = models.UUIDField()  # the owner's record; never shown to the requester
    handle = models.TextField()
    schema = models.TextField()
    purpose = models.TextField()
    legal_basis = models.TextField()
    case_id = models.UUIDField(null=True)
    case_number = models.TextField(null=True)
    reason_record = models.UUIDField()
    answer_record = models.UUIDField(null=True)
    state = models.TextField()
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.TextField(null=True)
    granted_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "disclosure_request"


class RequestedPart(models.Model):
    """What was decided for one kind of part of one request."""

    id = models.UUIDField(primary_key=True)
    request = models.ForeignKey(DisclosureRequest, models.DO_NOTHING)
    owner_id = models.TextField()
    requester_agency = models.TextField()
    kind = models.TextField()
    decision = models.TextField()  # granted, refused, revoked
    at = models.DateTimeField()

    class Meta:
        db_table = "requested_part"


class ExportCopy(models.Model):
    """A copy of what was open of one record, taken out of the node; what it held is its digest."""

    id = models.UUIDField(primary_key=True)
    entry_id = models.UUIDField()  # the ledger entry, which the copy carries too
    record_id = models.UUIDField()
    owner_id = models.TextField()
    agency = models.TextField()  # who holds the copy
    by_member = models.TextField()
    at = models.DateTimeField()
    format = models.TextField()  # html, json
    schema = models.TextField()
    parts = ArrayField(models.TextField())
    handling = models.TextField()
    digest = models.CharField(max_length=64)  # SHA-256 of the bytes handed out
    ends_at = models.DateTimeField(null=True)  # when the access that it rests on ends

    class Meta:
        db_table = "export_copy"


class RetentionReview(models.Model):
    """A custodian's review of one record: kept with new days, or proposed to be purged."""

    id = models.UUIDField(primary_key=True)
    owner_id = models.TextField()
    record_id = models.UUIDField()  # outlives the record
    schema = models.TextField()
    retention_class = models.TextField()
    state = models.TextField()  # accord.records.retention.ReviewState
    reason_record = models.UUIDField()
    by_member = models.TextField()
    at = models.DateTimeField()
    parts = ArrayField(models.UUIDField())  # what would go, as the first person saw it
    review_on = models.DateField(null=True)
    retain_until = models.DateField(null=True)
    closed_by = models.TextField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "retention_review"


class Tombstone(models.Model):
    """That a record was here, and who ended it under which rule; nothing of what it said."""

    id = models.UUIDField(primary_key=True)  # of the review that ended it
    record_id = models.UUIDField(unique=True)
    owner_id = models.TextField()
    schema = models.TextField()
    retention_class = models.TextField()
    authority = models.TextField()
    entry_id = models.UUIDField()  # the erasure in the ledger
    proposed_by = models.TextField()
    approved_by = models.TextField()
    parts = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "tombstone"


class RecallNotice(models.Model):
    """What a recipient is told that an owner withdraws; never altered."""

    id = models.UUIDField(primary_key=True)
    owner_id = models.TextField()
    to_agency = models.TextField()
    record_id = models.UUIDField()
    by_member = models.TextField()
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    facts = models.JSONField()  # what is signed; the other columns only find it
    signature = models.BinaryField(max_length=64, null=True)  # none where the key is off the node

    class Meta:
        db_table = "recall_notice"


class RecallAct(models.Model):
    """What was done about a notice: answered, held, escalated, noted. Append-only."""

    id = models.UUIDField(primary_key=True)
    notice = models.ForeignKey(RecallNotice, models.PROTECT, related_name="acts")
    act = models.TextField()  # accord.records.recalls.Act
    member = models.TextField()
    agency = models.TextField()
    at = models.DateTimeField()
    facts = models.JSONField(null=True)  # the receipt
    signature = models.BinaryField(max_length=64, null=True)
    reason_record = models.UUIDField(null=True)  # which proceeding a legal hold serves
    entry_id = models.UUIDField()

    class Meta:
        db_table = "recall_act"


class Subscription(models.Model):
    """A member's standing question about a plate, a telephone or a name, in one case and purpose."""

    id = models.UUIDField(primary_key=True)
    membership_id = models.TextField()
    agency_id = models.TextField()
    purpose = models.TextField()
    legal_basis = models.TextField()
    case_number = models.TextField()
    kind = models.TextField()  # plate, phone, name
    question = models.TextField()  # sealed for the member and the context
    reason_record = models.UUIDField()
    state = models.TextField()  # accord.records.subscriptions.SubscriptionState
    ended_why = models.TextField(null=True)
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    asked_at = models.DateTimeField()  # by the job, on its fixed tick; shown to nobody

    class Meta:
        db_table = "subscription"


class SubscriptionMatch(models.Model):
    """A record that met a standing question, as far as its member's own standing gave it."""

    id = models.UUIDField(primary_key=True)
    subscription = models.ForeignKey(Subscription, models.DO_NOTHING)
    membership_id = models.TextField()
    record_id = models.UUIDField()
    level = models.TextField()  # hit, view
    revision = models.IntegerField(null=True)  # what was seen of it; none for a hit
    noticed_at = models.DateTimeField(null=True)  # none for what was there when it began
    seen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "subscription_match"


class QuickCheck(models.Model):
    """A look-up without a case; what was asked and why is sealed for the agency's review."""

    id = models.UUIDField(primary_key=True)
    membership_id = models.TextField()
    agency_id = models.TextField()
    legal_basis = models.TextField()
    reason = models.TextField()  # a word of accord.records.checking
    sealed = models.TextField()  # what was asked, and the reason where it was typed
    entry_id = models.UUIDField()
    at = models.DateTimeField()
    sampled = models.BooleanField()

    class Meta:
        db_table = "quick_check"


class QuickCheckReview(models.Model):
    """What a reviewer found of one sampled check; once."""

    id = models.UUIDField(primary_key=True)
    check_of = models.OneToOneField(QuickCheck, models.DO_NOTHING)
    membership_id = models.TextField()  # who checked
    agency_id = models.TextField()
    reviewer = models.TextField()
    verdict = models.TextField()  # justified, not-justified
    sealed = models.TextField()  # because
    at = models.DateTimeField()

    class Meta:
        db_table = "quick_check_review"


class SavedSearch(models.Model):
    """A member's question to ask again in one context; its texts are sealed for the member."""

    id = models.UUIDField(primary_key=True)
    membership_id = models.TextField()
    agency_id = models.TextField()
    purpose = models.TextField()
    legal_basis = models.TextField()
    case_number = models.TextField()  # "-" without a case
    sealed = models.TextField()  # name and question
    seen = models.TextField()  # what the member had seen when it was last looked at
    saved_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "saved_search"
        indexes = [models.Index(fields=["membership_id"], name="saved_search_by_member")]
