"""`accord serve`: a node for real work, behind TLS."""

from __future__ import annotations

from pathlib import Path

import click

from accord.cli import node
from accord.cli.options import data_dir_option
from accord.platform import supervisor


@click.command()
@data_dir_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8400, show_default=True, help="Taken? The next free one is used.")
def command(data_dir: Path, host: str, port: int) -> None:
    """Initialise, migrate and run a node; SIGTERM or Ctrl-C stops everything.

    Put it behind a reverse proxy that ends TLS, and set ACCORD_TLS=1 and ACCORD_HOSTS.
    """
    with (
        supervisor.only_one(data_dir),
        supervisor.stoppable(),
        node.stopping_database(data_dir),
    ):
        node.prepare(data_dir, demo=False)
        with node.running(data_dir, host, port, demo=False) as running:
            node.say(f"Accord is ready at {running.url}")
            running.run()
    node.say("Accord is stopped.")
