"""Another agency joins by a link of the operator: what opens it, what it refuses, who cannot do it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from django.db import connection, transaction
from psycopg.types.json import Jsonb

from accord.agencies.queries import digest
from accord.cli.agency_invite import command
from accord.identity.actions import invitations
from accord.kernel.errors import Conflict, InvalidInput, NotFound
from accord.platform.db import launcher
from isolation.direct import administrator
from unit.identity.conftest import browser
from unit.identity.test_set_up import SAID as FORM

NAME = "lakeside-pd"
SAID = {k: v for k, v in FORM.items() if k != "id"} | {"ori": "ZZ0770100"}


@pytest.fixture(autouse=True)
def _clean(real: Path) -> Iterator[None]:
    yield
    with administrator(real) as db:
        db.execute("delete from agency_invitation")


def invited(light: bool = False, name: str = NAME) -> str:
    return invitations.invite(name, light=light).removeprefix("/join/")


def joining(token: str, said: dict[str, str]) -> dict[str, Any]:
    """Join, look at what came of it, and take it back: others share this world."""
    with transaction.atomic():
        links = invitations.bring_in(token, said)
        with connection.cursor() as cursor:
            cursor.execute("select name, light from agency where id = %s", [NAME])
            agency = cursor.fetchone()
            cursor.execute("select id, roles from membership where agency_id = %s", [NAME])
            people = dict(cursor.fetchall())
        transaction.set_rollback(True)
    return {"links": links, "agency": agency, "people": people}


@pytest.mark.parametrize("light", [False, True])
def test_the_holder_of_the_link_brings_the_agency_that_was_invited(light: bool) -> None:
    token = invited(light)
    page = browser().get(f"/join/{token}").content.decode()
    assert NAME in page
    assert ("keeps no records here" in page) is light
    assert 'name="id"' not in page
    found = joining(token, SAID | {"id": "riverbend-pd"})  # the invitation's name counts
    assert found["agency"] == ("River Police", light)
    assert found["people"] == {f"{NAME}.{n}": ["system-administrator"] for n in ("one", "two")}
    assert [link.membership for link in found["links"]] == [f"{NAME}.one", f"{NAME}.two"]


@pytest.mark.parametrize("end", ["withdrawn", "again", "over", "used"])
def test_a_link_that_is_void_over_or_used_is_none(real: Path, end: str) -> None:
    token = invited()
    if end == "withdrawn":
        invitations.withdraw(NAME)
    elif end == "again":
        invited()
    else:
        column = {"over": "expires_at", "used": "used_at"}[end]
        with administrator(real) as db:
            db.execute(f"update agency_invitation set {column} = now() - interval '1 s'")
    assert browser().get(f"/join/{token}").status_code == 404
    with pytest.raises(NotFound):
        invitations.bring_in(token, SAID)
    assert browser().post(f"/join/{token}", SAID).status_code == 404


def test_what_another_agency_has_is_a_fault_of_its_field(real: Path) -> None:
    token = invited()
    with pytest.raises(InvalidInput) as refused:
        invitations.bring_in(token, SAID | {"ori": FORM["ori"]})
    assert [f.field for f in refused.value.faults] == ["ori"]
    page = browser().post(f"/join/{token}", {"name": "<Lake>"})
    assert page.status_code == 400
    assert 'value="&lt;Lake&gt;"' in page.content.decode()
    assert joining(token, SAID)["agency"], "what failed left the link as it was"


def test_who_is_here_is_not_invited_and_a_name_has_its_form() -> None:
    with pytest.raises(Conflict, match="already"):
        invitations.invite("riverbend-pd", light=False)
    for wrong in ("", "Lakeside PD", "x", "a" * 41):
        with pytest.raises(InvalidInput):
            invitations.invite(wrong, light=False)
    with pytest.raises(NotFound):
        invitations.withdraw(NAME)


def test_the_links_are_shown_to_nobody_else() -> None:
    assert browser().get("/join/").status_code == 404


def test_the_application_s_role_neither_invites_nor_joins_by_itself(real: Path) -> None:
    token = invited(light=True)
    people = [{"member": "a"}, {"member": "b"}]
    facts = Jsonb({"agency": {"id": "somebody-else"}, "people": people})
    with psycopg.connect(launcher.ensure_running(real).dsn("accord_app")) as app:
        for statement, values in (
            ("select * from agency_invitation", []),
            ("update agency_invitation set light = false", []),
            ("select accord.add_agency(%s, %s, false)", [b"x" * 32, facts]),
            ("select accord.join_node(%s, %s, %s)", [b"x" * 32, b"x" * 32, facts]),
            ("select accord.join_node(%s, %s, %s)", [digest(token), b"x" * 32, facts]),
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement, values)
            app.rollback()
        found = app.execute("select light from accord.invited(%s)", [digest(token)]).fetchone()
        assert found == (True,)


def test_the_operator_s_acts_stand_in_the_ledger(real: Path) -> None:
    count = "select count(*) from ledger_entry where actor_id = 'operator' and agency_id = %s"
    with administrator(real) as db:
        before = db.execute(count, [NAME]).fetchone()["count"]
    invited()
    invitations.withdraw(NAME)
    with administrator(real) as db:
        assert db.execute(count, [NAME]).fetchone()["count"] == before + 2


def test_the_command_invites_lists_and_withdraws(real: Path) -> None:
    def said(*words: str) -> Any:
        return CliRunner().invoke(command, [*words, "--data-dir", str(real), "--json"])

    assert "/join/" in json.loads(said(NAME, "--light").stdout)["link"]
    (line,) = json.loads(said().stdout)["invitations"]
    assert (line["agency"], line["membership"], line["state"]) == (NAME, "light", "open")
    assert said(NAME, "--withdraw").exit_code == 0
    (line,) = json.loads(said().stdout)["invitations"]
    assert line["state"] == "withdrawn"
    assert isinstance(said(NAME, "--withdraw").exception, NotFound)
    assert isinstance(said(NAME, "--light", "--withdraw").exception, InvalidInput)
    assert isinstance(said("--light").exception, InvalidInput)
