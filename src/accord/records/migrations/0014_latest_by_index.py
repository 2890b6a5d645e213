"""The latest list goes by its index and stops at the end of its page."""

from importlib import import_module

from django.db import migrations

from accord.platform.db.rls import as_probe

made_anew = import_module("accord.records.migrations.0004_exports").made_anew

# Parts that came in together have one moment, so the order goes on by id: without it in the index, each
# page of the latest sorts all that one file brought in.
INDEX = """
drop index part_latest;
create index part_latest on part (label_id, created_at desc, id desc) where superseded_at is null;
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0013_quick_checks_and_saved_searches")]
    operations = [
        migrations.RunSQL(INDEX, migrations.RunSQL.noop),
        as_probe(made_anew("latest")),
    ]
