"""The five database roles, the database they share, and what each may do there.

role            login  what it is
accord_owner    no     owns tables, functions and policies, and manages the probe's functions
accord_app      yes    web and worker: neither owner nor BYPASSRLS, inherits nothing
accord_probe    no     BYPASSRLS; owns the seal's functions and the search probes, no table
accord_migrate  yes    may SET ROLE accord_owner, and has no right of its own
accord_backup   yes    BYPASSRLS, reads everything, writes nothing

BYPASSRLS is an attribute and is never inherited: accord_owner, a member of accord_probe so that
migrations can hand functions to it, is still under the forced policies.

Row-level security applies to accord_app alone, since every table with agency data forces it on its
owner as well. PUBLIC has no right at all: not to connect, not to the schema, not to temporary
tables. Accord needs none of those, and a temporary table could stand in the way of a real one in
a function whose search path is not pinned.

Passwords are drawn at random, kept in secrets/db.json of the data directory, and sent to the server
only as SCRAM verifiers, so that no log can show one.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from accord.platform.db.cluster import (
    DATABASE,
    Cluster,
    passwords_file,
    stored_passwords,
)
from accord.platform.db.errors import DatabaseUnavailable
from accord.platform.files import private_folder, write_private

OWNER = "accord_owner"
APP = "accord_app"
PROBE = "accord_probe"
MIGRATE = "accord_migrate"
BACKUP = "accord_backup"
SCHEMA = "accord"
EXTENSIONS = ("pg_trgm", "unaccent")

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class Role:
    """A database role as it must be."""

    name: str
    login: bool = False
    bypasses_rls: bool = False
    inherits: bool = False
    member_of: tuple[str, ...] = ()

    @property
    def attributes(self) -> sql.SQL:
        """Every attribute by name, so that a role that was altered is put right."""
        words = [
            "LOGIN" if self.login else "NOLOGIN",
            "BYPASSRLS" if self.bypasses_rls else "NOBYPASSRLS",
            "INHERIT" if self.inherits else "NOINHERIT",
            "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION",
        ]
        return sql.SQL(" ".join(words))


ROLES = (
    Role(PROBE, bypasses_rls=True),
    Role(OWNER, inherits=True, member_of=(PROBE,)),
    Role(APP, login=True),
    Role(MIGRATE, login=True, member_of=(OWNER,)),
    Role(
        BACKUP,
        login=True,
        bypasses_rls=True,
        inherits=True,
        member_of=("pg_read_all_data",),
    ),
)


def bootstrap(
    cluster: Cluster, data_dir: Path, *, database: str = DATABASE, empty: bool = False
) -> None:
    """Make the roles and the database, or put right what is there.

    `empty` leaves the database without schemata, for a backup that brings its own.
    """
    passwords = _passwords(data_dir)
    _store(cluster, data_dir, database, passwords)
    try:
        with psycopg.connect(cluster.admin_dsn, autocommit=True) as admin:
            for role in ROLES:
                _make_role(admin, role, passwords.get(role.name))
            _make_database(admin, database)
            if cluster.origin != "external":
                _close_other_databases(admin)
        if empty:
            return
        with psycopg.connect(_at(cluster.admin_dsn, database)) as admin:
            _make_schemas(admin, database)
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseUnavailable(
            f"The administrator in ACCORD_DATABASE_URL may not prepare the database: {error}"
            " It needs to create roles (with BYPASSRLS), a database and extensions."
        ) from error


def _at(dsn: str, database: str) -> str:
    return make_conninfo(dsn, dbname=database)


def _passwords(data_dir: Path) -> dict[str, str]:
    """One password for each role that may log in; those that exist are kept."""
    stored = stored_passwords(data_dir)
    return {
        role.name: stored.get(role.name) or secrets.token_urlsafe(32)
        for role in ROLES
        if role.login
    }


def _store(cluster: Cluster, data_dir: Path, database: str, passwords: dict[str, str]) -> None:
    """Write down where the database is and its passwords, for Django and for restarts."""
    known = {
        "host": cluster.host,
        "port": cluster.port,
        "dbname": database,
        "roles": passwords,
    }
    path, text = passwords_file(data_dir), json.dumps(known, indent=1, sort_keys=True)
    private_folder(path.parent)
    if not path.exists() or path.read_text("utf-8") != text:
        write_private(path, text)


def _make_role(admin: Connection, role: Role, password: str | None) -> None:
    name = sql.Identifier(role.name)
    if not _exists(admin, "select from pg_roles where rolname = %s", role.name):
        admin.execute(sql.SQL("CREATE ROLE {} {}").format(name, role.attributes))
    elif _differs(admin, role):
        admin.execute(sql.SQL("ALTER ROLE {} {}").format(name, role.attributes))
    if password is not None:
        verifier = admin.pgconn.encrypt_password(
            password.encode(), role.name.encode(), b"scram-sha-256"
        )
        admin.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, sql.Literal(verifier.decode()))
        )
    _set_memberships(admin, role)
    if role.name == BACKUP:
        admin.execute(sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(name))


def _differs(admin: Connection, role: Role) -> bool:
    """Whether the role's attributes are not those wanted.

    Altering only what differs lets an administrator who is not a superuser run this again.
    """
    found = admin.execute(
        "select rolcanlogin, rolbypassrls, rolinherit,"
        " rolsuper or rolcreatedb or rolcreaterole or rolreplication"
        " from pg_roles where rolname = %s",
        [role.name],
    ).fetchone()
    return found != (role.login, role.bypasses_rls, role.inherits, False)


def _set_memberships(admin: Connection, role: Role) -> None:
    held = {
        name
        for (name,) in admin.execute(
            "select g.rolname from pg_auth_members m join pg_roles g on g.oid = m.roleid"
            " join pg_roles r on r.oid = m.member where r.rolname = %s",
            [role.name],
        )
    }
    name = sql.Identifier(role.name)
    for group in held - set(role.member_of):
        admin.execute(sql.SQL("REVOKE {} FROM {}").format(sql.Identifier(group), name))
    for group in set(role.member_of) - held:
        admin.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(group), name))


def _make_database(admin: Connection, database: str) -> None:
    if _exists(admin, "select from pg_database where datname = %s", database):
        return
    admin.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
            sql.Identifier(database)
        )
    )


def _close_other_databases(admin: Connection) -> None:
    for other in ("postgres", "template1"):
        admin.execute(
            sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(other))
        )


def _make_schemas(admin: Connection, database: str) -> None:
    """In one transaction: rights on the database, extensions, the schemata and their owners."""
    base = sql.Identifier(database)
    if admin.info.parameter_status("is_superuser") != "on":
        admin.execute("GRANT accord_owner TO CURRENT_USER")  # to hand it the schemata
    admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(base))
    for role in (APP, MIGRATE, BACKUP):
        admin.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(base, sql.Identifier(role))
        )
    for extension in EXTENSIONS:
        admin.execute(
            sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA public").format(
                sql.Identifier(extension)
            )
        )
    for schema in ("public", SCHEMA):
        _own_schema(admin, schema, OWNER)
    admin.execute("GRANT USAGE ON SCHEMA public, accord TO accord_app, accord_probe")
    # A function can be handed only to a role that may create one in its schema.
    admin.execute("GRANT CREATE ON SCHEMA accord TO accord_probe")


def _own_schema(admin: Connection, schema: str, owner: str) -> None:
    name, role = sql.Identifier(schema), sql.Identifier(owner)
    admin.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(name))
    admin.execute(sql.SQL("ALTER SCHEMA {} OWNER TO {}").format(name, role))
    admin.execute(sql.SQL("REVOKE ALL ON SCHEMA {} FROM PUBLIC").format(name))


def _exists(admin: Connection, query: str, value: str) -> bool:
    return admin.execute(query, [value]).fetchone() is not None
