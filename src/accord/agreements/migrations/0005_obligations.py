"""What a disclosure obliges its recipient to do, and when an agency's access to a part ends.

`duty` is what people read: who owes what to whom, until when, and how it was done. The owner does
not learn in which case it was read; a notice that would tip somebody off reaches the owner only when
it is sent. `access_end` is what the policies of `part` ask (records 0006).
"""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

from accord.platform.db.rls import AGENCY, MEMBER, enable

OVERSIGHT = "'oversight-officer' = any((select accord.seal_roles())::text[])"
OWES = f"by_member = {MEMBER} or (agency = {AGENCY} and {OVERSIGHT})"
IS_OWED = f"owner_id = {AGENCY} and (kind <> 'notify-after' or discharged_at is not null)"
SIDES = f"{OWES} or ({IS_OWED})"

CONSTRAINTS = """
alter table duty add constraint duty_kind
    check (kind in ('notify-owner', 'notify-after', 'end-access', 'return-copy'));
alter table duty add constraint duty_between_two check (agency <> owner_id);
alter table duty add constraint duty_discharged_how
    check ((discharged_at is null) = (how is null));
alter table access_end add constraint access_end_key check (key_kind between -1 and 7);
create unique index duty_open on duty (agency, record_id, agreement, clause, kind)
    where not closed;
create index duty_waiting on duty (kind, due_at) where discharged_at is null;
create index duty_by_owner on duty (owner_id, made_at desc);
create index duty_by_agency on duty (agency, made_at desc);
create index access_end_closed on access_end (agency, record_id, part_kind, key_kind);
create index access_end_of_record on access_end (record_id);
"""

# What a disclosure obliged to is never rewritten, and what was done is not undone; a duty that the
# application writes is the sealed member's own.
GUARD = """
create function accord.duty_guard() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if old.discharged_at is not null and new.discharged_at is distinct from old.discharged_at
       or old.closed and not new.closed then
        raise exception 'accord: a duty that was done stays done' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger duty_guard before update on duty for each row
    when (current_user = 'accord_app') execute function accord.duty_guard();
revoke execute on function accord.duty_guard() from public
"""


class Migration(migrations.Migration):
    dependencies = [("agreements", "0004_statements")]
    operations = [
        migrations.CreateModel(
            name="Duty",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("entry_id", models.UUIDField()),
                ("agency", models.TextField()),
                ("owner_id", models.TextField()),
                ("record_id", models.UUIDField()),
                ("parts", ArrayField(models.TextField())),
                ("agreement", models.TextField()),
                ("agreement_hash", models.CharField(max_length=64)),
                ("clause", models.TextField()),
                ("kind", models.TextField()),
                ("value", models.TextField(null=True)),
                ("made_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("held", models.BooleanField(default=False)),
                ("waits_for", ArrayField(models.UUIDField(), default=list)),
                ("by_member", models.TextField()),
                ("discharged_at", models.DateTimeField(null=True)),
                ("discharged_by", models.TextField(null=True)),
                ("how", models.TextField(null=True)),
                ("closed", models.BooleanField(default=False)),
            ],
            options={"db_table": "duty"},
        ),
        migrations.CreateModel(
            name="AccessEnd",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("agency", models.TextField()),
                ("owner_id", models.TextField()),
                ("record_id", models.UUIDField()),
                ("part_kind", models.TextField()),
                ("key_kind", models.SmallIntegerField()),
                ("ends_at", models.DateTimeField()),
                ("held", models.BooleanField(default=False)),
            ],
            options={"db_table": "access_end"},
        ),
        migrations.RunSQL(CONSTRAINTS, migrations.RunSQL.noop),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
        enable(
            "duty",
            {
                "select": SIDES,
                "insert": f"agency = {AGENCY} and by_member = {MEMBER}",
                "update": SIDES,
            },
            update_columns=("closed", "discharged_at", "discharged_by", "held", "how"),
        ),
        enable(
            "access_end",
            {
                "select": f"agency = {AGENCY} or owner_id = {AGENCY}",
                "insert": f"agency = {AGENCY} and owner_id <> {AGENCY}",
                "update": f"owner_id = {AGENCY}",
            },
            update_columns=("held",),
        ),
    ]
