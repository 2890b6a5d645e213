"""Whom PostgreSQL runs as, and how a command is run as that user.

PostgreSQL refuses to run as root. Where Accord itself runs as root, the server runs as an existing
ordinary user; nothing is added to the system and no folder outside the data directory is opened
for that user (docs/decisions/0002-postgresql-under-root.md).
"""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from accord.platform.db import exec_as
from accord.platform.db.errors import DatabaseUnavailable

_SHIM = Path(exec_as.__file__)
_CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class ServerUser:
    """The user that PostgreSQL runs as."""

    uid: int
    gid: int
    name: str

    @property
    def is_other(self) -> bool:
        """Whether this is another user than the one who runs Accord."""
        return self.uid != os.geteuid()


def server_user(cluster_dir: Path) -> ServerUser:
    """The owner of an existing cluster; else ourselves; for root, an ordinary user."""
    mine = os.geteuid()
    if cluster_dir.exists():
        owner = cluster_dir.stat()
        if owner.st_uid != mine and mine != 0:
            raise DatabaseUnavailable(
                f"The database in {cluster_dir} belongs to {_name(owner.st_uid)}, and you are"
                f" {_name(mine)}. Run the command as that user or as root, or choose another"
                " --data-dir.",
            )
        if owner.st_uid != 0:
            return ServerUser(owner.st_uid, owner.st_gid, _name(owner.st_uid))
    return _ordinary_user() if mine == 0 else ServerUser(mine, os.getegid(), _name(mine))


def _ordinary_user() -> ServerUser:
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(entry.pw_uid, entry.pw_gid, name)
    raise DatabaseUnavailable(
        "PostgreSQL cannot run as root, and this machine has neither a user postgres nor nobody."
        " Run Accord as an ordinary user."
    )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def give(path: Path, user: ServerUser) -> None:
    """Make the user the owner of a folder or file of the data directory."""
    if user.is_other:
        os.chown(path, user.uid, user.gid)


def command_as(
    user: ServerUser, command: Sequence[str | Path], *, passing: Sequence[Path]
) -> list[str]:
    """The command line that runs a command as the user.

    `passing` names the paths that the command must reach. Where one lies behind a folder that is
    closed to the user, the command keeps the right to pass closed folders, and nothing else.
    """
    words = [str(word) for word in command]
    if not user.is_other:
        return words
    mode = "drop" if _can_reach(user, passing) else "keep"
    return [*_shim(user, mode), *words]


def _shim(user: ServerUser, mode: str) -> list[str]:
    return [
        sys.executable,
        "-I",
        "-S",
        str(_SHIM),
        str(user.uid),
        str(user.gid),
        mode,
        "--",
    ]


def _can_reach(user: ServerUser, paths: Sequence[Path]) -> bool:
    probe = [*_shim(user, "probe"), *(str(path) for path in paths)]
    return (
        subprocess.run(  # noqa: S603 - our own program
            probe, check=False, capture_output=True, cwd="/"
        ).returncode
        == 0
    )


def run_as(
    user: ServerUser,
    command: Sequence[str | Path],
    *,
    passing: Sequence[Path],
    home: Path | None = None,
    libraries: Path | None = None,
    timeout_s: float = 120,
) -> str:
    """Run a command as the user and return what it printed; failure is an error with its text."""
    line = command_as(user, command, passing=passing)
    try:
        done = subprocess.run(  # noqa: S603 - our own programs and words
            line,
            check=False,
            cwd="/",
            env=plain_environment(home, libraries),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout_s,
        )
    except subprocess.TimeoutExpired as error:
        raise DatabaseUnavailable(
            f"{Path(command[0]).name} took over {timeout_s:.0f} s."
        ) from error
    text = done.stdout.decode(errors="replace")
    if done.returncode == exec_as.CANNOT_PASS_FOLDERS and user.is_other:
        raise closed_folder(user, passing, text)
    if done.returncode != 0:
        raise DatabaseUnavailable(
            f"{Path(command[0]).name} failed with exit code {done.returncode}:\n{text[-2000:]}"
        )
    return text


def closed_folder(user: ServerUser, paths: Sequence[Path], why: str) -> DatabaseUnavailable:
    """The error for a folder that the server's user cannot pass."""
    listed = ", ".join(str(path) for path in paths)
    return DatabaseUnavailable(
        f"PostgreSQL runs as {user.name} and cannot reach {listed}, because a folder above is"
        f" closed to that user ({why.strip()}). Choose a --data-dir whose parent folders are open,"
        " or run Accord as an ordinary user."
    )


def plain_environment(home: Path | None, libraries: Path | None) -> dict[str, str]:
    """An environment without the operator's settings (PG*, HOME, LD_*)."""
    plain = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
    if home is not None:
        plain["HOME"] = str(home)
    if libraries is not None:
        plain["LD_LIBRARY_PATH"] = str(libraries)
    return plain
