"""What the directory says of agencies, kept while a test changes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from psycopg.types.json import Jsonb

from isolation.direct import administrator

PARTS = ("territory", "competence", "duty_desk")


def kept_entries(world: Path) -> Iterator[None]:
    """Put back what was there, when the test is over."""
    with administrator(world) as db:
        kept = db.execute("select id, territory, competence, duty_desk from agency").fetchall()
    yield
    with administrator(world) as db:
        for row in kept:
            db.execute(
                "update agency set territory = %s, competence = %s, duty_desk = %s where id = %s",
                [*(Jsonb(row[part]) for part in PARTS), row["id"]],
            )


def kept_keys(world: Path) -> Iterator[None]:
    """Put back the keys that agencies had, and take out what others signed, when the test is over."""
    columns = "id, agency_id, public_key, valid_from, retired_at, revoked_at, revoked_from, reason"
    with administrator(world) as db:
        kept = db.execute(f"select {columns} from agency_key").fetchall()
        last = db.execute("select max(id) as id from agreement_state").fetchone()
    yield
    with administrator(world) as db:
        db.execute("delete from agreement_state where id > %s", [last["id"] if last else 0])
        db.execute("delete from agency_key")
        for row in kept:
            db.execute(
                f"insert into agency_key ({columns}) values (%s, %s, %s, %s, %s, %s, %s, %s)",
                list(row.values()),
            )
