"""Saved mappings: read and added to by their agency, never changed."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

from accord.platform.db.rls import AGENCY, MEMBER, enable


class Migration(migrations.Migration):
    initial = True
    dependencies = [("platform", "0001_seal"), ("agreements", "0002_access")]
    operations = [
        migrations.CreateModel(
            name="IntakeMapping",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("owner_id", models.TextField()),
                ("name", models.TextField()),
                ("version", models.IntegerField()),
                ("text", models.TextField()),
                ("columns", ArrayField(models.TextField())),
                ("created_at", models.DateTimeField()),
                ("created_by", models.TextField()),
            ],
            options={
                "db_table": "intake_mapping",
                "unique_together": {("owner_id", "name", "version")},
            },
        ),
        migrations.RunSQL(
            "alter table intake_mapping add constraint intake_mapping_version check (version > 0)",
            migrations.RunSQL.noop,
        ),
        enable(
            "intake_mapping",
            {
                "select": f"owner_id = {AGENCY}",
                "insert": f"owner_id = {AGENCY} and created_by = {MEMBER}",
            },
        ),
    ]
