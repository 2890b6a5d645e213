"""Search goes by its indexes, whatever the planner thinks that comparing names costs."""

from importlib import import_module

from django.db import migrations

from accord.platform.db.rls import as_probe

made_anew = import_module("accord.records.migrations.0004_exports").made_anew


# The settings of pg_trgm can be named in a function only in a session that has loaded the library.
LOADED = "select public.show_limit();"


class Migration(migrations.Migration):
    dependencies = [("records", "0007_revoked_emergencies")]
    operations = [as_probe(f"{LOADED}\n{made_anew('find')}")]
