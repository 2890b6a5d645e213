"""A part is judged under its own label and under the newest one, each by itself.

A standing keeps for each label the least sets of keys that open it. So where one label asks for no key
and the other for a key that the part carries, or each for another one, no set opens both, and the
policy of 0015 hid an older revision whose labels both were open.
"""

from importlib import import_module

from django.db import migrations

before = import_module("accord.records.migrations.0015_policies_planned_once")
BITS, KEYLESS_ENDED, SATISFIED = before.BITS, before.KEYLESS_ENDED, before.SATISFIED
# Alternative 0 (bit 1) asks for no key: it is always met, and does not count where such access ended.
PART_IS_OPEN = f"""(
    select case
        when o.own = 0 then false
        when (o.own & o.newest & 1) = 1 and not {KEYLESS_ENDED} then true
        when o.own > 1 or o.newest > 1 then (
            select (m.met & o.own) > 0 and (m.met & o.newest) > 0
              from (
                select {SATISFIED} & case when {KEYLESS_ENDED} then 254 else 255 end as met offset 0
              ) m)
        else false
    end
      from (
        select get_byte({BITS}, label_id) as own, get_byte({BITS}, newest_label_id) as newest offset 0
      ) o
)"""


class Migration(migrations.Migration):
    dependencies = [("records", "0017_latest_after_an_end")]
    operations = [
        migrations.RunSQL(
            f"alter policy part_select on part using ({PART_IS_OPEN})", migrations.RunSQL.noop
        ),
    ]
