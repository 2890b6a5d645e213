"""What `accord check --deploy` looks at beyond `accord check`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata, util
from pathlib import Path

import psycopg

from accord.cli.check import Found, State
from accord.evidence.reading import tools
from accord.kernel.clock import now
from accord.platform import configuration
from accord.platform.confined import landlock
from accord.platform.db import launcher, probing, roles
from accord.platform.setup import DEMO_MARK

_CLOCK_APART_S = 2.0
_BACKUP_DAYS = 2
LAST_BACKUP = "last-backup"


def _database(data_dir: Path) -> Iterator[Found]:
    cluster = launcher.ensure_running(data_dir)
    embedded = cluster.origin != "external"
    said = f"PostgreSQL {cluster.version} ({cluster.origin})"
    if embedded:
        said += "; production belongs on a maintained server: ACCORD_DATABASE_URL"
    yield Found("server", "warning" if embedded else "good", said)
    for probe in probing.probe_all(cluster):
        yield Found(f"database: {probe.name}", "good" if probe.holds else "bad", probe.said)


def _clock(data_dir: Path) -> Iterator[Found]:
    cluster = launcher.ensure_running(data_dir)
    with psycopg.connect(cluster.dsn(roles.APP)) as db:
        began = time.time()
        (theirs,) = db.execute("select clock_timestamp()").fetchone() or (now(),)
        middle = (began + time.time()) / 2
    apart_s = abs(theirs.timestamp() - middle)
    state: State = "good" if apart_s < _CLOCK_APART_S else "bad"
    yield Found("clock", state, f"{apart_s:.2f} s from the database server's")


def _reached(_: Path) -> Iterator[Found]:
    reached = configuration.web()
    if not reached.tls:
        said = "no TLS: set ACCORD_PUBLIC_URL to the https address of the proxy"
        yield Found("TLS", "bad", said)
        return
    yield Found("TLS", "good", f"hosts {', '.join(reached.hosts)}; proxy {reached.trusted_proxy}")
    if reached.hsts_seconds < 15_552_000:
        yield Found("HSTS", "warning", f"{reached.hsts_seconds} s is under half a year")


def _user(data_dir: Path) -> Iterator[Found]:
    root = os.geteuid() == 0
    said = "runs as root: use an ordinary user" if root else "an ordinary user"
    yield Found("user", "warning" if root else "good", said)
    if (data_dir / DEMO_MARK).exists():
        said = "demo data: sign-in links and tokens can be made from the command line"
        yield Found("data", "bad", said)
    if (data_dir / "secrets" / "agency-signing").is_dir():
        said = "agencies' signing keys lie on this node; they belong to the agencies, off it"
        yield Found("signing keys", "bad", said)


def _prover(_: Path) -> Iterator[Found]:
    if util.find_spec("z3") is None:
        said = "z3-solver is not installed: no agreement can take effect here"
        yield Found("prover", "bad", said)
        return
    yield Found("prover", "good", f"z3 {metadata.version('z3-solver')}")


def _readers(_: Path) -> Iterator[Found]:
    """What holds the readers of strangers' files, and whether a program reads scans."""
    version = landlock.known_version()
    if version:
        yield Found("readers of files", "good", f"see no other file (Landlock {version})")
    else:
        said = "no Landlock in this kernel: native code in them sees what this user sees"
        yield Found("readers of files", "warning", said)
    if (program := tools.find("tesseract")) is not None:
        yield Found("tesseract", "good", program.tool.version)
    else:
        said = "not installed: text in pictures of exhibits is not read"
        yield Found("tesseract", "warning", said)


def _operations(_: Path) -> Iterator[Found]:
    if configuration.number("ACCORD_OPS_PORT", 0) == 0:
        yield Found("health and metrics", "warning", "off: set ACCORD_OPS_PORT to watch this node")
    else:
        yield Found("health and metrics", "good", os.environ["ACCORD_OPS_PORT"])


def _backup(data_dir: Path) -> Iterator[Found]:
    try:
        made = datetime.fromtimestamp((data_dir / LAST_BACKUP).stat().st_mtime, UTC)
    except FileNotFoundError:
        yield Found("backup", "bad", "none was made by `accord backup`")
        return
    days = (datetime.now(UTC) - made).days
    state: State = "good" if days <= _BACKUP_DAYS else "bad"
    yield Found("backup", state, f"the last one is {days} days old")


QUESTIONS = (_reached, _user, _database, _clock, _prover, _readers, _operations, _backup)
