"""The policies of `part` and `record`, in a form that is planned once and asks each thing once.

What they say is what 0004 and 0002 say; tests/isolation holds them against the reference.

PostgreSQL plans every plain EXISTS of a policy twice, hashed and not; with one inside the other, as from
a case's records down to `access_end`, that doubles at each step, and planning took longer than asking.
`offset 0` makes it one plan. The openness of a row is worked out once, in a sub-select of its own, so
that the standing's bytes are fetched three times a statement and not seven.

INVARIANT: `part` asks `part_key` and `access_end`; neither asks back. `record` asks `part`.
"""

from importlib import import_module

from django.db import migrations

from accord.platform.db.rls import AGENCY

before = import_module("accord.records.migrations.0004_exports")
BITS, CLOSED, OF_THIS_PART = before.BITS, before.CLOSED, before.OF_THIS_PART
# Asked once a statement, and only where another agency's row is open: nothing ended, no look-up.
ANY_ENDED = f"(select exists (select 1 from access_end e where {CLOSED} and e.key_kind = -1))"
KEYLESS_ENDED = f"""(
    owner_id <> {AGENCY} and {ANY_ENDED} and exists (
        select 1 from access_end e
         where {CLOSED} and {OF_THIS_PART} and e.key_kind = -1 offset 0)
)"""
SATISFIED = f"""(
    select get_byte({BITS}, 65536 + coalesce(bit_or(1 << k.kind), 0))
      from part_key k
     where k.part_id = part.id and k.key = any((select accord.seal_keys())::uuid[])
       and k.valid_from <= now() and (k.valid_until is null or k.valid_until > now())
       and not exists (
            select 1 from access_end e
             where {CLOSED} and {OF_THIS_PART} and e.key_kind = k.kind
               and e.ends_at >= k.valid_from offset 0)
)"""
PART_IS_OPEN = f"""(
    select case
        when o.alternatives = 0 then false
        when (o.alternatives & 1) = 1 and not {KEYLESS_ENDED} then true
        when o.alternatives > 1 then (o.alternatives & 254 & {SATISFIED}) > 0
        else false
    end
      from (
        select get_byte({BITS}, label_id) & get_byte({BITS}, newest_label_id) as alternatives offset 0
      ) o
)"""
RECORD_HAS_AN_OPEN_PART = "exists (select 1 from part p where p.record_id = record.id offset 0)"


class Migration(migrations.Migration):
    dependencies = [("records", "0014_latest_by_index")]
    operations = [
        migrations.RunSQL(
            f"alter policy part_select on part using ({PART_IS_OPEN});"
            f"alter policy record_select on record using ({RECORD_HAS_AN_OPEN_PART});",
            migrations.RunSQL.noop,
        ),
    ]
