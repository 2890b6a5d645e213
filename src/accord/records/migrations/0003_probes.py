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
grant insert on part_key to accord_probe;
grant delete on search_name, search_exact, search_text to accord_probe;
-- 28 CFR 23.20(h) counts from the day of collection, which therefore cannot lie in the future.
alter policy record_insert on record with check (
    owner_id = (select accord.seal_agency()) and revision = 1
    and created_at <= clock_timestamp() + interval '1 minute'
)
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
        migrations.RunSQL(INDEXES, migrations.RunSQL.noop),
        as_probe(PROBES),
    ]
