"""Where an agency's access has ended, the policy, search and the latest list open the same parts.

The standings here are made by hand: a label may be open without a key and, by another clause, with one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from accord.cases import actions as cases
from accord.cases.queries import case as find_case
from accord.kernel.labels import LABEL_SPACE
from accord.platform.db.seal import seal_text
from accord.platform.secrets import secret_bytes
from isolation.contributing import acting, draft, write
from isolation.direct import Asker, Connection, administrator, backend_of, connect, put_seal
from isolation.naive import HT, TRAFFICKING

RASMUSSEN = "harlan-so.e.rasmussen"
BOONE, ALVAREZ = (
    Asker(name, TRAFFICKING, HT) for name in ("harlan-so.c.boone", "riverbend-pd.m.alvarez")
)
KEYLESS, BY_CASE, EITHER, BY_GRANT = 0b001, 0b010, 0b011, 0b100
NAME = "Ottoline Vantongeren"


@pytest.fixture
def admin(world: Path) -> Iterator[Connection]:
    with administrator(world) as db:
        yield db
        db.execute("delete from access_end")


def placed() -> UUID:
    """A record of Harlan in the joint case: each of its parts carries the key of the case."""
    record = write(draft(agency="harlan-so", name=NAME), by=RASMUSSEN).record_ids[0]
    with acting(BOONE.membership, TRAFFICKING, HT) as scope:
        cases.place_record(scope, find_case(HT), record)
    return record


@contextmanager
def under(
    world: Path, admin: Connection, asker: Asker, opened: dict[int, int]
) -> Iterator[Connection]:
    """The application's role under a standing in which these labels have these alternatives."""
    real = asker.standing()
    bits = bytearray(LABEL_SPACE) + bytes(KEYLESS | (kinds & 0b11) << 1 for kinds in range(256))
    for label, alternatives in opened.items():
        bits[label] = alternatives
    made = uuid4()
    admin.execute(
        "insert into accord.standing"
        " select (jsonb_populate_record(s, %s)).* from accord.standing s where s.id = %s",
        [Jsonb({"id": str(made), "view_bits": "\\x" + bits.hex()}), real.id],
    )
    with connect(world) as db:
        backend = backend_of(db)
        text = seal_text(
            secret_bytes(world, "seal.key"),
            standing=made,
            action="view",
            keys=[held.key for held in real.held],
            expires_us=backend.transaction_us + 60_000_000,
            backend=backend,
        )
        put_seal(db, text)
        yield db
        db.rollback()


def labels_of(admin: Connection, record: UUID) -> list[int]:
    found = admin.execute(
        "select distinct label_id as n from part where record_id = %s", [record]
    ).fetchall()
    return [row["n"] for row in found]


def end(admin: Connection, agency: str, record: UUID, key_kind: int, ago: str = "0") -> None:
    admin.execute(
        "insert into access_end (id, agency, owner_id, record_id, part_kind, key_kind, ends_at, held)"
        " select distinct on (p.kind) gen_random_uuid(), %s, p.owner_id, p.record_id, p.kind, %s,"
        " now() - %s::interval, false from part p where p.record_id = %s",
        [agency, key_kind, ago, record],
    )


def said(db: Connection, record: UUID) -> dict[str, bool]:
    """Whether each way of reading shows the record."""
    asked = Jsonb([{"n": 0, "how": "name", "kind": None, "value": NAME.lower()}])
    ways: dict[str, tuple[str, list[Any]]] = {
        "policy": ("select id as record_id from record where id = %s", [record]),
        "search": (
            "select record_id from accord.find(%s, null, false, 200) where visible",
            [asked],
        ),
        "latest": ("select record_id from accord.latest(null, null, null, 201)", []),
    }
    return {
        way: record in [row["record_id"] for row in db.execute(*asks).fetchall()]
        for way, asks in ways.items()
    }


WITHOUT, OF_CASE, BEFORE_IT = (-1, "0"), (0, "0"), (0, "1 hour")


@pytest.mark.parametrize(
    ("alternatives", "ended", "opens"),
    [
        (KEYLESS, (), True),
        (KEYLESS, (WITHOUT,), False),
        (BY_CASE, (WITHOUT,), True),
        (BY_CASE, (OF_CASE,), False),
        (BY_CASE, (BEFORE_IT,), True),
        (EITHER, (), True),
        (EITHER, (WITHOUT,), True),
        (EITHER, (OF_CASE,), True),
        (EITHER, (WITHOUT, BEFORE_IT), True),
        (EITHER, (WITHOUT, OF_CASE), False),
    ],
)
def test_every_way_of_reading_agrees_on_what_an_end_leaves_open(
    world: Path,
    admin: Connection,
    alternatives: int,
    ended: tuple[tuple[int, str], ...],
    opens: bool,
) -> None:
    record = placed()
    for key_kind, ago in ended:
        end(admin, "riverbend-pd", record, key_kind, ago)
    opened = dict.fromkeys(labels_of(admin, record), alternatives)
    with under(world, admin, ALVAREZ, opened) as db:
        assert said(db, record) == dict.fromkeys(("policy", "search", "latest"), opens)
        rows = db.execute("select record_id from accord.latest(null, null, null, 201)").fetchall()
    assert len(rows) == len({row["record_id"] for row in rows}), "each once"


def test_an_agency_s_access_to_its_own_records_does_not_end(world: Path, admin: Connection) -> None:
    """The application cannot write such a row; where one stood, all would say the same of it."""
    record = placed()
    end(admin, "harlan-so", record, -1)
    opened = dict.fromkeys(labels_of(admin, record), KEYLESS)
    with under(world, admin, BOONE, opened) as db:
        assert said(db, record) == dict.fromkeys(("policy", "search", "latest"), True)


@pytest.mark.parametrize(
    ("own", "newest", "ended", "opens"),
    [
        (KEYLESS, BY_CASE, (), True),
        (BY_CASE, KEYLESS, (), True),
        (KEYLESS, BY_CASE, (OF_CASE,), False),
        (KEYLESS, BY_CASE, (WITHOUT,), False),
        (KEYLESS, BY_GRANT, (), False),
        (BY_CASE, BY_GRANT, (), False),
        (KEYLESS, 0, (), False),
        (0, KEYLESS, (), False),
    ],
)
def test_an_older_revision_is_judged_under_each_of_its_labels(
    world: Path,
    admin: Connection,
    own: int,
    newest: int,
    ended: tuple[tuple[int, str], ...],
    opens: bool,
) -> None:
    record = placed()
    for key_kind, ago in ended:
        end(admin, "riverbend-pd", record, key_kind, ago)
    label, *more = labels_of(admin, record)
    other = admin.execute(
        "select min(id) as n from label where id <> all(%s)", [[label, *more]]
    ).fetchone()["n"]
    relabelled = "update part set newest_label_id = %s where record_id = %s and label_id = %s"
    admin.execute(relabelled, [other, record, label])
    try:
        with under(world, admin, ALVAREZ, {label: own, other: newest}) as db:
            seen = db.execute("select 1 from part where record_id = %s", [record]).fetchall()
    finally:
        admin.execute(relabelled, [label, record, label])
    assert bool(seen) is opens
