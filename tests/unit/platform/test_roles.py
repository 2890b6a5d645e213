"""The five roles are what they must be, and PUBLIC may do nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from accord.platform.db import launcher, roles
from accord.platform.db.cluster import Cluster

DENIED = psycopg.errors.InsufficientPrivilege


@pytest.fixture(scope="module")
def cluster(pg_bin: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    data_dir = tmp_path_factory.mktemp("roles") / ".accord"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ACCORD_PG_BIN", str(pg_bin))
        patch.delenv("ACCORD_DATABASE_URL", raising=False)
        made = launcher.ensure_running(data_dir, fast=True)
        roles.bootstrap(made, data_dir)
        yield made
        launcher.stop(data_dir)


def run(cluster: Cluster, role: str, *statements: str) -> object:
    """Run statements as the role in one transaction; the last one's first value."""
    with psycopg.connect(cluster.dsn(role)) as connection:
        for statement in statements:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def test_attributes_and_memberships_are_exactly_these(cluster: Cluster) -> None:
    with psycopg.connect(cluster.admin_dsn) as admin:
        found = admin.execute(
            "select rolname, rolcanlogin, rolbypassrls, rolinherit,"
            " rolsuper or rolcreatedb or rolcreaterole or rolreplication,"
            " array(select g.rolname::text from pg_auth_members m join pg_roles g"
            "       on g.oid = m.roleid where m.member = r.oid order by 1)"
            " from pg_roles r where rolname ~ '^accord_' and rolname <> 'accord_admin' order by 1"
        ).fetchall()
    assert found == [
        ("accord_app", True, False, False, False, []),
        ("accord_backup", True, True, True, False, ["pg_read_all_data"]),
        ("accord_migrate", True, False, False, False, ["accord_owner"]),
        ("accord_owner", False, False, True, False, ["accord_probe"]),
        ("accord_probe", False, True, False, False, []),
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "create table t (a int)",
        "create table accord.t (a int)",
        "create temporary table t (a int)",
        "create schema s",
        "set role accord_owner",
        "set role accord_probe",
        "set role accord_migrate",
        "set session authorization accord_owner",
        "alter role accord_app bypassrls",
        "select pg_read_file('/etc/passwd')",
        "copy (select 1) to program 'cat'",
    ],
)
def test_the_application_may_not(cluster: Cluster, statement: str) -> None:
    with pytest.raises(DENIED):
        run(cluster, roles.APP, statement)


def test_the_application_may_enter_no_other_database(cluster: Cluster) -> None:
    for database in ("postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(cluster.dsn(roles.APP, database))


def test_public_holds_no_right(cluster: Cluster) -> None:
    with psycopg.connect(cluster.admin_dsn) as admin:
        acl = admin.execute(
            "select datacl::text from pg_database where datname = 'accord'"
        ).fetchone()
    with psycopg.connect(cluster.dsn(roles.MIGRATE)) as connection:
        schemata = connection.execute(
            "select nspname, nspacl::text from pg_namespace where nspname in ('public', 'accord')"
        ).fetchall()
    assert acl is not None
    for rights in (acl[0], *(rights for _, rights in schemata)):
        assert not [item for item in rights.strip("{}").split(",") if item.startswith("=")]


def test_migrate_creates_as_owner_and_hands_functions_to_the_probe(cluster: Cluster) -> None:
    with pytest.raises(psycopg.Error):
        run(cluster, roles.MIGRATE, "create table public.kept (a int)")
    run(
        cluster,
        roles.MIGRATE,
        "set role accord_owner",
        "create table kept (a int)",
        "insert into kept values (1)",
        "create function accord.one() returns int language sql security definer as 'select 1'",
        "revoke all on function accord.one() from public",
        "alter function accord.one() owner to accord_probe",
        "grant execute on function accord.one() to accord_app",
    )
    assert run(cluster, roles.APP, "select accord.one()") == 1
    with pytest.raises(DENIED):
        run(cluster, roles.APP, "select a from kept")


def test_owner_does_not_inherit_bypassrls(cluster: Cluster) -> None:
    seen = run(
        cluster,
        roles.MIGRATE,
        "set role accord_owner",
        "create table hidden (a int)",
        "insert into hidden values (1)",
        "alter table hidden enable row level security",
        "alter table hidden force row level security",
        "select count(*) from hidden",
    )
    assert seen == 0
    assert run(cluster, roles.BACKUP, "select count(*) from hidden") == 1


def test_backup_reads_and_never_writes(cluster: Cluster) -> None:
    run(cluster, roles.MIGRATE, "set role accord_owner", "create table copied (a int)")
    assert run(cluster, roles.BACKUP, "select count(*) from copied") == 0
    for statements in (
        ["insert into copied values (1)"],
        ["set transaction read write", "insert into copied values (1)"],
    ):
        with pytest.raises((DENIED, psycopg.errors.ReadOnlySqlTransaction)):
            run(cluster, roles.BACKUP, *statements)


def test_trigrams_and_accents_work_beyond_latin(cluster: Cluster) -> None:
    query = (
        "select similarity('Мария', 'Мариа') > 0.3 and unaccent('José') = 'Jose'"
        " and lower('ÄПÉ') = 'äпé'"
    )
    assert run(cluster, roles.APP, query) is True


def test_a_second_bootstrap_keeps_passwords_and_puts_right_what_was_altered(
    cluster: Cluster,
) -> None:
    stored = (cluster.data_dir / "secrets" / "db.json").read_text()
    with psycopg.connect(cluster.admin_dsn) as admin:
        admin.execute("alter role accord_app bypassrls createrole")
        admin.execute("grant accord_owner to accord_app")
        admin.execute("grant temporary on database accord to public")
    roles.bootstrap(cluster, cluster.data_dir)
    assert (cluster.data_dir / "secrets" / "db.json").read_text() == stored
    test_attributes_and_memberships_are_exactly_these(cluster)
    test_public_holds_no_right(cluster)


def test_the_password_file_is_private_and_says_where_the_database_is(cluster: Cluster) -> None:
    path = cluster.data_dir / "secrets" / "db.json"
    assert path.stat().st_mode & 0o777 == 0o600
    known = json.loads(path.read_text())
    assert known["host"] == cluster.host
    assert known["dbname"] == "accord"
    assert set(known["roles"]) == {"accord_app", "accord_migrate", "accord_backup"}


def test_an_administrator_who_is_no_superuser_can_bootstrap_twice(
    cluster: Cluster, tmp_path: Path, pg_bin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCORD_PG_BIN", str(pg_bin))
    monkeypatch.delenv("ACCORD_DATABASE_URL", raising=False)
    inner_dir, outer_dir = tmp_path / "inner", tmp_path / "outer"
    inner = launcher.ensure_running(inner_dir, fast=True)
    try:
        with psycopg.connect(inner.admin_dsn, autocommit=True) as admin:
            admin.execute("create role manager login createdb createrole bypassrls password 'pw'")
            admin.execute("grant pg_read_all_data to manager with admin option")
        url = f"postgresql://manager:pw@/postgres?host={inner.host}&port={inner.port}"
        monkeypatch.setenv("ACCORD_DATABASE_URL", url)
        outer = launcher.ensure_running(outer_dir)
        for _ in range(2):
            roles.bootstrap(outer, outer_dir)
        assert run(outer, roles.APP, "select current_user") == "accord_app"
        run(outer, roles.MIGRATE, "set role accord_owner", "create table t (a int)")
    finally:
        monkeypatch.delenv("ACCORD_DATABASE_URL", raising=False)
        launcher.stop(inner_dir)


def test_a_table_name_with_a_quote_is_only_a_name(cluster: Cluster) -> None:
    odd = 'odd"name'
    roles.bootstrap(cluster, cluster.data_dir, database=odd)
    with psycopg.connect(cluster.admin_dsn, autocommit=True) as admin:
        names = {name for (name,) in admin.execute("select datname from pg_database")}
        admin.execute(sql.SQL("drop database {}").format(sql.Identifier(odd)))
    roles.bootstrap(cluster, cluster.data_dir)
    assert odd in names
