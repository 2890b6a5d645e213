"""Whoever the worker could do nothing for stands aside, so that it fills nobody else's line."""

from pathlib import Path

from django.db import migrations

from accord.platform.db.rls import as_probe

LINES = Path(__file__).parents[1].joinpath("lines.sql").read_text("utf-8")


class Migration(migrations.Migration):
    dependencies = [("records", "0020_void_with_their_key")]
    operations = [as_probe(LINES)]
