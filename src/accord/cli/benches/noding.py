"""A node to measure on: made and removed, or one that was named; and what fills it for a figure."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

WORLD = Path("worlds/riverbend")
VIEWER, PURPOSE = "harlan-so.c.boone", "human-trafficking-investigation"
OWNERS = ("harlan-so", "mx-fgr-norte", "riverbend-pd", "safe-harbor", "state-bi", "tri-county-da")


@contextmanager
def node_for(data_dir: Path | None) -> Iterator[tuple[Path, Any]]:
    """A prepared node and a superuser's connection to it; removed at the end unless it was named."""
    from accord.cli import node

    folder = data_dir or Path(tempfile.mkdtemp(prefix="accord-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    try:
        with node.prepared(folder, demo=True), administrator(folder) as admin:
            yield folder, admin
    finally:
        if data_dir is None:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def world_for(data_dir: Path | None, records: int) -> Iterator[tuple[Path, Any]]:
    """A node, as `node_for` makes it, with a world of so many records that the planner knows."""
    with node_for(data_dir) as (folder, admin):
        from accord.cli.load import load_world, show

        load_world(folder, WORLD, size=records, progress=show)
        admin.execute("analyze")
        yield folder, admin


def administrators_dsn(folder: Path) -> str:
    """How a superuser connects to the node's database, which is started where it does not run."""
    from psycopg.conninfo import make_conninfo

    from accord.platform.db import launcher

    cluster = launcher.ensure_running(folder)
    return make_conninfo(cluster.admin_dsn, dbname="accord", connect_timeout="10")


def administrator(folder: Path) -> Any:
    """A superuser's connection to the node's database."""
    import psycopg

    return psycopg.connect(administrators_dsn(folder), autocommit=True)


def count(admin: Any, what: str = "record") -> int:
    """How many rows a table has."""
    from psycopg import sql

    found: int = admin.execute(
        sql.SQL("select count(*) from {}").format(sql.Identifier(what))
    ).fetchone()[0]
    return found


def scope_of(viewer: str = VIEWER, purpose: str = PURPOSE) -> Any:
    """A scope of this member for this purpose, without a case."""
    from accord.agreements.scope import open_scope

    return open_scope(*asking(viewer, purpose))


def asking(viewer: str = VIEWER, purpose: str = PURPOSE) -> tuple[Any, Any]:
    """The member who asks, and the context: this purpose, without a case."""
    from accord.agencies import queries as agencies
    from accord.agreements.context import resolve

    actor = agencies.actor(viewer)
    return actor, resolve(actor, purpose, "statute", None)


def number_labels(wanted: int) -> None:
    """Number this many labels that no record has, spread over what clauses name."""
    from django.db import transaction

    from accord.agreements import labels
    from accord.kernel.labels import Label
    from accord.kernel.vocabulary import Vocabulary

    dice, words = random.Random(wanted), Vocabulary.load(1).words  # noqa: S311 - no secret
    made: set[Label] = set()
    while len(made) < wanted:
        made.add(
            Label(
                owner=dice.choice(OWNERS),
                schema=dice.choice(words("schema")),
                part=dice.choice(words("part")),
                subjects=frozenset({dice.choice(words("subject"))}),
                sensitivity=dice.choice(words("sensitivity")),
                handling=dice.choice(words("handling")),
                basis=dice.choice(words("basis")),
                offence=dice.choice(words("offence")),
                minor=dice.random() < 0.1,
                sealed=False,
                intelligence=False,
            )
        )
    with transaction.atomic():
        labels.number_labels(sorted(made, key=lambda label: label.hash))
