"""The operator's port: liveness, readiness and metrics, on loopback, apart from the pages.

`python -m accord.cli.operations FD`, started by the supervisor where ACCORD_OPS_PORT is set. Nothing
of it is reachable through the proxy. A page in a browser on this machine cannot reach it by another
name either: only loopback names are answered.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from waitress.server import create_server

from accord.cli import readiness
from accord.platform.logs import catch_what_nobody_caught
from accord.platform.setup import django_setup

THREADS = 2
_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_WATCHED = ["ledger_leaf", "part", "quarantine_entry", "record"]
Start = Callable[[str, list[tuple[str, str]]], object]
Reply = tuple[int, str, bytes]


class NodeState(Collector):
    """What the database and the disk say at the moment of reading."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def collect(self) -> Iterator[Metric]:
        """One gauge for each answer of readiness, and what only the database knows."""
        holds = GaugeMetricFamily("accord_ready", "1 where it holds.", labels=["state"])
        value = GaugeMetricFamily(
            "accord_measure", "The measure behind it: seconds, bytes, a number.", labels=["state"]
        )
        for answer in readiness.answers(self._data_dir):
            holds.add_metric([answer.name], float(answer.holds))
            value.add_metric([answer.name], answer.value)
        yield holds
        yield value
        yield from _from_database()


def _from_database() -> Iterator[Metric]:
    from django.db import Error, connection

    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "select coalesce(state, 'unknown'), count(*) from pg_stat_activity"
                " where usename = current_user group by 1"
            )
            states = cursor.fetchall()
            cursor.execute(
                "select relname, n_tup_ins from pg_stat_user_tables where relname = any(%s)",
                [_WATCHED],
            )
            rows = cursor.fetchall()
    except Error:
        connection.close()
        return  # accord_ready says that the database does not answer
    pool = GaugeMetricFamily(
        "accord_database_connections", "The application's, by state.", labels=["state"]
    )
    written = GaugeMetricFamily(
        "accord_rows_inserted", "Since the server's statistics began.", labels=["state"]
    )
    for family, found in ((pool, states), (written, rows)):
        for name, count in found:
            family.add_metric([str(name)], float(count))
        yield family


def application(data_dir: Path) -> Callable[[dict[str, Any], Start], Iterable[bytes]]:
    """The three addresses as a WSGI application."""
    registry = CollectorRegistry()
    registry.register(NodeState(data_dir))
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # untyped there

    def answer(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        status, kind, body = _reply(environ, data_dir, registry)
        words = {200: "OK", 404: "Not Found", 403: "Forbidden", 503: "Service Unavailable"}
        start(f"{status} {words[status]}", [("Content-Type", kind), ("Cache-Control", "no-store")])
        return [body]

    return answer


def _reply(environ: dict[str, Any], data_dir: Path, registry: CollectorRegistry) -> Reply:
    if environ.get("HTTP_HOST", "").rpartition(":")[0] not in _NAMES:
        return 403, "text/plain", b"Loopback names only."
    match environ.get("PATH_INFO"):
        case "/live":
            return 200, "text/plain", b"alive"
        case "/ready":
            found = readiness.answers(data_dir)
            ready = all(a.holds for a in found)
            said = {"ready": ready, "checks": {a.name: a.said for a in found}}
            said["failing"] = [a.name for a in found if not a.holds]
            return 200 if ready else 503, "application/json", json.dumps(said).encode()
        case "/metrics":
            return 200, "text/plain; version=0.0.4; charset=utf-8", generate_latest(registry)
    return 404, "text/plain", b"/live, /ready or /metrics"


def _leave(_: int, __: FrameType | None) -> None:
    raise SystemExit(0)


def main(arguments: list[str]) -> None:
    """Answer until SIGTERM."""
    signal.signal(signal.SIGTERM, _leave)
    data_dir = Path(os.environ["ACCORD_DATA_DIR"])
    django_setup(data_dir)
    catch_what_nobody_caught()
    listener = socket.socket(fileno=int(arguments[0]))
    create_server(application(data_dir), sockets=[listener], threads=THREADS, ident="").run()


if __name__ == "__main__":
    main(sys.argv[1:])
