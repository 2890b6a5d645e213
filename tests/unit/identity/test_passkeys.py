"""Passkeys: made with a link, used to sign in; and what does not count as an answer."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.test import Client

from accord.agencies.actions import create_signin_link
from authenticator import Authenticator, b64, unb64
from unit.identity.conftest import ALVAREZ, browser, enrolled, options_in, sign_in

pytestmark = pytest.mark.usefixtures("real")


def test_a_link_makes_a_passkey_and_the_passkey_signs_in(device: Authenticator) -> None:
    client = enrolled(device)
    assert b"Marisol Alvarez" in client.get("/").content
    again = sign_in(device)
    assert b"Marisol Alvarez" in again.get("/").content


def test_a_link_works_once_and_alone_signs_nobody_in(device: Authenticator) -> None:
    client, link = browser(), create_signin_link(ALVAREZ)
    options = options_in(client.get(link).content)
    assert client.post(link, {"name": "x"}).status_code == 403
    assert client.get("/").status_code == 302
    options = options_in(client.get(link).content)
    assert client.post(link, {"answer": device.create(options), "name": "x"}).status_code == 303
    other = browser()
    assert other.get(link).status_code == 404
    assert other.post(link, {"answer": "{}", "name": "x"}).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"rp": "evil.example"},
        {"type": "webauthn.get"},
        {"challenge": b64(b"x" * 32)},
        {"flags": 0},
        {"cross_origin": True},
    ],
    ids=str,
)
def test_a_passkey_that_was_made_otherwise_is_not_kept(device: Authenticator, wrong: dict) -> None:
    client, link = browser(), create_signin_link(ALVAREZ)
    options = options_in(client.get(link).content)
    made = client.post(link, {"answer": device.create(options, **wrong), "name": "x"})
    assert made.status_code == 403
    assert client.get("/").status_code == 302
    assert client.get(link).status_code == 200, "the link is not spent"


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost.evil.example"},
        {"rp": "evil.example"},
        {"type": "webauthn.create"},
        {"challenge": b64(b"x" * 32)},
        {"flags": 0},
        {"cross_origin": True},
        {"handle": b"y" * 32},
    ],
    ids=str,
)
def test_an_answer_of_another_kind_signs_nobody_in(device: Authenticator, wrong: dict) -> None:
    enrolled(device)
    client = browser()
    options = options_in(client.get("/sign-in/").content)
    refused = client.post("/sign-in/passkey", {"answer": device.get(options, **wrong)})
    assert refused.status_code == 403
    assert client.get("/").status_code == 302


def test_an_answer_counts_once_and_in_its_own_session(device: Authenticator) -> None:
    enrolled(device)
    client, thief = browser(), browser()
    options = options_in(client.get("/sign-in/").content)
    answer = device.get(options)
    thief.get("/sign-in/")
    assert thief.post("/sign-in/passkey", {"answer": answer}).status_code == 403
    assert client.post("/sign-in/passkey", {"answer": answer}).status_code == 303
    assert client.post("/sign-in/passkey", {"answer": answer}).status_code == 403
    assert thief.post("/sign-in/passkey", {"answer": answer}).status_code == 403


def test_a_counter_that_stands_still_is_a_copied_key(device: Authenticator) -> None:
    enrolled(device)
    device.count = 0
    client = browser()
    options = options_in(client.get("/sign-in/").content)
    assert client.post("/sign-in/passkey", {"answer": device.get(options)}).status_code == 403


@pytest.mark.parametrize("answer", ["", "null", "[]", "{", '{"response": {}}', "x" * 70_000,
    '{"rawId": 5, "response": {"clientDataJSON": "e30"}}'])  # fmt: skip
def test_what_is_no_answer_is_refused_in_the_same_words(device: Authenticator, answer: str) -> None:
    enrolled(device)
    client = browser()
    options = options_in(client.get("/sign-in/").content)
    said = client.post("/sign-in/passkey", {"answer": answer})
    assert said.status_code == 403
    stranger = Authenticator()
    stranger.create(json.dumps({"rp": {"id": "localhost"}, "user": {"id": b64(b"z" * 32)},
                                "challenge": b64(b"c" * 32)}))  # fmt: skip
    options = options_in(client.get("/sign-in/").content)
    unknown = client.post("/sign-in/passkey", {"answer": stranger.get(options)})
    assert unknown.status_code == 403
    words = [_words(page.content) for page in (said, unknown)]
    assert words[0] == words[1]


@pytest.mark.parametrize(
    ("field", "value"),
    [("rawId", None), ("rawId", "a"), ("rawId", "é"), ("userHandle", "a"), ("userHandle", 5),
     ("signature", None), ("signature", 5), ("authenticatorData", "a")],
)  # fmt: skip
def test_an_answer_with_a_part_that_is_none_is_refused(
    device: Authenticator, field: str, value: object
) -> None:
    enrolled(device)
    client = browser()
    answer = json.loads(device.get(options_in(client.get("/sign-in/").content)))
    part = answer if field == "rawId" else answer["response"]
    part[field] = value
    if value is None:
        del part[field]
    assert client.post("/sign-in/passkey", {"answer": json.dumps(answer)}).status_code == 403


def _words(page: bytes) -> str:
    return re.sub(r'data-options="[^"]*"|value="[^"]*"|<time[^>]*>[^<]*', "", page.decode())


def test_a_row_that_sql_made_or_moved_signs_nobody_in(device: Authenticator, real: Path) -> None:
    from isolation.direct import administrator

    enrolled(device)
    with administrator(real) as db:
        moved = db.execute(
            "update passkey set member_id = (select member_id from membership"
            " where id = 'riverbend-pd.d.okafor') returning member_id"
        ).fetchall()
    assert len(moved) == 1, "the row is somebody else's now"
    client = browser()
    options = options_in(client.get("/sign-in/").content)
    assert client.post("/sign-in/passkey", {"answer": device.get(options)}).status_code == 403


def test_the_sign_in_page_names_no_key_and_nobody(device: Authenticator) -> None:
    enrolled(device)
    asked = json.loads(options_in(browser().get("/sign-in/").content))
    assert asked.get("allowCredentials", []) == []
    assert asked["userVerification"] == "required"
    assert len(unb64(asked["challenge"])) == 32


def test_a_page_asked_for_by_a_number_says_what_to_do() -> None:
    page = Client(headers={"host": "127.0.0.1"}).get("/sign-in/")
    assert page.status_code == 200
    assert b"http://localhost" in page.content
    assert b"data-options" not in page.content


def test_an_answer_that_is_nested_beyond_reading_proves_nothing() -> None:
    assert browser().post("/sign-in/passkey", {"answer": "[" * 60_000}).status_code == 403
