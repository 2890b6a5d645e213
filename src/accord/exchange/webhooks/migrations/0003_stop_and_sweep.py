"""Why an endpoint is not told; what stops those of members who left; what removes old messages.

The worker has no standing of a member who left, nor of every agency at once: the functions take none
and return numbers alone.
"""

from django.db import migrations, models

from accord.platform.db.rls import APP, PROBE, as_probe

STOP = """
create function accord.webhooks_stop(at timestamptz) returns bigint
language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
    with stopped as (
        update public.webhook_endpoint e set state = 'paused', why = 'member'
         where e.state = 'active' and not exists (
               select 1 from public.membership m
                 join public.agency a on a.id = m.agency_id
                where m.id = e.membership_id and m.valid_from <= at
                  and (m.valid_until is null or m.valid_until > at)
                  and (a.suspended_at is null or a.suspended_at > at))
        returning e.id
    ), given_up as (
        update public.webhook_delivery d set state = 'dead', fault = 'withheld', done_at = at
          from stopped where d.endpoint_id = stopped.id and d.state = 'waiting'
    )
    select count(*) from stopped
$$;
revoke execute on function accord.webhooks_stop(timestamptz) from public;
grant execute on function accord.webhooks_stop(timestamptz) to accord_app
"""

# Those of a removed endpoint are never sent: they go whatever their state.
SWEEP = """
create function accord.webhooks_sweep(older_than timestamptz, most integer) returns bigint
language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
    with swept as (
        delete from public.webhook_delivery where id in (
            select d.id from public.webhook_delivery d
             where (d.state <> 'waiting' and d.done_at < older_than)
                or (d.made_at < older_than and d.endpoint_id in (
                       select e.id from public.webhook_endpoint e where e.state = 'removed'))
             limit most)
        returning 1)
    select count(*) from swept
$$;
revoke execute on function accord.webhooks_sweep(timestamptz, integer) from public;
grant execute on function accord.webhooks_sweep(timestamptz, integer) to accord_app
"""


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0002_row_security")]
    operations = [
        migrations.AddField("EndpointRow", "why", models.TextField(null=True)),
        migrations.AddIndex(
            "DeliveryRow",
            models.Index(
                fields=["done_at"],
                name="webhook_delivery_done",
                condition=~models.Q(state="waiting"),
            ),
        ),
        migrations.RunSQL(
            f"grant update (why) on webhook_endpoint to {APP};"
            f"grant update (state, why) on webhook_endpoint to {PROBE};"
            f"grant update (state, fault, done_at), delete on webhook_delivery to {PROBE}",
            migrations.RunSQL.noop,
        ),
        as_probe(STOP),
        as_probe(SWEEP),
    ]
