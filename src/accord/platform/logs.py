"""Lines of the log say what happened and where, and quote nobody's data.

Each line is one JSON object. Its fields are those of `FIELDS` and no others. An event is a constant
sentence of the program's own source; what varies comes by `facts` and is a fact of the program: a
number, a flag, a UUID, the name of a class or of a route, a word of a closed list. A database error
quotes the row that it refused, so of an exception stand its type, PostgreSQL's code and constraint,
and where it was raised; the words stay behind. Of a library's line stands which library and where,
because libraries put addresses, names and rows in their sentences.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any
from uuid import UUID

Fact = int | float | bool | UUID | str
REQUEST: ContextVar[str | None] = ContextVar("accord_request", default=None)
"""The number of the request that this thread answers."""

OWN = "accord"
FIELDS = {
    "at": "when, in UTC",
    "level": "INFO, WARNING, ERROR ...",
    "from": "the logger: a package of Accord, or a library",
    "event": "a constant sentence; absent for a library",
    "place": "file and line that wrote a library's line",
    "request": "a random number that joins the lines of one request",
    "method": "GET, POST ...",
    "route": "the route as the program declares it, without what stood in its place-holders",
    "status": "the status of the answer",
    "ms": "how long the answer took, in milliseconds",
    "reference": "the number that was shown on the screen",
    "kind": "the class of an error",
    "why": "what did not hold of an answer from outside, as one constant word",
    "run": "the id of a run of intake",
    "subscription": "the id of a subscription",
    "upload": "the id of an upload",
    "exhibit": "the id of an exhibit's record",
    "derivation": "the id of a derivation",
    "job": "which work of the worker, by the name of its function",
    "count": "how many",
    "code": "the exit code of a process",
    "error": "for each exception of a chain: type, code, constraint, where",
}
"""INVARIANT: nothing else is ever written; tests/isolation/test_logs_say_nobody.py greps for more."""

_FACTS = (
    "method",
    "route",
    "status",
    "ms",
    "reference",
    "kind",
    "why",
    "run",
    "subscription",
    "upload",
    "exhibit",
    "derivation",
    "job",
    "count",
    "code",
)
_WORD = re.compile(r"[A-Za-z0-9_.<>:/^$?()\[\]{}|*+\\-]{0,200}")


def facts(**said: Fact) -> dict[str, dict[str, Fact]]:
    """What varies in a line: `log.info("request answered", extra=facts(status=200))`.

    Raises KeyError for a field that is not allowed, so a new one is a decision.
    """
    for name in said:
        if name not in _FACTS:
            raise KeyError(f"{name} is no field of the log; see accord.platform.logs.FIELDS")
    return {"facts": said}


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON with the fields that are allowed."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "from": record.name,
        }
        if record.name.partition(".")[0] == OWN:
            line["event"] = str(record.msg)  # the constant, before anything was put into it
            line |= {k: _plain(v) for k, v in getattr(record, "facts", {}).items() if k in _FACTS}
        else:
            line["place"] = f"{record.filename}:{record.lineno}"
        if (request := REQUEST.get()) is not None:
            line["request"] = request
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = chain(record.exc_info[1])
        return json.dumps(line, separators=(",", ":"))


def _plain(value: Fact) -> Any:
    if isinstance(value, bool | int | float):
        return value
    text = str(value)
    return text if _WORD.fullmatch(text) else "(withheld)"


def chain(error: BaseException | None) -> list[dict[str, Any]]:
    """An exception and what caused it, without their words."""
    found: list[dict[str, Any]] = []
    while error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        found.append(_named(error) | {"at": [f"{f.filename}:{f.lineno}" for f in frames]})
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found


def _named(error: BaseException) -> dict[str, Any]:
    """The type of an exception, and what PostgreSQL says of it that is no value."""
    named = {"type": f"{type(error).__module__}.{type(error).__qualname__}"}
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
    for name, fact in (("code", getattr(error, "sqlstate", None)), ("constraint", constraint)):
        if fact:
            named[name] = str(fact)
    return named


def catch_what_nobody_caught() -> None:
    """Have the last exception of this process or a thread written like any other."""
    log = logging.getLogger("accord.process")

    def last(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.critical("the process ends by an error", exc_info=(kind, error, trace))

    def last_of_thread(hook: threading.ExceptHookArgs) -> None:
        if hook.exc_value is not None and not isinstance(hook.exc_value, SystemExit):
            facts_of = (hook.exc_type, hook.exc_value, hook.exc_traceback)
            log.critical("a thread ends by an error", exc_info=facts_of)

    sys.excepthook, threading.excepthook = last, last_of_thread
    logging.captureWarnings(True)
