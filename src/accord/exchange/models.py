"""Tables of exchange: mappings that an agency saved."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class IntakeMapping(models.Model):
    """One version of a mapping; a version never changes."""

    id = models.UUIDField(primary_key=True)
    owner_id = models.TextField()
    name = models.TextField()
    version = models.IntegerField()
    text = models.TextField()  # YAML
    columns = ArrayField(models.TextField())  # the header that it fits, sorted
    created_at = models.DateTimeField()
    created_by = models.TextField()

    class Meta:
        db_table = "intake_mapping"
        unique_together = (("owner_id", "name", "version"),)
