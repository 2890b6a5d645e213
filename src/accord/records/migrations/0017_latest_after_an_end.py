"""The latest list shows what a key opens after access without a key has ended, as search does.

An agency's access to its own records does not end, said as the policy of `part` says it.
"""

from importlib import import_module
from pathlib import Path

from django.db import migrations

from accord.platform.db.rls import as_probe

made_anew = import_module("accord.records.migrations.0004_exports").made_anew
ENDS = Path(__file__).parents[1].joinpath("ends.sql").read_text("utf-8")


class Migration(migrations.Migration):
    dependencies = [("records", "0016_latest_within_bounds")]
    operations = [as_probe(ENDS + ";\n" + made_anew("latest"))]
