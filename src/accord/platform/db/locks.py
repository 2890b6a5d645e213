"""Locks by name, so that what is checked cannot change before it is stored."""

from __future__ import annotations

from django.db import DEFAULT_DB_ALIAS, connection, connections


def alone(name: str, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Wait until nobody else works under this name, and keep it until the transaction ends."""
    with connections[using].cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def together(name: str) -> None:
    """Wait until nobody works alone under this name; nobody does until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [name])
