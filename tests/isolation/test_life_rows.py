"""What PostgreSQL itself refuses around the life of agreements, and what a forged row is worth."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from isolation.contributing import acting, all_latest
from isolation.direct import Asker, Connection, administrator, sealed
from isolation.worlds import HT, TRAFFICKING

OKAFOR = Asker("riverbend-pd.d.okafor", "case-administration")
ALVAREZ = Asker("riverbend-pd.m.alvarez", "case-administration")
RASMUSSEN = Asker("harlan-so.e.rasmussen", "case-administration")
MOU = "(select content_hash from agreement_version where agreement = 'mou-2026-007' limit 1)"
OTHERS = (
    "(select content_hash from agreement_version where not 'riverbend-pd' = any(parties) limit 1)"
)


def _step(version: str, agency: str, member: str) -> str:
    return (
        "insert into agreement_state (version_id, step, at, by_member, agency, reason) "
        f"select {version}, 'suspend', now(), '{member}', '{agency}', 'forged'"
    )


@contextmanager
def _refused(db: Connection) -> Iterator[None]:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction():
        yield


def test_only_a_supervisor_of_a_party_writes_a_step_and_in_her_own_name(world: Path) -> None:
    with sealed(world, OKAFOR) as db:
        assert db.execute(_step(MOU, "riverbend-pd", OKAFOR.membership)).rowcount == 1
        for version, agency, member in (
            (OTHERS, "riverbend-pd", OKAFOR.membership),
            (MOU, "harlan-so", OKAFOR.membership),
            (MOU, "riverbend-pd", RASMUSSEN.membership),
        ):
            with _refused(db):
                db.execute(_step(version, agency, member))
    with sealed(world, ALVAREZ) as db, _refused(db):
        db.execute(_step(MOU, "riverbend-pd", ALVAREZ.membership))


def test_a_detective_proposes_and_signs_nothing_past_the_actions(world: Path) -> None:
    propose = (
        "insert into agreement_version (content_hash, agreement, kind, title, parties, text,"
        " effective_from, created_at) values (%s, 'a', 'mou', 't', %s, 'id: a', now(), now())"
    )
    parties = ["riverbend-pd", "harlan-so"]
    with sealed(world, ALVAREZ) as db, _refused(db):
        db.execute(propose, ["1" * 64, parties])
    with sealed(world, OKAFOR) as db:
        assert db.execute(propose, ["1" * 64, parties]).rowcount == 1
        sign = (
            "insert into agreement_signature (version_id, agency, officer, signature, signed_at)"
            " values (%s, 'riverbend-pd', %s, '\\x00', now())"
        )
        with _refused(db):
            db.execute(sign, ["1" * 64, ALVAREZ.membership])
        assert db.execute(sign, ["1" * 64, OKAFOR.membership]).rowcount == 1


def test_a_row_without_the_agency_s_signature_suspends_nothing_and_is_shown_so(world: Path) -> None:
    from accord.agreements import queries
    from accord.kernel.clock import now

    before = queries.version_in_force("mou-2026-007")
    with administrator(world) as admin:
        row = admin.execute(
            _step("%s", "riverbend-pd", OKAFOR.membership) + " returning id",
            [before.content_hash],
        ).fetchone()
        try:
            found = queries.version(before.content_hash)
            deciding = {v.content_hash for v in queries.in_force(now()).versions}
        finally:
            admin.execute("delete from agreement_state where id = %s", [row["id"]])
    assert found.state == "in-force"
    assert before.content_hash in deciding
    assert [a.reason for a in found.life.ignored] == ["forged"]


def test_a_text_that_nobody_can_read_stops_nothing(world: Path) -> None:
    from accord.agreements import queries
    from accord.kernel.clock import now

    before = {v.content_hash for v in queries.in_force(now()).versions}
    with administrator(world) as admin:
        admin.execute(
            "insert into agreement_version (content_hash, agreement, kind, title, parties, text,"
            " effective_from, created_at) values (%s, 'broken', 'mou', 't',"
            " '{riverbend-pd,harlan-so}', 'id: [', now(), now())",
            ["2" * 64],
        )
        try:
            assert {v.content_hash for v in queries.in_force(now()).versions} == before
            assert queries.version("2" * 64).state == "proposed"
        finally:
            admin.execute("delete from agreement_version where content_hash = %s", ["2" * 64])


def test_a_draft_is_its_agency_s_alone(world: Path) -> None:
    from accord.agreements import actions, queries
    from accord.kernel.errors import NotFound

    with acting(ALVAREZ.membership, "case-administration") as scope:
        made = actions.begin_draft(scope, name="Ours", text="id: ours")
    with sealed(world, OKAFOR) as db:
        assert db.execute("select 1 from agreement_draft where id = %s", [made]).rowcount == 1
    with sealed(world, RASMUSSEN) as db:
        found: Any = db.execute("select 1 from agreement_draft where id = %s", [made])
        assert found.rowcount == 0
        for statement in (
            "update agreement_draft set text = '' where id = %s",
            "delete from agreement_draft where id = %s",
        ):
            assert db.execute(statement, [made]).rowcount == 0
        with _refused(db):
            db.execute(
                "insert into agreement_draft select gen_random_uuid(), 'riverbend-pd', 'n', 't',"
                " 1, 'x', now(), 'x', now()"
            )
    with pytest.raises(NotFound), acting(RASMUSSEN.membership, "case-administration") as scope:
        actions.edit_draft(scope, made, name="Ours", text="theirs", based_on=1)
    with acting(ALVAREZ.membership, "case-administration"):
        assert queries.draft(made).text == "id: ours"


def test_a_suspension_closes_the_next_request_and_rewrites_no_row(world: Path) -> None:
    from accord.agreements import actions, queries

    def seen() -> set[str]:
        with acting(ALVAREZ.membership, TRAFFICKING, HT) as scope:
            return {
                str(record.record_id)
                for record in all_latest(scope)
                if record.owner == "harlan-so" and record.schema != "Exhibit"
            }

    def rows() -> Any:
        with administrator(world) as admin:
            return admin.execute(
                "select (select max(xmin::text::bigint) from part) as part,"
                " (select max(xmin::text::bigint) from record) as record,"
                " (select max(xmin::text::bigint) from agreement_version) as version"
            ).fetchone()

    made = queries.version_in_force("mou-2026-007").content_hash
    before, stored = seen(), rows()
    assert before, "the memorandum opens records of Harlan in the joint case"
    with acting(RASMUSSEN.membership, "case-administration") as scope:
        actions.suspend(scope, made, reason="An audit of the shared system.")
    try:
        assert seen() == set()
        assert rows() == stored
        with acting(ALVAREZ.membership, TRAFFICKING, HT) as scope:
            (held,) = [a for a in scope.standing.policy.agreements if a.suspended]
        assert held.content_hash == made
        assert not held.permits
        assert held.forbids, "what it forbids goes on binding"
    finally:
        with acting(RASMUSSEN.membership, "case-administration") as scope:
            actions.resume(scope, made, reason="The audit is over.")
    assert seen() == before
    assert rows() == stored


def test_nobody_numbers_a_step_so_that_it_comes_before_the_others(world: Path) -> None:
    """A withdrawal before the step that put it in force would end an agreement without a key."""
    columns, given = "(id, version_id, step, at, by_member, agency, reason)", "propose', now()"
    early = f"insert into agreement_state {columns} select -5, {MOU}, '{given}, %s, %s, 'forged'"
    with sealed(world, OKAFOR) as db, _refused(db):
        db.execute(early, [OKAFOR.membership, "riverbend-pd"])


def test_an_agency_with_a_new_key_does_not_sign_an_old_text_again(world: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from accord.agreements import actions, queries
    from accord.kernel.errors import Conflict

    key = Ed25519PrivateKey.generate()
    made = queries.version_in_force("mou-2026-007")
    put = "update agency_key set public_key = %s where agency_id = 'harlan-so'"
    with administrator(world) as admin:
        row = admin.execute(
            "select public_key from agency_key where agency_id = 'harlan-so'"
        ).fetchone()
        admin.execute(put, [key.public_key().public_bytes_raw()])
        try:
            assert queries.version(made.content_hash).state == "proposed"
            signature = key.sign(made.parsed.canonical())
            with (
                pytest.raises(Conflict, match="present key"),
                acting(RASMUSSEN.membership, "case-administration") as scope,
            ):
                actions.sign(scope, made.content_hash, signature)
        finally:
            admin.execute(put, [row["public_key"]])
    assert queries.version(made.content_hash).state == "in-force"
