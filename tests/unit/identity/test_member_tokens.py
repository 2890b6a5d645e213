"""Tokens of members: for some purposes and actions, for hours, and ended by what they rest on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from accord.agencies.queries import actor, digest
from accord.identity.naming import named
from accord.identity.tokens import queries
from accord.identity.tokens.actions import tokens
from accord.identity.tokens.domain import ScopeRefused, read_scope, scope_of, with_lower, written
from accord.kernel.clock import FixedClock, now, taken_from
from accord.kernel.errors import InvalidInput, NotFound
from accord.kernel.labels import LABEL_SPACE
from accord.platform.db import launcher
from authenticator import Authenticator
from isolation.contributing import draft, write
from isolation.direct import administrator
from unit.identity.conftest import browser, enrolled
from unit.identity.tokening import (
    ALVAREZ,
    CASE,
    OFFICE,
    RECORDS,
    TRAFFICKING,
    WHITFIELD,
    ask,
    members_token,
)

pytestmark = pytest.mark.usefixtures("real")
PAGE = "/account/tokens"
FORM = {"name": "Nightly list", "hours": "2", "purposes": [TRAFFICKING], "actions": ["view"]}


@pytest.fixture(autouse=True)
def _no_tokens_are_kept(world: Path) -> Iterator[None]:
    yield
    with administrator(world) as db:
        db.execute("delete from access_token")


def later(minutes: int) -> taken_from:
    return taken_from(FixedClock(now() + timedelta(minutes=minutes)))


def shown(answer) -> str:
    found = re.search(r"accordm_[\w-]{40,}", answer.content.decode())
    assert found, answer.content.decode()
    return found[0]


# -- made, shown once, revoked ---------------------------------------------------------------------


def test_a_token_is_shown_once_and_opens_what_it_is_for(device: Authenticator) -> None:
    client = enrolled(device)
    made = client.post(PAGE, FORM)
    assert made.status_code == 200
    token = shown(made)
    assert token not in client.get(PAGE).content.decode()
    assert ask(token, "get", "/me", purpose=TRAFFICKING).json()["membership"] == ALVAREZ
    assert queries.tokens(ALVAREZ)[0].actions == ("match", "hit", "view")


def test_only_a_digest_of_it_is_kept(world: Path, device: Authenticator) -> None:
    token = shown(enrolled(device).post(PAGE, FORM))
    with administrator(world) as db:
        rows = db.execute("select t::text as row, t.token_hash from access_token t").fetchall()
        sessions = db.execute("select session_data from django_session").fetchall()
    assert digest(token) in [bytes(row["token_hash"]) for row in rows]
    assert token not in str(rows) + str(sessions)


def test_making_one_asks_for_a_new_proof_and_keeps_what_was_typed(device: Authenticator) -> None:
    from unit.identity.conftest import options_in

    client = enrolled(device)
    with later(11):
        asked = client.post(PAGE, FORM)
        assert asked.status_code == 401
        assert b'value="Nightly list"' in asked.content
        assert queries.tokens(ALVAREZ) == ()
        answer = device.get(options_in(asked.content))
        assert shown(client.post(PAGE, FORM | {"accord-proof": answer}))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "x" * 61), ("hours", "13"), ("hours", "0"), ("hours", "soon"),
        ("purposes", []), ("purposes", ["curiosity"]), ("actions", []), ("actions", ["everything"]),
    ],
)  # fmt: skip
def test_a_form_that_says_less_or_more_than_it_may_is_refused(
    device: Authenticator, field: str, value: object
) -> None:
    answer = enrolled(device).post(PAGE, FORM | {field: value})
    assert answer.status_code == 400
    assert queries.tokens(ALVAREZ) == ()


def test_its_member_revokes_it_on_the_page(device: Authenticator) -> None:
    client = enrolled(device)
    token = shown(client.post(PAGE, FORM))
    made = queries.tokens(ALVAREZ)[0]
    assert client.post(f"{PAGE}/{made.id}/revoke").status_code == 303
    refused = ask(token, "get", "/me", purpose=TRAFFICKING)
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]


def test_nobody_revokes_or_lists_the_token_of_somebody_else(device: Authenticator) -> None:
    members_token()
    made = queries.tokens(ALVAREZ)[0]
    other = enrolled(device, WHITFIELD)
    assert other.post(f"{PAGE}/{made.id}/revoke").status_code == 404
    assert str(made.id) not in other.get(PAGE).content.decode()
    stranger = members_token(purposes=(OFFICE,), membership=WHITFIELD)
    assert ask(stranger, "delete", f"/tokens/{made.id}", purpose=OFFICE).status_code == 404
    assert queries.tokens(ALVAREZ)[0].revoked_at is None


def test_the_api_lists_and_revokes_own_tokens_and_makes_none() -> None:
    token = members_token(purposes=(OFFICE,), actions=("hit",))
    listed = ask(token, "get", "/tokens", purpose=OFFICE).json()["items"]
    assert [t["name"] for t in listed] == ["Test"]
    assert ask(token, "post", "/tokens", purpose=OFFICE, body=FORM).status_code == 405
    assert ask(token, "delete", f"/tokens/{listed[0]['id']}", purpose=OFFICE).status_code == 204
    assert ask(token, "get", "/tokens", purpose=OFFICE).status_code == 401


# -- what ends it ----------------------------------------------------------------------------------


def test_it_is_over_after_its_hours_and_never_later_than_twelve(world: Path) -> None:
    token = members_token(hours=2)
    with later(119):
        assert ask(token, "get", "/me", purpose=TRAFFICKING).status_code == 200
    with later(121):
        assert ask(token, "get", "/me", purpose=TRAFFICKING).status_code == 401
    with administrator(world) as db, pytest.raises(psycopg.errors.CheckViolation):
        db.execute("update access_token set expires_at = made_at + interval '13 hours'")


def test_it_dies_with_the_passkey_of_the_session_that_made_it(device: Authenticator) -> None:
    from accord.identity.queries import passkeys

    client = enrolled(device)
    token = shown(client.post(PAGE, FORM))
    client.post(f"/account/passkeys/{passkeys(actor(ALVAREZ).member)[0].id}/revoke")
    assert ask(token, "get", "/me", purpose=TRAFFICKING).status_code == 401


@pytest.mark.parametrize(
    ("end", "back"),
    [
        (
            "update membership set valid_until = now() where id = 'riverbend-pd.m.alvarez'",
            "update membership set valid_until = null where id = 'riverbend-pd.m.alvarez'",
        ),
        (
            "update agency set suspended_at = now() where id = 'riverbend-pd'",
            "update agency set suspended_at = null where id = 'riverbend-pd'",
        ),
    ],
    ids=["member left", "agency suspended"],
)
def test_it_is_dead_at_the_next_request(world: Path, end: str, back: str) -> None:
    token = members_token()
    assert ask(token, "get", "/me", purpose=TRAFFICKING).status_code == 200
    with administrator(world) as db:
        db.execute(end)
        try:
            assert ask(token, "get", "/me", purpose=TRAFFICKING).status_code == 401
        finally:
            db.execute(back)
    assert ask(token, "get", "/me", purpose=TRAFFICKING).status_code == 200


def test_it_counts_as_the_session_that_made_it_and_never_more_than_the_ceiling() -> None:
    weak = members_token(assurance=1)
    assert ask(weak, "get", "/me", purpose=TRAFFICKING).json()["assurance"] == 1
    strong = members_token(assurance=3)
    assert ask(strong, "get", "/me", purpose=TRAFFICKING).json()["assurance"] == 2


def test_a_row_that_sql_made_or_moved_opens_nothing(world: Path) -> None:
    token = members_token()
    changes = (
        "update access_token set membership_id = 'riverbend-pd.d.okafor'",
        "update access_token set actions = array['export']",
        "update access_token set purposes = array['prosecution']",
        "update access_token set expires_at = expires_at + interval '1 hour'",
        "update access_token set assurance = 3",
        "update access_token set proven_at = proven_at + interval '1 hour'",
    )
    for change in changes:
        with administrator(world) as db:
            kept = db.execute("select to_jsonb(t) as row from access_token t").fetchone()["row"]
            db.execute(change)
            with pytest.raises(NotFound):
                queries.proof_of_token(token)
            db.execute(
                "update access_token t set membership_id = r.membership_id, actions = r.actions,"
                " purposes = r.purposes, expires_at = r.expires_at, assurance = r.assurance,"
                " proven_at = r.proven_at from jsonb_populate_record(null::access_token, %s) r",
                [psycopg.types.json.Jsonb(kept)],
            )
    assert queries.proof_of_token(token).actor.membership == ALVAREZ


def test_the_application_s_role_cannot_change_what_a_token_is_for(world: Path) -> None:
    dsn = launcher.ensure_running(world).dsn("accord_app")
    for change in ("actions = array['export']", "expires_at = now()", "mac = '\\x00'"):
        with psycopg.connect(dsn) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(f"update access_token set {change}")


# -- what it is for --------------------------------------------------------------------------------


def test_for_another_purpose_it_is_refused_in_words_and_the_refusal_is_logged() -> None:
    token = members_token(purposes=(TRAFFICKING, RECORDS), actions=("hit", "view"))
    refused = ask(token, "get", "/records", purpose="prosecution", case=CASE)
    assert refused.status_code == 403
    assert refused.json()["detail"] == "This token is for other purposes than this one."
    said = refused.headers["WWW-Authenticate"]
    assert said == 'Bearer error="insufficient_scope", scope="purpose:prosecution"'
    entries = ask(token, "get", "/ledger/entries?limit=1", purpose=TRAFFICKING).json()["items"]
    assert entries[0]["kind"] == "refusal"


def test_a_desk_of_another_purpose_refuses_it() -> None:
    token = members_token(membership=WHITFIELD, actions=("contribute",))
    refused = ask(token, "post", "/records/batches", purpose=TRAFFICKING, body={"records": []})
    assert refused.status_code == 403
    assert "purpose:records-administration" in refused.headers["WWW-Authenticate"]


def test_a_token_with_only_hit_sees_hits_and_no_record() -> None:
    write(draft(agency="harlan-so", name="Radovan Hitonly"), by="harlan-so.e.rasmussen")
    record = str(write(draft(agency="riverbend-pd", name="Radovan Own")).record_ids[0])
    inside = {"purpose": TRAFFICKING, "case": CASE}
    token = members_token(actions=("hit",))
    found = ask(token, "post", "/search", body={"q": "Radovan Hitonly"}, **inside).json()
    assert [h["owner"] for h in found["hits"]] == ["harlan-so"]
    assert found["visible"] == []
    own = ask(token, "post", "/search", body={"q": "Radovan Own"}, **inside).json()
    assert own["visible"] == [], "an own record is not read either"
    refused = ask(token, "get", f"/records/{record}", **inside)
    assert refused.status_code == 403
    assert "action:view" in refused.headers["WWW-Authenticate"]


def test_a_token_without_export_cannot_export_and_one_with_it_can() -> None:
    record = str(write(draft(agency="riverbend-pd", name="Exported Own")).record_ids[0])
    path, asked = f"/records/{record}/export", {"format": "json"}
    reading = members_token(membership=WHITFIELD, purposes=(RECORDS,), actions=("view",))
    refused = ask(reading, "post", path, purpose=RECORDS, body=asked)
    assert refused.status_code == 403
    assert "action:export" in refused.headers["WWW-Authenticate"]
    taking = members_token(membership=WHITFIELD, purposes=(RECORDS,), actions=("export",))
    answer = ask(taking, "post", path, purpose=RECORDS, body=asked)
    assert "WWW-Authenticate" not in answer.headers
    assert answer.status_code == 200 or "No clause in force" in answer.json()["detail"]


def test_the_standing_itself_is_closed_for_what_a_token_is_not_for() -> None:
    """Below every check of an operation: the rows that PostgreSQL shows."""
    from dataclasses import replace

    from django.db import connection

    from accord.agencies.domain import TokenScope
    from accord.agreements.context import resolve
    from accord.agreements.scope import open_scope
    from accord.agreements.tokenscope import OutOfScope
    from accord.records.queries.search import latest

    who = actor(WHITFIELD)
    write(draft(agency="riverbend-pd", name="Closed Standing"))

    def bits(action: str, only: TokenScope | None) -> tuple[bytes, int]:
        acting = replace(who, only=only)
        with open_scope(acting, resolve(acting, RECORDS, "statute", None)) as scope:
            with connection.cursor() as cursor:
                cursor.execute("select accord.bits(%s)", [action])
                table = bytes(cursor.fetchone()[0])
            return table[:LABEL_SPACE], len(latest(scope).records)

    every = frozenset({"match", "hit", "view", "contribute"})
    opened = set()
    for action in ("hit", "view", "export", "contribute", "alter", "relabel", "place"):
        whole, seen = bits(action, None)
        assert seen > 0
        closed, unseen = bits(action, TokenScope(frozenset({RECORDS}), frozenset({"match"})))
        assert not any(closed)
        assert unseen == 0
        limited, _ = bits(action, TokenScope(frozenset({RECORDS}), every))
        assert limited == (whole if action in every else bytes(LABEL_SPACE))
        opened |= {action} if any(whole) else set()
    assert opened >= {"view", "contribute", "alter", "relabel"}
    acting = replace(who, only=TokenScope(frozenset({RECORDS}), frozenset({"view"})))
    with (
        pytest.raises(OutOfScope),
        open_scope(acting, resolve(acting, RECORDS, "statute", None)) as scope,
    ):
        scope.turn_to("export")
    with pytest.raises(OutOfScope), open_scope(acting, resolve(acting, OFFICE, "statute", None)):
        pass


def test_a_token_for_reading_takes_no_step() -> None:
    token = members_token(actions=("onward",))
    inside = {"purpose": TRAFFICKING, "case": CASE}
    until = (now() + timedelta(hours=20)).isoformat()
    body = {"until": until, "reason": "A life is in danger, as the caller said at noon."}
    refused = ask(token, "post", "/statements/emergencies", body=body, **inside)
    assert refused.status_code == 403
    assert "action:step" in refused.headers["WWW-Authenticate"]


def test_every_operation_that_changes_something_refuses_a_token_that_is_for_reading() -> None:
    """Whatever is added: an operation that says nothing of it needs a token for steps."""
    from accord.agreements.tokenscope import needed
    from accord.api.document import operations

    reading = {"agreements_check", "agreements_simulate", "search_ask", "intake_try_mapping"}
    free = set()
    for _, method, operation in operations():
        if operation.auth_callbacks and method not in ("get", "head"):
            action = needed(operation.view_func, method.upper())
            if action in (None, "match", "hit", "view"):
                free.add(f"{operation.tags or ''}{operation.view_func.__name__}")
    assert len(free) <= len(reading) + 1, free  # and a token may revoke a token


# -- scopes ----------------------------------------------------------------------------------------


def test_more_reading_brings_less_along_and_writing_brings_nothing() -> None:
    assert with_lower({"export"}) == {"match", "hit", "view", "export"}
    assert with_lower({"contribute"}) == {"contribute"}


def test_a_scope_is_read_as_it_is_written_and_never_goes_beyond_the_most() -> None:
    most = scope_of([TRAFFICKING, RECORDS], ["view", "contribute"])
    assert read_scope("", most) == most
    asked = read_scope(f"purpose:{RECORDS} action:hit", most)
    assert written(asked) == f"purpose:{RECORDS} action:match action:hit"
    assert read_scope(written(asked), most) == asked
    for beyond in (
        "purpose:prosecution", "action:export", "purpose:x", "action:x", "openid", "a  b",
        f"purpose:{RECORDS} action:view action:onward", "x" * 4_001,
    ):  # fmt: skip
        with pytest.raises(ScopeRefused):
            read_scope(beyond, most)


def test_a_member_has_so_many_tokens_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST_TOKENS", 1)
    members_token()
    with pytest.raises(tokens.NotAllowed):
        members_token()
    with later(61):
        members_token()


def test_a_name_is_asked_for() -> None:
    with pytest.raises(InvalidInput):
        named("  ")


def test_the_page_is_for_who_is_signed_in() -> None:
    assert browser().get(PAGE).status_code == 302
