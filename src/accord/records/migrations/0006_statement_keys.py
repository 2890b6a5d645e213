"""A consent or a determination becomes a key only beside its statement (decision 0009)."""

from django.db import migrations

from accord.platform.db.rls import AGENCY, label_is_open

BITS = "(select accord.bits('release'))"
# The key counts towards what its own writing asks: an owner may release what was consented to.
RELEASE_WITH_IT = f"(get_byte({BITS}, label_id) & get_byte({BITS}, 65536 + (1 << kind))) > 0"
ITS_STATEMENT = (
    "exists (select 1 from statement s where s.id = part_key.because "
    "and s.agency = part_key.owner_id and s.key = part_key.key "
    "and s.ends >= part_key.valid_until)"
)
STRICTER = f"""
alter policy part_key_insert on part_key with check (
    owner_id = {AGENCY} and (case
        when kind = 0 then {label_is_open("place", "label_id")}
        when kind = 1 then {label_is_open("release", "label_id")}
        else {RELEASE_WITH_IT} and {ITS_STATEMENT}
    end)
)
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0005_eight_key_kinds"), ("agreements", "0004_statements")]
    operations = [migrations.RunSQL(STRICTER, migrations.RunSQL.noop)]
