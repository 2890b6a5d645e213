"""The live process: `python -m accord.cli.liveserver FD PAGES_PORT`, started by the supervisor.

The supervisor holds the listening socket, as it does for the pages. Behind TLS a reverse proxy hands
it `/live/`; without one, pages speak to its own port of the same host.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from pathlib import Path

import uvicorn

from accord.platform import collecting, configuration


def main(arguments: list[str]) -> None:
    """Serve until SIGTERM."""
    from accord.platform.setup import django_setup

    data_dir = Path(os.environ.get("ACCORD_DATA_DIR", ".accord"))
    django_setup(data_dir, demo=os.environ.get("ACCORD_DEMO") == "1")
    behind_tls = configuration.web().tls
    asyncio.run(_serve(int(arguments[0]), None if behind_tls else int(arguments[1])))


async def _serve(descriptor: int, pages_port: int | None) -> None:
    from accord.desk.live.asgi import Live

    config = uvicorn.Config(
        Live(pages_port),
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
    )
    collecting.settle()
    await uvicorn.Server(config).serve(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    main(sys.argv[1:])
