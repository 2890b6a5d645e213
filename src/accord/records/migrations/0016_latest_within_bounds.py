"""The latest list walks each label no further than its page; what met a question is judged once.

What is behind a hit keeps one plan for the session.
"""

from importlib import import_module
from pathlib import Path

from django.db import migrations

from accord.platform.db.rls import as_probe

made_anew = import_module("accord.records.migrations.0004_exports").made_anew
NEWEST_OF = Path(__file__).parents[1].joinpath("latest.sql").read_text("utf-8")

MADE_ANEW = ("find", "latest", "record_behind")
LOADED = import_module("accord.records.migrations.0008_search_by_index").LOADED


class Migration(migrations.Migration):
    dependencies = [("records", "0015_policies_planned_once")]
    operations = [
        as_probe(LOADED + "\n" + NEWEST_OF + ";\n" + "\n".join(map(made_anew, MADE_ANEW))),
    ]
