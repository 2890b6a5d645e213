"""Bring the database of one data directory to the present schema, as the migrate role."""

from __future__ import annotations

from pathlib import Path

from accord.platform.db.seal import padded_halves
from accord.platform.secrets import secret_bytes
from accord.platform.setup import django_setup


def migrate(data_dir: Path) -> None:
    """Apply every migration, install the node's seal key and say whether nothing is real; repeatable."""
    django_setup(data_dir)
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", database="migrate", interactive=False, verbosity=0)
    inner, outer = padded_halves(secret_bytes(data_dir, "seal.key", 32))
    with connections["migrate"].cursor() as cursor:
        cursor.execute(
            "insert into accord.seal_key values (1, %s, %s) on conflict (id) do update "
            "set inner_pad = excluded.inner_pad, outer_pad = excluded.outer_pad",
            [inner, outer],
        )
        cursor.execute(
            "insert into accord.demonstration select 1 where %s on conflict do nothing",
            [settings.ACCORD_DEMO],
        )
        cursor.execute("delete from accord.demonstration where not %s", [settings.ACCORD_DEMO])
    connections["migrate"].close()
