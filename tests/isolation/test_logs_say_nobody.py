"""Names, numbers and questions go through the application in every way that fails; no log has them."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import Error, connection
from django.test import Client
from django.urls import get_resolver

from accord.agencies.actions import create_signin_link
from accord.platform.logs import FIELDS, JsonLines
from isolation.walking import pages

NAME, PHONE, QUESTION = "Zzyzxbert Quombleforth", "+1 555 010 7734", "blue-heron-motel-room-7"
MARKS = (
    "Zzyzxbert",
    "Quombleforth",
    "0107734",
    "010 7734",
    "010%207734",
    "blue-heron",
    "blue%2Dheron",
)
MEMBER = "riverbend-pd.m.alvarez"
WORK = "/w/human-trafficking-investigation/statute/HT-2026-014"


@pytest.fixture
def lines(world: Path) -> Iterator[io.StringIO]:
    """Everything that any logger says, down to DEBUG, as the processes write it."""
    kept = io.StringIO()
    handler = logging.StreamHandler(kept)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    levels = {n: logging.getLogger(n).level for n in ("", "django", "django.request", "waitress")}
    root.addHandler(handler)
    for name in levels:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield kept
    root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def _signed_in() -> Client:
    client = Client(raise_request_exception=False)
    assert client.post(create_signin_link(MEMBER)).status_code == 303
    return client


def _walk() -> int:
    """Ask every page with marks in every place; returns how many were asked."""
    client, asked = _signed_in(), 0
    said = {"q": f"{NAME} {PHONE}", "name": NAME, "phone": PHONE, "text": QUESTION, "reason": NAME}
    for route in pages():
        if route == "sign-out":
            continue  # the rest would be asked by nobody
        path = "/" + route
        for place in ("<str:purpose>", "<str:basis>", "<str:case>"):
            path = path.replace(place, {"<str:purpose>": "human-trafficking-investigation",
                                        "<str:basis>": "statute"}.get(place, "HT-2026-014"))  # fmt: skip
        path = path if "<" not in path else path.partition("<")[0] + QUESTION
        for sent in (
            client.get(path, {"q": NAME, "after": QUESTION}),
            client.post(path, said),
            client.get(f"/{QUESTION}{path}"),
        ):
            assert sent.status_code
            asked += 1
    client.post(f"{WORK}/search", said)
    client.post("/api/v1/search", f'{{"q": "{NAME}"', content_type="application/json",
                headers={"authorization": f"Bearer {NAME}"})  # fmt: skip
    client.get("/", headers={"host": f"{QUESTION}.example.org", "user-agent": NAME})
    client.generic(QUESTION.upper(), f"/{NAME}")
    return asked


def test_no_line_has_what_was_asked_or_sent(world: Path, lines: io.StringIO) -> None:
    asked = _walk()
    with pytest.raises(Error), connection.cursor() as cursor:
        cursor.execute("select %s::uuid", [NAME])
    try:
        with connection.cursor() as cursor:
            cursor.execute("select %s::date", [PHONE])
    except Error:
        logging.getLogger("accord.errors").exception("unexpected error")
        logging.getLogger("psycopg").exception("error in %s", NAME)
    logging.getLogger("waitress").warning("bad request line %r", f"GET /{QUESTION}")
    connection.close()
    written = lines.getvalue()
    assert written.count('"request answered"') >= asked > 100
    for log in (world / "logs").iterdir():
        written += log.read_text("utf-8", errors="replace")
    assert [mark for mark in MARKS if mark.lower() in written.lower()] == []


def test_every_line_has_allowed_fields_and_a_declared_route(
    world: Path, lines: io.StringIO
) -> None:
    _walk()
    routes = {*_declared(), "static", "none", "/"}
    seen = 0
    for text in lines.getvalue().splitlines():
        line = json.loads(text)
        assert set(line) <= set(FIELDS), line
        if line.get("event") == "request answered":
            seen += 1
            assert line["route"] in routes, line
            assert line["method"] in {"GET", "HEAD", "POST", "other"}, line
            assert len(line["request"]) == 16
    assert seen > 100


def _declared() -> Iterator[str]:
    from accord.api.document import operations
    from isolation.walking import _routes

    assert list(operations())
    yield from _routes(get_resolver().url_patterns, "")


def test_the_search_for_marks_finds_one(world: Path, lines: io.StringIO) -> None:
    """The instrument itself: the usual formatter would have written the mark."""
    logging.getLogger("waitress").warning("bad request line %r", NAME)
    assert "Quombleforth" not in lines.getvalue()
    lines.write(logging.Formatter().format(logging.makeLogRecord({"msg": NAME})))
    assert "Quombleforth" in lines.getvalue()
