"""A body of the ledger is erased by two people of the agency that holds it, and in no other way."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from accord.platform.db.rls import AGENCY, MEMBER, as_probe, enable

FUNCTIONS = Path(__file__).parents[1].joinpath("erasing.sql").read_text("utf-8")
ROLES = "(select accord.seal_roles())::text[]"
DECIDES = (
    f"agency_id = {AGENCY} and {ROLES} && case view when 'acting' then array['oversight-officer']"
    " else array['oversight-officer', 'records-custodian', 'supervisor'] end"
)
CONSTRAINTS = """
alter table ledger_erasure add constraint ledger_erasure_view check (view in ('acting', 'owning'));
alter table ledger_erasure add constraint ledger_erasure_state
    check (state in ('proposed', 'withdrawn', 'erased'));
alter table ledger_erasure add constraint ledger_erasure_closed
    check ((state = 'proposed') = (closed_at is null) and (closed_at is null) = (closed_by is null)
           and (state = 'erased') = (erasure_id is not null));
create unique index ledger_erasure_one_proposal on ledger_erasure (agency_id, entry_id)
    where state = 'proposed';
create unique index ledger_erasure_one_entry on ledger_erasure (erasure_id);
"""
# Until now an oversight officer alone could erase: from here accord.erase_body does, and nobody else.
ONE_WAY = """
drop policy ledger_entry_update on ledger_entry;
drop policy ledger_view_update on ledger_view;
revoke update on ledger_entry, ledger_view from accord_app;
revoke update (body_cipher, body_key, erased_by_id, records, clauses)
    on ledger_entry, ledger_view from accord_app;
grant update (body_cipher, body_key, erased_by_id, records, clauses)
    on ledger_entry, ledger_view to accord_probe;
grant update (purpose, case_id) on ledger_entry to accord_probe;
grant update (state, closed_by, closed_at, erasure_id) on ledger_erasure to accord_probe;
"""
# Purpose and case are words of the body, by which the entry was listed.
BODY_GUARD = """
create or replace function accord.ledger_body_guard() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare gone text[] := array['body_cipher', 'body_key', 'erased_by_id', 'records', 'clauses',
                             'purpose', 'case_id'];
begin
    if tg_op = 'DELETE' or old.erased_by_id is not null or new.erased_by_id is null
       or new.body_cipher is not null or new.body_key is not null
       or cardinality(new.records) > 0 or cardinality(new.clauses) > 0
       or coalesce(to_jsonb(new) ->> 'purpose', to_jsonb(new) ->> 'case_id') is not null
       or to_jsonb(new) - gone <> to_jsonb(old) - gone then
        raise exception 'accord: an entry can only be erased, once' using errcode = '42501';
    end if;
    return new;
end $$
"""
GUARD = """
-- All that the application does with a proposal is to take it back, in the name of who does.
create function accord.ledger_erasure_guard() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if old.state <> 'proposed' or new.state <> 'withdrawn'
       or new.closed_by is distinct from accord.seal_member() then
        raise exception 'accord: a proposal is withdrawn, once' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger ledger_erasure_guard before update on ledger_erasure
    for each row when (current_user = 'accord_app') execute function accord.ledger_erasure_guard();
revoke execute on function accord.ledger_erasure_guard() from public;
create constraint trigger ledger_erasure_says after update on ledger_erasure
    deferrable initially deferred for each row when (new.state = 'erased')
    execute function accord.ledger_erasure_says();
"""


def leaf(column: str, **more: object) -> models.ForeignKey:
    return models.ForeignKey(
        to="ledger.leaf",
        on_delete=django.db.models.deletion.PROTECT,
        db_column=column,
        related_name="+",
        **more,
    )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_one_slot_a_reader"), ("platform", "0001_seal")]
    operations = [
        migrations.CreateModel(
            name="ErasureRow",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("entry", leaf("entry_id")),
                ("agency_id", models.TextField()),
                ("view", models.TextField()),
                ("state", models.TextField()),
                ("cipher", models.BinaryField()),
                ("key", models.BinaryField()),
                ("proposed_by", models.TextField()),
                ("proposed_at", models.DateTimeField()),
                ("closed_by", models.TextField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("erasure", leaf("erasure_id", null=True, db_index=False)),
            ],
            options={"db_table": "ledger_erasure"},
        ),
        migrations.RunSQL(CONSTRAINTS, migrations.RunSQL.noop),
        as_probe(FUNCTIONS),
        migrations.RunSQL(ONE_WAY, migrations.RunSQL.noop),
        migrations.RunSQL(BODY_GUARD, migrations.RunSQL.noop),
        enable(
            "ledger_erasure",
            {
                "select": DECIDES,
                "insert": f"agency_id = {AGENCY} and proposed_by = {MEMBER} and state = 'proposed'"
                " and view = accord.erasure_view(entry_id)",
                # A body is erased by accord.erase_body alone.
                "update": f"{DECIDES} and state in ('proposed', 'withdrawn')",
            },
            update_columns=("state", "closed_by", "closed_at"),
        ),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
    ]
