"""Readings of exhibits' files and derivations, each readable as the file is (decision 0029).

INVARIANT: `exhibit_source` asks `part`; `stored_object` asks `part` and `exhibit_source`;
`exhibit_reading` asks `stored_object`. None asks back.
"""

from importlib import import_module
from pathlib import Path

import django.contrib.postgres.fields
from django.db import migrations, models

from accord.platform.db.rls import AGENCY, MEMBER, as_probe, enable

custody = import_module("accord.evidence.migrations.0002_custody")

FUNCTIONS = Path(__file__).parents[1].joinpath("derivations.sql").read_text("utf-8")
OWN = f"owner_id = {AGENCY}"
MINE = f"membership_id = {MEMBER} and {OWN}"
PART_OPEN = (
    "exists (select 1 from part p where p.record_id = {column} and p.kind {kinds} "
    "and p.superseded_at is null offset 0)"
)
IS_CONTENT = "= 'attachment'"
FILE_OPEN = "exists (select 1 from stored_object o where o.record_id = {column} offset 0)"
OWN_EXHIBIT = (
    "exists (select 1 from exhibit e where e.record_id = {table}.record_id "
    f"and e.owner_id = {AGENCY} offset 0)"
)
ITS_SOURCE = (
    "exists (select 1 from part p where p.record_id = exhibit_source.source_record_id "
    "and p.kind = 'attachment' and p.superseded_at is null "
    "and p.owner_id = exhibit_source.source_owner offset 0)"
)
# A file that was made from other agencies' goes as far as each of those goes (decision 0029).
BOUND = (
    "not exists (select 1 from exhibit_source s where s.record_id = stored_object.record_id "
    f"and s.source_owner <> s.owner_id and s.source_owner <> {AGENCY} "
    f"and not {PART_OPEN.format(column='s.source_record_id', kinds=IS_CONTENT)} "
    "offset 0)"
)
POLICIES = f"""
alter policy stored_object_select on stored_object using (
    {custody.FILE_IS_OPEN.format(column="stored_object.record_id")}
    and (owner_id = {AGENCY} or (not record_id = {custody.FROZEN} and {BOUND})));
"""
CONSTRAINTS = """
alter table stored_object drop constraint stored_object_role;
alter table stored_object add constraint stored_object_role
    check (role in ('original', 'preview', 'thumbnail', 'text'));
alter table exhibit_reading add constraint exhibit_reading_record
    foreign key (record_id, owner_id) references record (id, owner_id) on delete cascade;
alter table exhibit_reading add constraint exhibit_reading_state
    check (state in ('waiting', 'reading', 'read', 'set-apart'));
alter table exhibit_reading add constraint exhibit_reading_words check (
    coalesce(kind ~ '^[a-z0-9]{1,20}$', true) and coalesce(reason ~ '^[a-z-]{1,30}$', true)
    and (state <> 'read' or (kind is not null and reason is null))
    and (state <> 'set-apart' or reason is not null));
alter table exhibit_source add constraint exhibit_source_record
    foreign key (record_id, owner_id) references record (id, owner_id) on delete cascade;
alter table exhibit_source add constraint exhibit_source_other
    check (record_id <> source_record_id);
alter table derivation add constraint derivation_words check (
    way in ('redaction', 'clip', 'extraction', 'copy')
    and state in ('queued', 'running', 'done', 'refused', 'cancelled')
    and coalesce(reason ~ '^[a-z-]{1,30}$', true)
    and (state = 'refused') = (reason is not null)
    and (state = 'done') = (result_record_id is not null)
    and (state in ('queued', 'running')) = (sealed <> ''));
create index derivation_to_make on derivation (asked_at) where state in ('queued', 'running');
"""
PROBE = """
grant update (next_at) on exhibit_reading to accord_probe;
grant update (state, reason, done_at, sealed) on derivation to accord_probe;
grant insert on exhibit_source to accord_probe;
"""
TRIGGERS = """
create trigger exhibit_source_inherits after insert on exhibit_source
    for each row execute function accord.inherit_sources();
create trigger exhibit_reading_in_own_name before update on exhibit_reading
    for each row execute function accord.refuse_other_reader();
create trigger exhibit_reading_tells after insert or update of state on exhibit_reading for each row
    execute function accord.tell('reading', 'record_id', '');
create trigger derivation_tells after insert or update on derivation for each row
    execute function accord.tell('derivation', 'id', '');
"""
TOLD_OF = {"reading": ("exhibit_reading", "record_id"), "derivation": ("derivation", "id")}
SEEN = custody.SEEN + "".join(
    f" when '{topic}' then exists (select 1 from {table} it where it.{column} = outbox.subject offset 0)"
    for topic, (table, column) in TOLD_OF.items()
)
SEES_IT = (
    "(record_id is null or exists (select 1 from record r where r.id = outbox.record_id offset 0))"
    f" and case topic {SEEN} when 'retention' then {custody.KEPT} else false end"
)


class Migration(migrations.Migration):
    dependencies = [("evidence", "0003_past_the_actions"), ("records", "0023_word_of_the_node")]
    operations = [
        migrations.CreateModel(
            name="ExhibitReading",
            fields=[
                ("record_id", models.UUIDField(primary_key=True, serialize=False)),
                ("owner_id", models.TextField()),
                ("membership_id", models.TextField()),
                ("case_number", models.TextField()),
                ("purpose", models.TextField()),
                ("legal_basis", models.TextField()),
                ("state", models.TextField()),
                ("tries", models.SmallIntegerField(default=0)),
                ("asked_at", models.DateTimeField()),
                ("next_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                ("kind", models.TextField(null=True)),
                ("reason", models.TextField(null=True)),
                (
                    "notes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, size=None
                    ),
                ),
                ("tools", models.JSONField(default=list)),
                ("reading", models.IntegerField(default=0)),
            ],
            options={
                "db_table": "exhibit_reading",
                "indexes": [models.Index(fields=["next_at"], name="exhibit_reading_due")],
            },
        ),
        migrations.CreateModel(
            name="ExhibitSource",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("record_id", models.UUIDField()),
                ("owner_id", models.TextField()),
                ("source_record_id", models.UUIDField()),
                ("source_owner", models.TextField()),
                ("direct", models.BooleanField()),
            ],
            options={
                "db_table": "exhibit_source",
                "indexes": [models.Index(fields=["source_record_id"], name="exhibit_source_of")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("record_id", "source_record_id"), name="exhibit_source_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Derivation",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("owner_id", models.TextField()),
                ("membership_id", models.TextField()),
                ("case_number", models.TextField()),
                ("purpose", models.TextField()),
                ("legal_basis", models.TextField()),
                ("source_record_id", models.UUIDField()),
                ("way", models.TextField()),
                ("sealed", models.TextField()),
                ("state", models.TextField()),
                ("reason", models.TextField(null=True)),
                ("result_record_id", models.UUIDField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("began_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "derivation",
                "indexes": [
                    models.Index(fields=["membership_id", "asked_at"], name="derivation_by_member")
                ],
            },
        ),
        migrations.RunSQL(CONSTRAINTS, migrations.RunSQL.noop),
        enable(
            "exhibit_source",
            {
                "select": PART_OPEN.format(
                    column="exhibit_source.record_id", kinds="in ('core', 'attachment')"
                ),
                "insert": f"{OWN} and direct and {OWN_EXHIBIT.format(table='exhibit_source')} "
                f"and {ITS_SOURCE}",
            },
        ),
        enable(
            "exhibit_reading",
            {
                "select": FILE_OPEN.format(column="exhibit_reading.record_id"),
                "insert": f"{MINE} and state = 'waiting' and "
                + OWN_EXHIBIT.format(table="exhibit_reading"),
                "update": OWN,
            },
            update_columns=(
                "membership_id",
                "case_number",
                "purpose",
                "legal_basis",
                "state",
                "tries",
                "asked_at",
                "next_at",
                "done_at",
                "kind",
                "reason",
                "notes",
                "tools",
                "reading",
            ),
        ),
        enable(
            "derivation",
            {
                "select": MINE,
                "insert": f"{MINE} and state = 'queued' and "
                + FILE_OPEN.format(column="derivation.source_record_id"),
                "update": MINE,
            },
            update_columns=(
                "state",
                "reason",
                "result_record_id",
                "began_at",
                "done_at",
                "sealed",
            ),
        ),
        migrations.RunSQL(
            f"create policy stored_object_delete on stored_object for delete to accord_app "
            f"using ({OWN} and role <> 'original' and {OWN_EXHIBIT.format(table='stored_object')}); "
            "grant delete on stored_object to accord_app",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(PROBE, migrations.RunSQL.noop),
        as_probe(FUNCTIONS),
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
        migrations.RunSQL(TRIGGERS, migrations.RunSQL.noop),
        migrations.RunSQL(
            f"alter policy outbox_select on outbox using ({SEES_IT})", migrations.RunSQL.noop
        ),
    ]
