"""A sign-in proves what the node sealed in its row, and nothing that SQL wrote there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.test import Client

from accord.agencies.actions import create_signin_link
from accord.identity import queries
from accord.identity.actions import signins
from accord.identity.domain import Method, Proof
from accord.platform.sessions import SessionStore, stored_key
from isolation.direct import administrator, connect, reseal_signins

ALVAREZ = "riverbend-pd.m.alvarez"
MANY = 10_000
"""More sessions than other tests begin: this one began half an hour ago."""
COLUMNS = (
    "session, membership_id, method, assurance, credentials, family, place, client, began_at, "
    "proven_at, seen_at, ended_at, ended_why, member_id, mac"
)


@pytest.fixture
def client(world: Path) -> Iterator[Client]:
    """A session of the demonstration that proved level 2 by passkey, half an hour ago."""
    found = Client()
    assert found.post(create_signin_link(ALVAREZ)).status_code == 303
    kept = stored_key(found.cookies["accord_session"].value)
    with administrator(world) as db:
        reseal_signins(
            db,
            "method = 'passkey', assurance = 2, began_at = began_at - interval '30 minutes', "
            "proven_at = proven_at - interval '30 minutes'",
            "session = %s",
            kept,
        )
    yield found
    with administrator(world) as db:
        db.execute("delete from signin where session in (%s, 'moved')", [kept])


def proof(client: Client) -> Proof:
    found: Proof = client.get("/").wsgi_request.proof
    return found


@pytest.mark.parametrize(
    "change",
    [
        "assurance = 3, proven_at = now()",
        "assurance = 3",
        "proven_at = now()",
        "credentials = array[gen_random_uuid()]",
        "mac = decode(repeat('00', 32), 'hex')",
        "assurance = 3, mac = (select mac from signin order by began_at limit 1)",
    ],
)
def test_what_sql_writes_into_a_sign_in_opens_nothing(
    client: Client, world: Path, change: str
) -> None:
    before = proof(client)
    assert before.assurance == 2
    assert set(queries.in_force([before.signin])) == {before.signin}
    with connect(world) as db:
        assert db.execute(f"update signin set {change} where id = %s", [before.signin]).rowcount
    assert client.get("/").status_code == 302
    assert queries.in_force([before.signin]) == {}


@pytest.mark.parametrize("change", ["place = '192.0.2.0/24'", "client = 'Another browser'"])
def test_a_session_is_of_the_place_where_it_began(client: Client, world: Path, change: str) -> None:
    before = proof(client)
    (shown,) = [s for s in queries.signins(before.member, MANY) if s.id == before.signin]
    assert shown.place
    with connect(world) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute(f"update signin set {change} where id = %s", [before.signin])
    with administrator(world) as db:
        db.execute(f"update signin set {change} where id = %s", [before.signin])
    assert client.get("/").status_code == 302
    assert before.signin not in {s.id for s in queries.signins(before.member, MANY)}, "not in force"
    with administrator(world) as db:
        db.execute("update signin set ended_at = now() where id = %s", [before.signin])
    (ended,) = [s for s in queries.signins(before.member, MANY) if s.id == before.signin]
    assert (ended.place, ended.client) == ("", "")


def test_a_row_that_was_not_sealed_is_not_sealed_by_a_new_proof(
    client: Client, world: Path
) -> None:
    before = proof(client)
    with connect(world) as db:
        db.execute("update signin set assurance = 3 where id = %s", [before.signin])
    session = SessionStore(client.cookies["accord_session"].value)
    signins.proven_again(session, before, method=Method.DEMO, credential=before.signin, assurance=3)
    assert queries.in_force([before.signin]) == {}
    assert queries.proof_of(stored_key(str(session.session_key)), session, 4) is None


def test_an_inserted_row_opens_nothing(client: Client, world: Path) -> None:
    """Even one that takes the place of a sign-in under its own session key."""
    before = proof(client)
    kept = stored_key(client.cookies["accord_session"].value)
    with connect(world) as db:
        db.execute("update signin set session = 'moved' where id = %s", [before.signin])
        db.execute(
            f"insert into signin (id, {COLUMNS}) select gen_random_uuid(), %s, "
            + COLUMNS.removeprefix("session, ")
            .replace("assurance", "3")
            .replace("proven_at", "now()")
            + " from signin where id = %s",
            [kept, before.signin],
        )
    assert client.get("/").status_code == 302
    assert queries.in_force([before.signin]) == {}


def test_what_keeps_a_session_open_moves_without_the_seal(client: Client) -> None:
    before = proof(client)
    signins.seen(before)
    assert proof(client) == before
