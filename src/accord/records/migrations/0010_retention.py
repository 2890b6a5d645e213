"""How a record ends: its class and days, reviews, tombstones, and the one way to delete."""

from pathlib import Path

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

from accord.platform.db.rls import AGENCY, MEMBER, as_probe, enable

HERE = Path(__file__).parents[1]
RETENTION, PROBES = (HERE.joinpath(n).read_text("utf-8") for n in ("retention.sql", "probes.sql"))

ROLES = "(select accord.seal_roles())::text[]"
KEEPS = f"{ROLES} && array['records-custodian', 'supervisor']"
KEEPS_OR_OVERSEES = f"{ROLES} && array['records-custodian', 'supervisor', 'oversight-officer']"

DAYS = """
alter table record drop constraint intelligence_is_kept_five_years_at_most;
-- 28 CFR 23.20(h): intelligence is kept five years at most without being validated again.
alter table record add constraint intelligence_is_kept_five_years_at_most check (
    not intelligence or (
        retain_until is not null
        and retain_until <= (greatest((created_at at time zone 'UTC')::date, validated_on)
                             + interval '5 years')::date
    )
);
create index record_retention on record (owner_id, review_on);
create index record_without_review on record (owner_id, created_at) where review_on is null;
create index record_kept_until on record (owner_id, retain_until) where retain_until is not null;
create table accord.clock_shift (
    id smallint primary key check (id = 1),
    ahead interval not null
);
grant select on accord.clock_shift to accord_probe, accord_backup;
alter table retention_review add constraint retention_review_state
    check (state in ('kept', 'proposed', 'withdrawn', 'purged'));
create unique index retention_review_one_proposal on retention_review (record_id)
    where state = 'proposed';
create index retention_review_by_owner on retention_review (owner_id, at desc);
create index tombstone_by_owner on tombstone (owner_id, at desc);
"""
# accord_probe deletes where accord.purge does, and nowhere else.
WRITES = """
grant delete on part, part_key, record, quarantine_entry, access_end to accord_probe;
grant update (review_on, validated_on) on record to accord_probe;
grant update (state, closed_by, closed_at) on retention_review to accord_probe;
grant insert on tombstone to accord_probe
"""

# 28 CFR 23.20(h) counts from the day of collection, which therefore cannot lie in the future.
INSERT = """
alter policy record_insert on record with check (
    owner_id = (select accord.seal_agency()) and revision = 1 and validated_on is null
    and created_at <= (select accord.clock()) + interval '1 minute'
)
"""


def made_anew(name: str) -> str:
    """The text of one function of probes.sql, to put in place of an older one."""
    start = PROBES.index(f"create function accord.{name}(")
    end = PROBES.index("\nend $$;", start)
    text = PROBES[start:end] + "\nend $$;"
    return text.replace("create function", "create or replace function", 1)


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0009_formats"),
        ("agreements", "0005_obligations"),
        ("agencies", "0002_access"),
    ]
    operations = [
        migrations.AddField(
            model_name="record",
            name="retention_class",
            field=models.TextField(default="unclassified"),
        ),
        migrations.RunSQL(
            "alter table record alter retention_class set default 'unclassified'",
            migrations.RunSQL.noop,
        ),
        migrations.AddField(
            model_name="record", name="review_on", field=models.DateField(null=True)
        ),
        migrations.AddField(
            model_name="record", name="validated_on", field=models.DateField(null=True)
        ),
        migrations.CreateModel(
            name="RetentionReview",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("owner_id", models.TextField()),
                ("record_id", models.UUIDField()),
                ("schema", models.TextField()),
                ("retention_class", models.TextField()),
                ("state", models.TextField()),
                ("reason_record", models.UUIDField()),
                ("by_member", models.TextField()),
                ("at", models.DateTimeField()),
                ("parts", ArrayField(models.UUIDField())),
                ("review_on", models.DateField(null=True)),
                ("retain_until", models.DateField(null=True)),
                ("closed_by", models.TextField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "retention_review"},
        ),
        migrations.CreateModel(
            name="Tombstone",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("record_id", models.UUIDField(unique=True)),
                ("owner_id", models.TextField()),
                ("schema", models.TextField()),
                ("retention_class", models.TextField()),
                ("authority", models.TextField()),
                ("entry_id", models.UUIDField()),
                ("proposed_by", models.TextField()),
                ("approved_by", models.TextField()),
                ("parts", models.IntegerField()),
                ("at", models.DateTimeField()),
            ],
            options={"db_table": "tombstone"},
        ),
        migrations.RunSQL(DAYS, migrations.RunSQL.noop),
        enable(
            "retention_review",
            {
                "select": f"owner_id = {AGENCY} and {KEEPS_OR_OVERSEES}",
                "insert": f"owner_id = {AGENCY} and by_member = {MEMBER} and {KEEPS} "
                "and state in ('kept', 'proposed') and closed_at is null",
                # A purge is carried out by accord.purge alone.
                "update": f"owner_id = {AGENCY} and {KEEPS} and state in ('proposed', 'withdrawn')",
            },
            update_columns=("state", "closed_by", "closed_at"),
        ),
        enable("tombstone", {"select": f"owner_id = {AGENCY}"}),
        migrations.RunSQL(WRITES, migrations.RunSQL.noop),
        as_probe(RETENTION + ";\n" + made_anew("supersede")),
        migrations.RunSQL(INSERT, migrations.RunSQL.noop),
    ]
