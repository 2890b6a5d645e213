"""Recall: notices to those who had a record, and what they say became of it; both append-only."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from accord.platform.db.rls import AGENCY, MEMBER, as_probe, enable

RECALLS = Path(__file__).parents[1].joinpath("recalls.sql").read_text("utf-8")
ROLES = "(select accord.seal_roles())::text[]"
FOLLOWS = f"{ROLES} && array['records-custodian', 'supervisor', 'oversight-officer']"
OF_MINE = (
    "exists (select 1 from recall_notice n where n.id = recall_act.notice_id and {side} = "
    f"{AGENCY})"
)

CONSTRAINTS = """
alter table recall_act add constraint recall_act_word
    check (act in ('answer', 'hold', 'escalate', 'note'));
create unique index recall_act_once on recall_act (notice_id, act);
create index recall_notice_by_owner on recall_notice (owner_id, at desc);
create index recall_notice_by_recipient on recall_notice (to_agency, at desc);
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0010_retention")]
    operations = [
        migrations.CreateModel(
            name="RecallNotice",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("owner_id", models.TextField()),
                ("to_agency", models.TextField()),
                ("record_id", models.UUIDField()),
                ("by_member", models.TextField()),
                ("at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("facts", models.JSONField()),
                ("signature", models.BinaryField(max_length=64, null=True)),
            ],
            options={"db_table": "recall_notice"},
        ),
        migrations.CreateModel(
            name="RecallAct",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("act", models.TextField()),
                ("member", models.TextField()),
                ("agency", models.TextField()),
                ("at", models.DateTimeField()),
                ("facts", models.JSONField(null=True)),
                ("signature", models.BinaryField(max_length=64, null=True)),
                ("reason_record", models.UUIDField(null=True)),
                ("entry_id", models.UUIDField()),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acts",
                        to="records.recallnotice",
                    ),
                ),
            ],
            options={"db_table": "recall_act"},
        ),
        migrations.RunSQL(CONSTRAINTS, migrations.RunSQL.noop),
        enable(
            "recall_notice",
            {
                "select": f"(owner_id = {AGENCY} or to_agency = {AGENCY}) and {FOLLOWS}",
                "insert": f"owner_id = {AGENCY} and by_member = {MEMBER}",
            },
        ),
        enable(
            "recall_act",
            {
                "select": "exists (select 1 from recall_notice n where n.id = notice_id)",
                "insert": f"agency = {AGENCY} and member = {MEMBER} and case "
                f"when act in ('answer', 'hold') then {OF_MINE.format(side='n.to_agency')} "
                f"else {OF_MINE.format(side='n.owner_id')} end",
            },
        ),
        as_probe(RECALLS),
    ]
