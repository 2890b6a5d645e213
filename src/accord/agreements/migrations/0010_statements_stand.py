"""A statement rests on keys of its agency, and what happens to it is dated when it is written.

A signature is judged by the key of its moment: one that SQL dated back would be judged by a key that
others have by now (decision 0020). So the application writes no other moment than now, as it does for
agreements (0009).
"""

from importlib import import_module
from pathlib import Path

from django.db import migrations

from accord.platform.db.rls import AGENCY, MEMBER, as_probe

before = import_module("accord.agreements.migrations.0009_light_members")
FULL, ITS_STATEMENT, SUPERVISOR = before.FULL, before.ITS_STATEMENT, before.SUPERVISOR
STANDS = Path(__file__).parents[1].joinpath("statements", "stands.sql").read_text("utf-8")
NOW = (
    "at between (select accord.clock()) - interval '5 minutes'"
    " and (select accord.clock()) + interval '5 minutes'"
)
DATED = f"""
alter policy statement_act_insert on statement_act
    with check (agency = {AGENCY} and member = {MEMBER} and {ITS_STATEMENT}
        and (act <> 'confirmed' or {SUPERVISOR}) and (act in ('revoked', 'reviewed') or {FULL})
        and {NOW})
"""


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0009_light_members"),
        ("records", "0010_retention"),  # accord.clock
    ]
    operations = [
        as_probe(STANDS),
        migrations.RunSQL(DATED, migrations.RunSQL.noop),
    ]
