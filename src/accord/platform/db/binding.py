"""Statements whose parameters travel beside them, as bytes.

Django writes parameters into the text of a statement. A megabyte of hexadecimal digits is then
written, sent, parsed and planned, which for a standing takes ten times as long as storing it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from psycopg import Cursor


def execute_bound(statement: str, parameters: Sequence[Any]) -> None:
    """Run one statement of the open transaction that returns nothing, its parameters bound."""
    connection.ensure_connection()
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(statement.encode(), parameters)
