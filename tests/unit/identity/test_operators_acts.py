"""What the operator does where no two administrators can, and that it counts on the next request."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

from accord.agencies import queries as agencies
from accord.agencies.actions import resume_agency, suspend_agency
from accord.identity.actions import operating
from accord.identity.queries import passkeys
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from accord.ledger.domain import OPERATOR
from accord.ledger.queries import Filter, own_entries
from accord.ledger.queries import entry as entry_of
from authenticator import Authenticator
from isolation.contributing import acting
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
WHY = "Decided by the board"


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
