"""Standings are compressed with LZ4 where the server has it: storing one is most of making one.

The ten tables of a standing are 65,792 bytes each and mostly zeros. PostgreSQL's own method takes
three times as long over them as everything else that the insert does. Rows made before stay as they
are: each value says by which method it was written.
"""

from django.db import migrations

ACTIONS = (
    "match",
    "hit",
    "view",
    "export",
    "onward",
    "contribute",
    "alter",
    "relabel",
    "place",
    "release",
)
# Made of the names above alone.
QUICKER = (
    "do $$ begin\n"
    + "".join(
        f"    alter table accord.standing alter column {action}_bits set compression lz4;\n"
        for action in ACTIONS
    )
    + "exception when feature_not_supported then\n"
    "    raise notice 'this server was built without LZ4: standings are stored as before';\n"
    "end $$;\n"
)


class Migration(migrations.Migration):
    dependencies = [("platform", "0003_eight_key_kinds")]
    operations = [migrations.RunSQL(QUICKER, migrations.RunSQL.noop)]
