"""The cosigner over HTTP: `POST /add-checkpoint`, and `GET /status`: how far it vouches.

`python -m accord.cosign.server FOLDER FD`, on a socket that the caller holds. Requests are small and
their readers few; what is larger, slower or more at once is refused.
"""

from __future__ import annotations

import json
import logging
import signal
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from types import FrameType
from typing import Any

from waitress.server import create_server

from accord.cosign.domain import MAX_REQUEST_BYTES
from accord.cosign.state import Folder
from accord.cosign.status import public_facts
from accord.cosign.witness import TEXT, Answer, Witness
from accord.kernel.errors import AccordError
from accord.platform.logs import JsonLines, catch_what_nobody_caught, facts

THREADS = 4
CONNECTIONS = 100
SILENT_S = 20
HEADER_BYTES = 16 * 1024
log = logging.getLogger("accord.cosign")
Start = Callable[[str, list[tuple[str, str]]], object]


def application(witness: Witness) -> Callable[[dict[str, Any], Start], Iterable[bytes]]:
    """The cosigner as a WSGI application."""

    def answer(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        try:
            found = _answer(witness, environ)
        except (AccordError, OSError, sqlite3.Error) as error:
            # Nothing was signed: what could not be stored, or kept, is not answered for.
            log.error("a request failed", extra=facts(kind=type(error).__name__), exc_info=error)
            found = Answer(500, "The cosigner cannot answer now.\n")
        headers = [("Content-Type", found.kind), ("Cache-Control", "no-store")]
        headers.append(("X-Content-Type-Options", "nosniff"))
        body = found.body.encode()
        headers.append(("Content-Length", str(len(body))))
        start(f"{found.status} {HTTPStatus(found.status).phrase}", headers)
        return [body]

    return answer


def _answer(witness: Witness, environ: dict[str, Any]) -> Answer:
    match environ["REQUEST_METHOD"], environ.get("PATH_INFO"):
        case "POST", "/add-checkpoint":
            body = environ["wsgi.input"].read(MAX_REQUEST_BYTES + 1)
            if len(body) > MAX_REQUEST_BYTES:
                return Answer(413, "The request is too large.\n")
            return witness.add_checkpoint(body)
        case _, "/add-checkpoint":
            return Answer(405, "Heads are submitted by POST.\n")
        case "GET", "/status":
            return Answer(200, json.dumps(public_facts(witness.folder), indent=1) + "\n",
                          "application/json")  # fmt: skip
    return Answer(404, "There is /add-checkpoint, and /status.\n", TEXT)


def serve(folder: Path, listener: socket.socket) -> None:
    """Serve until SIGTERM."""
    signal.signal(signal.SIGTERM, _leave)
    create_server(
        application(Witness(Folder(folder))),
        sockets=[listener],
        threads=THREADS,
        connection_limit=CONNECTIONS,
        channel_timeout=SILENT_S,
        cleanup_interval=SILENT_S,
        max_request_body_size=MAX_REQUEST_BYTES + 1,
        max_request_header_size=HEADER_BYTES,
        ident="",
    ).run()


def say_lines() -> None:
    """Log lines like the node's."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    catch_what_nobody_caught()


def _leave(_: int, __: FrameType | None) -> None:
    raise SystemExit(0)


def main(arguments: list[str]) -> None:
    """Serve a folder on an open socket."""
    say_lines()
    serve(Path(arguments[0]), socket.socket(fileno=int(arguments[1])))


if __name__ == "__main__":
    main(sys.argv[1:])
