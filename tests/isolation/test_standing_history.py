"""What anyone could see at any time can be worked out again from what was stored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from accord.agencies import queries as agencies
from accord.agreements import queries
from accord.agreements.compiled import compile_policy
from accord.agreements.context import resolve
from accord.agreements.domain import Context, Requester
from accord.agreements.labelindex import LabelIndex
from accord.agreements.scope import open_scope
from accord.agreements.standing import ACTIONS
from accord.platform.db import launcher


@pytest.mark.parametrize(
    ("member", "purpose", "case"),
    [
        ("riverbend-pd.m.alvarez", "human-trafficking-investigation", "HT-2026-014"),
        ("safe-harbor.i.moreau", "victim-protection", None),
        ("harlan-so.e.rasmussen", "records-administration", None),
    ],
)
def test_a_stored_standing_is_worked_out_again_byte_for_byte(
    world: Path, member: str, purpose: str, case: str | None
) -> None:
    actor = agencies.actor(member)
    with open_scope(actor, resolve(actor, purpose, "statute", case)) as scope:
        standing = scope.standing.id
    columns = ", ".join(f"{action}_bits" for action in ACTIONS)
    with psycopg.connect(launcher.ensure_running(world).admin_dsn, dbname="accord") as admin:
        row = admin.execute(
            f"select agency_id, roles, created_at, facts, {columns} from accord.standing "
            "where id = %s",
            [standing],
        ).fetchone()
    assert row is not None
    agency, roles, at, facts, *tables = row
    known = {v.content_hash: v.parsed for v in queries.versions()}
    held = [replace(known[h], suspended=True) for h in facts["suspended"]]
    policy = compile_policy([*(known[h] for h in facts["agreements"]), *held])
    requester = Requester(
        agency=agency,
        kind=facts["agency_kind"],
        country=facts["country"],
        roles=frozenset(roles),
        clearance=facts["clearance"],
        nationality=facts["nationality"],
        training=frozenset(facts["training"]),
        assurance=facts["assurance"],
    )
    context = Context(facts["purpose"], facts["case"], facts["legal_basis"], at)
    labels = LabelIndex(queries.labels_by_number(facts["labels"] - 1))
    assumed = frozenset(facts["assumed"])
    again = [policy.alternatives(requester, context, a, labels, assumed).table for a in ACTIONS]
    assert again == [bytes(table) for table in tables]
    assert any(any(table[:65_536]) for table in again)
