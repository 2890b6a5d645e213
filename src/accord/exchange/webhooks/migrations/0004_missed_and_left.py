"""When an endpoint was last read for; what waits for whoever left is given up, however it is paused.

INVARIANT: an endpoint is served at least hourly whether or not anything happened, so that it is told
it may have missed something by the time alone, and not by what others did.
"""

from datetime import UTC, datetime

from django.db import migrations, models

from accord.platform.db.rls import APP, as_probe

WAITING = """
create or replace function accord.webhooks_waiting(timestamptz)
returns table (endpoint_id uuid, membership_id text)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select e.id, e.membership_id
      from public.webhook_endpoint e
      join public.membership m on m.id = e.membership_id and accord.in_force(m, $1)
     where e.state = 'active'
       and (e.seen_at <= $1 - interval '1 hour'
            or exists (select 1 from public.outbox o
                        where o.tx >= (pg_snapshot_xmin(e.seen::pg_snapshot)::text)::xid8
                          and not pg_visible_in_snapshot(o.tx, e.seen::pg_snapshot)
                          and o.topic = any(e.topics))
            or exists (select 1 from public.webhook_delivery d
                        where d.endpoint_id = e.id and d.state = 'waiting' and d.next_at <= $1))
     order by e.seen_at, e.id
     limit 200
$$
"""

STOP = """
create or replace function accord.webhooks_stop(at timestamptz) returns bigint
language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
    with left_by as (
        select e.id from public.webhook_endpoint e
         where not exists (
               select 1 from public.membership m
                where m.id = e.membership_id and accord.in_force(m, at))
    ), stopped as (
        update public.webhook_endpoint e set state = 'paused', why = 'member'
          from left_by
         where left_by.id = e.id and e.state <> 'removed'
           and (e.state, e.why) is distinct from ('paused', 'member')
        returning e.id
    ), given_up as (
        update public.webhook_delivery d set state = 'dead', fault = 'withheld', done_at = at
          from left_by where d.endpoint_id = left_by.id and d.state = 'waiting'
    )
    select count(*) from stopped
$$
"""

# Nobody noted when those that stand were last read for: each is told so once.
UNKNOWN = datetime(2000, 1, 1, tzinfo=UTC)


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0003_stop_and_sweep"), ("agencies", "0003_directory_change")]
    operations = [
        migrations.AddField(
            "EndpointRow", "seen_at", models.DateTimeField(default=UNKNOWN), preserve_default=False
        ),
        migrations.RunSQL(
            f"grant update (seen_at) on webhook_endpoint to {APP}", migrations.RunSQL.noop
        ),
        as_probe(WAITING),
        as_probe(STOP),
    ]
