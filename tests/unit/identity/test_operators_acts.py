"""What the operator does where no two administrators can, and that it counts on the next request."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
import yaml
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from accord.agencies import queries as agencies
from accord.agencies.actions import resume_agency, suspend_agency
from accord.cli.operating import admit as admitting
from accord.identity.actions import operating
from accord.identity.queries import passkeys
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from accord.ledger.domain import OPERATOR
from accord.ledger.queries import Filter, own_entries
from accord.ledger.queries import entry as entry_of
from authenticator import Authenticator
from isolation.agencykeeping import public
from isolation.contributing import acting
from isolation.direct import administrator
from unit.identity.conftest import browser, enrolled, options_in
from unit.identity.tokening import (
    RECORDS,
    ask,
    ask_token,
    client_of,
    members_token,
    secret_of,
    system_at_work,
    token_of,
)

ALVAREZ, TATE = "riverbend-pd.m.alvarez", "harlan-so.w.tate"
OVERSEER = "riverbend-pd.p.sandoval"
NEW = "x-new-so"
WHY = "Decided by the board"


def described(**other: object) -> dict[str, object]:
    """The operator's file of an agency."""
    key = base64.b64encode(public(Ed25519PrivateKey.generate())).decode()
    return {
        "id": NEW, "name": "New County Sheriff", "kind": "police", "country": "US",
        "ori": "ZZ0020100", "zone": "America/Chicago", "membership": "light", "public_key": key,
        "duty_desk": {"name": "Watch", "phone": "+1", "hours": "always", "escalation": "nobody"},
        "administrators": [
            {"name": "Hal One", "handle": "x.one", "nationality": "US", "title": "Clerk"},
            {"name": "Hanna Two", "handle": "x.two", "nationality": "US"},
        ],
    } | other  # fmt: skip


@pytest.fixture
def file(real: Path, tmp_path: Path) -> Iterator[Path]:
    found = tmp_path / "agency.yaml"
    found.write_text(yaml.safe_dump(described()))
    yield found
    with administrator(real) as db:
        for statement in (
            "delete from signin_link where membership_id like 'x-new-so.%'",
            "delete from passkey where member_id like 'x-new-so.%'",
            "delete from signin where member_id like 'x-new-so.%'",
            "delete from membership where agency_id = 'x-new-so'",
            "delete from member where id like 'x-new-so.%'",
            "delete from agency_key where agency_id = 'x-new-so'",
            "delete from agency where id = 'x-new-so'",
        ):
            db.execute(statement)


def last_by_operator() -> dict[str, object]:
    """The newest act of the operator that the agency's oversight reads."""
    with acting(OVERSEER, "oversight"):
        body = entry_of(own_entries(Filter(actor=OPERATOR))[0].id).body
    assert body is not None
    return dict(body["detail"])


def used(token: str) -> int:
    """The status of a request with this token; what it is not for is refused, not unknown."""
    return int(ask(token, "get", "/agencies", purpose=RECORDS).status_code)


def shut_out(client: Client) -> bool:
    """Whether a browser that was signed in is sent to sign in."""
    answer = client.get("/account/")
    return answer.status_code == 302 and answer.headers["Location"] == "/sign-in/"


# -- an agency is suspended -------------------------------------------------------------------------


@pytest.mark.usefixtures("administrators")
def test_a_suspended_agency_s_people_and_programs_end_on_the_next_request(
    real: Path, device: Authenticator
) -> None:
    client = enrolled(device)
    mine = members_token()
    secret = secret_of(known := client_of(system_at_work()))
    of_system = token_of(known, secret)
    bearer = {"authorization": f"Bearer {mine}"}
    assert client.get("/account/").status_code == 200
    assert used(mine) == 403
    suspend_agency("riverbend-pd", WHY)
    try:
        assert shut_out(client)
        for token in (mine, of_system):
            assert used(token) == 401
        assert Client().get("/scim/v2/Users", headers=bearer).status_code == 401
        assert ask_token(known, secret).status_code == 401
        options = options_in(browser().get("/sign-in/").content)
        assert (
            browser().post("/sign-in/passkey", {"answer": device.get(options)}).status_code == 403
        )
        with pytest.raises(Conflict):
            suspend_agency("riverbend-pd", WHY)
    finally:
        resume_agency("riverbend-pd", "Taken back")
    assert client.get("/account/").status_code == 200
    assert used(mine) == 403
    said = last_by_operator()
    assert (said["step"], said["reason"]) == ("resumed the agency", "Taken back")


def test_a_suspension_has_a_reason_and_an_agency(world: Path) -> None:
    for change in (suspend_agency, resume_agency):
        with pytest.raises(InvalidInput):
            change("riverbend-pd", " \n ")
        with pytest.raises(NotFound):
            change("nobody-pd", WHY)
    with pytest.raises(Conflict):
        resume_agency("riverbend-pd", WHY)


# -- an agency is admitted --------------------------------------------------------------------------


def test_another_agency_comes_in_with_two_administrators(real: Path, file: Path) -> None:
    first, second = operating.admit(file)
    assert agencies.agency(NEW).light
    assert [one.membership for one in (first, second)] == [f"{NEW}.x.one", f"{NEW}.x.two"]
    for one in (first, second):
        client = browser()
        made = Authenticator().create(options_in(client.get(one.path).content))
        assert client.post(one.path, {"answer": made, "name": "Key"}).status_code == 303
        assert client.get("/members/").status_code == 200
        assert browser().get(one.path).status_code == 404
    with pytest.raises(Conflict, match="already"):
        operating.admit(file)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"ori": "x"}, "ori"), ({"id": None}, "id"), ({"membership": "half"}, "membership"),
        ({"administrators": [{"name": "One"}]}, "administrators"),
        ({"administrators": "two"}, "administrators"), ({"duty_desk": "here"}, "duty_desk"),
        ({"public_key": "AAAA"}, "public_key"), ({"suspended": True}, "suspended"),
    ],
)  # fmt: skip
def test_a_wrong_file_names_its_field_and_admits_nobody(
    real: Path, file: Path, wrong: dict[str, object], field: str
) -> None:
    file.write_text(yaml.safe_dump(described(**wrong)))
    with pytest.raises(InvalidInput) as refused:
        operating.admit(file)
    assert field in {fault.field for fault in refused.value.faults}
    with pytest.raises(NotFound):
        agencies.agency(NEW)


def test_one_person_is_not_both_administrators_and_a_known_key_is_refused(
    real: Path, file: Path
) -> None:
    one = {"name": "Hal One", "handle": "x.one", "nationality": "US"}
    file.write_text(yaml.safe_dump(described(administrators=[one, one])))
    with pytest.raises(InvalidInput, match="another person"):
        operating.admit(file)
    known = base64.b64encode(agencies.key_now("riverbend-pd")).decode()
    file.write_text(yaml.safe_dump(described(public_key=known)))
    with pytest.raises(Conflict, match="every key is new"):
        operating.admit(file)
    with pytest.raises(NotFound):
        agencies.agency(NEW)


def test_a_node_that_waits_for_its_set_up_admits_nobody(real: Path, file: Path) -> None:
    with administrator(real) as db:
        db.execute(
            "insert into node_setup (id, token_hash, expires_at) values (1, %s, now())", [b"x" * 32]
        )
    try:
        with pytest.raises(Conflict, match="not set up yet"):
            operating.admit(file)
    finally:
        with administrator(real) as db:
            db.execute("delete from node_setup")


def test_the_command_prints_a_link_for_each(real: Path, file: Path) -> None:
    said = CliRunner().invoke(admitting, [str(file), "--data-dir", str(real)])
    assert said.exit_code == 0, said.output
    assert said.output.count("/sign-in/") == 2
    assert "Hal One: http://localhost:" in said.output


# -- a person enrols anew ---------------------------------------------------------------------------


def test_whoever_acts_for_two_agencies_enrols_anew_and_both_are_told(
    real: Path, device: Authenticator
) -> None:
    """Neither agency may do it alone, so without the operator nobody could."""
    client = enrolled(device, TATE)
    member = agencies.actor(TATE).member
    (lost,) = passkeys(member)
    unspent = operating.enrol_anew(TATE, "Lost her telephone; came in person")
    link = operating.enrol_anew(TATE, "Lost the link too")
    assert browser().get(unspent).status_code == 404
    assert passkeys(member) == ()
    assert shut_out(client)
    options = options_in(browser().get("/sign-in/").content)
    assert browser().post("/sign-in/passkey", {"answer": device.get(options)}).status_code == 403
    again = browser()
    made = Authenticator().create(options_in(again.get(link).content))
    assert again.post(link, {"answer": made, "name": "Key"}).status_code == 303
    assert lost.id not in {UUID(str(kept.id)) for kept in passkeys(member)}


def test_the_oversight_of_the_agency_reads_why(real: Path, device: Authenticator) -> None:
    enrolled(device)
    operating.enrol_anew(ALVAREZ, "Lost his telephone")
    said = last_by_operator()
    assert said["step"] == "let a member enrol anew"
    assert (said["about"], said["reason"]) == (ALVAREZ, "Lost his telephone")


@pytest.mark.usefixtures("administrators")
def test_no_program_and_nobody_without_a_reason_or_a_membership_enrols_anew(real: Path) -> None:
    with pytest.raises(InvalidInput):
        operating.enrol_anew(ALVAREZ, "")
    with pytest.raises(NotFound):
        operating.enrol_anew("riverbend-pd.nobody", WHY)
    from accord.identity.tokens.queries import system

    program = system("riverbend-pd", system_at_work()).membership
    with pytest.raises(NotAllowed):
        operating.enrol_anew(program, WHY)
