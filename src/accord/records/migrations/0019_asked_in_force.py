"""Whose turn it is, and whose proposal is carried out, ask whether roles are over.

Facts about a member have their own ends (agencies 0003); what stood here before it asked for the end of
the whole membership alone, so that work of whoever has no role left filled the line of everybody else.
"""

import re
from pathlib import Path

from django.db import migrations

from accord.platform.db.rls import as_probe

HERE = Path(__file__).parents[1]
QUEUES, RETENTION = (HERE.joinpath(n).read_text("utf-8") for n in ("queues.sql", "retention.sql"))
PURGE = re.search(r"create function accord\.purge\(.*?^end \$\$;", RETENTION, re.S | re.M)[0]


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0018_each_label_by_itself"),
        ("agencies", "0003_directory_change"),
    ]
    operations = [
        migrations.RunSQL(
            "grant update (state, failure, updated_at) on intake_run to accord_probe",
            migrations.RunSQL.noop,
        ),
        as_probe(PURGE.replace("create function", "create or replace function", 1) + "\n" + QUEUES),
    ]
