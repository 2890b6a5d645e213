"""Standing questions: a member's own, asked again by a job under that member's own standing."""

import django.db.models.deletion
from django.db import migrations, models

from accord.platform.db.rls import AGENCY, MEMBER, as_probe, enable

CONSTRAINTS = """
alter table subscription add constraint subscription_state
    check (state in ('active', 'paused', 'ended'));
alter table subscription add constraint subscription_kind
    check (kind in ('plate', 'phone', 'name'));
alter table subscription_match add constraint subscription_match_level
    check (level in ('hit', 'view'));
create unique index subscription_match_once on subscription_match (subscription_id, record_id);
create index subscription_match_record on subscription_match (record_id);
create index subscription_asked on subscription (asked_at) where state = 'active';
grant delete on subscription_match to accord_probe;
"""
OWN = f"membership_id = {MEMBER}"
OF_OWN = (
    "exists (select 1 from subscription s where s.id = subscription_id "
    f"and s.membership_id = {MEMBER})"
)

# Whose turn it is: neither what they ask nor what was found. Who is gone waits outside the line.
TO_ASK = """
create function accord.subscriptions_to_ask(before timestamptz)
returns table (membership_id text, purpose text, legal_basis text, case_number text)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select s.membership_id, s.purpose, s.legal_basis, s.case_number
      from public.subscription s
      join public.membership m on m.id = s.membership_id and m.valid_from <= clock_timestamp()
       and (m.valid_until is null or m.valid_until > clock_timestamp())
      join public.agency a on a.id = m.agency_id
       and (a.suspended_at is null or a.suspended_at > clock_timestamp())
     where s.state = 'active' and s.asked_at <= before
     group by 1, 2, 3, 4
     order by min(s.asked_at), 1, 2, 3, 4
     limit 100
$$;
revoke execute on function accord.subscriptions_to_ask(timestamptz) from public;
grant execute on function accord.subscriptions_to_ask(timestamptz) to accord_app
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0011_recall")]
    operations = [
        migrations.CreateModel(
            name="Subscription",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("membership_id", models.TextField()),
                ("agency_id", models.TextField()),
                ("purpose", models.TextField()),
                ("legal_basis", models.TextField()),
                ("case_number", models.TextField()),
                ("kind", models.TextField()),
                ("question", models.TextField()),
                ("reason_record", models.UUIDField()),
                ("state", models.TextField()),
                ("ended_why", models.TextField(null=True)),
                ("made_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("asked_at", models.DateTimeField()),
            ],
            options={"db_table": "subscription"},
        ),
        migrations.CreateModel(
            name="SubscriptionMatch",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("membership_id", models.TextField()),
                ("record_id", models.UUIDField()),
                ("level", models.TextField()),
                ("revision", models.IntegerField(null=True)),
                ("noticed_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(null=True)),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="records.subscription",
                    ),
                ),
            ],
            options={"db_table": "subscription_match"},
        ),
        migrations.RunSQL(CONSTRAINTS, migrations.RunSQL.noop),
        enable(
            "subscription",
            {
                "select": OWN,
                "insert": f"{OWN} and agency_id = {AGENCY} and state = 'active'",
                "update": OWN,
            },
            update_columns=("state", "ended_why", "asked_at"),
        ),
        enable(
            "subscription_match",
            {"select": OWN, "insert": f"{OWN} and {OF_OWN}", "update": OWN},
            update_columns=("level", "revision", "noticed_at", "seen_at"),
        ),
        as_probe(TO_ASK),
    ]
