"""Locks by name, so that what is checked cannot change before it is stored."""

from __future__ import annotations

from django.db import connection


def alone(name: str) -> None:
    """Wait until nobody else works under this name, and keep it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
