"""What PostgreSQL cannot hold is refused in words at every door, and the refusal is logged."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
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


def in_force() -> Any:
    from accord.agreements import queries

    return queries.version_in_force("mou-2026-007")


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"])
def test_a_step_at_a_time_beyond_the_calendar(at: str) -> None:
    asked = f"/agreements/{in_force().content_hash}/canonical?step=suspend&at={at}"
    assert call("get", asked).status_code == 400


@pytest.mark.parametrize("text", ["An \\u0000 audit", "An \\ud800 audit"])
def test_a_reason_that_nobody_can_sign(text: str) -> None:
    found, body = in_force().content_hash, json.dumps({"reason": "?"}).replace("?", text)
    answer = call("post", f"/agreements/{found}/suspension", body)
    assert answer.status_code == 400
    assert in_force().content_hash == found


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "no-such"])
@pytest.mark.parametrize("field", ["recipient", "kind", "parts"])
def test_a_statement_about_what_there_is_not(field: str, text: str) -> None:
    body = {
        "recipient": "harlan-so",
        "kind": "determination(necessity)",
        "parts": ["core"],
        "until": (datetime.now(UTC) + timedelta(days=5)).isoformat(),
        "reason": "No other source names the driver.",
    }
    wrong = json.dumps({**body, field: ["?"] if field == "parts" else "?"}).replace("?", text)
    assert call("post", "/statements/determinations", wrong).status_code == 400


def test_an_agreement_until_the_last_day_of_the_calendar() -> None:
    text = re.sub(r"until: *[0-9-]+", "until: 9999-12-31", in_force().text, count=1)
    text = text.replace("mou-2026-007", "mou-for-ever")
    assert "9999" in text
    answer = call("post", "/agreements", json.dumps({"text": text}))
    assert answer.status_code == 201, answer.content


def test_a_stored_text_that_cannot_be_read_stops_no_list(world: Any) -> None:
    with superuser(world) as admin:
        admin.execute(
            "insert into agreement_version (content_hash, agreement, kind, title, parties, text,"
            " effective_from, created_at) values (%s, 'broken', 'mou', 'Broken text',"
            " '{riverbend-pd,harlan-so}', 'id: [', now(), now())",
            ["2" * 64],
        )
        try:
            answer = browse("get", "/agreements/", {})
            assert answer.status_code == 200
            assert b"Cannot be read" in answer.content
            assert browse("get", f"/agreements/{'2' * 64}", {}).status_code == 400
        finally:
            admin.execute("delete from agreement_version where content_hash = %s", ["2" * 64])
