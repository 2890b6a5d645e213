"""Drafts and the steps of an agreement's life."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("agreements", "0002_access")]
    operations: list[migrations.operations.base.Operation] = []
