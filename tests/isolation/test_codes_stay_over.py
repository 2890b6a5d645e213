"""Injected SQL brings back no code device, no recovery code and no code that was used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from accord.kernel.ids import uuid7
from isolation.direct import Connection, administrator, connect

MEMBER = "riverbend-pd.m.alvarez"
STEP = 1000
MAC = "decode(repeat('01', 32), 'hex')"


@pytest.fixture(autouse=True)
def _rows(world: Path) -> Iterator[None]:
    """A device in use and one that was revoked; recovery codes: one unused, one used, one revoked."""
    with administrator(world) as db:
        _device(db, revoked=True)
        _device(db, revoked=False)
        for number, (used, revoked) in enumerate([(False, False), (True, False), (False, True)]):
            db.execute(
                "insert into recovery_code (id, member_id, membership_id, digest, mac, failures,"
                " made_at, used_at, revoked_at) select %s, %s, %s, decode(repeat(%s, 32), 'hex'),"
                " decode(repeat('00', 32), 'hex'), 3, now(), case when %s then now() end,"
                " case when %s then now() end",
                [uuid7(), MEMBER, MEMBER, f"0{number}", used, revoked],
            )
    yield
    with administrator(world) as db:
        for table in ("recovery_code", "code_device"):
            db.execute(f"delete from {table} where member_id = %s", [MEMBER])


def _device(db: Connection, *, revoked: bool) -> UUID:
    made = uuid7()
    db.execute(
        "insert into code_device (id, member_id, name, sealed_secret, password, password_at, mac,"
        " version, last_step, failures, created_at, revoked_at) select %s, %s, 'x', 'x', 'x', now(),"
        " decode(repeat('00', 32), 'hex'), 3, %s, 3, now(), case when %s then now() end",
        [made, MEMBER, STEP, revoked],
    )
    return made


@pytest.mark.parametrize(
    "statement",
    [
        "update code_device set revoked_at = null where revoked_at is not null",
        "update code_device set revoked_at = now() + interval '1 day' where revoked_at is not null",
        "update code_device set password = 'y', failures = 0 where revoked_at is not null",
        f"update code_device set last_step = {STEP - 1} where revoked_at is null",
        "update code_device set last_step = -1, failures = 0 where revoked_at is null",
        "update code_device set version = 2 where revoked_at is null",
        "update code_device set password = 'y' where revoked_at is null",
        f"update code_device set mac = {MAC} where revoked_at is null",
        f"update code_device set password = 'y', mac = {MAC}, version = 2 where revoked_at is null",
        "update recovery_code set used_at = null where used_at is not null",
        "update recovery_code set revoked_at = null where revoked_at is not null",
        "update recovery_code set used_at = now() + interval '1 day' where used_at is not null",
        "update recovery_code set failures = 0 where used_at is not null",
        "delete from code_device",
        "delete from recovery_code",
    ],
)
def test_what_is_over_is_refused_to_be_brought_back(world: Path, statement: str) -> None:
    with connect(world) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        f"update code_device set last_step = {STEP + 1}, failures = 0 where revoked_at is null",
        "update code_device set revoked_at = now() where revoked_at is null",
        f"update code_device set password = 'y', mac = {MAC}, version = 4 where revoked_at is null",
        "update recovery_code set failures = 0 where used_at is null and revoked_at is null",
        "update recovery_code set used_at = now() where used_at is null and revoked_at is null",
    ],
)
def test_what_the_application_does_is_not(world: Path, statement: str) -> None:
    with connect(world) as db:
        assert db.execute(statement).rowcount >= 1
        db.rollback()
