"""Three administrators of one agency and one of another, with somebody whom they administer."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from django.test import Client
from psycopg.types.json import Jsonb

from accord.agencies.actions import create_signin_link, put_member
from accord.agreements import standing as standings
from accord.kernel import clock
from isolation.direct import Asker, administrator

AGENCY, OTHER = "riverbend-pd", "harlan-so"
ADA, BEN, CORA = f"{AGENCY}.x.ada", f"{AGENCY}.x.ben", f"{AGENCY}.x.cora"
ROOKIE, FAR = f"{AGENCY}.x.rookie", f"{OTHER}.x.far"
ADA_ELSEWHERE = f"{OTHER}.x.ada"
"""The same person as ADA, acting for the other agency."""
NEW = f"{AGENCY}.x.new"
OFFICE = "system-administration"
REFUSED = psycopg.errors.InsufficientPrivilege
JOIN = {
    "handle": "x.new",
    "name": "Nadia New",
    "nationality": "US",
    "title": "Analyst",
    "roles": ["analyst"],
    "clearance": "none",
    "assurance": "2",
}


def staff(world: Path) -> Iterator[None]:
    """Put them in, and take out whatever they made of the directory."""
    since = datetime.now(UTC) - timedelta(days=10)
    for member, roles, more in (
        (ADA, ["system-administrator"], [(ADA_ELSEWHERE, OTHER, ["system-administrator"])]),
        (BEN, ["system-administrator"], []),
        (CORA, ["system-administrator"], []),
        (ROOKIE, ["investigator"], []),
        (FAR, ["system-administrator"], []),
    ):
        held = [(member, member.split(".", 1)[0], roles), *more]
        put_member(
            {
                "id": member,
                "name": member.rpartition(".")[2].title(),
                "nationality": "US",
                "memberships": [
                    {"id": i, "agency": agency, "roles": r, "clearance": "none",
                     "assurance": 2, "valid_from": since, "valid_until": None}
                    for i, agency, r in held
                ],
            }
        )  # fmt: skip
    yield
    with administrator(world) as db:
        for statement in (
            "delete from directory_change",
            "delete from agency_change",
            "delete from signin where member_id like '%.x.%'",
            "delete from passkey where member_id like '%.x.%'",
            "delete from certificate where member_id like '%.x.%'",
            "delete from signin_link where membership_id like '%.x.%'",
            "delete from api_token where membership_id like '%.x.%'",
            "delete from membership where member_id like '%.x.%'",
            "delete from member where id like '%.x.%'",
            "delete from accord.clock_shift",
        ):
            db.execute(statement)


def signed_in(membership: str) -> Client:
    """A browser in which this member is signed in, as a demonstration does."""
    client = Client()
    assert client.post(create_signin_link(membership)).status_code == 303
    return client


def ask(client: Client, member: str, kind: str, **said: Any) -> Any:
    """Send the form of one change."""
    return client.post(f"/members/people/{member}", {"kind": kind, **said})


def waiting(client: Client) -> list[str]:
    """The proposals of the queue."""
    page = client.get("/members/?view=waiting").content.decode()
    return re.findall(r"/members/changes/([0-9a-f-]{36})", page)


def office(membership: str) -> Asker:
    """A member in the office of administration, for direct SQL."""
    return Asker(membership, OFFICE)


def in_directory(world: Path, membership: str) -> dict[str, Any] | None:
    """What the directory says of a membership."""
    with administrator(world) as db:
        return db.execute("select * from membership where id = %s", [membership]).fetchone()


@contextmanager
def later(world: Path, by: timedelta) -> Iterator[None]:
    """Move the clock of the node, the application's and the database's."""
    with administrator(world) as db:
        db.execute(
            "insert into accord.clock_shift values (1, %s)"
            " on conflict (id) do update set ahead = excluded.ahead",
            [by],
        )
        standings.forget_cached()
        with clock.taken_from(clock.FixedClock(datetime.now(UTC) + by)):
            yield
        db.execute("delete from accord.clock_shift")
    standings.forget_cached()


@contextmanager
def alone(world: Path) -> Iterator[None]:
    """Nobody else administers the agency, whomever other tests made an administrator of it."""
    others = (
        "from membership where agency_id = %s and member_id not like '%%.x.%%'"
        " and 'system-administrator' = any (roles) and valid_until is null"
    )
    with administrator(world) as db:
        found = [row["id"] for row in db.execute(f"select id {others}", [AGENCY])]
        db.execute("update membership set valid_until = now() where id = any (%s)", [found])
        yield
        db.execute("update membership set valid_until = null where id = any (%s)", [found])


def proposed(client: Client, member: str = ROOKIE, kind: str = "role", **said: object) -> str:
    said = said or {"add": "analyst"}
    assert ask(client, member, kind, **said).status_code == 303
    return waiting(client)[-1]


def approve(client: Client, change: str) -> int:
    return client.post(f"/members/changes/{change}/approve").status_code


def put(db, by: str, kind: str, facts: dict[str, object], about: str = ROOKIE, **more: str) -> UUID:
    made = uuid4()
    db.execute(
        "insert into directory_change (id, agency_id, kind, member_id, membership_id, facts, state,"
        " proposed_by, proposed_at, via) values (%s, %s, %s, %s, %s, %s, %s, %s, now(), 'page')",
        [made, more.get("agency", AGENCY), kind, about, about, Jsonb(facts),
         more.get("state", "proposed"), by],
    )  # fmt: skip
    return made


def entries(world: Path, *members: str, but: Container[UUID] = ()) -> dict[UUID, str]:
    """Who made each entry of kind `membership` that these members made, but for those known before.

    Others move the clock, so what is new is told by its id and not by its time.
    """
    with administrator(world) as db:
        rows = db.execute(
            "select id, actor_id from ledger_entry where actor_id = any (%s)"
            " and kind = 'membership' order by id",
            [list(members)],
        ).fetchall()
    return {row["id"]: row["actor_id"] for row in rows if row["id"] not in but}
