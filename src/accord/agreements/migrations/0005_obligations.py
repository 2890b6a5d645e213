"""What a disclosure obliges its recipient to do."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("agreements", "0004_statements")]
    operations: list[migrations.operations.base.Operation] = []
