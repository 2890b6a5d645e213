"""Copies taken out of the node."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0003_probes")]
    operations: list[migrations.operations.base.Operation] = []
