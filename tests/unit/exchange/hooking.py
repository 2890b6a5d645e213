"""A webhook of the Harlan sheriff's office and the system that it tells."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest

from accord.exchange.webhooks import actions, queries
from accord.exchange.webhooks.domain import Delivery, Endpoint, EndpointState
from accord.platform.db import launcher
from isolation.contributing import acting

POLL_S = 0.01
"""How long a server takes to notice that it is to end; at the usual half second, most of a test."""
RASMUSSEN = "harlan-so.e.rasmussen"
DESK = "records-administration"


class Receiver:
    """A system of an agency that is told."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(receiver.status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/told"
        threading.Thread(target=self._server.serve_forever, args=(POLL_S,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def hook(world: Path, receiver: Receiver) -> Iterator[Endpoint]:
    with acting(RASMUSSEN, DESK) as scope:
        made = actions.create(
            scope, url=receiver.url, topics=["request", "run"], membership=RASMUSSEN
        )
    yield made
    with acting(RASMUSSEN, DESK) as scope:
        actions.set_state(scope, made, EndpointState.REMOVED)


def messages_of(hook: Endpoint) -> tuple[Delivery, ...]:
    with acting(RASMUSSEN, DESK):
        return queries.deliveries(hook.id)


@pytest.fixture
def owner(world: Path) -> Iterator[psycopg.Connection[Any]]:
    dsn = launcher.ensure_running(world).admin_dsn
    with psycopg.connect(dsn, dbname="accord", autocommit=True) as db:
        yield db
