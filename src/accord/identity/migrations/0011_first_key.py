"""The set-up of a node writes the first key of its agency where keys follow one another."""

from pathlib import Path

from django.db import migrations

from accord.platform.db.rls import as_probe

SET_UP = Path(__file__).parents[1].joinpath("setup.sql").read_text("utf-8")


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0010_codes_access"),
        ("agencies", "0004_about_agencies"),
    ]
    operations = [as_probe(SET_UP.replace("create function", "create or replace function"))]
