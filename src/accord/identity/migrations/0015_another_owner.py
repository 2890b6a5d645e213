"""Two administrators name another person who answers for a system (decision 0019)."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from accord.platform.db.rls import as_probe

OWNERS = Path(__file__).parents[1].joinpath("owners.sql").read_text("utf-8")
CONSTRAINTS = """
alter table service_member add constraint service_member_next_owner check (
    (next_owner_id is null) = (next_owner_by is null)
    and (next_owner_id is null) = (next_owner_at is null) and next_owner_id <> owner_id);
grant update (owner_id, next_owner_id, next_owner_by, next_owner_at) on service_member
    to accord_probe;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0014_ceremony_over"),
        ("agencies", "0003_directory_change"),
    ]
    operations = [
        migrations.AddField(
            "servicemember",
            "next_owner",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agencies.membership",
            ),
        ),
        migrations.AddField("servicemember", "next_owner_by", models.TextField(null=True)),
        migrations.AddField("servicemember", "next_owner_at", models.DateTimeField(null=True)),
        migrations.RunSQL(CONSTRAINTS, migrations.RunSQL.noop),
        as_probe(OWNERS),
    ]
