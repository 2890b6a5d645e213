"""The answer key's "who may see what", written by hand, is what PostgreSQL shows.

tests/unit/world compares the key with the reference interpreter; here the same samples are asked
of the database, through a real scope, under the application's role.
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

from accord.agencies import queries as agencies
from accord.agreements.compiled import KEY_KINDS
from accord.agreements.context import WorkingContext, resolve
from accord.agreements.scope import open_scope
from accord.agreements.standing import HeldKey
from accord.kernel.errors import NotFound
from accord.platform.db import launcher
from accord.records.models import Part
from accord.records.queries import record_view, record_views

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


def _part(admin: psycopg.Connection[Any], sample: dict[str, Any]) -> tuple[UUID, str, int]:
    owner, source_ref = sample["record"]
    row = admin.execute(
        "select p.id, p.owner_id, p.label_id from part p join record r on r.id = p.record_id "
        "where r.owner_id = %s and r.source_ref = %s and p.kind = %s and p.superseded_at is null",
        [owner, source_ref, sample["part"]],
    ).fetchone()
    assert row is not None, "the sample names a part that the world has"
    return row


@contextmanager
def _carrying(
    admin: psycopg.Connection[Any],
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
    try:
        return resolve(
            agencies.actor(sample["member"]),
            sample["purpose"],
            sample["legal_basis"],
            sample["case"],
        )
    except NotFound:
        return None  # no need to know the case: nothing can be asked in it at all


@pytest.mark.parametrize("sample", SAMPLES, ids=name)
def test_the_database_answers_as_the_key_says(
    world: Path, admin: psycopg.Connection[Any], sample: dict[str, Any]
) -> None:
    part = _part(admin, sample)
    context = _context(sample)
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
