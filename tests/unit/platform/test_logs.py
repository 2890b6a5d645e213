"""The log says what failed and where, and quotes nobody's data."""

from __future__ import annotations

import logging

from accord.platform.logs import QuotesNothing


class Refused(Exception):
    """As psycopg raises it."""

    sqlstate = "23514"


def _written(message: str, error: Exception | None) -> str:
    facts = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("accord", logging.ERROR, __file__, 1, message, (), facts)
    return QuotesNothing("%(levelname)s %(message)s").format(record)


def test_an_exception_is_written_without_its_words() -> None:
    try:
        try:
            raise Refused("Failing row contains (Maria Lopez)")
        except Refused as cause:
            raise ValueError("Maria Lopez is no date") from cause
    except ValueError as error:
        said = _written("database error 1A2B", error)
    assert "Lopez" not in said
    assert said.startswith("ERROR database error 1A2B\n")
    assert "builtins.ValueError" in said
    assert "Refused (23514)" in said
    assert "test_logs.py" in said


def test_an_address_writes_no_line_of_its_own() -> None:
    assert _written("failed on /x\n2026 INFO accord all is well", None).count("\n") == 0
