"""The present by two clocks, where it matters that one moment lies before another."""

from __future__ import annotations

from datetime import datetime

from django.db import DEFAULT_DB_ALIAS, connections

from accord.kernel.clock import now


def no_later() -> datetime:
    """The time by this process's clock or the database's, whichever is behind.

    What is dated so lies before whatever the database dates afterwards, however the clocks differ.
    """
    return min(now(), _asked("select accord.clock()", DEFAULT_DB_ALIAS))


def no_earlier(*, using: str) -> datetime:
    """The time by this process's clock or the database's, whichever is ahead."""
    return max(now(), _asked("select clock_timestamp()", using))


def _asked(statement: str, using: str) -> datetime:
    with connections[using].cursor() as cursor:
        cursor.execute(statement)
        found: datetime = cursor.fetchone()[0]
    return found
