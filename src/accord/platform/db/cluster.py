"""A reachable PostgreSQL server, and how each database role connects to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from accord.platform.db.errors import DatabaseUnavailable

DATABASE = "accord"


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL server that accepts connections.

    `origin` says whose server it is: `external`, `system`, or `pg0-<version>` for the wheel's.
    `admin_dsn` connects as a superuser to the database `postgres`; only the launcher, the bootstrap
    of roles and tests use it.
    """

    admin_dsn: str
    host: str
    port: int
    version: str
    origin: str
    data_dir: Path

    def params(self, role: str, database: str = DATABASE) -> dict[str, str]:
        """The connection parameters of a role whose password the bootstrap stored."""
        passwords = stored_passwords(self.data_dir)
        if role not in passwords:
            raise DatabaseUnavailable(
                f"There is no password for the database role {role} in {self.data_dir}/secrets."
                " Run `accord demo` or `accord serve` once: they prepare the database."
            )
        admin = {
            name: str(value)
            for name, value in conninfo_to_dict(self.admin_dsn).items()
            if value is not None
        }
        return admin | {"user": role, "password": passwords[role], "dbname": database}

    def dsn(self, role: str, database: str = DATABASE) -> str:
        """The connection string of a role."""
        return make_conninfo("", **self.params(role, database))

    def url(self, role: str, database: str = DATABASE) -> str:
        """The same as a URL, which psql takes."""
        given = self.params(role, database)
        user, word = quote(given["user"], safe=""), quote(given["password"], safe="")
        host = f"host={quote(self.host, safe='')}&port={self.port}"
        return f"postgresql://{user}:{word}@/{quote(database, safe='')}?{host}"


def passwords_file(data_dir: Path) -> Path:
    """Where the database is and the passwords of its roles; readable by the operator alone."""
    return data_dir / "secrets" / "db.json"


def stored_passwords(data_dir: Path) -> dict[str, str]:
    """The passwords of the database roles; empty before the first bootstrap."""
    try:
        text = passwords_file(data_dir).read_text("utf-8")
    except FileNotFoundError:
        return {}
    stored: dict[str, str] = json.loads(text)["roles"]
    return stored
