"""The log says what failed and where, and quotes nobody's data."""

from __future__ import annotations

import ast
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from accord.platform.logs import FIELDS, JsonLines, facts

SOURCE = Path(__file__).parents[3] / "src" / "accord"
CALLS = {"debug", "info", "warning", "error", "exception", "critical"}


class Refused(Exception):
    """As psycopg raises it."""

    sqlstate = "23514"


def _written(
    name: str, message: str, args: tuple[object, ...] = (), error: Exception | None = None,
    **said: Any,
) -> dict[str, Any]:  # fmt: skip
    exc = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(name, logging.ERROR, __file__, 1, message, args, exc)
    record.__dict__.update(facts(**said))
    line = JsonLines().format(record)
    assert "\n" not in line
    found: dict[str, Any] = json.loads(line)
    assert set(found) <= set(FIELDS)
    return found


def test_an_exception_is_written_without_its_words() -> None:
    try:
        try:
            raise Refused("Failing row contains (Maria Lopez)")
        except Refused as cause:
            raise ValueError("Maria Lopez is no date") from cause
    except ValueError as error:
        said = _written("accord.errors", "unexpected error", error=error)
    assert "Lopez" not in json.dumps(said)
    assert [e["type"].rpartition(".")[2] for e in said["error"]] == ["ValueError", "Refused"]
    assert said["error"][1]["code"] == "23514"
    assert said["error"][0]["at"][-1].startswith(f"{__file__}:")


def test_what_is_put_into_a_sentence_is_not_written() -> None:
    said = _written("accord.errors", "could not read %s", ("Maria Lopez",))
    assert said["event"] == "could not read %s"
    assert "Lopez" not in json.dumps(said)


@pytest.mark.parametrize("library", ["django.request", "waitress", "psycopg.pool", "py.warnings"])
def test_of_a_library_stands_who_and_where_and_no_word(library: str) -> None:
    said = _written(library, "Not Found: /w/x/Maria-Lopez", ("Maria Lopez",))
    assert "Lopez" not in json.dumps(said)
    assert said["from"] == library
    assert said["place"] == "test_logs.py:1"


def test_a_fact_that_is_no_word_of_the_program_is_withheld() -> None:
    assert _written("accord.x", "done", kind="Maria Lopez, 1980")["kind"] == "(withheld)"
    assert _written("accord.x", "done", status=200, route="w/<str:case>/")["status"] == 200


def test_a_field_that_nobody_allowed_cannot_be_written() -> None:
    with pytest.raises(KeyError, match="no field of the log"):
        facts(name="Maria Lopez")


def test_every_event_is_a_constant_sentence() -> None:
    """What varies goes by `facts`: an f-string or a joined text would be written as it is."""
    found = 0
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="log" | "logger"), attr=attr), args=args
                ) if attr in CALLS:
                    found += 1
                    assert len(args) == 1, f"{path}:{node.lineno}"
                    assert isinstance(args[0], ast.Constant), f"{path}:{node.lineno}"
    assert found > 8
