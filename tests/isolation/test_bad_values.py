"""What PostgreSQL cannot hold is refused in words at every door, and the refusal is logged."""

from __future__ import annotations

import json
from typing import Any

import pytest
from contributing import superuser
from django.test import Client

from accord.agencies.actions import create_api_token, create_signin_link

LIEUTENANT = "riverbend-pd.d.okafor"
CASE, PURPOSE = "HT-2026-014", "human-trafficking-investigation"
HERE = f"/w/{PURPOSE}/statute/{CASE}"
KEYSET = "9999-12-31T23:59:59-23:59~" + "0" * 32

pytestmark = pytest.mark.usefixtures("world")


def call(method: str, path: str, body: str | None = None) -> Any:
    headers = {
        "Authorization": f"Bearer {create_api_token(LIEUTENANT)}",
        "Accord-Purpose": PURPOSE,
        "Accord-Case": CASE,
    }
    more = {"data": body, "content_type": "application/json"} if body else {}
    return getattr(Client(), method)(f"/api/v1{path}", headers=headers, **more)


def browse(method: str, path: str, form: dict[str, str]) -> Any:
    client = Client(raise_request_exception=False)
    assert client.post(create_signin_link(LIEUTENANT)).status_code == 303
    return getattr(client, method)(path, form)


@pytest.mark.parametrize("text", ["Name\\u0000 of a person", "Name \\ud800 of a person"])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"/cases/{CASE}/notes", {"text": "?"}),
        (f"/cases/{CASE}/members", {"membership": "?"}),
        ("/cases", {"number": "ZZ-100", "title": "?", "purposes": [PURPOSE]}),
        ("/cases", {"number": "ZZ-101", "title": "t", "purposes": [PURPOSE], "members": ["?"]}),
    ],
)
def test_a_character_that_no_text_has(path: str, body: dict[str, Any], text: str) -> None:
    answer = call("post", path, json.dumps(body).replace("?", text))
    assert answer.status_code == 400
    assert b"person" not in answer.content


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/cases/a%00b", 400),
        ("/agencies/a%00b", 400),
        ("/ledger/entries?case=%00", 400),
        (f"/records?after={KEYSET}", 400),
        ("/ledger/records?since=9999-12-31T23:59:59-23:59", 400),
    ],
)
def test_an_address_of_the_api(path: str, status: int) -> None:
    assert call("get", path).status_code == status


@pytest.mark.parametrize(
    ("method", "path", "form", "status"),
    [
        ("get", f"/w/{PURPOSE}/statute/%00/search", {}, 400),
        ("get", f"/w/{PURPOSE}/statute/{'x' * 5000}/search", {}, 404),
        ("get", f"{HERE}/records/", {"after": KEYSET}, 400),
        ("get", "/agreements/%00", {}, 400),
        ("post", f"{HERE}/case/notes", {"note": "a\0b"}, 400),
        ("post", f"{HERE}/case/members", {"member": "a\0b"}, 400),
        ("post", "/context/", {"purpose": PURPOSE, "basis": "statute", "case": "\0"}, 400),
    ],
)
def test_a_page(method: str, path: str, form: dict[str, str], status: int) -> None:
    assert browse(method, path, form).status_code == status


def test_nothing_is_kept_and_the_refusal_is_logged(world: Any) -> None:
    count = "select (select count(*) from record), (select count(*) from ledger_entry"
    count += " where kind = 'refusal')"
    with superuser(world) as db:
        before = db.execute(count).fetchone()
        call("post", f"/cases/{CASE}/notes", json.dumps({"text": "a\ud800b"}))
        after = db.execute(count).fetchone()
    assert before is not None
    assert after is not None
    assert (after[0], after[1]) == (before[0], before[1] + 1)


def test_the_log_quotes_no_note(capfd: pytest.CaptureFixture[str]) -> None:
    call("post", f"/cases/{CASE}/notes", json.dumps({"text": "Maria Lopez\0"}))
    said = capfd.readouterr()
    assert "Lopez" not in said.out + said.err
