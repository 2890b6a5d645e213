"""The ledger's tables: what is public by design, and what row-level security guards.

Public (no agency data): `ledger_leaf`, `ledger_tile`, `ledger_checkpoint`, `ledger_timestamp`.
Guarded: `ledger_entry` (the acting body), `ledger_view` (one owning body for each agency whose
records were touched) and `ledger_erasure` (proposals to erase one of these).
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accord.ledger.domain import Kind

KINDS = [(kind.value, kind.value) for kind in Kind]


class Leaf(models.Model):
    """A commitment, waiting for its place (null) or at it. A place once given never changes."""

    entry_id = models.UUIDField(primary_key=True)
    commitment = models.BinaryField(db_column="committed")  # another name since version 2
    version = models.SmallIntegerField(db_default=2)  # accord.ledger.domain.LEAF_VERSION
    leaf_index = models.BigIntegerField(null=True, unique=True)

    class Meta:
        db_table = "ledger_leaf"
        indexes = [
            models.Index(
                fields=["version", "entry_id"],
                name="ledger_leaf_waiting",
                condition=models.Q(leaf_index__isnull=True),
            )
        ]


class Tile(models.Model):
    """256 hashes of the tree, or fewer at its right edge; only ever appended to."""

    pk = models.CompositePrimaryKey("level", "tile_index")
    level = models.SmallIntegerField()
    tile_index = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        db_table = "ledger_tile"


class Checkpoint(models.Model):
    """A signed head of the tree; one for each size. Its note gains cosignatures and nothing else."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    quorum_at = models.DateTimeField(null=True)
    quorum_policy = models.CharField(max_length=64, null=True)  # its digest, when it was met

    class Meta:
        db_table = "ledger_checkpoint"
        indexes = [
            models.Index(
                fields=["-size"],
                name="ledger_checkpoint_quorum",
                condition=models.Q(quorum_at__isnull=False),
            )
        ]


class Timestamp(models.Model):
    """A token of a timestamp authority (RFC 3161) over the text of a signed head."""

    checkpoint = models.OneToOneField(
        Checkpoint, models.PROTECT, primary_key=True, db_column="size", related_name="+"
    )
    token = models.BinaryField()
    stamped_at = models.DateTimeField()
    authority = models.TextField()

    class Meta:
        db_table = "ledger_timestamp"


def _texts() -> ArrayField[list[str], list[str]]:
    return ArrayField(models.TextField(), default=list)


class EntryRow(models.Model):
    """An entry as its actor and the oversight of the actor's agency may read it.

    `records` and `clauses` are those that this body names, by which it is found (decision 0026).
    """

    # INVARIANT: no entry without a leaf, so none can be kept out of the tree.
    leaf = models.OneToOneField(
        Leaf, models.PROTECT, primary_key=True, db_column="id", related_name="+"
    )
    created_at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=KINDS)
    actor_id = models.TextField()
    agency_id = models.TextField()
    purpose = models.TextField(null=True)
    case_id = models.TextField(null=True)
    records = _texts()
    clauses = _texts()
    body_cipher = models.BinaryField(null=True)
    body_key = models.BinaryField(null=True)
    erased_by = models.ForeignKey(Leaf, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        db_table = "ledger_entry"
        indexes = [
            models.Index(fields=["agency_id", "leaf"], name="ledger_entry_agency"),
            models.Index(fields=["actor_id", "leaf"], name="ledger_entry_actor"),
        ]


class OwnerView(models.Model):
    """An entry as the owner of touched records may read it."""

    id = models.UUIDField(primary_key=True)
    leaf = models.ForeignKey(Leaf, models.PROTECT, db_column="entry_id", related_name="+")
    agency_id = models.TextField()
    created_at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=KINDS)
    actor_id = models.TextField()
    actor_agency_id = models.TextField()
    records = ArrayField(models.TextField())
    clauses = _texts()
    body_cipher = models.BinaryField(null=True)
    body_key = models.BinaryField(null=True)
    erased_by = models.ForeignKey(Leaf, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        db_table = "ledger_view"
        constraints = [
            models.UniqueConstraint(fields=["agency_id", "leaf"], name="ledger_view_one_an_owner")
        ]


class ErasureRow(models.Model):
    """A proposal that what an agency holds of one entry be erased; its texts are encrypted.

    The application adds proposals and withdraws them; accord.erase_body carries them out.
    """

    id = models.UUIDField(primary_key=True)
    entry = models.ForeignKey(Leaf, models.PROTECT, db_column="entry_id", related_name="+")
    agency_id = models.TextField()
    view = models.TextField()  # whose body it is: accord.ledger.domain.ACTING or OWNING
    state = models.TextField()  # accord.ledger.erasing.domain.ErasureState
    cipher = models.BinaryField()
    key = models.BinaryField()
    proposed_by = models.TextField()
    proposed_at = models.DateTimeField()
    closed_by = models.TextField(null=True)
    closed_at = models.DateTimeField(null=True)
    erasure = models.ForeignKey(
        Leaf, models.PROTECT, null=True, db_column="erasure_id", related_name="+", db_index=False
    )

    class Meta:
        db_table = "ledger_erasure"
