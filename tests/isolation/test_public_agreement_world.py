"""A published agreement, loaded onto a node: PostgreSQL shows what its answer key says, no more.

tests/policy/test_public_agreements.py asks the interpreters; here the same samples are asked of
the database, through a real scope, under the application's role.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections

from accord.cli.load import load_world
from accord.platform.db import launcher
from isolation.sampling import shown
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


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_database_answers_as_the_key_says(admin: Admin, sample: dict[str, Any]) -> None:
    assert shown(admin, sample) == (sample["answer"] == "allowed")


def test_loading_again_changes_nothing(node: Path, admin: Admin) -> None:
    again = load_world(node, WORLDS / SLUGS[0])
    assert (again.loaded, again.revised, again.unchanged) == (0, 0, 22)
