"""Entries are found by record and clause in what their reader may read; heads are dated by others."""

import django.contrib.postgres.fields
from django.db import migrations, models

from accord.platform.db import rls

# Not a default of the model's: that would read back what was written, which an owner's policy forbids.
GUARDS = """
alter table ledger_entry alter column records set default '{}', alter column clauses set default '{}';
alter table ledger_view alter column clauses set default '{}';

-- An entry may be erased, once, under an entry that says so; nothing else in it ever changes.
create or replace function accord.ledger_body_guard() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare gone text[] := array['body_cipher', 'body_key', 'erased_by_id', 'records', 'clauses'];
begin
    if tg_op = 'DELETE' or old.erased_by_id is not null or new.erased_by_id is null
       or new.body_cipher is not null or new.body_key is not null
       or cardinality(new.records) > 0 or cardinality(new.clauses) > 0
       or to_jsonb(new) - gone <> to_jsonb(old) - gone then
        raise exception 'accord: an entry can only be erased, once' using errcode = '42501';
    end if;
    return new;
end $$;

create function accord.ledger_timestamp_guard() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    raise exception 'accord: a timestamp is never changed or removed' using errcode = '42501';
end $$;
create trigger ledger_timestamp_guard before update or delete on ledger_timestamp
    for each row execute function accord.ledger_timestamp_guard();
revoke execute on function accord.ledger_timestamp_guard() from public;
"""

UNGUARD = """
drop function accord.ledger_timestamp_guard() cascade;
drop function accord.ledger_timestamp_guard() cascade;
create or replace function accord.ledger_body_guard() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op = 'DELETE' or old.erased_by_id is not null or new.erased_by_id is null
       or new.body_cipher is not null or new.body_key is not null
       or to_jsonb(new) - array['body_cipher', 'body_key', 'erased_by_id', 'records']
          <> to_jsonb(old) - array['body_cipher', 'body_key', 'erased_by_id', 'records'] then
        raise exception 'accord: an entry can only be erased, once' using errcode = '42501';
    end if;
    return new;
end $$
"""

# Filling the lists needs what no policy gives: all rows, once, and past the guard.
OPEN = """
grant update (records, clauses) on ledger_entry to accord_probe;
grant update (clauses) on ledger_view to accord_probe;
alter table ledger_entry disable trigger ledger_entry_guard;
alter table ledger_view disable trigger ledger_view_guard;
set local role accord_probe
"""
CLOSE = """
set local role accord_owner;
alter table ledger_entry enable trigger ledger_entry_guard;
alter table ledger_view enable trigger ledger_view_guard;
revoke update (records, clauses) on ledger_entry from accord_probe;
revoke update (clauses) on ledger_view from accord_probe
"""
BATCH = 1000
FILLED = (
    (
        "select id, id, 'acting', body_cipher, body_key from ledger_entry"
        " where id > %s and body_cipher is not null order by id limit %s",
        "update ledger_entry set records = %(records)s, clauses = %(clauses)s where id = %(id)s",
    ),
    (
        "select id, entry_id, 'owning ' || agency_id, body_cipher, body_key from ledger_view"
        " where id > %s and body_cipher is not null order by id limit %s",
        "update ledger_view set clauses = %(clauses)s where id = %(id)s",
    ),
)
"""What is read, with whose body it is, and what is filled from it."""


def fill(apps, schema_editor):
    """Fill the lists of what was logged before, from the bodies, with the node's own key."""
    from django.conf import settings

    with schema_editor.connection.cursor() as cursor:
        cursor.execute(OPEN)
        for select, update in FILLED:
            seen = "00000000-0000-0000-0000-000000000000"
            while rows := cursor.execute(select, [seen, BATCH]).fetchall():
                said = [_said(row, settings.ACCORD_DATA_DIR) for row in rows]
                cursor.executemany(update, said)
                seen = rows[-1][0]
        cursor.execute(CLOSE)


def _said(row, data_dir):
    """What one body names; nothing where it does not open, which `accord ledger verify` reports."""
    from accord.ledger import keys
    from accord.ledger.sealing import BodyUnreadable, SealedBody, open_body

    identity, entry, reader, cipher, key = row
    sealed = SealedBody(bytes(cipher), bytes(key))
    try:
        items = open_body(sealed, entry, reader, keys.body_key(data_dir)).body["items"]
    except BodyUnreadable:
        items = []
    cited = {(item["agreement"], item["clause"]) for item in items if item["agreement"]}
    clauses = {agreement for agreement, _ in cited}
    clauses |= {f"{agreement}/{clause}" for agreement, clause in cited if clause}
    records = {item["record"] for item in items if item["record"]}
    return {"id": identity, "records": sorted(records), "clauses": sorted(clauses)}


def texts():
    return django.contrib.postgres.fields.ArrayField(
        base_field=models.TextField(), size=None, default=list
    )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_cosignatures")]

    operations = [
        migrations.AddField("entryrow", "records", texts()),
        migrations.AddField("entryrow", "clauses", texts()),
        migrations.AddField("ownerview", "clauses", texts()),
        migrations.CreateModel(
            name="Timestamp",
            fields=[
                (
                    "checkpoint",
                    models.OneToOneField(
                        to="ledger.checkpoint",
                        on_delete=models.PROTECT,
                        primary_key=True,
                        serialize=False,
                        db_column="size",
                        related_name="+",
                    ),
                ),
                ("token", models.BinaryField()),
                ("stamped_at", models.DateTimeField()),
                ("authority", models.TextField()),
            ],
            options={"db_table": "ledger_timestamp"},
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
        migrations.RunSQL(
            "grant update (records, clauses) on ledger_entry to accord_app;"
            "grant update (clauses) on ledger_view to accord_app",
            migrations.RunSQL.noop,
        ),
        # Public by design: tokens of authorities over signed heads.
        rls.open_to_app("ledger_timestamp", "select, insert"),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
