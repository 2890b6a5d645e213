"""What `accord demo` and `accord serve` share: prepare the database, run the processes."""

from __future__ import annotations

import http.client
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from accord.kernel.clock import now
from accord.kernel.errors import AccordError, Conflict, InvalidInput, NotAllowed
from accord.platform import configuration, supervisor
from accord.platform.db import launcher, roles
from accord.platform.db.cluster import Cluster
from accord.platform.db.config import credentials_path
from accord.platform.db.errors import DatabaseUnavailable
from accord.platform.files import private_folder, write_private
from accord.platform.setup import DEMO_MARK
from accord.platform.supervisor import Service, Supervisor

HALF_RESTORED = "restore-not-finished"

READY_WITHIN_S = 90.0
TOO_MANY_QUICK_ENDS = 3


@dataclass(frozen=True)
class Node:
    """A node whose pages can be asked for."""

    url: str
    processes: Supervisor

    def run(self) -> None:
        """Look after the processes until somebody stops them."""
        self.processes.run(until=lambda: False)


def prepare(data_dir: Path, *, demo: bool) -> None:
    """Start the database and bring it to the present schema.

    A node with data is copied before it is migrated, and refused when a later version made it.
    """
    check_whole(data_dir)
    cluster = launcher.ensure_running(data_dir)
    roles.bootstrap(cluster, data_dir)
    from accord.platform.setup import django_setup

    django_setup(data_dir, demo=demo)
    from accord.platform.migrate import migrate

    _copy_before_migrating(cluster, data_dir)
    migrate(data_dir)


def check_whole(data_dir: Path) -> None:
    """Raise Conflict for a data directory that a restore left half-made."""
    if (data_dir / HALF_RESTORED).exists():
        raise Conflict(
            f"A restore into {data_dir} was killed before its end; what is there is not whole.",
            who_can_change="you: remove that folder and restore again",
        )


def _copy_before_migrating(cluster: Cluster, data_dir: Path) -> None:
    """Copy the database to `backups/` when a migration is due on one that holds data."""
    from accord.platform import schema
    from accord.platform.backup import dump

    applied = schema.applied(cluster)
    schema.check_known(applied, str(data_dir))
    if not applied or schema.known() <= set(applied):
        return
    name = f"before-{now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}.dump"
    file = private_folder(data_dir / "backups") / name
    part = file.with_name(f".{name}.part")
    try:
        dump.dump(cluster, part)
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)
    click.echo(f"The database was copied to {file} before it is migrated.", err=True)


@contextmanager
def prepared(data_dir: Path, *, demo: bool) -> Iterator[None]:
    """A database at the present schema for one command; left running only if it ran before."""
    ran_before = launcher.is_external() or launcher.is_running(data_dir)
    try:
        prepare(data_dir, demo=demo)
        yield
    finally:
        from django.db import connections

        connections.close_all()
        if not ran_before:
            launcher.stop(data_dir)


@contextmanager
def stopping_database(data_dir: Path) -> Iterator[None]:
    """Stop the embedded database at the end, whatever happened before."""
    try:
        yield
    finally:
        with supervisor.unstoppable():
            launcher.stop(data_dir)


@contextmanager
def running(
    data_dir: Path,
    host: str,
    port: int,
    *,
    demo: bool,
    tell: Callable[[str], None] | None = None,
    beside: Sequence[Service] = (),
) -> Iterator[Node]:
    """Web, live and worker processes that answer, and those `beside`; they stop with the block."""
    tell = tell or say
    environment = {
        "ACCORD_DATA_DIR": str(data_dir),
        "ACCORD_DEMO": "1" if demo else "0",
        "DJANGO_SETTINGS_MODULE": "accord.platform.settings",
    }
    with (
        supervisor.listen(host, port) as listener,
        supervisor.listen(host, listener.getsockname()[1] + 1) as live,
    ):
        found = listener.getsockname()[1]
        if found != port:
            tell(f"Port {port} is taken; using {found}.")
        number, other = listener.fileno(), live.fileno()
        environment["ACCORD_LIVE_PORT"] = str(live.getsockname()[1])
        services = [
            *_web(number),
            Service("live", "accord.cli.liveserver", (str(other), str(found)), (other,)),
            Service("worker", "accord.cli.worker"),
            *beside,
        ]
        keep_database = _database_watch(data_dir)
        with (
            _operations(services, environment, tell),
            Supervisor(data_dir, services, environment, tell, watch=keep_database) as processes,
        ):
            _wait_until_ready(processes, host, found)
            with _known_at(data_dir, f"http://{_bracketed(host)}:{found}") as url:
                yield Node(url, processes)


@contextmanager
def _operations(
    services: list[Service], environment: dict[str, str], tell: Callable[[str], None]
) -> Iterator[None]:
    """The operator's port where one is configured, and the folder through which processes count.

    Counters are memory-mapped files: on a full disk such a file would end its process (SIGBUS). So
    they are kept in memory where the system has a place for that.
    """
    port = configuration.number("ACCORD_OPS_PORT", 0)
    if port == 0:
        yield
        return
    memory = "/dev/shm"  # noqa: S108 - a private folder is made in it
    place = memory if os.access(memory, os.W_OK) else None
    with (
        tempfile.TemporaryDirectory(prefix="accord-metrics-", dir=place) as counted,
        supervisor.listen("127.0.0.1", port) as listener,
    ):
        environment["PROMETHEUS_MULTIPROC_DIR"] = counted
        number = listener.fileno()
        services.append(Service("operations", "accord.cli.operations", (str(number),), (number,)))
        tell(f"Health and metrics: http://127.0.0.1:{listener.getsockname()[1]} (this machine)")
        yield


def _web(listener: int) -> list[Service]:
    """The processes that take what comes on one socket: `web`, and `web-2` and so on beside it."""
    names = ["web", *(f"web-{n}" for n in range(2, configuration.web_processes() + 1))]
    module, given = "accord.platform.webserver", (listener,)
    return [Service(name, module, (str(listener),), given) for name in names]


def _place(data_dir: Path) -> Path:
    return data_dir / "node.url"


@contextmanager
def _known_at(data_dir: Path, url: str) -> Iterator[str]:
    """Leave the address for other commands on the same data directory."""
    write_private(_place(data_dir), url)
    try:
        yield url
    finally:
        _place(data_dir).unlink(missing_ok=True)


def address(data_dir: Path) -> str | None:
    """Where the node of this data directory answers, as far as its last start said."""
    try:
        return _place(data_dir).read_text("utf-8").strip() or None
    except FileNotFoundError:
        return None


@contextmanager
def existing(data_dir: Path) -> Iterator[None]:
    """The database of a node that was made before, started for this command if it does not run."""
    from accord.platform.setup import django_setup

    check_whole(data_dir)
    if not credentials_path(data_dir).exists():
        raise InvalidInput(str(data_dir), None, "", "there is no node here; name it by --data-dir")
    was_running = launcher.is_external() or launcher.is_running(data_dir)
    launcher.ensure_running(data_dir)
    try:
        django_setup(data_dir, demo=(data_dir / DEMO_MARK).exists())
        yield
    finally:
        from django.db import connections

        connections.close_all()
        if not was_running:
            launcher.stop(data_dir)


def check_demo(data_dir: Path, what: str, *, instead: str) -> None:
    """Raise NotAllowed unless the data directory holds a demo or development world."""
    if not (data_dir / DEMO_MARK).exists():
        raise NotAllowed(
            f"{what} is for demo and development data only; {data_dir} holds neither.",
            who_can_change=instead,
        )


def say(sentence: str) -> None:
    """One line for whoever started the node."""
    click.echo(sentence)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _database_watch(data_dir: Path) -> Callable[[], None]:
    """Starts the database again where somebody killed it."""

    def watch() -> None:
        if launcher.is_external() or launcher.is_running(data_dir):
            return
        say("The database ended; starting it again.")
        try:
            launcher.ensure_running(data_dir)
        except DatabaseUnavailable as error:  # a full disk, say: the next look tries again
            say(f"{error} {error.who_can_change or ''}".strip())

    return watch


def _wait_until_ready(processes: Supervisor, host: str, port: int) -> None:
    """Wait for the first answer, whatever it says."""
    import time

    deadline_s = time.monotonic() + READY_WITHIN_S
    while not _answers(host, port):
        processes.tick()
        gave_up = processes.quick_ends("web") >= TOO_MANY_QUICK_ENDS
        if gave_up or time.monotonic() > deadline_s:
            log = processes.log("web")
            tail = log.read_text("utf-8", errors="replace")[-2000:]
            raise AccordError(
                f"The web process does not come up. The end of {log}:\n{tail}",
                who_can_change="the administrator of this node",
            )
        time.sleep(supervisor.TICK_S)


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/", headers={"Host": f"127.0.0.1:{port}"})
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def reached(url: str) -> str:
    """Where people reach the node that answers at `url`: no passkey is made for a number's address."""
    return configuration.public_url() or url.replace("127.0.0.1", "localhost")


def reached_at(data_dir: Path) -> str:
    """The same for the node of a data directory, whether or not it runs."""
    return reached(address(data_dir) or "http://localhost:8400")
