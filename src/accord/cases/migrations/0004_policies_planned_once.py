"""The policies of what is placed and written in a case, each plan made once (records 0015 says why)."""

from django.db import migrations

SEES_RECORD = "exists (select 1 from record r where r.id = record_id offset 0)"
SEES_CASE = "exists (select 1 from joint_case c where c.id = case_id offset 0)"


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_live"), ("records", "0015_policies_planned_once")]
    operations = [
        migrations.RunSQL(
            "".join(
                f"alter policy {table}_select on {table} using ({SEES_RECORD} and {SEES_CASE});"
                for table in ("placement", "note_revision")
            ),
            migrations.RunSQL.noop,
        ),
    ]
