"""Whether nothing on a node is real is said once, and no command beside a node for real work says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from accord.platform.migrate import say_what_it_is
from isolation.direct import administrator


@pytest.mark.parametrize(
    ("before", "demo", "marked", "after"),
    [
        (True, True, True, True),
        (True, True, False, True),  # a world that was loaded into an empty folder
        (True, False, True, False),  # served for real work
        (False, True, False, False),  # loading a world beside a node for real work
        (False, True, True, True),  # a demonstration of a version that did not keep this
        (False, False, False, False),
    ],
)
def test_a_node_with_agencies_becomes_no_demonstration_by_a_command(
    world: Path, before: bool, demo: bool, marked: bool, after: bool
) -> None:
    with administrator(world) as db, db.transaction(force_rollback=True):
        if not before:
            db.execute("delete from accord.demonstration")
        assert bool(db.execute("select 1 from accord.demonstration").fetchone()) is before
        with db.cursor() as cursor:
            say_what_it_is(cursor, demo=demo, marked=marked)
        assert bool(db.execute("select 1 from accord.demonstration").fetchone()) is after


def test_an_empty_folder_may_hold_a_world_for_development(world: Path) -> None:
    with administrator(world) as db, db.transaction(force_rollback=True):
        db.execute("delete from accord.demonstration")
        db.execute("set local session_replication_role = replica")
        db.execute("create temporary table kept on commit drop as select 1")
        db.execute("alter table agency rename to agency_aside")
        db.execute("create table agency (id text)")
        with db.cursor() as cursor:
            say_what_it_is(cursor, demo=True, marked=False)
        assert db.execute("select 1 from accord.demonstration").fetchone()
