"""A member is told what happened to their credentials, and of attempts with their name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accord.agencies.actions import create_signin_link
from accord.agencies.queries import actor, memberships_of
from accord.identity import queries
from accord.identity.codes.domain import MOST_FAILURES, MOST_KNOWN_FAILURES
from accord.identity.notices.queries import MOST
from authenticator import Authenticator
from isolation.direct import administrator
from oidc_provider import Provider
from unit.identity.coding import (
    PASSWORD,
    allow,
    forget,
    in_seconds,
    set_up,
    shown_secret,
    try_code,
)
from unit.identity.conftest import ALVAREZ, browser, enrolled, options_in, sign_in
from unit.identity.test_oidc import provider
from unit.identity.test_recovery_codes import NEW, recover, status
from unit.identity.test_sign_in_limits import set_failures
from unit.identity.tokening import members_token

__all__ = ["provider"]

OKAFOR = "riverbend-pd.d.okafor"
KOWALSKI = "riverbend-pd.r.kowalski"
DAY_S = 86_400


@pytest.fixture(autouse=True)
def _allowed(real: Path) -> Iterator[None]:
    allow(real)
    with administrator(real) as db:
        db.execute("delete from signin where member_id = any (%s)", [[ALVAREZ, OKAFOR, KOWALSKI]])
    yield
    forget(real)


def told(client: Client, path: str = "/account/") -> str:
    """What a page tells of what happened, without its markup."""
    page = client.get(path).content.decode()
    found = re.search(r'<ul id="told">(.*?)</ul>', page, re.S)
    return re.sub(r"</?bdi>", "", found[1]) if found else ""


def test_the_first_page_after_signing_in_tells_what_changed_and_once(
    device: Authenticator,
) -> None:
    client = enrolled(device)
    told(client, "/")
    other = Authenticator()
    made = other.create(options_in(client.get("/account/").content))
    client.post("/account/passkeys", {"answer": made, "name": "Key on a ring"})
    assert "A passkey was made: Key on a ring" not in told(client, "/"), "it was told already"
    again = sign_in(device)
    assert "A passkey was made: Key on a ring" in told(again, "/")
    assert told(again, "/") == ""
    assert "A passkey was made: Key on a ring" in told(again, "/account/")
    (mine, _) = queries.passkeys(actor(ALVAREZ).member)
    assert again.post(f"/account/passkeys/{mine.id}/revoke").status_code == 303
    assert "A passkey was revoked: Key on a ring" in told(sign_in(device), "/")


def test_each_change_of_a_credential_is_told(device: Authenticator, provider: Provider) -> None:
    client = enrolled(device)
    assert "Your agency&#39;s sign-in was linked to you: riverbend" in told(client)
    app, _ = set_up(client)
    assert "A password and codes were set up: App" in told(client)
    assert "New recovery codes were made" in told(client)
    assert "The password was changed" not in told(client)
    with in_seconds(60):
        form = {"do": "password", "new-password": "grey herons like the quay"}
        proof = {"password": PASSWORD, "one-time-code": app.code()}
        assert client.post("/account/code", form | proof).status_code == 303
    assert "The password was changed" in told(client)
    members_token()
    assert "An API token was made: Test" in told(client)
    assert client.post("/account/code", {"do": "remove"}).status_code == 303
    assert "A password and codes were removed: App" in told(client)


def test_a_token_of_another_membership_is_told(device: Authenticator) -> None:
    first, second = (a.membership for a in memberships_of(actor(KOWALSKI).member))
    client = enrolled(device, first)
    members_token(membership=second, purposes=("intelligence-assessment",))
    assert "An API token was made: Test" in told(client)


def test_coming_back_with_a_recovery_code_is_told(device: Authenticator) -> None:
    _, codes = set_up(enrolled(device))
    client = recover(codes[0])
    assert status(client) == 303
    found = Authenticator()
    answer = {"answer": found.create(options_in(client.get(NEW).content)), "name": "New"}
    assert client.post(NEW, answer).status_code == 303
    assert "A recovery code was used" in told(client)
    assert "A recovery code was used" in told(sign_in(device), "/")


def test_wrong_answers_and_tries_that_were_used_up_are_told(
    device: Authenticator, real: Path
) -> None:
    app, _ = set_up(enrolled(device))
    known = browser()
    with in_seconds(60):
        assert try_code(known, app.code()).status_code == 303
    known.post("/sign-out")
    with in_seconds(120):
        try_code(known, app.wrong())
        assert "Wrong answers were given with your name: 1" in told(sign_in(device), "/")
        for _ in range(MOST_KNOWN_FAILURES - 1):
            try_code(known, app.wrong())
        said = told(sign_in(device), "/")
        assert f"Wrong answers were given with your name: {MOST_KNOWN_FAILURES}" in said
        assert "used up" not in said, "one browser's are used up, and no stranger's"
        set_failures(real, MOST_FAILURES)
        said = told(sign_in(device), "/")
        assert f"used up the tries with your name: {MOST_FAILURES + MOST_KNOWN_FAILURES}" in said


def test_wrong_answers_of_strangers_are_told_until_they_are_taken_back(
    device: Authenticator,
) -> None:
    app, _ = set_up(enrolled(device))
    known = browser()
    with in_seconds(60):
        assert try_code(known, app.code()).status_code == 303
    known.post("/sign-out")
    with in_seconds(120):
        try_code(browser(), app.wrong())
        try_code(known, app.wrong())
        assert "Wrong answers were given with your name: 2" in told(sign_in(device))
        assert try_code(known, app.code()).status_code == 303
        assert "Wrong answers were given with your name: 1" in told(known), "not by a right one"
        assert sign_in(device).post("/account/code", {"do": "reopen"}).status_code == 303
        assert "Wrong" not in told(known)


def test_a_session_from_a_place_that_is_new_is_told(device: Authenticator) -> None:
    client = enrolled(device)
    stranger = Client(headers={"host": "localhost"}, REMOTE_ADDR="203.0.113.77")
    sign_in(device, stranger)
    assert "You signed in from a new place: 203.0.113.0/24" in told(client)
    assert "new place" not in told(stranger), "it is this one"
    again = Client(headers={"host": "localhost"}, REMOTE_ADDR="203.0.113.78")
    with in_seconds(8 * DAY_S):
        sign_in(device)
        with in_seconds(DAY_S):
            sign_in(device, again)
            assert "new place" not in told(sign_in(device), "/")


def write_sign_in(db: psycopg.Connection, place: str, ago: str) -> None:
    """Write a sign-in of Alvarez from there, as SQL alone can: a copy of another, before it."""
    db.execute(
        "insert into signin (id, session, membership_id, method, assurance, credentials, family,"
        " place, client, began_at, proven_at, seen_at, ended_at, ended_why, member_id, mac)"
        " select gen_random_uuid(), gen_random_uuid()::text, membership_id, method,"
        " assurance, credentials, family, %s, client,"
        " began_at - %s::interval, proven_at, seen_at, now(), '',"
        " member_id, mac from signin"
        " where session = (select session from signin where member_id = %s"
        " order by began_at limit 1)",
        [place, ago, ALVAREZ],
    )


def test_the_newest_places_are_told_after_many_sessions(device: Authenticator, real: Path) -> None:
    client = enrolled(device)
    with in_seconds(60):
        for _ in range(MOST + 1):
            sign_in(device)
    stranger = Client(headers={"host": "localhost"}, REMOTE_ADDR="203.0.113.77")
    with in_seconds(120):
        sign_in(device, stranger)
        with CaptureQueriesContext(connection) as asked:
            assert "You signed in from a new place: 203.0.113.0/24" in told(client)
    of_sessions = [
        q for q in asked.captured_queries if 'DISTINCT ON ("signin"."place")' in q["sql"]
    ]
    assert len(of_sessions) == 2, "however many sessions there are"


@pytest.mark.parametrize("ago", ["30 days", "1 minute"])
def test_a_row_that_sql_wrote_hides_no_place(device: Authenticator, real: Path, ago: str) -> None:
    client = enrolled(device)
    stranger = Client(headers={"host": "localhost"}, REMOTE_ADDR="203.0.113.77")
    sign_in(device, stranger)
    with administrator(real) as db:
        write_sign_in(db, "203.0.113.0/24", ago)
    assert "You signed in from a new place: 203.0.113.0/24" in told(client)


def test_whoever_signs_in_last_hides_nothing_of_seven_days(device: Authenticator) -> None:
    client = enrolled(device)
    made = Authenticator().create(options_in(client.get("/account/").content))
    client.post("/account/passkeys", {"answer": made, "name": "Not mine"})
    for n in range(3):
        with in_seconds(n * DAY_S):
            sign_in(device)
    with in_seconds(6 * DAY_S):
        assert "A passkey was made: Not mine" in told(sign_in(device), "/")
    with in_seconds(9 * DAY_S):
        assert "Not mine" not in told(sign_in(device), "/")


def test_what_happened_long_before_the_last_sign_in_is_told_after_a_long_time_away(
    device: Authenticator,
) -> None:
    client = enrolled(device)
    made = Authenticator().create(options_in(client.get("/account/").content))
    client.post("/account/passkeys", {"answer": made, "name": "Not mine"})
    with in_seconds(60 * DAY_S):
        assert "A passkey was made: Not mine" in told(sign_in(device), "/")


def test_nobody_else_is_told(device: Authenticator) -> None:
    app, _ = set_up(enrolled(device))
    try_code(browser(), app.wrong())
    other = Authenticator()
    client = enrolled(other, OKAFOR)
    assert "password" not in told(client)
    assert "Wrong" not in told(client)
    assert "A passkey was made: Phone" in told(client), "only what is their own"
    assert told(client).count("passkey") == 1


def test_a_row_that_sql_wrote_moves_no_last_sign_in(device: Authenticator, real: Path) -> None:
    client = enrolled(device)
    made = Authenticator().create(options_in(client.get("/account/").content))
    client.post("/account/passkeys", {"answer": made, "name": "Not mine"})
    with administrator(real) as db:
        db.execute(
            "insert into signin (id, session, membership_id, method, assurance, credentials, family,"
            " place, client, began_at, proven_at, seen_at, ended_at, ended_why, member_id, mac)"
            " select gen_random_uuid(), 'forged', membership_id, method, assurance, credentials,"
            " family, place, client, began_at + interval '30 days', proven_at, seen_at, now(), '',"
            " member_id, mac from signin where member_id = %s limit 1",
            [ALVAREZ],
        )
    with in_seconds(60 * DAY_S):
        assert "A passkey was made: Not mine" in told(sign_in(device), "/")


def test_a_member_who_came_by_a_link_is_told_of_what_was_made(real: Path) -> None:
    client, link = browser(), create_signin_link(ALVAREZ)
    app, sealed = shown_secret(client.get(link).content)
    form = {
        "do": "set-up-codes", "sealed": sealed, "device-name": "App", "password": PASSWORD,
        "one-time-code": app.code(),
    }  # fmt: skip
    assert client.post(link, form).status_code == 200
    assert "A password and codes were set up: App" in told(client, "/")
