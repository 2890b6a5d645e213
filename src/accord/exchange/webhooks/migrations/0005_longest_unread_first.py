"""Whom nobody read for longest comes first, by the state of the database: the time is of the hour."""

from importlib import import_module

from django.db import migrations

from accord.platform.db.rls import as_probe

before = import_module("accord.exchange.webhooks.migrations.0004_missed_and_left")
BY_TIME, BY_STATE = (
    "order by e.seen_at, e.id",
    "order by pg_snapshot_xmax(e.seen::pg_snapshot), e.id",
)


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0004_missed_and_left")]
    operations = [as_probe(before.WAITING.replace(BY_TIME, BY_STATE))]
