"""Which migrations a database has, and which this program knows."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg

from accord.kernel.errors import Conflict
from accord.platform.db import roles
from accord.platform.db.cluster import Cluster


def applied(cluster: Cluster) -> list[str]:
    """The migrations of the cluster's database, as `app.name`; none before its first start."""
    with psycopg.connect(cluster.dsn(roles.BACKUP)) as reader:
        if reader.execute("select to_regclass('public.django_migrations')").fetchone() == (None,):
            return []
        rows = reader.execute("select app || '.' || name from django_migrations order by 1")
        return [str(name) for (name,) in rows]


def known() -> set[str]:
    """Every migration that this program has; Django must be set up."""
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None, ignore_no_migrations=True)
    return {f"{app}.{name}" for app, name in loader.disk_migrations}


def check_known(migrations: Iterable[str], whose: str) -> None:
    """Raise Conflict when a later program has been at the data: there is no way back down."""
    later = sorted(set(migrations) - known())
    if later:
        raise Conflict(
            f"{whose} was made by a later version of Accord: this one does not know"
            f" {', '.join(later[:5])}. Nothing was changed; an older version cannot run on it.",
            who_can_change="the administrator of this node, by installing that version again or by"
            " restoring a backup that this version made",
        )
