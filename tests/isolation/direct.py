"""PostgreSQL asked directly, as the application's role, under the seal of a real member."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor
from accord.agreements import queries
from accord.agreements import standing as standings
from accord.agreements.context import WorkingContext, resolve
from accord.agreements.standing import Standing
from accord.platform.db import launcher
from accord.platform.db.config import django_database
from accord.platform.db.seal import Backend, seal_text
from accord.platform.secrets import secret_bytes

Connection = psycopg.Connection[Any]
Row = dict[str, Any]


@dataclass(frozen=True)
class Asker:
    """A member, why they ask, and in which case."""

    membership: str
    purpose: str
    case: str | None = None
    action: str = "view"
    basis: str = "statute"

    def __str__(self) -> str:
        return f"{self.membership} {self.action} for {self.purpose} in {self.case or 'no case'}"

    @property
    def actor(self) -> Actor:
        return agencies.actor(self.membership)

    @property
    def context(self) -> WorkingContext:
        return resolve(self.actor, self.purpose, self.basis, self.case)

    def standing(self) -> Standing:
        """The standing that the application would take, stored."""
        return standings.for_request(self.actor, self.context, queries.policy_epoch())


def reseal_signins(
    db: Connection, change: LiteralString, only: LiteralString = "true", *values: object
) -> None:
    """Change sign-ins under the seal of the node: `change` is the SET clause, `only` says of which."""
    from accord.identity.actions.signins import SEALED, seal_of

    columns = sql.SQL(", ").join(map(sql.Identifier, SEALED))
    asked = sql.SQL("update signin set {} where ended_at is null and {} returning {}")
    with db.cursor(row_factory=dict_row) as cursor:
        wanted = asked.format(sql.SQL(change), sql.SQL(only), columns)
        for row in cursor.execute(wanted, values).fetchall():
            cursor.execute("update signin set mac = %s where id = %s", [seal_of(row), row["id"]])


def connect(data_dir: Path, role: str = "accord_app") -> Connection:
    known = django_database(data_dir, role)
    return psycopg.connect(
        dbname=known["NAME"],
        user=known["USER"],
        password=known["PASSWORD"],
        host=known["HOST"],
        port=known["PORT"],
        options=known["OPTIONS"].get("options", ""),
        row_factory=dict_row,
    )


@cache
def admin_dsn(data_dir: Path) -> str:
    """Where the server of the tests is reached; looking whether it runs takes longer than asking it."""
    return launcher.ensure_running(data_dir, fast=True).admin_dsn


def administrator(data_dir: Path, database: str = "accord") -> Connection:
    return psycopg.connect(
        admin_dsn(data_dir), dbname=database, autocommit=True, row_factory=dict_row
    )


def backend_of(db: Connection) -> Backend:
    row = db.execute(
        "select pg_backend_pid() as pid,"
        " (extract(epoch from transaction_timestamp()) * 1000000)::bigint as us"
    ).fetchone()
    return Backend(row["pid"], row["us"])


def seal_for(data_dir: Path, asker: Asker, backend: Backend, *, life_us: int = 60_000_000) -> str:
    standing = asker.standing()
    return seal_text(
        secret_bytes(data_dir, "seal.key"),
        standing=standing.id,
        action=asker.action,
        keys=[held.key for held in standing.held],
        expires_us=backend.transaction_us + life_us,
        backend=backend,
    )


def put_seal(db: Connection, text: str) -> None:
    db.execute("select set_config('accord.seal', %s, true)", [text])


@contextmanager
def sealed(data_dir: Path, asker: Asker) -> Iterator[Connection]:
    """A transaction of the application's role under this asker's seal, rolled back at the end."""
    asker.standing()  # stored and committed before the transaction that refers to it
    with connect(data_dir) as db:
        put_seal(db, seal_for(data_dir, asker, backend_of(db)))
        yield db
        db.rollback()
