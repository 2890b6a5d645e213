"""What the mixed load's judge holds answers against opens what PostgreSQL opens, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.cli.benches.diary import Context
from accord.cli.benches.permitted import Permitted
from isolation.direct import Asker, administrator, sealed
from isolation.naive import HT, TRAFFICKING

OFFICE = "records-administration"
ASKERS = (
    Asker("riverbend-pd.m.alvarez", TRAFFICKING, HT),
    Asker("riverbend-pd.m.alvarez", TRAFFICKING),
    Asker("harlan-so.c.boone", TRAFFICKING, HT),
    Asker("harlan-so.e.rasmussen", OFFICE),
    Asker("state-bi.h.mercer", TRAFFICKING),
)


@pytest.mark.parametrize("asker", ASKERS, ids=str)
def test_the_judge_and_the_database_open_the_same_records(world: Path, asker: Asker) -> None:
    with administrator(world) as admin:
        every = {str(row["id"]) for row in admin.execute("select id from record").fetchall()}
        permitted = Permitted(admin, every)
    context, at = Context(asker.purpose, asker.case), datetime.now(UTC)
    with sealed(world, asker) as db:
        shown = {str(row["id"]) for row in db.execute("select id from record").fetchall()}
    assert {r for r in every if permitted.may(asker.membership, context, r, at)} == shown
    assert len(shown) < len(every)


def test_the_askers_see_something(world: Path) -> None:
    with sealed(world, ASKERS[0]) as db:
        assert len(db.execute("select id from record").fetchall()) > 20
