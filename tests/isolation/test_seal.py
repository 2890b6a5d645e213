"""The seal: forged, replayed, expired and missing standing all open nothing."""

from __future__ import annotations

import uuid
from pathlib import Path

import psycopg
import pytest

from accord.agreements.standing import ACTIONS
from accord.platform.db.config import django_database
from accord.platform.db.seal import Backend, seal_text
from accord.platform.secrets import secret_bytes

BITS = bytes(65_792)


def _connect(data_dir: Path, role: str) -> psycopg.Connection:
    known = django_database(data_dir, role)
    return psycopg.connect(
        dbname=known["NAME"],
        user=known["USER"],
        password=known["PASSWORD"],
        host=known["HOST"],
        port=known["PORT"],
        options=known["OPTIONS"].get("options", ""),
    )


@pytest.fixture
def app(node: Path):
    with _connect(node, "accord_app") as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def standing(node: Path) -> uuid.UUID:
    """A stored standing, made as the application makes one."""
    made = uuid.uuid4()
    actions = list(ACTIONS)
    columns = ", ".join(f"{a}_bits" for a in actions)
    marks = ", ".join(["%s"] * len(actions))
    with _connect(node, "accord_app") as connection:
        connection.execute(
            "insert into accord.standing (id, member_id, agency_id, roles, epoch, valid_until, "
            f"facts, {columns}) values (%s, 'm', 'a', '{{analyst}}', 1, "
            f"now() + interval '1 hour', '{{}}', {marks})",
            [made, *[BITS] * len(actions)],
        )
    return made


def _backend(connection: psycopg.Connection) -> Backend:
    row = connection.execute(
        "select pg_backend_pid(), (extract(epoch from transaction_timestamp()) * 1000000)::bigint"
    ).fetchone()
    assert row is not None
    return Backend(*row)


def _seal(connection: psycopg.Connection, text: str) -> None:
    connection.execute("select set_config('accord.seal', %s, true)", [text])


def _made(node: Path, standing: uuid.UUID, backend: Backend, *, life_us: int = 60_000_000) -> str:
    return seal_text(
        secret_bytes(node, "seal.key"),
        standing=standing,
        action="view",
        keys=[],
        expires_us=backend.transaction_us + life_us,
        backend=backend,
    )


def test_a_true_seal_names_its_member_and_agency(node, app, standing):
    _seal(app, _made(node, standing, _backend(app)))
    assert app.execute(
        "select accord.seal_member(), accord.seal_agency(), accord.seal_roles()"
    ).fetchone() == ("m", "a", ["analyst"])
    assert len(app.execute("select accord.bits()").fetchone()[0]) == 65_792


def test_without_a_seal_there_is_no_agency_and_there_are_no_bits(app):
    assert app.execute(
        "select accord.seal_member(), accord.seal_agency(), accord.bits()"
    ).fetchone() == (None, None, None)


@pytest.mark.parametrize("place", [0, 1, 3, 4, 5, 6])
def test_a_seal_with_any_field_changed_is_refused(node, app, standing, place):
    fields = _made(node, standing, _backend(app)).split("|")
    fields[place] = {0: str(uuid.uuid4()), 1: "export"}.get(place, fields[place][:-1] + "0")
    if fields == _made(node, standing, _backend(app)).split("|"):
        fields[place] = fields[place][:-1] + "1"
    _seal(app, "|".join(fields))
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="does not verify"):
        app.execute("select accord.seal_agency()")


def test_a_seal_with_a_key_added_is_refused(node, app, standing):
    fields = _made(node, standing, _backend(app)).split("|")
    fields[2] = str(uuid.uuid4())
    _seal(app, "|".join(fields))
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="does not verify"):
        app.execute("select accord.seal_keys()")


def test_a_seal_of_another_connection_is_refused(node, app, standing):
    with _connect(node, "accord_app") as other:
        text = _made(node, standing, _backend(other))
    _seal(app, text)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="another transaction"):
        app.execute("select accord.seal_agency()")


def test_a_seal_replayed_in_a_later_transaction_of_the_same_connection_is_refused(
    node, app, standing
):
    text = _made(node, standing, _backend(app))
    app.rollback()
    _seal(app, text)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="another transaction"):
        app.execute("select accord.seal_agency()")


def test_an_expired_seal_is_refused(node, app, standing):
    _seal(app, _made(node, standing, _backend(app), life_us=-1))
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="expired"):
        app.execute("select accord.seal_agency()")


def test_a_malformed_seal_is_refused(app):
    _seal(app, "a|b|c")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="malformed"):
        app.execute("select accord.bits()")


def test_the_seal_ends_with_its_transaction(node, app, standing):
    _seal(app, _made(node, standing, _backend(app)))
    app.commit()
    assert app.execute("select accord.seal_agency()").fetchone() == (None,)


def test_the_application_can_read_neither_the_seal_key_nor_another_standing_s_bits(app):
    for query in ("select * from accord.seal_key", "select view_bits from accord.standing"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(query)
        app.rollback()


def test_the_application_cannot_widen_a_standing_or_move_the_epoch(app, standing):
    for statement in (
        "update accord.standing set view_bits = hit_bits",
        "delete from accord.standing",
        "update accord.policy_epoch set epoch = 1",
        "set role accord_owner",
        "set role accord_probe",
        "set session authorization accord_owner",
        "alter table part disable row level security",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(statement)
        app.rollback()


def test_a_standing_s_table_covers_every_label_and_every_set_of_keys(node):
    with _connect(node, "accord_app") as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(
            "insert into accord.standing (id, member_id, agency_id, roles, epoch, valid_until, "
            "facts, match_bits, hit_bits, view_bits, export_bits, onward_bits, contribute_bits, "
            "alter_bits, relabel_bits, place_bits, release_bits) values (gen_random_uuid(), 'm', "
            "'a', '{}', 1, now(), '{}', '', '', '', '', '', '', '', '', '', '')"
        )
