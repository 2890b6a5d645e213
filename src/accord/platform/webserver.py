"""Serves the pages and the API on a socket that the supervisor holds.

`python -m accord.platform.webserver FD`: the supervisor keeps the listening socket, so the port
stays Accord's while this process is replaced, and requests wait instead of failing.
"""

from __future__ import annotations

import signal
import socket
import sys
from types import FrameType
from typing import Any

from waitress.server import create_server

from accord.platform import bodies, collecting, configuration
from accord.platform.logs import catch_what_nobody_caught

THREADS = 16
"""Twice the downloads that run at once (accord.platform.downloads): slow readers leave half of them."""
LARGEST_BODY_BYTES = bodies.FILE
"""What is less is decided from a request's head (accord.platform.bodies)."""
RECEIVED_AT_ONCE_BYTES = 256 * 1024
"""waitress takes 8 KiB at a time: a piece of a file would be a thousand turns of its loop."""
NEVER_ON_DISK = {"inbuf_overflow": LARGEST_BODY_BYTES + 1, "outbuf_overflow": 1 << 62}
"""waitress would spill what comes in and what goes out to files, in clear. What goes out waits at its
high-water mark (16 MiB), so a slow reader of a large file keeps two pieces of it here and no more."""
_PROXY = {
    "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
    "clear_untrusted_proxy_headers": True,
}


def _leave(_: int, __: FrameType | None) -> None:
    raise SystemExit(0)  # waitress then lets running requests end


def main(arguments: list[str]) -> None:
    """Serve until SIGTERM."""
    from accord.platform.wsgi import application

    signal.signal(signal.SIGTERM, _leave)
    catch_what_nobody_caught()
    server = made(application, socket.socket(fileno=int(arguments[0])))
    collecting.settle()
    server.run()


def made(application: Any, listener: socket.socket) -> Any:
    """The server, on an open socket; `run` serves until it is told to end."""
    reached = configuration.web()
    server = create_server(
        application,
        sockets=[listener],
        threads=THREADS,
        ident="",
        max_request_body_size=LARGEST_BODY_BYTES,
        recv_bytes=RECEIVED_AT_ONCE_BYTES,
        **NEVER_ON_DISK,
        **(_PROXY | {"trusted_proxy": reached.trusted_proxy} if reached.tls else {}),
    )
    server.channel_class = bodies.Channel
    return server


if __name__ == "__main__":
    main(sys.argv[1:])
