"""What must hold of a database, read from its own catalogue; each check returns what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

from accord.platform.db import catalogue
from accord.platform.db.roles import APP, BACKUP, PROBE, ROLES

Connection = psycopg.Connection[tuple[Any, ...]]
Check = Callable[[Connection], list[str]]

COMMANDS = ("select", "insert", "update", "delete")
OURS = "n.nspname in ('public', 'accord')"
NOT_OF_AN_EXTENSION = (
    "not exists (select from pg_depend d where d.objid = {oid} and d.deptype = 'e')"
)


def tables(db: Connection) -> list[str]:
    return [
        name
        for (name,) in db.execute(
            "select n.nspname || '.' || c.relname from pg_class c"
            " join pg_namespace n on n.oid = c.relnamespace"
            f" where {OURS} and c.relkind in ('r', 'p', 'f') order by 1"
        )
    ]


def undeclared_tables(db: Connection) -> list[str]:
    """Every table is under enabled and forced row-level security or declared open, and not both."""
    faults = []
    for name in tables(db):
        enabled, forced = one(
            db,
            "select relrowsecurity, relforcerowsecurity from pg_class where oid = %s::regclass",
            name,
        )
        declared = name in catalogue.OPEN_TABLES
        if declared and (enabled or forced):
            faults.append(f"{name} is declared open and has row-level security")
        if not declared and not (enabled and forced):
            faults.append(f"{name} is neither under forced row-level security nor declared")
    faults += [
        f"{name} is declared and absent" for name in catalogue.OPEN_TABLES if name not in tables(db)
    ]
    faults += [
        f"{name} is a view: views run as their owner, so there are none"
        for (name,) in db.execute(
            "select n.nspname || '.' || c.relname from pg_class c"
            " join pg_namespace n on n.oid = c.relnamespace"
            f" where {OURS} and c.relkind in ('v', 'm')"
        )
    ]
    return faults


def policies_that_do_not_fit(db: Connection) -> list[str]:
    """Policies exist for exactly the granted commands, for the application alone, one each."""
    faults = []
    for name in tables(db):
        if name in catalogue.OPEN_TABLES:
            continue
        schema, table = name.split(".")
        found = db.execute(
            "select lower(cmd), roles, permissive, qual, with_check from pg_policies"
            " where schemaname = %s and tablename = %s",
            [schema, table],
        ).fetchall()
        commands = sorted(row[0] for row in found)
        granted = sorted(grants(db, name, APP))
        if commands != granted:
            faults.append(f"{name}: policies for {commands}, grants for {granted}")
        for command, roles, permissive, using, check in found:
            where = f"{name} {command}"
            if roles != [APP] or permissive != "PERMISSIVE":
                faults.append(f"{where}: for {roles}, {permissive}")
            if (using is None) != (command == "insert"):
                faults.append(f"{where}: the wrong kind of condition")
            if command in ("insert", "update") and check is None:
                faults.append(f"{where}: no WITH CHECK")
            if command == "update" and using != check:
                faults.append(f"{where}: WITH CHECK is not what USING says")
            declared = command == "select" and name in catalogue.READ_BY_ALL
            if not declared and {using, check} & {"true", "(true)"}:
                faults.append(f"{where}: open to all")
    return faults


def grants(db: Connection, table: str, role: str) -> dict[str, frozenset[str] | None]:
    """What a role itself was granted: command to its columns, None for the whole table."""
    found: dict[str, frozenset[str] | None] = {}
    for command, column in db.execute(
        "select lower(a.privilege_type), null from pg_class c, aclexplode(c.relacl) a"
        " where c.oid = %(table)s::regclass and a.grantee = %(role)s::regrole"
        " union all select lower(a.privilege_type), t.attname from pg_attribute t,"
        " aclexplode(t.attacl) a where t.attrelid = %(table)s::regclass"
        " and a.grantee = %(role)s::regrole",
        {"table": table, "role": role},
    ).fetchall():
        if column is None:
            found[command] = None
        elif found.get(command, frozenset()) is not None:
            found[command] = (found.get(command) or frozenset()) | {column}
    return found


def read_grants(text: str) -> dict[str, frozenset[str] | None]:
    """A declaration such as `select, update (a, b)`, read."""
    found: dict[str, frozenset[str] | None] = {}
    for piece in [p.strip() for p in text.replace(")", "),").split(",")]:
        word, _, column = piece.partition("(")
        if word.strip() in COMMANDS:
            last = word.strip()
            found[last] = None
            inside = bool(column)
            if inside:
                found[last] = frozenset({column.rstrip(")").strip()})
        elif piece.rstrip(")"):
            found[last] = (found[last] or frozenset()) | {piece.rstrip(")").strip()}
    return found


def grants_beyond_the_list(db: Connection) -> list[str]:
    """The application and the probe role hold exactly what is declared, on every table."""
    faults = []
    for name in tables(db):
        held = grants(db, name, APP)
        if name in catalogue.OPEN_TABLES:
            wanted = read_grants(catalogue.OPEN_TABLES[name].grants)
            if held != wanted:
                faults.append(f"{name}: {APP} holds {held}, declared {wanted}")
        else:
            columns = catalogue.UPDATABLE.get(name)
            if held.get("update", frozenset()) != frozenset(columns or ()):
                faults.append(f"{name}: {APP} may update {held.get('update')}, declared {columns}")
            if set(held) - set(COMMANDS):
                faults.append(f"{name}: {APP} holds {sorted(held)}")
        writes = {c: cols for c, cols in grants(db, name, PROBE).items() if c != "select"}
        if writes != read_grants(catalogue.PROBE_WRITES.get(name, "")):
            faults.append(f"{name}: {PROBE} writes {writes}")
        if set(grants(db, name, BACKUP)) - {"select"}:
            faults.append(f"{name}: {BACKUP} writes")
    return faults


def functions_that_do_not_fit(db: Connection) -> list[str]:
    """Definer functions are the declared ones, owned by the probe role, with a pinned path."""
    faults = []
    live = db.execute(
        "select p.oid::regprocedure::text, o.rolname, p.prosecdef, p.proconfig, p.prosrc,"
        " coalesce((select array_agg(g.rolname::text) from aclexplode(p.proacl) a"
        "   join pg_roles g on g.oid = a.grantee where g.oid <> p.proowner), '{}')"
        ", p.prosqlbody is not null"
        " from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " join pg_roles o on o.oid = p.proowner where n.nspname not in"
        " ('pg_catalog', 'information_schema') and " + NOT_OF_AN_EXTENSION.format(oid="p.oid")
    ).fetchall()
    definers = {}
    for name, owner, definer, config, source, callers, parsed in live:
        pinned = "search_path=pg_catalog, pg_temp" in (config or [])
        if not pinned and not (parsed and name in catalogue.HELPERS and not definer):
            faults.append(f"{name} does not pin its search path")
        if definer:
            definers[name] = (owner, source, frozenset(callers))
        elif name in catalogue.HELPERS:
            if set(callers) != {APP}:
                faults.append(f"{name} is callable by {callers}")
        elif owner == PROBE or callers:
            faults.append(f"{name} belongs to {owner} and is callable by {callers}")
    names = {row[0] for row in live}
    declared = [*catalogue.HELPERS, *catalogue.DEFINERS]
    return [
        *faults,
        *(f"{name} is declared and absent" for name in declared if name not in names),
        *(fault for name, it in definers.items() for fault in _definer_faults(name, *it)),
    ]


def _definer_faults(name: str, owner: str, source: str, callers: frozenset[str]) -> list[str]:
    known = catalogue.DEFINERS.get(name)
    if known is None:
        return [f"{name} runs past row-level security and is not declared"]
    faults = []
    if owner != PROBE or callers != known.callers:
        faults.append(f"{name} belongs to {owner} and is callable by {sorted(callers)}")
    if known.asks_the_seal and not _asks_the_seal(name, source):
        faults.append(f"{name} does not ask the seal")
    return faults


def _asks_the_seal(name: str, source: str) -> bool:
    """It asks the seal itself, or calls a declared function that does and nothing else."""
    if name == "accord.seal_claims()":
        return "accord.seal_key" in source
    calls = [n.partition("(")[0] for n, d in catalogue.DEFINERS.items() if d.asks_the_seal]
    return any(f"{call}(" in source for call in calls)


def role_attributes(db: Connection) -> list[str]:
    """Exactly five roles, each with its attributes and memberships; one administrator beside them."""
    faults = []
    live = {
        row[0]: row[1:]
        for row in db.execute(
            "select rolname, rolcanlogin, rolbypassrls, rolinherit, rolsuper, rolcreatedb,"
            " rolcreaterole, rolreplication from pg_roles where rolname not like 'pg\\_%'"
        )
    }
    administrator = one(db, "select session_user")[0]
    for role in ROLES:
        wanted = (role.login, role.bypasses_rls, role.inherits, False, False, False, False)
        if live.get(role.name) != wanted:
            faults.append(f"{role.name} is {live.get(role.name)}, not {wanted}")
    known = {role.name for role in ROLES} | {administrator}
    faults += [f"there is another role: {name}" for name in live.keys() - known]
    members = {
        (m, g)
        for m, g in db.execute(
            "select m.rolname, g.rolname from pg_auth_members a join pg_roles m on m.oid = a.member"
            " join pg_roles g on g.oid = a.roleid where m.rolname not like 'pg\\_%'"
        )
        if m != administrator
    }
    wanted_members = {(role.name, group) for role in ROLES for group in role.member_of}
    faults += [f"membership {pair}" for pair in members ^ wanted_members]
    return faults


def things_that_public_or_the_application_should_not_have(db: Connection) -> list[str]:
    """PUBLIC has nothing; the application owns nothing and makes nothing, not even temporarily."""
    faults = [
        f"{APP} owns {kind} {name}"
        for kind, name in db.execute(
            "select classid::regclass::text, objid::text from pg_shdepend"
            " where refobjid = %s::regrole and deptype = 'o'",
            [APP],
        )
    ]
    faults += [
        f"{APP} may create in {schema}"
        for schema in ("public", "accord")
        if one(db, "select has_schema_privilege(%s, %s, 'CREATE')", APP, schema)[0]
    ]
    faults += [
        f"{APP} has {privilege} on the database"
        for privilege in ("CREATE", "TEMPORARY")
        if one(db, "select has_database_privilege(%s, current_database(), %s)", APP, privilege)[0]
    ]
    faults += [f"PUBLIC: {what}" for (what,) in db.execute(_PUBLIC_HOLDS)]
    faults += [
        f"{who} may use {what}"
        for what, who in db.execute(
            "select n.nspname || '.' || c.relname, g.rolname from pg_class c"
            " join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a"
            " join pg_roles g on g.oid = a.grantee where c.relkind = 'S' and g.oid <> c.relowner"
        )
        if who != APP or what not in catalogue.SEQUENCES
    ]
    faults += [f"default privileges: {row}" for row in db.execute("select * from pg_default_acl")]
    return faults


_PUBLIC_HOLDS = f"""
select 'table ' || c.oid::regclass || ' ' || a.privilege_type
  from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a
 where {OURS} and a.grantee = 0
union all
select 'column of ' || t.attrelid::regclass || ' ' || a.privilege_type
  from pg_attribute t join pg_class c on c.oid = t.attrelid
  join pg_namespace n on n.oid = c.relnamespace, aclexplode(t.attacl) a
 where {OURS} and a.grantee = 0
union all
select 'schema ' || n.nspname || ' ' || a.privilege_type
  from pg_namespace n, aclexplode(n.nspacl) a where {OURS} and a.grantee = 0
union all
select 'database ' || d.datname || ' ' || a.privilege_type
  from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
 where d.datallowconn and a.grantee = 0
union all
select 'function ' || p.oid::regprocedure
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace,
       aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
 where {OURS} and a.grantee = 0 and {NOT_OF_AN_EXTENSION.format(oid="p.oid")}
"""


def tables_that_do_not_move_the_epoch(db: Connection) -> list[str]:
    """Each table that decides access has the trigger, enabled, for every kind of change."""
    live = {
        table
        for (table,) in db.execute(
            "select n.nspname || '.' || c.relname from pg_trigger t"
            " join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace"
            " where t.tgfoid = 'accord.bump_epoch'::regproc and t.tgenabled = 'O'"
            # bits of tgtype: 1 row, 4 insert, 8 delete, 16 update
            " and t.tgtype & 29 = 28 and t.tgqual is null"
        )
    }
    missing = catalogue.MOVES_EPOCH - live
    return [f"{name} does not move the epoch" for name in sorted(missing)] + [
        f"{name} moves the epoch and is not declared" for name in sorted(live - missing)
        if name not in catalogue.MOVES_EPOCH
    ]  # fmt: skip


def one(db: Connection, query: str, *values: Any) -> tuple[Any, ...]:
    row = db.execute(query, values).fetchone()
    assert row is not None
    return row


CHECKS: tuple[Check, ...] = (
    undeclared_tables,
    policies_that_do_not_fit,
    grants_beyond_the_list,
    functions_that_do_not_fit,
    role_attributes,
    things_that_public_or_the_application_should_not_have,
    tables_that_do_not_move_the_epoch,
)
