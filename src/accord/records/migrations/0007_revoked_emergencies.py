"""A notice that an emergency holds back goes out when the emergency is taken back, not at its end."""

from pathlib import Path

from django.db import migrations

from accord.platform.db.rls import as_probe

ENDS = Path(__file__).parents[1].joinpath("ends.sql").read_text("utf-8")


class Migration(migrations.Migration):
    dependencies = [("records", "0006_statement_keys")]
    operations = [as_probe(ENDS)]
