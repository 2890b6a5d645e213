"""Endpoints show to their agency's supervisors; their messages to the member they are told for.

The worker has no standing before it knows whose; `accord.webhooks_waiting` names endpoint and member.
"""

from django.db import migrations

from accord.platform.db.rls import AGENCY, MEMBER, as_probe, enable

SUPERVISOR = "'supervisor' = any((select accord.seal_roles())::text[])"
OURS = f"agency_id = {AGENCY} and ({SUPERVISOR} or membership_id = {MEMBER})"
# A message names what its member may fetch: another supervisor may not be able to.
ITS_ENDPOINT = (
    f"agency_id = {AGENCY} and exists (select 1 from webhook_endpoint e"
    f" where e.id = endpoint_id and e.membership_id = {MEMBER})"
)

WAITING = """
create function accord.webhooks_waiting(timestamptz)
returns table (endpoint_id uuid, membership_id text)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select e.id, e.membership_id
      from public.webhook_endpoint e
      join public.membership m on m.id = e.membership_id and m.valid_from <= $1
       and (m.valid_until is null or m.valid_until > $1)
      join public.agency a on a.id = m.agency_id
       and (a.suspended_at is null or a.suspended_at > $1)
     where e.state = 'active'
       and (exists (select 1 from public.outbox o
                     where o.tx >= (pg_snapshot_xmin(e.seen::pg_snapshot)::text)::xid8
                       and not pg_visible_in_snapshot(o.tx, e.seen::pg_snapshot)
                       and o.topic = any(e.topics))
            or exists (select 1 from public.webhook_delivery d
                        where d.endpoint_id = e.id and d.state = 'waiting' and d.next_at <= $1))
     order by e.id
     limit 200
$$;
revoke execute on function accord.webhooks_waiting(timestamptz) from public;
grant execute on function accord.webhooks_waiting(timestamptz) to accord_app
"""


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0001_initial"), ("cases", "0003_live")]
    operations = [
        migrations.RunSQL(
            "alter table webhook_endpoint add constraint webhook_endpoint_state"
            " check (state in ('active', 'paused', 'removed'));"
            "alter table webhook_delivery add constraint webhook_delivery_state"
            " check (state in ('waiting', 'delivered', 'dead'))",
            migrations.RunSQL.noop,
        ),
        enable(
            "webhook_endpoint",
            {
                "select": OURS,
                "insert": f"agency_id = {AGENCY} and {SUPERVISOR}",
                "update": OURS,
            },
            update_columns=("generation", "seen", "state"),
        ),
        enable(
            "webhook_delivery",
            {"select": ITS_ENDPOINT, "insert": ITS_ENDPOINT, "update": ITS_ENDPOINT},
            update_columns=("attempts", "done_at", "fault", "next_at", "state", "status"),
        ),
        as_probe(WAITING),
    ]
