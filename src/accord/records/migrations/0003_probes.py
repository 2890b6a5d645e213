"""The functions of records that run outside row-level security, and what their owner may write."""

from pathlib import Path

from django.db import migrations

from accord.platform.db.rls import as_probe

PROBES = Path(__file__).parents[1].joinpath("probes.sql").read_text("utf-8")

# accord_probe reads every table with agency data; it writes only what supersede and seal_bodies do.
WRITES = """
grant update (superseded_at, newest_label_id, body, sealed_body) on part to accord_probe;
grant update (revision, content_hash, occurred_at, updated_at, intelligence, suspicion_stated,
              retain_until) on record to accord_probe;
grant insert, update (valid_until) on part_key to accord_probe;
grant delete on search_name, search_exact, search_text to accord_probe;
-- 28 CFR 23.20(h) counts from the day of collection, which therefore cannot lie in the future.
alter policy record_insert on record with check (
    owner_id = (select accord.seal_agency()) and revision = 1
    and created_at <= clock_timestamp() + interval '1 minute'
)
"""

# A key's end is brought forward and never put off, whoever of its owner asks: to open a part again is
# to give it a new key, which takes the right to place or to release.
GUARD = """
create function accord.part_key_guard() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if new.valid_until is null or new.valid_until > old.valid_until then
        raise exception 'accord: the end of a key is never put off' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger part_key_guard before update on part_key for each row
    when (current_user = 'accord_app') execute function accord.part_key_guard();
-- PostgreSQL lets everybody execute a new function; a trigger needs nobody's leave.
revoke execute on function accord.part_key_guard() from public
"""

# Plates are found with the characters that people and cameras confuse made equal
# (accord.records.values.plate_lookalike).
INDEXES = """
create index search_exact_plate on search_exact (translate(term, 'OQDIBSZ', '0001852'))
    where kind = 'plate'
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0002_row_security")]
    operations = [
        migrations.RunSQL(WRITES, migrations.RunSQL.noop),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
        migrations.RunSQL(INDEXES, migrations.RunSQL.noop),
        as_probe(PROBES),
    ]
