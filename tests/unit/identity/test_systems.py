"""Systems: made members by two administrators, answered for by a person, ended by any of them."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from django.test import Client

from accord.agencies.directory import queries as directory
from accord.agencies.directory.domain import ChangeKind, Via
from accord.agencies.queries import actor, actor_or_none
from accord.desk import administering
from accord.identity.tokens import queries
from accord.identity.tokens.actions import systems
from accord.kernel import ids
from accord.kernel.clock import FixedClock, now, taken_from
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from accord.platform.db import launcher
from authenticator import Authenticator
from isolation.contributing import acting
from isolation.direct import administrator
from unit.identity.conftest import enrolled, options_in
from unit.identity.tokening import (
    ALVAREZ,
    FIRST,
    OFFICE,
    RECORDS,
    SECOND,
    WHITFIELD,
    ask,
    ask_token,
    client_of,
    jwk_of,
    key_of,
    members_token,
    secret_of,
    system_at_work,
    token_of,
)

pytestmark = pytest.mark.usefixtures("real", "administrators")
ABSENT = "00000000-0000-7000-8000-00000000dead"
ASKED = {
    "handle": "gateway", "name": "Gateway", "owner": WHITFIELD, "roles": ("records-custodian",),
    "clearance": "none", "days": 30,
}  # fmt: skip


def propose(by: str = FIRST, **other: object) -> UUID:
    with acting(by, OFFICE) as scope:
        return systems.propose(scope.actor, **(ASKED | other))  # type: ignore[arg-type]


def approve(system: UUID, by: str) -> None:
    with acting(by, OFFICE) as scope:
        systems.approve(scope.actor, system)


# -- two people ------------------------------------------------------------------------------------


def test_one_administrator_asks_and_another_makes_it_a_member() -> None:
    made = propose()
    assert actor_or_none("riverbend-pd.gateway") is None
    approve(made, SECOND)
    found = actor("riverbend-pd.gateway")
    assert found.roles == {"records-custodian"}
    assert found.assurance == 2
    assert queries.system("riverbend-pd", made).approved_by == SECOND


def test_who_asked_for_it_does_not_approve_it() -> None:
    made = propose()
    with pytest.raises(NotAllowed):
        approve(made, FIRST)
    assert actor_or_none("riverbend-pd.gateway") is None
    approve(made, SECOND)
    with pytest.raises(NotAllowed):
        approve(made, SECOND)


@pytest.mark.parametrize(
    "wrong",
    [
        {"roles": ("system-administrator",)}, {"roles": ()}, {"roles": ("emperor",)},
        {"owner": "harlan-so.c.boone"}, {"owner": "nobody"}, {"handle": "Gate Way"},
        {"handle": "m.alvarez"}, {"clearance": "cosmic"}, {"days": 0}, {"days": 9_999}, {"name": " "},
    ],
    ids=str,
)  # fmt: skip
def test_a_system_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        propose(**wrong)
    assert queries.systems("riverbend-pd") == ()


def test_a_system_answers_for_no_system() -> None:
    approve(propose(), SECOND)
    with pytest.raises(InvalidInput):
        propose(handle="other", owner="riverbend-pd.gateway")


@pytest.mark.parametrize("by", [ALVAREZ, "harlan-so.c.boone"])
def test_nobody_else_makes_registers_or_ends_anything(by: str) -> None:
    system = system_at_work()
    client = client_of(system)
    steps = (
        lambda who: systems.propose(who, **ASKED),  # type: ignore[arg-type]
        lambda who: systems.approve(who, system),
        lambda who: systems.end(who, system),
        lambda who: systems.register(who, system, name="X", purposes=[RECORDS], actions=["view"]),
        lambda who: systems.add_secret(who, UUID(client), 30),
        lambda who: systems.revoke_client(who, UUID(client)),
    )
    for step in steps:
        with pytest.raises(NotAllowed), acting(by, OFFICE) as scope:
            step(scope.actor)


def test_the_database_itself_asks_who_is_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with the application's own check taken away."""
    system = system_at_work()
    client = client_of(system)
    secret = secret_of(client)
    monkeypatch.setattr(systems, "check_administers", lambda actor: None)
    steps = (
        lambda who: systems.propose(who, **ASKED),  # type: ignore[arg-type]
        lambda who: systems.approve(who, system),
        lambda who: systems.end(who, system),
        lambda who: systems.register(who, system, name="X", purposes=[RECORDS], actions=["view"]),
        lambda who: systems.add_secret(who, UUID(client), 30),
        lambda who: systems.revoke_client(who, UUID(client)),
        lambda who: systems.revoke_credential(who, _credential(client)),
        lambda who: systems.approve_credential(who, _credential(client)),
    )
    for step in steps:
        with pytest.raises((NotFound, NotAllowed)), acting(ALVAREZ, OFFICE) as scope:
            step(scope.actor)
    assert ask_token(client, secret).status_code == 200


def _credential(client: str) -> UUID:
    return queries.client("riverbend-pd", UUID(client)).credentials[0].id


def test_the_application_s_role_writes_none_of_it(world: Path) -> None:
    system = system_at_work()
    client = client_of(system)
    secret_of(client)
    dsn = launcher.ensure_running(world).dsn("accord_app")
    for statement in (
        "update service_member set approved_at = now()",
        "update oauth_client set actions = array['export']",
        "update client_credential set revoked_at = null",
        "update client_credential set approved_by = 'x', approved_at = now()",
        f"insert into client_credential select gen_random_uuid(), decode(repeat('00', 32), 'hex'),"
        f" null, 'x', now(), now() + interval '1 day', null, '{client}'",
    ):
        with psycopg.connect(dsn) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(statement)


# -- what it may be --------------------------------------------------------------------------------


def test_a_system_never_signs_in(device: Authenticator) -> None:
    from accord.agencies.actions import create_signin_link
    from unit.identity.conftest import browser

    approve(propose(), SECOND)
    client, link = browser(), create_signin_link("riverbend-pd.gateway")
    options = options_in(client.get(link).content)
    refused = client.post(link, {"answer": device.create(options), "name": "Machine"})
    assert refused.status_code == 403
    assert client.get("/").status_code == 302


def test_it_acts_under_its_own_roles_and_only_as_its_client_may(world: Path) -> None:
    client = client_of(system_at_work(), actions=("view",))
    token = token_of(client, secret_of(client))
    me = ask(token, "get", "/me", purpose=RECORDS).json()
    assert me["roles"] == ["records-custodian"]
    assert me["assurance"] == 1, "a secret counts as 1"
    refused = ask(token, "post", "/records/batches", purpose=RECORDS, body={"records": []})
    assert refused.status_code == 403
    assert "action:contribute" in refused.headers["WWW-Authenticate"]
    assert ask(token, "get", "/me", purpose="oversight").status_code == 403


def test_what_asks_for_a_person_s_new_proof_is_refused_to_it_in_the_words_of_rfc_9470() -> None:
    old = members_token(membership=FIRST, purposes=(OFFICE,), actions=("step",), assurance=3)
    body = {"handle": "by-token", "name": "By token", "owner": WHITFIELD,
            "roles": ["records-custodian"]}  # fmt: skip
    assert ask(old, "post", "/systems", purpose=OFFICE, body=body).status_code == 201
    with taken_from(FixedClock(now() + timedelta(minutes=11))):
        refused = ask(old, "post", "/systems", purpose=OFFICE, body=body | {"handle": "again"})
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == (
        'Bearer error="insufficient_user_authentication", max_age="600"'
    )
    client = client_of(system_at_work(), purposes=(OFFICE,), actions=("step",))
    refused = ask(
        token_of(client, secret_of(client)), "post", "/systems", purpose=OFFICE, body=body
    )
    assert refused.status_code == 401
    assert "insufficient_user_authentication" in refused.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"/records/{ABSENT}/export", {"format": "json"}),
        ("/exhibits/bundle", {"exhibits": [ABSENT]}),
        (f"/exhibits/{ABSENT}/file", {"format": "file"}),
        (f"/exhibits/{ABSENT}/derivations", {"description": "Copy", "way": "copy"}),
    ],
)
def test_taking_copies_by_a_member_s_token_asks_for_a_new_proof_as_the_page_does(
    path: str, body: dict[str, Any]
) -> None:
    """A system has none to give: what its client may take, a second administrator approved."""
    taking = members_token(membership=WHITFIELD, purposes=(RECORDS,), actions=("export",))
    assert ask(taking, "post", path, purpose=RECORDS, body=body).status_code not in (401, 422)
    client = client_of(system_at_work(), actions=("export",))
    secret = secret_of(client)
    with taken_from(FixedClock(now() + timedelta(minutes=11))):
        refused = ask(taking, "post", path, purpose=RECORDS, body=body)
        program = ask(token_of(client, secret), "post", path, purpose=RECORDS, body=body)
    assert refused.status_code == 401
    assert "insufficient_user_authentication" in refused.headers["WWW-Authenticate"]
    assert program.status_code not in (401, 422)


# -- credentials -----------------------------------------------------------------------------------


def test_two_are_valid_at_a_time_and_the_old_one_is_revoked_when_the_new_one_works() -> None:
    client = client_of(system_at_work())
    old, new = secret_of(client), secret_of(client)
    assert ask_token(client, old).status_code == 200
    assert ask_token(client, new).status_code == 200
    with pytest.raises(Conflict):
        secret_of(client)
    held = queries.client("riverbend-pd", UUID(client)).credentials
    token = token_of(client, old)
    with acting(FIRST, OFFICE) as scope:
        systems.revoke_credential(scope.actor, held[1].id)
    assert ask_token(client, old).status_code == 401
    assert ask(token, "get", "/me", purpose=RECORDS).status_code == 401, "with its tokens"
    assert ask_token(client, new).status_code == 200
    secret_of(client)


@pytest.mark.parametrize("days", [0, 367])
def test_every_secret_ends(days: int) -> None:
    client = client_of(system_at_work())
    with pytest.raises(InvalidInput):
        secret_of(client, days)


@pytest.mark.parametrize(
    "key",
    [
        "", "x", "[]", "{}", '{"kty": "oct", "k": "AAAA"}', '{"kty": "OKP", "crv": "X25519", "x": "AA"}',
        '{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}', '{"kty": "EC", "crv": "P-384"}',
        pytest.param("[" * 4_000, id="nested"),
    ],
)  # fmt: skip
def test_a_key_of_another_kind_is_refused(key: str) -> None:
    client = client_of(system_at_work())
    with pytest.raises(InvalidInput), acting(FIRST, OFFICE) as scope:
        systems.add_key(scope.actor, UUID(client), 30, key)


def test_a_private_key_and_one_of_rsa_are_refused() -> None:
    client = client_of(system_at_work())
    private = jwk_of(ed25519.Ed25519PrivateKey.generate()) | {"d": "AAAA"}
    numbers = rsa.generate_private_key(65537, 2048).public_key().public_numbers()
    for key in (private, {"kty": "RSA", "n": str(numbers.n), "e": "AQAB"}):
        with pytest.raises(InvalidInput), acting(FIRST, OFFICE) as scope:
            systems.add_key(scope.actor, UUID(client), 30, json.dumps(key))


def test_both_kinds_of_key_are_kept() -> None:
    client = client_of(system_at_work())
    key_of(client, ed25519.Ed25519PrivateKey.generate())
    key_of(client, ec.generate_private_key(ec.SECP256R1()))
    held = queries.client("riverbend-pd", UUID(client)).credentials
    assert [c.is_key for c in held] == [True, True]


# -- what ends it ----------------------------------------------------------------------------------


def _end_system(system: UUID, client: str) -> None:
    with acting(SECOND, OFFICE) as scope:
        systems.end(scope.actor, system)


def _revoke_client(system: UUID, client: str) -> None:
    with acting(SECOND, OFFICE) as scope:
        systems.revoke_client(scope.actor, UUID(client))


@pytest.mark.parametrize("end", [_end_system, _revoke_client])
def test_ended_it_gets_no_token_and_those_it_has_are_dead(end) -> None:
    system = system_at_work()
    client = client_of(system)
    secret = secret_of(client)
    token = token_of(client, secret)
    end(system, client)
    assert ask(token, "get", "/me", purpose=RECORDS).status_code == 401
    assert ask_token(client, secret).status_code == 401


@pytest.mark.parametrize(
    ("change", "back"),
    [
        (
            "update membership set valid_until = now() where id = 'riverbend-pd.j.whitfield'",
            "update membership set valid_until = null where id = 'riverbend-pd.j.whitfield'",
        ),
        (
            "update agency set suspended_at = now() where id = 'riverbend-pd'",
            "update agency set suspended_at = null where id = 'riverbend-pd'",
        ),
    ],
    ids=["its owner left", "its agency is suspended"],
)
def test_it_is_dead_at_the_next_request(world: Path, change: str, back: str) -> None:
    client = client_of(system_at_work())
    secret = secret_of(client)
    token = token_of(client, secret)
    with administrator(world) as db:
        db.execute(change)
        try:
            assert ask(token, "get", "/me", purpose=RECORDS).status_code == 401
            assert ask_token(client, secret).status_code == 401
        finally:
            db.execute(back)
    assert ask(token, "get", "/me", purpose=RECORDS).status_code == 200


# -- pages -----------------------------------------------------------------------------------------


def test_two_administrators_do_it_all_on_pages(device: Authenticator) -> None:
    one, other = enrolled(device, FIRST), enrolled(Authenticator(), SECOND)
    form = {**ASKED, "roles": ["records-custodian"]}
    there = one.post("/clients/", form).headers["Location"]
    assert b"You asked for it" in one.get(there).content
    assert one.post(there, {"do": "approve"}).status_code == 403
    assert other.post(there, {"do": "approve"}).status_code == 303
    asked = {"do": "register", "name": "Machine", "purposes": [RECORDS], "actions": ["contribute"]}
    client = one.post(there, asked).headers["Location"]
    made = one.post(client, {"do": "secret", "days": "30"})
    secret = re.search(r"accordk_[\w-]{40,}", made.content.decode())
    assert secret
    assert secret[0] not in one.get(client).content.decode()
    key = json.dumps(jwk_of(ed25519.Ed25519PrivateKey.generate()))
    assert one.post(client, {"do": "key", "days": "30", "key": key}).status_code == 303
    name = client.rpartition("/")[2]
    held = queries.client("riverbend-pd", UUID(name)).credentials
    approval = {"do": "approve", "credential": str(held[1].id)}
    assert b"You made it; another administrator approves it." in one.get(client).content
    assert one.post(client, approval).status_code == 403
    assert ask_token(name, secret[0]).status_code == 401
    seen = other.get(client).content.decode()
    for said in (
        "Ada First",
        "Records custodian",
        "Records administration",
        "second administrator",
    ):
        assert said in seen
    assert other.post(client, approval | {"credential": str(ids.uuid7())}).status_code == 400
    assert other.post(client, approval).status_code == 303
    assert ask_token(name, secret[0]).status_code == 200
    ended = one.post(client, {"do": "end-credential", "credential": str(held[1].id)})
    assert ended.status_code == 303
    assert ask_token(name, secret[0]).status_code == 401
    assert one.post(client, {"do": "revoke"}).status_code == 303
    assert one.post(there, {"do": "end"}).status_code == 303
    assert b"Over" in one.get("/clients/").content


def test_the_pages_are_the_administrators_own(device: Authenticator) -> None:
    system = system_at_work()
    client = client_of(system)
    member = enrolled(device)
    for path in ("/clients/", f"/clients/systems/{system}", f"/clients/{client}"):
        assert member.get(path).status_code == 403
        assert Client().get(path).status_code == 302
    assert b"Systems and clients" not in member.get("/").content


def test_what_is_not_there_looks_like_what_is_another_agency_s() -> None:
    absent = ids.uuid7()
    for find in (queries.system, queries.client):
        with pytest.raises(NotFound):
            find("riverbend-pd", absent)
    system = system_at_work()
    with pytest.raises(NotFound):
        queries.system("harlan-so", system)


# -- who approves, and what a system never is ------------------------------------------------------


def test_who_answers_for_a_system_does_not_approve_it() -> None:
    with pytest.raises(NotAllowed):
        approve(propose(owner=SECOND), SECOND)


def test_what_somebody_asked_for_who_left_since_is_not_approved(world: Path) -> None:
    asked = propose()
    with administrator(world) as db:
        db.execute("update membership set valid_until = now() where id = %s", [FIRST])
    with pytest.raises(NotAllowed):
        approve(asked, SECOND)


def test_two_administrators_together_make_no_system_an_administrator(world: Path) -> None:
    program = queries.system("riverbend-pd", system_at_work()).membership
    with acting(FIRST, OFFICE) as scope:
        asked = administering.ask(
            scope, ChangeKind.ROLE, program, {"add": ["system-administrator"]}, Via.PAGE
        )
    with pytest.raises(NotAllowed), acting(SECOND, OFFICE) as scope:
        administering.approve(scope, directory.change(asked.change))
    assert actor(program).roles == {"records-custodian"}
    with administrator(world) as db:
        db.execute("delete from directory_change")


def test_one_administrator_alone_gets_no_key_to_a_system_at_work() -> None:
    system = system_at_work(roles=("investigator",))
    client = client_of(system)
    with acting(SECOND, OFFICE) as scope:
        _, secret = systems.add_secret(scope.actor, UUID(client), 30)
    assert ask_token(client, secret).status_code == 401


def test_a_system_that_nobody_approves_in_seven_days_is_none(
    world: Path, device: Authenticator
) -> None:
    asked = propose()
    _asked_for_before(world, asked, "7 days 1 minute")
    with pytest.raises(NotAllowed):
        approve(asked, SECOND)
    page = enrolled(device, SECOND).get(f"/clients/systems/{asked}").content
    assert b"Not approved in seven days" in page
    assert b'value="approve"' not in page
    _asked_for_before(world, asked, "6 days 23 hours")
    approve(asked, SECOND)


def _asked_for_before(world: Path, system: UUID, age: str) -> None:
    with administrator(world) as db:
        db.execute(
            "update service_member set proposed_at = now() - %s::interval where id = %s",
            [age, system],
        )
