"""The live database holds what is declared, and nothing else; and each check notices a break."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from accord.platform.db import launcher
from isolation import catalogue_checks as checks
from isolation.catalogue_checks import CHECKS, Check, Connection


@pytest.fixture
def admin(node: Path) -> Iterator[Connection]:
    """The administrator, in a transaction that is always rolled back."""
    dsn = launcher.ensure_running(node, fast=True).admin_dsn
    with psycopg.connect(dsn, dbname="accord") as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)
def test_the_database_is_as_declared(admin: Connection, check: Check) -> None:
    assert check(admin) == []


def test_every_table_is_looked_at(admin: Connection) -> None:
    """The check would pass on an empty list."""
    found = checks.tables(admin)
    assert {"public.part", "public.record", "public.part_key", "accord.standing"} <= set(found)
    assert sum(1 for name in found if name not in checks.catalogue.OPEN_TABLES) >= 15


BREAKS = [
    (checks.undeclared_tables, "create table public.forgotten (id integer)"),
    (checks.undeclared_tables, "create table accord.forgotten (id integer)"),
    (checks.undeclared_tables, "alter table part no force row level security"),
    (checks.undeclared_tables, "alter table note_revision disable row level security"),
    (checks.undeclared_tables, "create view public.parts as select * from part"),
    (
        checks.policies_that_do_not_fit,
        "drop policy part_key_update on part_key; create policy part_key_update on part_key"
        " for update to accord_app using (owner_id = (select accord.seal_agency()))",
    ),
    (
        checks.policies_that_do_not_fit,
        "alter policy part_key_update on part_key with check (owner_id is not null)",
    ),
    (checks.policies_that_do_not_fit, "drop policy part_insert on part"),
    (checks.policies_that_do_not_fit, "alter policy part_insert on part with check (true)"),
    (
        checks.policies_that_do_not_fit,
        "create policy wide on part for select to accord_app using (owner_id = owner_id)",
    ),
    (checks.policies_that_do_not_fit, "alter policy part_select on part to public"),
    (checks.policies_that_do_not_fit, "grant delete on part to accord_app"),
    (checks.grants_beyond_the_list, "grant update (label_id) on part to accord_app"),
    (checks.grants_beyond_the_list, "grant select (view_bits) on accord.standing to accord_app"),
    (checks.grants_beyond_the_list, "grant select on accord.seal_key to accord_app"),
    (checks.grants_beyond_the_list, "grant truncate on part to accord_app"),
    (checks.grants_beyond_the_list, "grant update on part to accord_probe"),
    (
        checks.functions_that_do_not_fit,
        "create function accord.all_parts() returns bigint language sql security definer"
        " set search_path = pg_catalog, pg_temp as 'select count(*) from public.part'",
    ),
    (checks.functions_that_do_not_fit, "alter function accord.bits(text) reset search_path"),
    (checks.functions_that_do_not_fit, "alter function accord.seal_roles() owner to accord_owner"),
    (
        checks.functions_that_do_not_fit,
        "grant execute on function accord.supersede to accord_backup",
    ),
    (
        checks.functions_that_do_not_fit,
        "create or replace function accord.own_parts(uuid) returns table (part_id uuid,"
        " label_id integer) language sql stable security definer"
        " set search_path = pg_catalog, pg_temp as"
        " 'select id, label_id from public.part where record_id = $1'",
    ),
    (checks.role_attributes, "alter role accord_app bypassrls"),
    (checks.role_attributes, "create role accord_helper"),
    (checks.role_attributes, "grant accord_probe to accord_app"),
    (
        checks.things_that_public_or_the_application_should_not_have,
        "grant temporary on database accord to accord_app",
    ),
    (
        checks.things_that_public_or_the_application_should_not_have,
        "grant create on schema public to accord_app",
    ),
    (
        checks.things_that_public_or_the_application_should_not_have,
        "grant execute on function accord.seal_keys() to public",
    ),
    (
        checks.things_that_public_or_the_application_should_not_have,
        "grant select on agency to public",
    ),
    (
        checks.things_that_public_or_the_application_should_not_have,
        "alter table search_text owner to accord_app",
    ),
    (
        checks.tables_that_do_not_move_the_epoch,
        "drop trigger membership_bumps_epoch on membership",
    ),
    (
        checks.tables_that_do_not_move_the_epoch,
        "alter table label disable trigger label_bumps_epoch",
    ),
]


@pytest.mark.parametrize(("check", "broken"), BREAKS, ids=lambda v: v if isinstance(v, str) else "")
def test_a_break_is_noticed(admin: Connection, check: Check, broken: str) -> None:
    admin.execute(broken)
    assert check(admin) != []


def test_a_declaration_is_read_column_by_column() -> None:
    assert checks.read_grants("select, insert (a, b), update (c)") == {
        "select": None,
        "insert": frozenset({"a", "b"}),
        "update": frozenset({"c"}),
    }
    assert checks.read_grants("") == {}
