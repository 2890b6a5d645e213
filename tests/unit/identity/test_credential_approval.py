"""A secret or a key opens a system once a second administrator approved it (decision 0019)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from django.db import ProgrammingError, connection, transaction

from accord.agencies.actions import put_member
from accord.identity.tokens import queries
from accord.identity.tokens.actions import systems
from accord.kernel.clock import FixedClock, now, taken_from
from accord.kernel.errors import Conflict, NotAllowed
from accord.platform.db import launcher
from authenticator import Authenticator
from isolation.contributing import acting
from isolation.direct import administrator
from unit.identity.conftest import enrolled
from unit.identity.tokening import (
    ALVAREZ,
    FIRST,
    OFFICE,
    SECOND,
    WHITFIELD,
    approve_credential,
    ask,
    ask_token,
    assertion,
    client_of,
    members_token,
    secret_of,
    system_at_work,
    unapproved_key,
    unapproved_secret,
)

pytestmark = pytest.mark.usefixtures("real", "administrators")
AFAR = "harlan-so.a.far"
BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def member(membership: str, agency: str, roles: list[str]) -> None:
    put_member(
        {
            "id": membership,
            "name": membership,
            "nationality": "US",
            "memberships": [
                {
                    "id": membership,
                    "agency": agency,
                    "title": "Administrator",
                    "roles": roles,
                    "clearance": "none",
                    "assurance": 3,
                    "valid_from": "2020-01-01T00:00:00Z",
                }
            ],
        }
    )


@pytest.fixture
def owner_administers(world: Path) -> Iterator[None]:
    with administrator(world) as db:
        before = db.execute("select roles from membership where id = %s", [WHITFIELD]).fetchone()
        assert before
        db.execute(
            "update membership set roles = roles || '{system-administrator}' where id = %s",
            [WHITFIELD],
        )
    yield
    with administrator(world) as db:
        db.execute("update membership set roles = %s where id = %s", [before["roles"], WHITFIELD])


@pytest.fixture
def afar(world: Path) -> Iterator[str]:
    """A system administrator of another agency, for one test."""
    member(AFAR, "harlan-so", ["system-administrator"])
    yield AFAR
    with administrator(world) as db:
        db.execute("update membership set valid_until = now() where id = %s", [AFAR])


def refused(credential: UUID, by: str) -> None:
    with pytest.raises(NotAllowed):
        approve_credential(credential, by)


def approver(client: str) -> str | None:
    return queries.client("riverbend-pd", UUID(client)).credentials[0].approved_by


# -- nothing before, everything after --------------------------------------------------------------


def test_a_secret_opens_nothing_until_a_second_administrator_approves_it() -> None:
    client = client_of(system_at_work())
    made, secret = unapproved_secret(client)
    assert ask_token(client, secret).status_code == 401
    approve_credential(made)
    assert approver(client) == SECOND
    assert ask_token(client, secret).status_code == 200
    refused(made, SECOND)


def test_a_key_opens_nothing_until_a_second_administrator_approves_it() -> None:
    client, private = client_of(system_at_work()), ed25519.Ed25519PrivateKey.generate()
    made = unapproved_key(client, private)

    def ask_by_key() -> int:
        sent = {"client_assertion_type": BEARER, "client_assertion": assertion(client, private)}
        status: int = ask_token(**sent).status_code
        return status

    assert ask_by_key() == 401
    approve_credential(made)
    assert ask_by_key() == 200


def test_a_token_of_what_is_not_approved_any_more_is_dead(world: Path) -> None:
    """Each request asks again whether what its token rests on is approved."""
    client = client_of(system_at_work())
    secret = secret_of(client)
    token = ask_token(client, secret).json()["access_token"]
    where = {"purpose": "records-administration"}
    assert ask(token, "get", "/me", **where).status_code == 200
    with administrator(world) as db:
        db.execute("update client_credential set approved_by = null, approved_at = null")
    assert ask(token, "get", "/me", **where).status_code == 401


# -- who approves ----------------------------------------------------------------------------------


def test_who_made_it_does_not_approve_it() -> None:
    client = client_of(system_at_work())
    made, secret = unapproved_secret(client)
    refused(made, FIRST)
    assert ask_token(client, secret).status_code == 401


def test_who_registered_the_client_does_not_approve_what_another_made() -> None:
    client = client_of(system_at_work())
    made, secret = unapproved_secret(client, by=SECOND)
    refused(made, FIRST)
    refused(made, SECOND)
    assert ask_token(client, secret).status_code == 401


@pytest.mark.usefixtures("owner_administers")
def test_who_answers_for_the_system_does_not_approve_it() -> None:
    client = client_of(system_at_work())
    made, secret = unapproved_secret(client)
    refused(made, WHITFIELD)
    assert ask_token(client, secret).status_code == 401


def test_what_somebody_made_who_left_since_is_not_approved(world: Path) -> None:
    client = client_of(system_at_work())
    made, _ = unapproved_secret(client)
    with administrator(world) as db:
        db.execute("update membership set valid_until = now() where id = %s", [FIRST])
    refused(made, SECOND)
    assert approver(client) is None


def test_another_agency_s_is_not_there(afar: str) -> None:
    client = client_of(system_at_work())
    made, _ = unapproved_secret(client)
    refused(made, afar)
    token = members_token(membership=afar, purposes=(OFFICE,), actions=("step",), assurance=3)
    path = f"/client-credentials/{made}/approval"
    assert ask(token, "post", path, purpose=OFFICE).status_code == 404
    assert approver(client) is None


# -- when ------------------------------------------------------------------------------------------


def made_before(world: Path, credential: UUID, age: str) -> None:
    with administrator(world) as db:
        db.execute(
            "update client_credential set made_at = now() - %s::interval where id = %s",
            [age, credential],
        )


def test_after_seven_days_it_is_made_anew(world: Path) -> None:
    client = client_of(system_at_work())
    made, _ = unapproved_secret(client)
    made_before(world, made, "7 days 1 minute")
    refused(made, SECOND)
    (held,) = queries.client("riverbend-pd", UUID(client)).credentials
    assert (held.valid, held.waits) == (False, False)
    made_before(world, made, "6 days 23 hours")
    approve_credential(made)


def test_what_waits_counts_among_the_two_and_what_nobody_approved_does_not(world: Path) -> None:
    client = client_of(system_at_work())
    working = secret_of(client)
    for _ in range(5):
        made, _ = unapproved_secret(client)
        with pytest.raises(Conflict):
            unapproved_secret(client)
        made_before(world, made, "7 days 1 minute")
    with administrator(world) as db:
        db.execute(
            "update client_credential set made_at = '2026-01-01' where approved_by is not null"
        )
    assert ask_token(client, working).status_code == 200, "what waits locks nobody out"


@pytest.mark.parametrize("end", ["credential", "client", "system"])
def test_what_is_over_is_not_approved(end: str) -> None:
    system = system_at_work()
    client = client_of(system)
    made, _ = unapproved_secret(client)
    with acting(SECOND, OFFICE) as scope:
        if end == "credential":
            systems.revoke_credential(scope.actor, made)
        elif end == "client":
            systems.revoke_client(scope.actor, UUID(client))
        else:
            systems.end(scope.actor, system)
    refused(made, SECOND)


# -- past the application --------------------------------------------------------------------------


def test_the_database_refuses_whoever_is_no_administrator_or_nobody(world: Path) -> None:
    client = client_of(system_at_work())
    made, _ = unapproved_secret(client)
    statement = "select accord.approve_client_credential(%s)"
    with (
        pytest.raises(ProgrammingError),
        acting(ALVAREZ, OFFICE),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, [made])
    dsn = launcher.ensure_running(world).dsn("accord_app")
    for sent, args in (
        (statement, [made]),
        ("update client_credential set approved_by = 'x', approved_at = now()", None),
    ):
        with psycopg.connect(dsn) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(sent, args)
    assert approver(client) is None


def test_the_database_refuses_the_maker_itself() -> None:
    client = client_of(system_at_work())
    made, _ = unapproved_secret(client)
    with acting(FIRST, OFFICE), connection.cursor() as cursor:
        cursor.execute("select accord.approve_client_credential(%s)", [made])
        assert cursor.fetchone() == (False,)
    assert approver(client) is None


# -- page and API ----------------------------------------------------------------------------------


def test_over_the_api_a_new_proof_of_a_second_administrator_approves_it() -> None:
    client = client_of(system_at_work())
    made, secret = unapproved_secret(client)
    path = f"/client-credentials/{made}/approval"
    own, other = (
        members_token(membership=who, purposes=(OFFICE,), actions=("step",), assurance=3)
        for who in (FIRST, SECOND)
    )
    assert ask(own, "post", path, purpose=OFFICE).status_code == 403
    with taken_from(FixedClock(now() + timedelta(minutes=11))):
        assert ask(other, "post", path, purpose=OFFICE).status_code == 401
    said = ask(other, "post", path, purpose=OFFICE)
    assert said.status_code == 200
    (held,) = said.json()["credentials"]
    assert (held["made_by"], held["approved_by"]) == (FIRST, SECOND)
    assert (held["valid"], held["waits"]) == (True, False)
    assert ask_token(client, secret).status_code == 200


def test_the_lists_say_what_waits(device: Authenticator) -> None:
    system = system_at_work()
    unapproved_secret(client_of(system))
    other = enrolled(device, SECOND)
    assert b"waits for a second administrator" in other.get("/clients/").content
    assert b"Waits for a second administrator" in other.get(f"/clients/systems/{system}").content
