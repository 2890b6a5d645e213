"""Each feature of PostgreSQL that Accord relies on, tried out live and undone again.

On an engine that only speaks PostgreSQL's protocol one of these may be missing or behave otherwise,
and then what guards the rows would not. Each probe runs in a transaction that is rolled back; those
that need a table make a temporary one as the owner of an own schema's objects would, in `accord`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg

from accord.platform.db import binaries, roles
from accord.platform.db.cluster import Cluster

Connection = psycopg.Connection[tuple[Any, ...]]
_TABLE = "create table accord.probe_of_features (id integer primary key, owner text, name text)"


@dataclass(frozen=True)
class Probe:
    """One feature, and whether it does here what Accord needs."""

    name: str
    holds: bool
    said: str


@dataclass(frozen=True)
class _Trial:
    name: str
    role: str
    run: Callable[[Connection], bool]
    needed: str


def probe_all(cluster: Cluster) -> list[Probe]:
    """Try every feature; what fails says so and hinders no other."""
    return [_tried(cluster, trial) for trial in TRIALS]


def _tried(cluster: Cluster, trial: _Trial) -> Probe:
    try:
        with psycopg.connect(cluster.dsn(trial.role)) as db:
            if trial.role == roles.MIGRATE:
                db.execute("set role accord_owner")
            holds = trial.run(db)
            db.rollback()
    except psycopg.Error as error:
        return Probe(trial.name, False, f"{trial.needed}: {type(error).__name__} {error.sqlstate}")
    return Probe(trial.name, holds, trial.needed if holds else f"does not hold: {trial.needed}")


def _one(db: Connection, query: str) -> Any:
    row = db.execute(query).fetchone()
    return row[0] if row else None


def _version(db: Connection) -> bool:
    return db.info.server_version >= binaries.OLDEST_MAJOR * 10_000


def _forced(db: Connection) -> bool:
    """Forced row-level security binds the owner, for reading and for writing."""
    db.execute(_TABLE)
    db.execute("insert into accord.probe_of_features values (1, 'a', 'x'), (2, 'b', 'y')")
    db.execute("alter table accord.probe_of_features enable row level security")
    db.execute("alter table accord.probe_of_features force row level security")
    db.execute(
        "create policy p on accord.probe_of_features using (owner = 'a') with check (owner = 'a')"
    )
    if _one(db, "select count(*) from accord.probe_of_features") != 1:
        return False
    try:
        with db.transaction():
            db.execute("insert into accord.probe_of_features values (3, 'b', 'z')")
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


def _local_setting(db: Connection) -> bool:
    """The seal is a setting of one transaction and is gone after it."""
    with db.transaction():
        db.execute("select set_config('accord.probe', 'x', false)")
    with db.transaction():
        db.execute("select set_config('accord.probe', 'y', true)")
    db.execute("select set_config('accord.probe', 'y', true)")
    inside = _one(db, "select current_setting('accord.probe')")
    db.rollback()
    return bool(inside == "y" and _one(db, "select current_setting('accord.probe', true)") != "y")


def _backend(db: Connection) -> bool:
    """The seal names the backend and the transaction; both stay the same within it."""
    first = _one(db, "select pg_backend_pid() || ' ' || transaction_timestamp()")
    return bool(first == _one(db, "select pg_backend_pid() || ' ' || transaction_timestamp()"))


def _sha256(db: Connection) -> bool:
    said = _one(db, "select encode(sha256('abc'::bytea), 'hex')")
    return bool(said == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")


def _definer(db: Connection) -> bool:
    """A function with its owner's rights runs as its owner, with a pinned search path."""
    db.execute(
        "create function accord.probe_of_features() returns text language sql security definer"
        " set search_path = pg_catalog as 'select current_user::text'"
    )
    return bool(_one(db, "select accord.probe_of_features()") == roles.OWNER)


def _no_seal_no_rows(db: Connection) -> bool:
    return bool(_one(db, "select count(*) from part") == 0)


def _app_owns_nothing(db: Connection) -> bool:
    return bool(
        _one(
            db,
            "select not rolsuper and not rolbypassrls and not exists (select from pg_class"
            " where relowner = r.oid) from pg_roles r where rolname = current_user",
        )
    )


def _trigram(db: Connection) -> bool:
    db.execute(_TABLE)
    db.execute("create index on accord.probe_of_features using gin (name public.gin_trgm_ops)")
    return bool(_one(db, "select public.similarity('accord', 'accords') > 0.5"))


def _unaccent(db: Connection) -> bool:
    return bool(_one(db, "select public.unaccent('é') = 'e'"))


def _text_search(db: Connection) -> bool:
    return bool(
        _one(db, "select to_tsvector('simple', 'a b') @@ phraseto_tsquery('simple', 'a b')")
    )


def _advisory(db: Connection) -> bool:
    return bool(_one(db, "select pg_try_advisory_xact_lock(72, 72)"))


def _isolation(db: Connection) -> bool:
    db.execute("set transaction isolation level repeatable read")
    return bool(_one(db, "select current_setting('transaction_isolation')") == "repeatable read")


def _deferred(db: Connection) -> bool:
    """A leaf and its entry are each other's condition, checked at commit."""
    db.execute(_TABLE)
    db.execute(
        "alter table accord.probe_of_features add parent integer references"
        " accord.probe_of_features deferrable initially deferred"
    )
    db.execute("insert into accord.probe_of_features values (1, 'a', 'x', 2), (2, 'a', 'y', 1)")
    db.execute("set constraints all immediate")
    return True


def _durable(db: Connection) -> bool:
    """What was acknowledged outlives a power cut."""
    return bool(
        _one(db, "select current_setting('fsync')") == "on"
        and _one(db, "select current_setting('synchronous_commit')") != "off"
        and _one(db, "select current_setting('full_page_writes')") == "on"
    )


def _primary(db: Connection) -> bool:
    return _one(db, "select pg_is_in_recovery()") is False


def _words_stay_out(db: Connection) -> bool:
    return bool(
        _one(db, "select current_setting('log_statement')") == "none"
        and _one(db, "select current_setting('log_error_verbosity')") == "terse"
        and _one(db, "select current_setting('log_min_error_statement')") in ("fatal", "panic")
        and _one(db, "select current_setting('log_min_messages')") in ("log", "fatal", "panic")
    )


def _backup_reads(db: Connection) -> bool:
    _one(db, "select count(*) from part")
    try:
        with db.transaction():
            db.execute("insert into accord.policy_epoch default values")
    except psycopg.errors.ReadOnlySqlTransaction:
        return True
    return False


TRIALS = (
    _Trial("version", roles.APP, _version, f"PostgreSQL {binaries.OLDEST_MAJOR} or later"),
    _Trial("forced row-level security", roles.MIGRATE, _forced, "binds owners and writers too"),
    _Trial(
        "no seal, no rows", roles.APP, _no_seal_no_rows, "the application sees no part by itself"
    ),
    _Trial("the application's role", roles.APP, _app_owns_nothing, "owns and bypasses nothing"),
    _Trial("settings of one transaction", roles.APP, _local_setting, "end with it"),
    _Trial("backend and transaction", roles.APP, _backend, "keep their names within a transaction"),
    _Trial("SHA-256", roles.APP, _sha256, "is computed in the database"),
    _Trial("functions of their owner", roles.MIGRATE, _definer, "run with its rights"),
    _Trial("pg_trgm", roles.MIGRATE, _trigram, "similar names, by an index"),
    _Trial("unaccent", roles.APP, _unaccent, "letters without their marks"),
    _Trial("text search", roles.APP, _text_search, "phrases"),
    _Trial("advisory locks", roles.APP, _advisory, "one sequencer at a time"),
    _Trial("snapshots", roles.APP, _isolation, "repeatable read"),
    _Trial("deferred constraints", roles.MIGRATE, _deferred, "checked at commit"),
    _Trial("durability", roles.APP, _durable, "fsync, synchronous_commit, full_page_writes"),
    _Trial("primary", roles.APP, _primary, "no replica, which could not log a disclosure"),
    _Trial("the server's log", roles.APP, _words_stay_out, "quotes no statement and no row"),
    _Trial("the backup's role", roles.BACKUP, _backup_reads, "reads everything and writes nothing"),
)
