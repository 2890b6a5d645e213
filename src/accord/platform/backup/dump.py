"""The database copied out and in by PostgreSQL's own programs, of the server's version or later.

pg_dump reads as accord_backup, which sees every row and can write none. Passwords go by the
environment, since a command line can be read by everybody on the machine.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from accord.kernel.errors import AccordError
from accord.platform.db import launcher, roles
from accord.platform.db.cluster import DATABASE, Cluster
from accord.platform.db.privileges import plain_environment

_NAMES = {
    "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
    "dbname": "PGDATABASE", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT",
    "require_auth": "PGREQUIREAUTH",
}  # fmt: skip


def dump(cluster: Cluster, file: Path) -> None:
    """Write the whole database to a file of mode 0600; raises AccordError when it is not whole."""
    file.touch(mode=0o600, exist_ok=False)
    arguments = ["--format=custom", f"--file={file}"]
    _run(cluster, "pg_dump", arguments, cluster.params(roles.BACKUP), "The database was not copied")


def restore(cluster: Cluster, file: Path) -> None:
    """Bring a dump into the empty database, whole or not at all."""
    admin = {k: str(v) for k, v in conninfo_to_dict(cluster.admin_dsn).items() if v is not None}
    arguments = [
        "--exit-on-error",
        "--single-transaction",
        "--no-comments",  # that of a managed server's extension belongs to its administrator
        f"--dbname={DATABASE}",
        str(file),
    ]
    admin["dbname"] = DATABASE
    _run(cluster, "pg_restore", arguments, admin, "The database was not restored")


def check(cluster: Cluster, file: Path) -> None:
    """Read a dump's own list of contents; raises AccordError for a file that holds none."""
    _run(cluster, "pg_restore", ["--list", str(file)], {}, f"{file} is no copy of a database")


def _run(
    cluster: Cluster, program: str, arguments: list[str], at: dict[str, str], failed: str
) -> None:
    programs = launcher.client_programs(cluster)
    environment = plain_environment(None, programs.libraries)
    environment |= {_NAMES[key]: value for key, value in at.items() if key in _NAMES}
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs, our own words
        [programs.program(program), *arguments],
        check=False,
        cwd="/",
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").splitlines()
        # The first line names the fault; later ones may quote rows.
        raise AccordError(
            f"{failed}: {program} ended with {done.returncode}: {said[0] if said else ''}",
            who_can_change="the administrator of this node",
        )
