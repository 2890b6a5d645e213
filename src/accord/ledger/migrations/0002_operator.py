"""What the node's operator does to an agency stands in the ledger too."""

from django.db import migrations

from accord.platform.db.rls import as_probe

ENTRY = """
-- Writes the entry of an act of the operator, who has no seal and whom no policy lets in. The leaf is
-- there already, in the same transaction; the name is the function's own, so that it is nobody else's.
create function accord.operator_entry(
    entry uuid, moment timestamptz, agency text, cipher bytea, key bytea
) returns void
language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
    insert into public.ledger_entry
        (id, created_at, kind, actor_id, agency_id, body_cipher, body_key)
    values (entry, moment, 'membership', 'operator', agency, cipher, key)
$$;
revoke execute on function accord.operator_entry(uuid, timestamptz, text, bytea, bytea) from public;
grant execute on function accord.operator_entry(uuid, timestamptz, text, bytea, bytea) to accord_owner
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [
        migrations.RunSQL("grant insert on ledger_entry to accord_probe", migrations.RunSQL.noop),
        as_probe(ENTRY),
    ]
