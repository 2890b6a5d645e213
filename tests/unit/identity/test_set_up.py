"""The set-up of a node: what its form refuses, and that it works for nobody once there is somebody."""

from __future__ import annotations

import base64
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.db import connection
from psycopg.types.json import Jsonb

from accord.agencies.queries import digest
from accord.cli.agency_key import command
from accord.identity.actions import setup
from accord.kernel.errors import InvalidInput, NotFound
from accord.platform.db import launcher
from isolation.direct import administrator
from unit.identity.conftest import browser

TOKEN = "a-link-of-the-operator"
SAID = {
    "id": "river-pd", "name": "River Police", "kind": "police", "country": "US", "ori": "ZZ0010100",
    "zone": "America/Chicago", "desk_name": "Desk", "desk_phone": "+1", "desk_hours": "always",
    "desk_escalation": "nobody", "public_key": base64.b64encode(b"\x01" * 32).decode(),
    "name_1": "One", "handle_1": "one", "nationality_1": "US",
    "name_2": "Two", "handle_2": "two", "nationality_2": "US",
}  # fmt: skip


@pytest.fixture
def waiting(real: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A node whose operator made a link; the world's agencies are there already."""
    with administrator(real) as db:
        db.execute(
            "insert into node_setup (id, token_hash, expires_at) values (1, %s, now() + interval '1 h')",
            [digest(TOKEN)],
        )
    monkeypatch.setattr(setup, "_opened", False)
    yield real
    with administrator(real) as db:
        db.execute("delete from node_setup")


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("id", "River PD"), ("id", ""), ("name", " "), ("name", "x" * 201), ("kind", "wizards"),
        ("country", "usa"), ("ori", "ZZ001"), ("zone", "Chicago"), ("desk_phone", ""),
        ("public_key", ""), ("public_key", "AAAA"), ("public_key", "-----BEGIN nothing"),
        ("name_1", ""), ("handle_2", "Two!"), ("nationality_2", "United States"),
    ],
)  # fmt: skip
def test_each_fault_is_named_by_its_field(waiting: Path, field: str, wrong: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        setup.set_up(TOKEN, SAID | {field: wrong})
    assert [f.field for f in refused.value.faults] == [field]


def test_all_faults_are_told_at_once_and_what_was_typed_stays(waiting: Path) -> None:
    page = browser().post(f"/set-up/{TOKEN}", {"name": "<River>", "id": "river-pd"})
    assert page.status_code == 400
    text = page.content.decode()
    assert text.count("field__error") > 10
    assert 'value="&lt;River&gt;"' in text


def test_one_person_is_not_two(waiting: Path) -> None:
    twice = SAID | {f"{f}_2": SAID[f"{f}_1"] for f in ("name", "handle", "nationality")}
    with pytest.raises(InvalidInput, match="another person"):
        setup.set_up(TOKEN, twice)


def test_a_link_that_is_none_sets_nothing_up(waiting: Path) -> None:
    with pytest.raises(NotFound):
        setup.set_up("another", SAID)
    assert browser().get("/set-up/another").status_code == 404


def test_where_there_is_an_agency_the_set_up_makes_no_second(waiting: Path) -> None:
    with pytest.raises(NotFound):
        setup.set_up(TOKEN, SAID)
    with administrator(waiting) as db:
        assert db.execute("select 1 from agency where id = 'river-pd'").fetchone() is None
        state = db.execute("select agency_id from node_setup").fetchone()
    assert state["agency_id"] is None, "what failed left nothing"


def test_nothing_else_answers_until_the_node_is_open(waiting: Path) -> None:
    client = browser()
    assert client.get("/").status_code == 503
    assert client.get("/agreements/").status_code == 503
    assert client.get("/api/v1/agreements").json()["status"] == 503
    assert client.get("/sign-in/").status_code == 200
    assert client.get("/health/live").status_code == 200


def test_the_application_s_role_cannot_open_the_node_or_set_it_up_by_itself(waiting: Path) -> None:
    people = [{"member": "a"}, {"member": "b"}]
    with psycopg.connect(launcher.ensure_running(waiting).dsn("accord_app")) as app:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("update node_setup set opened_at = now()")
        app.rollback()
        assert app.execute("select accord.open_node()").fetchone() == (False,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(
                "select accord.set_up(%s, %s, %s)",
                [b"x" * 32, b"x" * 32, Jsonb({"agency": {}, "people": people})],
            )


def test_a_node_that_was_filled_before_is_open(real: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "_opened", False)
    assert setup.is_open()
    assert setup.begin() is None
    connection.close()


def test_an_agency_s_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "agency.pem"
    made = CliRunner().invoke(command, [str(file)])
    assert made.exit_code == 0
    public = base64.b64decode(made.stdout.strip().splitlines()[0])
    key = load_pem_private_key(file.read_bytes(), None)
    assert key.public_key().public_bytes_raw() == public
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    again = CliRunner().invoke(command, [str(file)])
    assert isinstance(again.exception, InvalidInput)
    assert file.read_bytes() == before
