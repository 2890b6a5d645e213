"""Another agency joins a node by a link of its operator (docs/decisions/0031)."""

from pathlib import Path

from django.db import migrations, models

from accord.platform.db.rls import as_probe

FOLDER = Path(__file__).parents[1]
SET_UP = FOLDER.joinpath("setup.sql").read_text("utf-8")
INVITATIONS = FOLDER.joinpath("invitations.sql").read_text("utf-8")
GRANTS = """
grant select on agency_invitation to accord_probe, accord_backup;
grant update (used_at) on agency_invitation to accord_probe;
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0016_sealed_versions")]
    operations = [
        migrations.CreateModel(
            name="AgencyInvitation",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("agency_id", models.TextField()),
                ("light", models.BooleanField()),
                ("token_hash", models.BinaryField(max_length=32, unique=True)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("voided_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "agency_invitation"},
        ),
        migrations.AddConstraint(
            "agencyinvitation",
            models.UniqueConstraint(
                fields=["agency_id"],
                condition=models.Q(used_at=None, voided_at=None),
                name="agency_invitation_once",
            ),
        ),
        migrations.AddConstraint(
            "agencyinvitation",
            models.CheckConstraint(
                condition=models.Q(used_at=None) | models.Q(voided_at=None),
                name="agency_invitation_end",
            ),
        ),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        as_probe(SET_UP.replace("create function", "create or replace function")),
        as_probe(INVITATIONS),
    ]
