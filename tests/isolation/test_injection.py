"""Hostile text at every door: no failure, no extra row, no way around the seal."""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from accord.agencies import actions as agencies
from accord.platform.db.catalogue import OPEN_TABLES
from isolation.direct import Asker, administrator, sealed
from isolation.walking import ABSENT, api_operations, bodies, filled, forms, pages
from isolation.worlds import TRAFFICKING, Viewer

HOSTILE = (
    "'; select set_config('accord.seal', '', true); --",
    "' or 1=1 --",
    "') union select id::text, body::text from part --",
    "x'; update membership set roles = '{supervisor}'; --",
    "$$; drop table part; $$",
    "%' and pg_sleep(5) --",
    "{{ 7*7 }}{% raw %}",
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "\u202eevil\u2066 \u200b\u0000".replace("\u0000", ""),
    "\U0001f46e" * 50,
    "ﷺ" * 40,
    "A" * 9000,
    "a\u0301\u0327" * 300,
    "\ud7ff\ufffd\uffff",
    "-1",
    "1e999",
    "null",
    "[]",
    '{"$ne": 1}',
)
NUL, LONE = "a\u0000b", "\\ud800"
DEEP = os.environ.get("ACCORD_DEEP") == "1"
"""Every text at every place; else some at each, others at the next."""


def some(*where: str) -> list[str]:
    """NUL and three of the hostile texts, others at each place, so that all are tried somewhere."""
    if DEEP:
        return [NUL, *HOSTILE]
    first = zlib.crc32("|".join(where).encode()) % len(HOSTILE)
    return [NUL, *(HOSTILE[(first + step * 7) % len(HOSTILE)] for step in range(3))]


VIEWER = Viewer("harlan-so.c.boone", TRAFFICKING, "HT-2026-014")
SAMPLES = {
    "record": ABSENT,
    "own_record": ABSENT,
    "note": ABSENT,
    "ledger_entry": ABSENT,
    "agreement": "f" * 64,
    "question": "AAAA",
    "hidden_handle": "a" * 52,
    "shown": "AAAA",
}


@pytest.fixture(scope="module")
def browser(world: Path) -> Client:
    client = Client(raise_request_exception=False)
    link = agencies.create_signin_link(VIEWER.membership)
    client.post(link)
    return client


@pytest.fixture(scope="module")
def token(world: Path) -> str:
    return agencies.create_api_token(VIEWER.membership)


@pytest.fixture(scope="module", autouse=True)
def _nothing_changes(world: Path) -> Iterator[None]:
    """What the strings try to change is as it was, and the viewer sees what they saw."""
    VIEWER.samples.update(SAMPLES)
    before = _everything(world), _seen(world)
    yield
    assert (_everything(world), _seen(world)) == before


OWNERS = {
    "part": "owner_id",
    "record": "owner_id",
    "part_key": "owner_id",
    "joint_case": "lead_agency",
    "intake_run": "owner_id",
    "disclosure_request": "requester_agency",
}


def _everything(world: Path) -> dict[str, Any]:
    """The rows of others' tables, and who may do what."""
    with administrator(world) as admin:
        counts = {
            table: admin.execute(
                f"select count(*) from {table} where {owner} <> %s", [VIEWER.agency]
            ).fetchone()["count"]
            for table, owner in OWNERS.items()
        }
        roles = admin.execute("select id, roles, clearance from membership order by id").fetchall()
        key = admin.execute("select * from accord.seal_key").fetchall()
    return {**counts, "memberships": roles, "key": key, "tables": len(OPEN_TABLES)}


def _seen(world: Path) -> int:
    with sealed(world, Asker(VIEWER.membership, VIEWER.purpose, VIEWER.case)) as db:
        return int(
            db.execute(
                "select count(*) from part where owner_id <> %s", [VIEWER.agency]
            ).fetchone()["count"]
        )


def _fine(response: Any, said: object) -> None:
    assert response.status_code < 500, f"{said}: {response.getvalue()[:300]!r}"
    if response.headers.get("Content-Type", "").startswith("text/html"):
        assert b"<script>alert(1)</script>" not in response.getvalue(), said
    assert b"syntax error" not in response.getvalue(), said
    with connection.cursor() as cursor:
        cursor.execute("select nullif(current_setting('accord.seal', true), '')")
        assert cursor.fetchone() == (None,), f"{said} leaves a seal behind"


PLACES = {"purpose": VIEWER.purpose, "basis": "statute", "case": VIEWER.case}
NAMES = sorted({name for route in pages() for name in re.findall(r"<(?:\w+:)?(\w+)>", route)})
OF_THE_API = sorted({name for _, path in api_operations() for name in re.findall(r"{(\w+)}", path)})


def _path_with(route: str, name: str, text: str) -> str | None:
    values = {**dict.fromkeys(NAMES, ABSENT), **PLACES, "status": "404", name: quote(text, safe="")}
    return filled(route, values) if f"{name}>" in route else None


@pytest.mark.parametrize("route", pages())
def test_hostile_text_in_every_part_of_a_path_and_every_query(browser: Client, route: str) -> None:
    for name in NAMES:
        for text in some(route, name):
            path = _path_with(route, name, text)
            if path is not None:
                _fine(browser.get(path), path)
    plain = filled(route, {**dict.fromkeys(NAMES, ABSENT), **PLACES, "status": "404"})
    assert plain is not None
    for text in some(route, "query"):
        keys = (
            "q",
            "after",
            "before",
            "schema",
            "kind",
            "record",
            "view",
            "state",
            "page",
            "since",
        )
        _fine(browser.get(plain, dict.fromkeys(keys, text)), f"{plain} with {text!r}")


@pytest.mark.parametrize("route", [r for r in pages() if r != "sign-out"])
def test_hostile_text_in_every_field_of_every_form(browser: Client, route: str) -> None:
    path = filled(route, {**dict.fromkeys(NAMES, ABSENT), **PLACES, "status": "404"})
    assert path is not None
    form = forms(route, VIEWER, ["word"])[0]
    fields = [
        *(f for f in form if f != "file"),
        "q",
        "name",
        "phone",
        "plate",
        "birthDate",
        "reason",
    ]
    if route == "sign-in/":
        fields = ["membership"]
    for text in HOSTILE if route.endswith("search") else some(route, "form"):
        _fine(browser.post(path, dict.fromkeys(fields, text)), f"{path} {fields} {text!r}")


@pytest.mark.parametrize("header", ["Accord-Purpose", "Accord-Basis", "Accord-Case"])
def test_hostile_text_in_the_headers(token: str, header: str) -> None:
    program = Client(raise_request_exception=False)
    for text in HOSTILE:
        headers = {"Authorization": f"Bearer {token}", "Accord-Purpose": VIEWER.purpose}
        response = program.get(
            "/api/v1/records", headers=headers | {header: text.encode().decode("latin-1")}
        )
        _fine(response, f"{header}: {text!r}")
        assert response.status_code in (400, 404), text
    for text in HOSTILE:
        response = program.get(
            "/api/v1/me",
            headers={"Authorization": f"Bearer {text}".encode().decode("latin-1")},
        )
        assert response.status_code == 401


@pytest.mark.parametrize("operation", api_operations(), ids=lambda o: f"{o[0]} {o[1]}")
def test_hostile_text_in_every_operation(token: str, operation: tuple[str, str]) -> None:
    method, route = operation
    program = Client(raise_request_exception=False)
    headers = {
        "Authorization": f"Bearer {token}",
        "Accord-Purpose": VIEWER.purpose,
        "Accord-Case": VIEWER.case,
    }
    plain = filled(route, dict.fromkeys(OF_THE_API, ABSENT))
    assert plain is not None
    call = getattr(program, method.lower())
    for text in some(route, method) if "{" in route else ():
        path = filled(route, dict.fromkeys(OF_THE_API, quote(text, safe="")))
        assert path is not None
        _fine(call(path, headers=headers), path)
    if method == "GET":
        for key in ("after", "limit", "schema", "side", "kind", "record", "case", "since", "until"):
            for text in some(route, key) if DEEP else some(route, key)[:2]:
                _fine(call(plain, {key: text}, headers=headers), f"{plain}?{key}={text!r}")
    elif method == "POST":
        texts = HOSTILE if route.endswith("/search") else some(route, "body")
        for text in texts:
            for body in _spoilt(bodies(route, VIEWER, ["word"])[0], text):
                sent = json.dumps(body)
                said = f"{plain} {sent[:200]}"
                _fine(call(plain, sent, content_type="application/json", headers=headers), said)
    if method == "POST":
        for raw in ("{", "", '"' + LONE + '"', '{"q": "' + LONE + '"}', "[" * 3000, "\ufeff{}"):
            _fine(call(plain, raw, content_type="application/json", headers=headers), raw[:50])


def _spoilt(body: Any, text: str) -> Iterator[Any]:
    """The body with the text in place of each value, one at a time, however deep."""
    yield text
    if isinstance(body, dict):
        for key, value in body.items():
            for spoilt in _spoilt(value, text):
                yield {**body, key: spoilt}
        yield {**body, text: text}
    elif isinstance(body, list):
        yield [text]
        yield from ([spoilt] for value in body[:1] for spoilt in _spoilt(value, text))


def test_a_question_that_is_sql_finds_nothing_more(token: str) -> None:
    program = Client(raise_request_exception=False)
    headers = {
        "Authorization": f"Bearer {token}",
        "Accord-Purpose": "general-policing",
    }
    for text in HOSTILE[:6]:
        asked = {"q": f"{uuid4().hex} {text}"[:900]}
        response = program.post(
            "/api/v1/search", json.dumps(asked), content_type="application/json", headers=headers
        )
        if response.status_code == 200:
            assert response.json()["visible"] == []
            assert response.json()["hits"] == []
        else:
            assert response.status_code in (400, 403)


def test_the_role_of_the_application_cannot_seal_itself(world: Path) -> None:
    """Injected SQL could set the setting; without the key it opens nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('accord.seal', %s, false)",
            [f"{uuid4()}|view||9999999999999999|1|1|{'0' * 64}"],
        )
        try:
            with pytest.raises(Exception, match="does not verify"):
                cursor.execute("select count(*) from part")
        finally:
            cursor.execute("reset accord.seal")
