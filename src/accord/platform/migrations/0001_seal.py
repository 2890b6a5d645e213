"""Schema `accord`: the seal, the standings and the policy epoch."""

from pathlib import Path

from django.db import migrations

import accord.platform.db as db
from accord.platform.db.rls import as_probe

SEAL_SQL = (Path(db.__file__).parent / "seal.sql").read_text("utf-8")

TABLES, FUNCTIONS = SEAL_SQL.split("-- functions --")

# The functions belong to the probe role, the only one that may read the seal key and every
# standing; the application may call them, insert standings and read the epoch, nothing more.
GRANTS_ON_TABLES = """
grant usage on schema accord to accord_app, accord_backup;
grant select on accord.seal_key, accord.standing, accord.policy_epoch to accord_probe;
grant update (epoch) on accord.policy_epoch to accord_probe;
grant select on accord.policy_epoch to accord_app;
grant select (id, member_id, agency_id, roles, epoch, valid_until, created_at, facts)
    on accord.standing to accord_app;
grant insert on accord.standing to accord_app;
"""

GRANTS_ON_FUNCTIONS = """
revoke execute on all functions in schema accord from public;
grant execute on all functions in schema accord to accord_app, accord_owner;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        migrations.RunSQL(TABLES + GRANTS_ON_TABLES, migrations.RunSQL.noop),
        as_probe(FUNCTIONS + GRANTS_ON_FUNCTIONS),
    ]
