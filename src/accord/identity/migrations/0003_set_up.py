"""The first agency of a node and its two administrators."""

from pathlib import Path

from django.db import migrations, models

from accord.platform.db.rls import as_probe, open_to_app

SET_UP = Path(__file__).parents[1].joinpath("setup.sql").read_text("utf-8")
GRANTS = """
grant update (agency_id, opened_at) on node_setup to accord_probe;
grant insert on agency, member, membership, signin_link to accord_probe;
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0002_access")]
    operations = [
        migrations.CreateModel(
            name="NodeSetup",
            fields=[
                (
                    "id",
                    models.SmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("token_hash", models.BinaryField(max_length=32)),
                ("expires_at", models.DateTimeField()),
                ("agency_id", models.TextField(null=True)),
                ("opened_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "node_setup",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(id=1), name="node_setup_once")
                ],
            },
        ),
        open_to_app("node_setup", "select"),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        as_probe(SET_UP),
    ]
