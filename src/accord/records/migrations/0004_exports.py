"""Copies taken out of the node, and the end of access in the policy of `part`.

INVARIANT: `part` asks `part_key` and `access_end`; neither asks back.
"""

import re
from pathlib import Path

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

from accord.platform.db.rls import AGENCY, MEMBER, as_probe, enable

HERE = Path(__file__).parents[1]
PROBES, ENDS = (HERE.joinpath(name).read_text("utf-8") for name in ("probes.sql", "ends.sql"))

BITS = "(select accord.bits())"
OPEN = f"(get_byte({BITS}, label_id) & get_byte({BITS}, newest_label_id))"
CLOSED = f"e.agency = {AGENCY} and not e.held and e.ends_at <= now()"
OF_THIS_PART = "e.record_id = part.record_id and e.part_kind = part.kind"
# The first sub-select is asked once a statement: where no access without a key has ended, no row is
# looked up. An agency's access to its own records does not end.
KEYLESS_ENDED = f"""(
    owner_id <> {AGENCY}
    and (select exists (select 1 from access_end e where {CLOSED} and e.key_kind = -1))
    and exists (select 1 from access_end e where {CLOSED} and {OF_THIS_PART} and e.key_kind = -1)
)"""
SATISFIED = f"""(
    select get_byte({BITS}, 65536 + coalesce(bit_or(1 << k.kind), 0))
      from part_key k
     where k.part_id = part.id and k.key = any((select accord.seal_keys())::uuid[])
       and k.valid_from <= now() and (k.valid_until is null or k.valid_until > now())
       and not exists (
            select 1 from access_end e
             where {CLOSED} and {OF_THIS_PART} and e.key_kind = k.kind
               and e.ends_at >= k.valid_from)
)"""
PART_IS_OPEN = f"""
    (({OPEN} & 1) = 1 and not {KEYLESS_ENDED})
    or ({OPEN} > 1 and ({OPEN} & {SATISFIED} & 254) > 0)
"""

OVERSIGHT = "'oversight-officer' = any((select accord.seal_roles())::text[])"
HOLDS = f"by_member = {MEMBER} or (agency = {AGENCY} and {OVERSIGHT})"

INDEXES = """
alter table export_copy add constraint export_copy_format check (format in ('html', 'json'));
create index export_copy_by_agency on export_copy (agency, at desc);
create index export_copy_by_owner on export_copy (owner_id, at desc);
"""


def made_anew(name: str) -> str:
    """The text of one function of probes.sql, to put in place of an older one."""
    found = re.search(rf"create function accord\.{name}\(.*?^end \$\$;", PROBES, re.S | re.M)
    if found is None:
        raise LookupError(name)
    return found[0].replace("create function", "create or replace function", 1)


class Migration(migrations.Migration):
    dependencies = [("records", "0003_probes"), ("agreements", "0005_obligations")]
    operations = [
        migrations.CreateModel(
            name="ExportCopy",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("entry_id", models.UUIDField()),
                ("record_id", models.UUIDField()),
                ("owner_id", models.TextField()),
                ("agency", models.TextField()),
                ("by_member", models.TextField()),
                ("at", models.DateTimeField()),
                ("format", models.TextField()),
                ("schema", models.TextField()),
                ("parts", ArrayField(models.TextField())),
                ("handling", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                ("ends_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "export_copy"},
        ),
        migrations.RunSQL(INDEXES, migrations.RunSQL.noop),
        enable(
            "export_copy",
            {
                "select": f"{HOLDS} or owner_id = {AGENCY}",
                "insert": f"agency = {AGENCY} and by_member = {MEMBER}",
            },
        ),
        migrations.RunSQL(
            f"alter policy part_select on part using ({PART_IS_OPEN})", migrations.RunSQL.noop
        ),
        as_probe(
            ENDS
            + ";\n"
            + "\n".join(
                made_anew(name) for name in ("supersede", "find", "record_behind", "latest")
            )
        ),
    ]
