"""What is sealed opens to a person who proved within ten minutes who they are."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

from accord.agencies import queries as agencies
from accord.agreements.context import resolve
from accord.agreements.scope import open_scope
from accord.records.queries.records import record_view
from authenticator import Authenticator
from isolation.contributing import draft, write
from isolation.direct import administrator
from unit.identity.conftest import ALVAREZ, enrolled
from unit.identity.tokening import TRAFFICKING, ask, members_token
from unit.identity.unsealing import later, prove

CASE = "HT-2026-014"
CONTEXT = f"/w/{TRAFFICKING}/agreement/{CASE}"


@pytest.fixture
def victim(real: Path) -> tuple[UUID, str]:
    """The record of the victim of the case, and her name."""
    with administrator(real) as db:
        found = db.execute("select id from record where source_ref = 'RP-26-0902'").fetchone()
    who = agencies.actor(ALVAREZ)
    with open_scope(who, resolve(who, TRAFFICKING, "agreement", CASE)) as scope:
        identity = record_view(scope, found["id"]).part("identity")
    assert identity is not None
    assert identity.sealed
    return found["id"], identity.values["name"][0]


@pytest.fixture
def client(real: Path, device: Authenticator) -> Client:
    return enrolled(device)


def shown(client: Client, record: UUID, end: str = "") -> str:
    answer = client.get(f"{CONTEXT}/records/{record}{end}")
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.parametrize("end", ["", "/history"])
def test_after_ten_minutes_sealed_parts_are_closed_until_a_new_proof(
    client: Client, device: Authenticator, victim: tuple[UUID, str], end: str
) -> None:
    record, name = victim
    assert name in shown(client, record, end)
    with later(11):
        closed = shown(client, record, end)
        assert name not in closed
        assert "Sealed parts are closed" in closed
        address = f"{CONTEXT}/records/{record}{end}"
        opened = prove(client, device, address, {"accord-open": "//elsewhere.example"})
        assert (opened.status_code, opened["Location"]) == (303, address)
        again = shown(client, record, end)
        assert name in again
        assert "Sealed parts are closed" not in again


def test_what_is_not_sealed_stays_open(client: Client) -> None:
    record = write(draft(name="Ordinary Person")).record_ids[0]
    with later(11):
        page = shown(client, record)
    assert "Ordinary Person" in page
    assert "Sealed parts are closed" not in page


def test_two_records_beside_each_other_keep_it_closed_too(
    client: Client, victim: tuple[UUID, str]
) -> None:
    record, name = victim
    address = f"/beside/{write(draft(name='Somebody Else')).record_ids[0]}"
    assert name in shown(client, record, address)
    with later(11):
        page = shown(client, record, address)
    assert name not in page
    assert "Somebody Else" in page
    assert "Sealed parts are closed" in page


def test_a_token_whose_proof_is_old_opens_nothing_sealed(victim: tuple[UUID, str]) -> None:
    record, name = victim
    token = members_token()

    def names() -> list[str]:
        answer = ask(token, "get", f"/records/{record}", purpose=TRAFFICKING, case=CASE)
        parts = answer.json()["parts"]
        (found,) = [p for p in parts if p["kind"] == "identity"]
        assert found["sealed"] is True
        return list(found["values"].get("name", []))

    assert names() == [name]
    with later(11):
        assert names() == []
