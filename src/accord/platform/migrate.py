"""Bring the database of one data directory to the present schema, as the migrate role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from accord.platform.db.seal import padded_halves
from accord.platform.secrets import secret_bytes
from accord.platform.setup import DEMO_MARK, django_setup


def say_what_it_is(cursor: Any, *, demo: bool, marked: bool) -> None:
    """Keep in the database whether nothing here is real: then custody asks for no passkey.

    INVARIANT: a node that holds agencies and was served for real work becomes no demonstration again,
    whatever command runs beside it; `marked` says that `accord demo` made this data directory.
    """
    cursor.execute("delete from accord.demonstration where not %s", [demo])
    cursor.execute(
        "insert into accord.demonstration select 1 "
        "where %s and (%s or not exists (select 1 from public.agency)) on conflict do nothing",
        [demo, marked],
    )


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
        say_what_it_is(cursor, demo=settings.ACCORD_DEMO, marked=(data_dir / DEMO_MARK).exists())
    connections["migrate"].close()
