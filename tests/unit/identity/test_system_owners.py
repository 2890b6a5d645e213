"""Somebody always answers for a system: two administrators name another person (decision 0019)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction

from accord.agencies.actions import put_member
from accord.identity.tokens import queries
from accord.identity.tokens.actions import systems
from accord.kernel.clock import FixedClock, now, taken_from
from accord.kernel.errors import InvalidInput, NotAllowed, NotFound
from accord.ledger.queries import entry, own_entries
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
    ask,
    ask_token,
    client_of,
    members_token,
    secret_of,
    system_at_work,
)

pytestmark = pytest.mark.usefixtures("real", "administrators")
AGENCY, OKAFOR, FAR = "riverbend-pd", "riverbend-pd.d.okafor", "harlan-so.c.boone"


def name(system: UUID, owner: str = OKAFOR, by: str = FIRST) -> None:
    with acting(by, OFFICE) as scope:
        systems.propose_owner(scope.actor, system, owner)


def approve(system: UUID, owner: str = OKAFOR, by: str = SECOND) -> None:
    with acting(by, OFFICE) as scope:
        systems.approve_owner(scope.actor, system, owner)


def owner_of(system: UUID) -> str:
    return queries.system(AGENCY, system).owner


@pytest.fixture
def leaving(world: Path) -> Iterator[None]:
    """The owner has left when the test begins."""
    said = "update membership set valid_until = %s where id = %s"
    with administrator(world) as db:
        yield
        db.execute(said, [None, WHITFIELD])


def leave(world: Path) -> None:
    with administrator(world) as db:
        db.execute("update membership set valid_until = now() where id = %s", [WHITFIELD])


# -- what it does ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("leaving")
def test_a_system_whose_owner_left_works_again_once_two_name_another(world: Path) -> None:
    system = system_at_work()
    client = client_of(system)
    secret = secret_of(client)
    assert ask_token(client, secret).status_code == 200
    leave(world)
    assert not queries.system(AGENCY, system).answered_for
    assert ask_token(client, secret).status_code == 401
    name(system)
    assert (owner_of(system), ask_token(client, secret).status_code) == (WHITFIELD, 401)
    approve(system)
    assert owner_of(system) == OKAFOR
    assert queries.system(AGENCY, system).answered_for
    assert queries.system(AGENCY, system).next_owner is None
    assert ask_token(client, secret).status_code == 200


def test_a_proposal_is_taken_back_by_any_administrator() -> None:
    system = system_at_work()
    name(system)
    with acting(SECOND, OFFICE) as scope:
        systems.withdraw_owner(scope.actor, system)
    with pytest.raises(NotAllowed):
        approve(system)
    with pytest.raises(NotFound), acting(SECOND, OFFICE) as scope:
        systems.withdraw_owner(scope.actor, system)
    assert owner_of(system) == WHITFIELD


def test_what_is_approved_is_what_was_seen() -> None:
    system = system_at_work()
    name(system)
    name(system, ALVAREZ)
    with pytest.raises(NotAllowed):
        approve(system, OKAFOR)
    approve(system, ALVAREZ)
    assert owner_of(system) == ALVAREZ


# -- who, and when ---------------------------------------------------------------------------------


def test_who_proposed_it_does_not_approve_it() -> None:
    system = system_at_work()
    name(system)
    with pytest.raises(NotAllowed):
        approve(system, by=FIRST)
    with acting(FIRST, OFFICE), connection.cursor() as cursor:
        cursor.execute("select accord.approve_system_owner(%s, %s)", [system, OKAFOR])
        assert cursor.fetchone() == (False,)
    assert owner_of(system) == WHITFIELD


def test_nobody_approves_themselves() -> None:
    system = system_at_work()
    name(system, SECOND)
    with pytest.raises(NotAllowed):
        approve(system, SECOND, by=SECOND)


@pytest.mark.parametrize("owner", [FAR, "riverbend-pd.nobody", WHITFIELD, ""])
def test_who_cannot_answer_for_it_is_not_named(owner: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        name(system_at_work(), owner)
    assert refused.value.field == "owner"


def test_no_system_answers_for_a_system() -> None:
    other = queries.system(AGENCY, system_at_work())
    with pytest.raises(InvalidInput):
        name(system_at_work(), other.membership)


def test_whose_roles_are_over_is_not_named_and_not_approved(world: Path) -> None:
    system = system_at_work()
    name(system)
    over = """update membership set ends = jsonb_build_object('role', (select jsonb_object_agg(r,
              '2020-01-01T00:00:00Z') from unnest(roles) r)) where id = %s"""
    with administrator(world) as db:
        db.execute(over, [OKAFOR])
        try:
            with pytest.raises(NotAllowed):
                approve(system)
            with pytest.raises(InvalidInput):
                name(system)
        finally:
            db.execute("update membership set ends = '{}' where id = %s", [OKAFOR])
    approve(system)


def test_what_somebody_proposed_who_left_since_is_not_approved(world: Path) -> None:
    system = system_at_work()
    name(system)
    with administrator(world) as db:
        db.execute("update membership set valid_until = now() where id = %s", [FIRST])
    with pytest.raises(NotAllowed):
        approve(system)


def test_after_seven_days_it_is_proposed_anew(world: Path) -> None:
    system = system_at_work()
    name(system)
    before = "update service_member set next_owner_at = now() - %s::interval where id = %s"
    with administrator(world) as db:
        db.execute(before, ["7 days 1 minute", system])
        with pytest.raises(NotAllowed):
            approve(system)
        assert not queries.system(AGENCY, system).owner_waits(now())
        db.execute(before, ["6 days 23 hours", system])
    approve(system)


def test_a_system_that_is_over_or_waits_gets_no_owner() -> None:
    system = system_at_work()
    with acting(FIRST, OFFICE) as scope:
        systems.end(scope.actor, system)
    with pytest.raises(NotFound):
        name(system)


@pytest.mark.parametrize("by", [ALVAREZ, FAR])
def test_nobody_else_names_anybody(by: str) -> None:
    system = system_at_work()
    for step in (name, approve):
        with pytest.raises((NotAllowed, NotFound)):
            step(system, by=by)


def test_the_database_refuses_whoever_is_no_administrator(world: Path) -> None:
    system = system_at_work()
    for statement in (
        "select accord.propose_system_owner(%s, %s)",
        "select accord.approve_system_owner(%s, %s)",
    ):
        with (
            pytest.raises(ProgrammingError),
            acting(ALVAREZ, OFFICE),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [system, OKAFOR])
    dsn = launcher.ensure_running(world).dsn("accord_app")
    with psycopg.connect(dsn) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("update service_member set owner_id = %s", [OKAFOR])
    assert owner_of(system) == WHITFIELD


# -- page and API ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("leaving")
def test_two_administrators_do_it_on_the_page(world: Path, device: Authenticator) -> None:
    system = system_at_work()
    there = f"/clients/systems/{system}"
    one, other = enrolled(device, FIRST), enrolled(Authenticator(), SECOND)
    leave(world)
    assert b"Nobody answers for it" in one.get("/clients/").content
    assert b"Nobody answers for it" in one.get(there).content
    assert one.post(there, {"do": "name-owner", "owner": FAR}).status_code == 400
    assert one.post(there, {"do": "name-owner", "owner": OKAFOR}).status_code == 303
    approval = {"do": "approve-owner", "owner": OKAFOR}
    assert b"You named them; another administrator approves it." in one.get(there).content
    assert one.post(there, approval).status_code == 403
    seen = other.get(there).content.decode()
    assert "Ada First" in seen
    assert "Okafor" in seen
    assert other.post(there, approval).status_code == 303
    assert owner_of(system) == OKAFOR
    assert b"Nobody answers for it" not in one.get(there).content
    assert one.post(there, {"do": "name-owner", "owner": ALVAREZ}).status_code == 303
    assert other.post(there, {"do": "withdraw-owner"}).status_code == 303
    assert queries.system(AGENCY, system).next_owner is None


def test_by_the_api_it_takes_the_same_two_and_the_ledger_says_both(world: Path) -> None:
    system = system_at_work()
    one, other = (
        members_token(membership=who, purposes=(OFFICE,), actions=("step",), assurance=3)
        for who in (FIRST, SECOND)
    )
    path, said = f"/systems/{system}/owner", {"owner": OKAFOR}
    made = ask(one, "post", path, body=said, purpose=OFFICE)
    assert made.status_code == 202, made.content
    body = made.json()
    assert (body["owner"], body["next_owner"], body["next_owner_by"]) == (WHITFIELD, OKAFOR, FIRST)
    assert body["answered_for"] is True
    assert ask(one, "post", f"{path}/approval", body=said, purpose=OFFICE).status_code == 403
    with taken_from(FixedClock(now() + timedelta(minutes=11))):
        assert ask(other, "post", f"{path}/approval", body=said, purpose=OFFICE).status_code == 401
    done = ask(other, "post", f"{path}/approval", body=said, purpose=OFFICE)
    assert (done.status_code, done.json()["owner"], done.json()["next_owner"]) == (
        200,
        OKAFOR,
        None,
    )
    for who, step in ((FIRST, "named another owner"), (SECOND, "approved another owner")):
        with acting(who, OFFICE):
            newest = next(e for e in own_entries() if e.kind == "membership")
            found = entry(newest.id).body
        assert found is not None
        detail = found["detail"]
        assert (detail["step"], detail["system"], detail["owner"]) == (step, str(system), OKAFOR)
    assert ask(one, "post", path, body={"owner": ALVAREZ}, purpose=OFFICE).status_code == 202
    assert ask(other, "delete", path, purpose=OFFICE).status_code == 204
    assert ask(other, "delete", path, purpose=OFFICE).status_code == 404
    assert ask(one, "post", path, body={"owner": FAR}, purpose=OFFICE).status_code == 400


def test_an_administrator_of_another_agency_finds_no_such_system(world: Path) -> None:
    system = system_at_work()
    far = "harlan-so.a.far-owner"
    put_member(
        {
            "id": far, "name": "Far", "nationality": "US",
            "memberships": [
                {"id": far, "agency": "harlan-so", "roles": ["system-administrator"],
                 "clearance": "none", "assurance": 3, "valid_from": "2020-01-01T00:00:00Z"},
            ],
        }
    )  # fmt: skip
    token = members_token(membership=far, purposes=(OFFICE,), actions=("step",), assurance=3)
    path = f"/systems/{system}/owner"
    for method, where in (("post", path), ("post", f"{path}/approval"), ("delete", path)):
        body = {"owner": far} if method == "post" else None
        assert ask(token, method, where, body=body, purpose=OFFICE).status_code == 404
    with administrator(world) as db:
        db.execute("update membership set valid_until = now() where id = %s", [far])
