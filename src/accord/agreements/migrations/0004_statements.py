"""Determinations and consents: signed human statements that clauses name."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("agreements", "0003_life")]
    operations: list[migrations.operations.base.Operation] = []
