"""Facts about a member that clauses can ask for: attested by whom, and over at their own end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from psycopg.types.json import Jsonb

from accord.agencies import queries as agencies
from accord.kernel.errors import NotFound
from isolation import administering as those
from isolation.administering import (
    ADA,
    ADA_ELSEWHERE,
    BEN,
    CORA,
    REFUSED,
    ROOKIE,
    approve,
    ask,
    in_directory,
    later,
    office,
    proposed,
    put,
    signed_in,
    waiting,
)
from isolation.direct import administrator, sealed


@pytest.fixture(autouse=True)
def _staff(world: Path) -> Iterator[None]:
    yield from those.staff(world)


def day(ahead: int) -> str:
    return (datetime.now(UTC) + timedelta(days=ahead)).date().isoformat()


def given(kind: str, ahead: int, member: str = ROOKIE, **said: object) -> None:
    """Give a member more until a day, by two administrators."""
    change = proposed(signed_in(ADA), member, kind, until=day(ahead), **said)
    assert approve(signed_in(BEN), change) == 303


def test_a_role_ends_at_its_moment_without_anybody_acting(world: Path) -> None:
    given("role", 3, add="analyst")
    assert agencies.actor(ROOKIE).roles == {"investigator", "analyst"}
    assert agencies.actor(ROOKIE).expires_at is not None
    with later(world, timedelta(days=2)):
        assert agencies.actor(ROOKIE).roles == {"investigator", "analyst"}
    with later(world, timedelta(days=5)):
        assert agencies.actor(ROOKIE).roles == {"investigator"}
        page = signed_in(ADA).get(f"/members/people/{ROOKIE}").content.decode()
        row = re.search(r"Role: analyst.*?</tr>", page, re.S | re.I)
        assert row is not None
        assert "Ended" in row[0]


def test_a_role_given_anew_without_an_end_stays(world: Path) -> None:
    given("role", 3, add="analyst")
    approve(signed_in(BEN), proposed(signed_in(ADA)))
    with later(world, timedelta(days=5)):
        assert agencies.actor(ROOKIE).roles == {"investigator", "analyst"}


def test_a_role_taken_away_leaves_no_end_behind(world: Path) -> None:
    given("role", 3, add="analyst")
    assert ask(signed_in(ADA), ROOKIE, "role", remove="analyst").status_code == 303
    held = in_directory(world, ROOKIE)
    assert held is not None
    assert held["ends"] == {"role": {}}


@pytest.mark.parametrize(
    ("kind", "to", "held", "after"),
    [("clearance", "secret", "secret", "none"), ("assurance", "3", 3, 1),
     ("nationality", "CA", "CA", None)],
)  # fmt: skip
def test_what_is_attested_until_a_day_is_not_held_after_it(
    world: Path, kind: str, to: str, held: object, after: object
) -> None:
    given(kind, 3, to=to)
    assert getattr(agencies.actor(ROOKIE), kind) == held
    with later(world, timedelta(days=5)):
        assert getattr(agencies.actor(ROOKIE), kind) == after


def test_one_administrator_moves_no_end_back(world: Path) -> None:
    given("clearance", 3, to="secret")
    ada = signed_in(ADA)
    assert ask(ada, ROOKIE, "clearance", to="secret", until=day(9)).status_code == 303
    assert ask(ada, ROOKIE, "clearance", to="restricted").status_code == 303
    assert len(waiting(ada)) == 2
    with sealed(world, office(ADA)) as db:
        for facts in ({"to": "secret", "until": f"{day(9)}T00:00:00Z"}, {"to": "secret"}):
            made = put(db, ADA, "clearance", facts)
            with pytest.raises(REFUSED, match="two others"), db.transaction():
                db.execute("select accord.apply_directory_change(%s)", [made])
    with later(world, timedelta(days=5)):
        assert agencies.actor(ROOKIE).clearance == "none"


def test_one_administrator_moves_an_end_nearer(world: Path) -> None:
    given("clearance", 9, to="secret")
    assert ask(signed_in(ADA), ROOKIE, "clearance", to="secret", until=day(3)).status_code == 303
    with later(world, timedelta(days=5)):
        assert agencies.actor(ROOKIE).clearance == "none"


def test_who_has_no_role_left_is_no_member(world: Path) -> None:
    given("role", 3, add="investigator")
    with later(world, timedelta(days=5)), pytest.raises(NotFound):
        agencies.actor(ROOKIE)


def test_an_administrator_whose_role_has_ended_decides_nothing(world: Path) -> None:
    given("role", 1, add="system-administrator")
    change = proposed(signed_in(ADA), BEN)
    with sealed(world, office(ROOKIE)) as db, later(world, timedelta(days=3)):
        assert db.execute("select accord.administers() a").fetchone()["a"] is None
        with pytest.raises(REFUSED):
            db.execute("select accord.apply_directory_change(%s)", [change])


def test_no_end_leaves_an_agency_without_two_administrators(world: Path) -> None:
    with those.alone(world):
        _no_end_leaves_it(world)


def _no_end_leaves_it(world: Path) -> None:
    ada = signed_in(ADA)
    said = {"add": ["system-administrator", "analyst"], "until": day(3)}
    last = proposed(ada, BEN, "role", **said)  # while there is a third for longer
    with administrator(world) as db:
        ends = Jsonb({"role": {"system-administrator": f"{day(2)}T00:00:00+00:00"}})
        db.execute("update membership set ends = %s where id = %s", [ends, CORA])
    assert ask(ada, BEN, "role", **said | {"until": day(4)}).status_code == 403
    assert approve(signed_in(CORA), last) == 403
    with sealed(world, office(CORA)) as db, pytest.raises(REFUSED, match="two administrators"):
        db.execute("select accord.apply_directory_change(%s)", [last])


def test_an_end_that_has_passed_is_refused_with_its_field(world: Path) -> None:
    answer = ask(signed_in(ADA), ROOKIE, "clearance", to="secret", until="2020-01-01")
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "must be a day to come" in page
    assert 'value="2020-01-01"' in page


def test_a_day_ends_where_the_agency_is(world: Path) -> None:
    given("clearance", 3, to="secret")
    held = in_directory(world, ROOKIE)
    assert held is not None
    end = datetime.fromisoformat(held["ends"]["clearance"]).astimezone(ZoneInfo("America/Chicago"))
    assert (end.date().isoformat(), end.hour) == (day(3), 23)


def test_a_nationality_is_the_word_of_every_agency_the_person_acts_for(world: Path) -> None:
    change = proposed(signed_in(BEN), ADA, "nationality", to="CA")
    assert approve(signed_in(CORA), change) == 403
    same = proposed(signed_in(BEN), ADA, "nationality", to="US", until=day(3))
    assert approve(signed_in(CORA), same) == 303
    with later(world, timedelta(days=5)):
        assert agencies.actor(ADA).nationality is None
        assert agencies.actor(ADA_ELSEWHERE).nationality == "US"


def test_the_page_names_who_attested_each_fact(world: Path) -> None:
    given("clearance", 9, to="secret")
    page = signed_in(ADA).get(f"/members/people/{ROOKIE}").content.decode()
    row = re.search(r"Clearance: secret.*?</tr>", page, re.S | re.I)
    assert row is not None
    assert "Ada" in row[0]
    assert "Ben" in row[0]
    assert "Riverbend Police Department" in row[0]
