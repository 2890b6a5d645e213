"""Functions of the database that ask the seal who acts, and refuse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import ProgrammingError, connection, transaction

REFUSED = "42501"  # insufficient_privilege (PostgreSQL, appendix A)


def decided(statement: str, values: Sequence[Any], refusal: Exception) -> Any:
    """Call one such function and return what it says; raises `refusal` where it refuses."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            found = cursor.fetchone()
            return found[0] if found else None
    except ProgrammingError as refused:
        if getattr(refused.__cause__, "sqlstate", None) != REFUSED:
            raise
        raise refusal from refused
