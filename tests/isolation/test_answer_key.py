"""The answer key's "who may see what", written by hand, is what PostgreSQL shows.

tests/unit/world compares the key with the reference interpreter; here the same samples are asked
of the database, through a real scope, under the application's role.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from accord.agencies import queries as agencies
from accord.agreements.context import resolve
from accord.agreements.scope import open_scope
from accord.platform.db import launcher
from accord.records.models import Part
from accord.records.queries import record_view, record_views
from isolation.sampling import shown

RIVERBEND = Path(__file__).parents[2] / "worlds" / "riverbend"
SAMPLES: list[dict[str, Any]] = [
    s
    for s in json.loads((RIVERBEND / "answer_key.json").read_text("utf-8"))["access"]
    if not s.get("under_amendment")
]


def name(sample: dict[str, Any]) -> str:
    return f"{sample['why']} ({sample['member']}, {sample['action']} {sample['part']})"


@pytest.fixture(scope="module")
def admin(world: Path) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(launcher.ensure_running(world).admin_dsn, dbname="accord") as connection:
        connection.autocommit = True
        yield connection


@pytest.mark.parametrize("sample", SAMPLES, ids=name)
def test_the_database_answers_as_the_key_says(
    world: Path, admin: psycopg.Connection[Any], sample: dict[str, Any]
) -> None:
    assert shown(admin, sample) == (sample["answer"] == "allowed")


def test_a_list_never_unseals_and_a_victim_goes_by_a_pseudonym_even_where_her_name_is_open(
    world: Path,
) -> None:
    actor = agencies.actor("riverbend-pd.m.alvarez")
    context = resolve(actor, "human-trafficking-investigation", "agreement", "HT-2026-014")
    with open_scope(actor, context) as scope:
        record_id = Part.objects.get(record__source_ref="RP-26-0902", kind="identity").record_id
        (listed,) = record_views(scope, [record_id])
        noted = {item.part for item in scope.entry().items}
        identity = listed.part("identity")
        assert identity is not None
        assert identity.sealed
        assert identity.values == {}
        assert str(identity.part_id) not in noted
    with open_scope(actor, context) as scope:
        opened = record_view(scope, record_id)
        identity = opened.part("identity")
        assert identity is not None
        assert identity.values["name"]
        assert str(identity.part_id) in {item.part for item in scope.entry().items}
        assert "identity" not in opened.captioned
