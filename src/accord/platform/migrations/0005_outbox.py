"""The outbox: that something changed, by topic and id, written in the transaction of the change.

Triggers write it, so no action can forget to. A row holds ids alone. Who may have a row is decided by
its policy (cases 0003), which asks the thing itself.
"""

from django.db import migrations

from accord.platform.db.rls import as_probe

TABLE = """
create table outbox (
    id        bigint generated always as identity primary key,
    tx        xid8 not null default pg_current_xact_id(),
    at        timestamptz not null default clock_timestamp(),
    topic     text not null,
    subject   uuid not null,
    record_id uuid
);
create index outbox_tx on outbox (tx);
grant insert (topic, subject, record_id), delete on outbox to accord_probe;
grant select on outbox to accord_probe
"""

# `tell` takes the topic, the column of the subject and, where seeing the subject is not enough, the
# column of a record. The other two serve the live process and the worker, which have no standing:
# the one says only whether anything moved on the node at all, the other removes what is old.
FUNCTIONS = """
create function accord.tell() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
    row_of jsonb := to_jsonb(new);
begin
    insert into public.outbox (topic, subject, record_id)
    values (tg_argv[0], (row_of ->> tg_argv[1])::uuid, (row_of ->> tg_argv[2])::uuid);
    return null;
end $$;

create function accord.outbox_moved(after_state pg_snapshot, until_state pg_snapshot)
returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select exists (
        select 1 from public.outbox
         where tx >= (pg_snapshot_xmin(after_state)::text)::xid8
           and not pg_visible_in_snapshot(tx, after_state)
           and pg_visible_in_snapshot(tx, until_state))
$$;

create function accord.outbox_sweep(older_than timestamptz) returns bigint
language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
    with swept as (delete from public.outbox where at < older_than returning 1)
    select count(*) from swept
$$;
revoke execute on function accord.tell() from public;
revoke execute on function accord.outbox_moved(pg_snapshot, pg_snapshot) from public;
revoke execute on function accord.outbox_sweep(timestamptz) from public;
grant execute on function accord.tell() to accord_app, accord_owner;
grant execute on function accord.outbox_moved(pg_snapshot, pg_snapshot) to accord_app;
grant execute on function accord.outbox_sweep(timestamptz) to accord_app
"""


class Migration(migrations.Migration):
    dependencies = [("platform", "0004_quicker_standings")]
    operations = [
        migrations.RunSQL(TABLE, migrations.RunSQL.noop),
        as_probe(FUNCTIONS),
    ]
