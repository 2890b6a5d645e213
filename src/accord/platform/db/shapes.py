"""Rows of models by statements that were written once.

What every request asks first (whose session this is, who acts) is asked so often that compiling the
same query each time costs more than the database's answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, models

M = TypeVar("M", bound=models.Model)


class Shape(Generic[M]):
    """The columns of a model in a statement, under the name its table has there, and their rows."""

    def __init__(self, model: type[M], alias: str) -> None:
        self._model = model
        fields = model._meta.concrete_fields
        self._names = [field.attname for field in fields]
        self._read = [getattr(field, "from_db_value", None) for field in fields]
        self.columns = ", ".join(f'{alias}."{field.column}"' for field in fields)
        self.width = len(fields)

    def row(self, values: Sequence[Any]) -> M:
        """The row that these values of `columns` are."""
        read = [
            value if read is None else read(value, None, connection)
            for value, read in zip(values, self._read, strict=True)
        ]
        return self._model.from_db(DEFAULT_DB_ALIAS, self._names, read)

    def row_or_none(self, values: Sequence[Any]) -> M | None:
        """The same of an outer join, whose values are all null where there is no row."""
        return None if all(value is None for value in values) else self.row(values)


def parted(values: Sequence[Any], *shapes: Shape[Any]) -> list[Sequence[Any]]:
    """One line of an answer, cut into the columns of each of these shapes."""
    parts, start = [], 0
    for shape in shapes:
        parts.append(values[start : start + shape.width])
        start += shape.width
    return parts


def lines(statement: str, values: Sequence[Any]) -> list[Sequence[Any]]:
    """What a statement answers."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
