"""Serves the pages and the API on a socket that the supervisor holds.

`python -m accord.platform.webserver FD`: the supervisor keeps the listening socket, so the port
stays Accord's while this process is replaced, and requests wait instead of failing.
"""

from __future__ import annotations

import signal
import socket
import sys
from types import FrameType

from waitress.server import create_server

from accord.platform import collecting, configuration
from accord.platform.logs import catch_what_nobody_caught

THREADS = 8
LARGEST_BODY_BYTES = 64 * 1024 * 1024
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
    reached = configuration.web()
    server = create_server(
        application,
        sockets=[socket.socket(fileno=int(arguments[0]))],
        threads=THREADS,
        ident="",
        max_request_body_size=LARGEST_BODY_BYTES,
        # In memory up to the largest body: waitress would spill to a file in clear.
        inbuf_overflow=LARGEST_BODY_BYTES + 1,
        **(_PROXY | {"trusted_proxy": reached.trusted_proxy} if reached.tls else {}),
    )
    collecting.settle()
    server.run()


if __name__ == "__main__":
    main(sys.argv[1:])
