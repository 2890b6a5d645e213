"""A published agreement, loaded onto a node: PostgreSQL shows what its answer key says, no more.

tests/policy/test_public_agreements.py asks the interpreters; here the same samples are asked of
the database, through a real scope, under the application's role.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connections

from accord.agencies import queries as agencies
from accord.agreements.compiled import KEY_KINDS
from accord.agreements.context import WorkingContext, resolve
from accord.agreements.scope import open_scope
from accord.agreements.standing import HeldKey
from accord.cli.load import load_world
from accord.kernel.errors import NotFound
from accord.platform.db import launcher
from accord.records.models import Part
from isolation.worlds import copy_database, point_at

WORLDS = Path(__file__).parents[2] / "worlds"
SLUGS = ("simply-report", "west-bay", "bureau-task-force")
PUBLISHED = "published"
Admin = psycopg.Connection[Any]


def _samples(slug: str) -> list[dict[str, Any]]:
    found = json.loads((WORLDS / slug / "answer_key.json").read_text("utf-8"))
    samples: list[dict[str, Any]] = found["access"]
    return samples


SAMPLES = [
    pytest.param(sample, id=f"{slug}: {sample['why']}")
    for slug in SLUGS
    for sample in _samples(slug)
]


@pytest.fixture(scope="module")
def admin(node: Path) -> Iterator[Admin]:
    """A database of its own with the three worlds, so that no other test meets their agencies."""
    before = connections["default"].settings_dict["NAME"]
    dsn = launcher.ensure_running(node).admin_dsn
    copy_database(node, before, PUBLISHED)
    try:
        point_at(PUBLISHED)
        for slug in SLUGS:
            loaded = load_world(node, WORLDS / slug)
            assert loaded.loaded > 20
            assert loaded.unplaced == {}
        with psycopg.connect(dsn, dbname=PUBLISHED, autocommit=True) as connection:
            yield connection
    finally:
        point_at(before)
        with psycopg.connect(dsn, dbname="postgres", autocommit=True) as connection:
            connection.execute(f"drop database if exists {PUBLISHED} with (force)")


def _part(admin: Admin, sample: dict[str, Any]) -> tuple[UUID, str, int]:
    owner, source_ref = sample["record"]
    row = admin.execute(
        "select p.id, p.owner_id, p.label_id from part p join record r on r.id = p.record_id "
        "where r.owner_id = %s and r.source_ref = %s and p.kind = %s and p.superseded_at is null",
        [owner, source_ref, sample["part"]],
    ).fetchone()
    assert row is not None, "the sample names a part that the world has"
    part_id, owner_id, label_id = row
    return part_id, owner_id, label_id


@contextmanager
def _carrying(
    admin: Admin,
    part: tuple[UUID, str, int],
    kinds: list[str],
    held: tuple[HeldKey, ...],
) -> Iterator[None]:
    """Give the part exactly the kinds of key that the sample names, then put it back."""
    made, part_id = [], part[0]
    parked = admin.execute(
        "update part_key set valid_until = valid_from where part_id = %s and valid_until is null "
        "returning id",
        [part_id],
    ).fetchall()
    for kind in kinds:
        key = next(h.key for h in reversed(held) if h.kind == kind)
        key_id = uuid4()
        admin.execute(
            "insert into part_key (id, part_id, owner_id, label_id, kind, key, valid_from) "
            "values (%s, %s, %s, %s, %s, %s, now() - interval '1 minute')",
            [key_id, *part, KEY_KINDS.index(kind), key],
        )
        made.append(key_id)
    try:
        yield
    finally:
        admin.execute("delete from part_key where id = any(%s)", [made])
        admin.execute(
            "update part_key set valid_until = null where id = any(%s)", [[r[0] for r in parked]]
        )


def _context(sample: dict[str, Any]) -> WorkingContext | None:
    actor = agencies.actor(sample["member"])
    try:
        return resolve(actor, sample["purpose"], sample["legal_basis"], sample["case"])
    except NotFound:
        return None


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_database_answers_as_the_key_says(admin: Admin, sample: dict[str, Any]) -> None:
    part, context = _part(admin, sample), _context(sample)
    shown = False
    if context is not None:
        actor = agencies.actor(sample["member"])
        with open_scope(actor, context, action=sample["action"]) as scope:
            held = scope.standing.held
        with (
            _carrying(admin, part, sample["keys"], held),
            open_scope(actor, context, action=sample["action"]),
        ):
            shown = Part.objects.filter(id=part[0]).exists()
    assert shown == (sample["answer"] == "allowed")


def test_loading_again_changes_nothing(node: Path, admin: Admin) -> None:
    again = load_world(node, WORLDS / SLUGS[0])
    assert (again.loaded, again.revised, again.unchanged) == (0, 0, 22)
