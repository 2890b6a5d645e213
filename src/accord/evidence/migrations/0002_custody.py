"""Custody: one chain of events an exhibit, appended by one function; alarms (decision 0025)."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from accord.platform.db.rls import AGENCY, MEMBER, as_probe, enable

FUNCTIONS = Path(__file__).parents[1].joinpath("custody", "custody.sql").read_text("utf-8")
ROLES = "(select accord.seal_roles())::text[]"
HANDLES = (
    f"{ROLES} && array['forensic-examiner', 'investigator', 'records-custodian', 'supervisor', "
    "'task-force-officer', 'oversight-officer']"
)
DECIDES = f"{ROLES} && array['records-custodian', 'supervisor']"
FILE_IS_OPEN = (
    "exists (select 1 from part p where p.record_id = {column} "
    "and p.kind = 'attachment' and p.superseded_at is null offset 0)"
)
ITS_CHAIN = "exists (select 1 from custody_head h where h.id = {column} offset 0)"
CONCERNED = f"(owner_id = {AGENCY} or custodian_id = {AGENCY}) and {HANDLES}"
FROZEN = "any ((select accord.frozen_exhibits())::uuid[])"

CONSTRAINTS = """
alter table custody_head add constraint custody_head_form check (
    number >= 0 and hash ~ '^[0-9a-f]{64}$' and items > 0 and cardinality(custodians) > 0);
alter table custody_event add constraint custody_event_form check (
    number >= 0 and hash ~ '^[0-9a-f]{64}$');
create index custody_offered on custody_head (offered_to) where offered_to is not null;
create index custody_held on custody_head (custodian_id);
create index custody_parties on custody_head using gin (custodians);
alter table custody_reread add constraint custody_reread_outcome
    check (outcome in ('same', 'altered', 'missing'));
alter table custody_alarm add constraint custody_alarm_outcome
    check (outcome in ('altered', 'missing'));
create unique index custody_alarm_once on custody_alarm (record_id) where closed_at is null;
alter table custody_alarm_act add constraint custody_alarm_act_word
    check (act in ('explain', 'confirm'));
"""
PROBE = """
grant insert on custody_event, custody_alarm_act to accord_probe;
grant insert, update on custody_head, custody_reread, custody_alarm to accord_probe;
grant delete on stored_object to accord_probe;
"""
# Who reads a signature of custody reads it like the chain; who gives it signs for themselves.
OF_AN_AGREEMENT = "kind in ('agreement', 'agreement-step')"
OF_CUSTODY = "kind = 'custody'"
ITS_STATEMENT = (
    "exists (select 1 from statement s where s.id = "
    f"case when {OF_AN_AGREEMENT} or {OF_CUSTODY} then null else member_signature.subject::uuid end)"
)
ITS_CUSTODY = (
    f"({OF_CUSTODY} and exists (select 1 from custody_head h where h.id = "
    f"case when {OF_CUSTODY} then member_signature.subject::uuid else null end offset 0))"
)
SIGNATURES = f"""
alter table member_signature drop constraint member_signature_kind;
alter table member_signature add constraint member_signature_kind check
    (kind in ('agreement', 'agreement-step', 'statement', 'statement-confirmation', 'custody'));
alter policy member_signature_select on member_signature
    using ({OF_AN_AGREEMENT} or {ITS_STATEMENT} or {ITS_CUSTODY});
alter policy member_signature_insert on member_signature
    with check (agency = {AGENCY} and membership_id = {MEMBER}
                and ({OF_AN_AGREEMENT} or {OF_CUSTODY} or {ITS_STATEMENT}));
"""
FREEZE = f"""
alter policy stored_object_select on stored_object using (
    {FILE_IS_OPEN.format(column="stored_object.record_id")}
    and (owner_id = {AGENCY} or not record_id = {FROZEN}));
"""
TOLD = """
create trigger custody_event_tells after insert on custody_event for each row
    execute function accord.tell('custody', 'record_id', '');
create trigger custody_alarm_tells after insert or update on custody_alarm for each row
    execute function accord.tell('custody', 'record_id', '');
create trigger custody_alarm_act_tells after insert on custody_alarm_act for each row
    execute function accord.tell('alarm', 'alarm_id', '');
"""
SUBJECTS = {  # of assistance 0001, and those that are new
    "case": "joint_case",
    "record": "record",
    "request": "disclosure_request",
    "duty": "duty",
    "run": "intake_run",
    "statement": "statement",
    "notice": "statement_notice",
    "recall": "recall_notice",
    "review": "retention_review",
    "subscription": "subscription",
    "assistance": "assistance_request",
    "custody": "custody_head",
    "alarm": "custody_alarm",
}
SEEN = "".join(
    f" when '{topic}' then exists (select 1 from {table} it where it.id = outbox.subject offset 0)"
    for topic, table in SUBJECTS.items()
)
KEPT = "exists (select 1 from accord.own_retention(outbox.subject, null, 1) offset 0)"
SEES_IT = (
    "(record_id is null or exists (select 1 from record r where r.id = outbox.record_id offset 0))"
    f" and case topic {SEEN} when 'retention' then {KEPT} else false end"
)


def _texts() -> models.Field:
    return django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)


class Migration(migrations.Migration):
    dependencies = [
        ("evidence", "0001_initial"),
        ("agreements", "0008_member_signatures"),
        ("assistance", "0001_initial"),
    ]
    operations = [
        migrations.CreateModel(
            name="CustodyHead",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("exhibit_number", models.TextField()),
                ("owner_id", models.TextField()),
                ("number", models.IntegerField()),
                ("hash", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("state", models.TextField()),
                ("custodian_id", models.TextField()),
                ("offered_to", models.TextField(null=True)),
                ("goes_back", models.BooleanField()),
                ("givers", _texts()),
                ("seal", models.TextField(null=True)),
                ("content", models.CharField(max_length=64, null=True)),
                ("items", models.IntegerField()),
                ("receiver", models.TextField(null=True)),
                ("ordered_by", models.TextField(null=True)),
                ("disposal_order", models.JSONField(null=True)),
                ("custodians", _texts()),
            ],
            options={"db_table": "custody_head"},
        ),
        migrations.CreateModel(
            name="CustodyEvent",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("record_id", models.UUIDField()),
                ("number", models.IntegerField()),
                ("hash", models.CharField(max_length=64)),
                ("act", models.TextField()),
                ("agency_id", models.TextField()),
                ("membership_id", models.TextField()),
                ("at", models.DateTimeField()),
                ("sealed", models.TextField()),
                ("entry_id", models.UUIDField()),
                ("opening", models.TextField()),
                ("signature_id", models.UUIDField(null=True)),
            ],
            options={
                "db_table": "custody_event",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("record_id", "number"), name="custody_event_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CustodyReread",
            fields=[
                ("object_id", models.UUIDField(primary_key=True, serialize=False)),
                ("record_id", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("outcome", models.TextField()),
            ],
            options={"db_table": "custody_reread"},
        ),
        migrations.CreateModel(
            name="CustodyAlarm",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("record_id", models.UUIDField()),
                ("object_id", models.UUIDField()),
                ("owner_id", models.TextField()),
                ("custodian_id", models.TextField()),
                ("outcome", models.TextField()),
                ("at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "custody_alarm"},
        ),
        migrations.CreateModel(
            name="CustodyAlarmAct",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("act", models.TextField()),
                ("agency_id", models.TextField()),
                ("membership_id", models.TextField()),
                ("at", models.DateTimeField()),
                ("sealed", models.TextField()),
                (
                    "alarm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="acts",
                        to="evidence.custodyalarm",
                    ),
                ),
            ],
            options={"db_table": "custody_alarm_act"},
        ),
        migrations.RunSQL(CONSTRAINTS, migrations.RunSQL.noop),
        enable(
            "custody_head",
            {
                "select": FILE_IS_OPEN.format(column="custody_head.id")
                + f" or ((offered_to = {AGENCY} or {AGENCY} = any (custodians)) and {HANDLES})"
            },
        ),
        enable("custody_event", {"select": ITS_CHAIN.format(column="custody_event.record_id")}),
        enable("custody_reread", {"select": ITS_CHAIN.format(column="custody_reread.record_id")}),
        enable("custody_alarm", {"select": CONCERNED}),
        enable(
            "custody_alarm_act",
            {
                "select": "exists (select 1 from custody_alarm a "
                "where a.id = custody_alarm_act.alarm_id offset 0)",
                "insert": f"act = 'explain' and agency_id = {AGENCY} and membership_id = {MEMBER} "
                f"and {DECIDES} and exists (select 1 from custody_alarm a "
                f"where a.id = custody_alarm_act.alarm_id and a.owner_id = {AGENCY} "
                "and a.closed_at is null offset 0)",
            },
        ),
        migrations.RunSQL(PROBE, migrations.RunSQL.noop),
        as_probe(FUNCTIONS),
        migrations.RunSQL(FREEZE, migrations.RunSQL.noop),
        migrations.RunSQL(SIGNATURES, migrations.RunSQL.noop),
        migrations.RunSQL(TOLD, migrations.RunSQL.noop),
        migrations.RunSQL(
            f"alter policy outbox_select on outbox using ({SEES_IT})", migrations.RunSQL.noop
        ),
    ]
