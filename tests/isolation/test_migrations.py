"""Migrations, run on a node that already holds a world."""

from __future__ import annotations

from pathlib import Path

import psycopg
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from accord.platform.db import launcher
from accord.platform.migrate import migrate

TABLES = ("record", "part", "part_key", "joint_case", "agreement_version", "ledger_leaf")


def _state(world: Path) -> tuple[dict[str, int], set[tuple[str, str, str]]]:
    with psycopg.connect(launcher.ensure_running(world).admin_dsn, dbname="accord") as admin:
        counts = {
            t: admin.execute(f"select count(*), max(xmin::text::bigint) from {t}").fetchone()
            for t in TABLES
        }
        policies = set(admin.execute("select tablename, policyname, cmd from pg_policies"))
    return counts, policies


def test_migrating_a_node_with_data_again_rewrites_no_row_and_loses_no_policy(world: Path) -> None:
    before = _state(world)
    assert before[0]["part"][0] > 0
    migrate(world)
    assert _state(world) == before


def test_no_model_has_changed_without_a_migration() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    now = ProjectState.from_apps(apps)
    found = MigrationAutodetector(loader.project_state(), now).changes(graph=loader.graph)
    assert {app: [str(m) for m in missing] for app, missing in found.items()} == {}
