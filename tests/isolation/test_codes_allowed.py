"""An agency allows one-time codes by two of its administrators, also against injected SQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from accord.identity.codes import queries
from accord.identity.codes.domain import AllowanceState
from accord.kernel.ids import uuid7
from isolation.administering import (
    ADA,
    ADA_ELSEWHERE,
    AGENCY,
    BEN,
    FAR,
    OTHER,
    ROOKIE,
    later,
    office,
    signed_in,
    staff,
)
from isolation.direct import administrator, connect, sealed

HERE = "/members/codes"
pytestmark = pytest.mark.xdist_group("administration")


@pytest.fixture(autouse=True)
def _people(world: Path) -> Iterator[None]:
    made = staff(world)
    next(made)
    yield
    with administrator(world) as db:
        for table in ("recovery_code", "code_device", "code_allowance"):
            db.execute(f"delete from {table}")
    next(made, None)


def proposed() -> UUID:
    assert signed_in(ADA).post(HERE, {"do": "propose"}).status_code == 303
    held = queries.allowance(AGENCY)
    assert held.state is AllowanceState.PROPOSED
    assert held.id is not None
    return held.id


def state() -> AllowanceState:
    return queries.allowance(AGENCY).state


def test_it_takes_two_to_allow_and_one_to_end() -> None:
    assert state() is AllowanceState.NO
    about = proposed()
    assert not queries.allows(AGENCY)
    again = signed_in(BEN).post(HERE, {"do": "propose"})
    assert again.status_code == 409
    page = signed_in(ADA).get(HERE).content
    assert b"You proposed this" in page
    assert signed_in(ADA).post(HERE, {"do": "approve", "about": about}).status_code == 403
    assert signed_in(BEN).post(HERE, {"do": "approve", "about": about}).status_code == 303
    assert queries.allows(AGENCY)
    assert not queries.allows(OTHER)
    assert signed_in(ADA).post(HERE, {"do": "end", "about": about}).status_code == 303
    assert state() is AllowanceState.NO
    assert signed_in(BEN).post(HERE, {"do": "approve", "about": about}).status_code == 403


def test_nobody_else_says_it_and_nobody_of_another_agency() -> None:
    about = proposed()
    for do in ("propose", "approve", "end"):
        assert signed_in(ROOKIE).post(HERE, {"do": do, "about": about}).status_code == 404
    assert signed_in(ROOKIE).get(HERE).status_code == 404
    assert signed_in(FAR).post(HERE, {"do": "approve", "about": about}).status_code == 403
    assert signed_in(FAR).post(HERE, {"do": "end", "about": about}).status_code == 404
    assert signed_in(ADA_ELSEWHERE).post(HERE, {"do": "approve", "about": about}).status_code == 403
    assert state() is AllowanceState.PROPOSED


def test_a_proposal_is_decided_within_seven_days_by_who_still_administers(world: Path) -> None:
    about = proposed()
    with later(world, timedelta(days=7, minutes=1)):
        assert state() is AllowanceState.NO
        assert signed_in(BEN).post(HERE, {"do": "approve", "about": about}).status_code == 403
        assert signed_in(BEN).post(HERE, {"do": "propose"}).status_code == 303
        assert state() is AllowanceState.PROPOSED
        new = queries.allowance(AGENCY).id
        with administrator(world) as db:
            db.execute("update membership set roles = '{analyst}' where id = %s", [BEN])
        assert signed_in(ADA).post(HERE, {"do": "approve", "about": new}).status_code == 403
        assert not queries.allows(AGENCY)


def test_a_proposer_whose_role_has_ended_proposes_nothing_any_more(world: Path) -> None:
    about = proposed()
    over = Jsonb({"role": {"system-administrator": "2026-01-01T00:00:00+00:00"}})
    with administrator(world) as db:
        db.execute(
            "update membership set roles = roles || '{analyst}', ends = %s where id = %s",
            [over, ADA],
        )
    assert signed_in(BEN).post(HERE, {"do": "approve", "about": about}).status_code == 403
    assert not queries.allows(AGENCY)


def test_injected_sql_of_one_administrator_allows_nothing(world: Path) -> None:
    about = proposed()
    with connect(world) as db:
        for statement in (
            "update code_allowance set approved_at = now(), approved_by = 'x'",
            "insert into code_allowance select gen_random_uuid(), 'x', now(), 'y', now(), null,"
            " null, id from agency limit 1",
            "delete from code_allowance",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                db.execute(statement)
            db.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("select accord.approve_codes(%s)", [about])
    for who, done in ((ADA, False), (BEN, True)):
        with sealed(world, office(who)) as db:
            found = db.execute("select accord.approve_codes(%s) as done", [about]).fetchone()
            assert found is not None
            assert found["done"] is done, who


def test_a_new_enrolment_by_two_administrators_ends_password_codes_and_recovery(
    world: Path,
) -> None:
    with administrator(world) as db:
        db.execute(
            "insert into code_device (id, member_id, name, sealed_secret, password, password_at, mac,"
            " last_step, failures, created_at) values (%s, %s, 'x', 'x', 'x', now(),"
            " decode(repeat('00', 32), 'hex'), 1, 0, now())",
            [uuid7(), ROOKIE],
        )
        db.execute(
            "insert into recovery_code (id, member_id, membership_id, digest, mac, failures, made_at)"
            " values (%s, %s, %s, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'),"
            " 0, now())",
            [uuid7(), ROOKIE, ROOKIE],
        )
        client = signed_in(ADA)
        client.post(f"/members/people/{ROOKIE}", {"kind": "enrolment"})
        row = db.execute("select id from directory_change where kind = 'enrolment'").fetchone()
        assert row is not None
        ended = "select count(*) as n from {} where revoked_at is not null"
        for table in ("code_device", "recovery_code"):
            assert db.execute(ended.format(table)).fetchone()["n"] == 0, "one person ends nothing"
        answer = signed_in(BEN).post(f"/members/changes/{row['id']}/approve")
        assert answer.status_code == 200
        for table in ("code_device", "recovery_code"):
            assert db.execute(ended.format(table)).fetchone()["n"] == 1
