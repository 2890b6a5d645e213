"""A part may carry any of the eight kinds of key that a standing has room for (decision 0004)."""

from django.db import migrations

WIDER = """
alter table part_key drop constraint part_key_kind;
alter table part_key add constraint part_key_kind check (kind between 0 and 7);
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0004_exports")]
    operations = [migrations.RunSQL(WIDER, migrations.RunSQL.noop)]
