"""A client's secret or key counts once a second administrator approved it (decision 0019).

INVARIANT: nobody approved those that were made before, so they open nothing.
"""

from pathlib import Path

from django.db import migrations, models

from accord.platform.db.rls import as_probe

SYSTEMS = Path(__file__).parents[1].joinpath("systems.sql").read_text("utf-8")
CONSTRAINTS = """
alter table client_credential add constraint client_credential_approved
    check ((approved_by is null) = (approved_at is null) and approved_by <> made_by);
grant update (approved_at, approved_by) on client_credential to accord_probe;
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0011_first_key")]
    operations = [
        migrations.AddField("clientcredential", "approved_by", models.TextField(null=True)),
        migrations.AddField("clientcredential", "approved_at", models.DateTimeField(null=True)),
        migrations.RunSQL(CONSTRAINTS, migrations.RunSQL.noop),
        as_probe(SYSTEMS.replace("create function", "create or replace function")),
    ]
