"""`accord serve`: a node for real work, behind TLS."""

from __future__ import annotations

from pathlib import Path

import click

from accord.cli import node
from accord.cli.options import data_dir_option
from accord.kernel.errors import InvalidInput
from accord.platform import configuration, supervisor


@click.command()
@data_dir_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8400, show_default=True, help="Taken? The next free one is used.")
def command(data_dir: Path, host: str, port: int) -> None:
    """Initialise, migrate and run a node; SIGTERM or Ctrl-C stops everything.

    Put it behind a reverse proxy that ends TLS, and set ACCORD_PUBLIC_URL.
    """
    check_listening(host, configuration.web())
    with (
        supervisor.only_one(data_dir),
        supervisor.stoppable(),
        node.stopping_database(data_dir),
    ):
        node.prepare(data_dir, demo=False)
        links = _set_up_links()
        with node.running(data_dir, host, port, demo=False) as running:
            node.say(f"Accord is ready at {running.url}")
            for sentence, path in links:
                node.say(f"{sentence}: {node.reached(running.url)}{path}")
            running.run()
    node.say("Accord is stopped.")


def _set_up_links() -> list[tuple[str, str]]:
    """The one-time links of a node that is not set up, with what to say of each: the operator's."""
    from accord.agencies.actions import create_signin_link
    from accord.identity.actions import setup

    begin = setup.begin()
    if begin is not None:
        return [("This node has no agency yet. Set it up, once, within 24 hours", begin)]
    return [
        (
            f"The set-up waits for {membership}, who makes a passkey with",
            create_signin_link(membership),
        )
        for membership in setup.without_passkeys()
    ]


def check_listening(host: str, reached: configuration.Web) -> None:
    """Raise InvalidInput for an address off loopback that nothing protects.

    The connection from the proxy to this node is plain: whoever can listen there reads it. So off
    loopback the operator names the proxy, and with it says that this network is theirs.
    """
    if supervisor.is_loopback(host):
        return
    if not reached.tls:
        rule = "is not this machine alone, and plain HTTP is spoken on loopback only: end TLS in a"
        rule += " proxy and set ACCORD_PUBLIC_URL to its https address"
        raise InvalidInput("accord serve", None, f"--host {host}", rule)
    if supervisor.is_loopback(reached.trusted_proxy):
        rule = "must name the proxy's address when the node listens off loopback"
        raise InvalidInput("configuration", None, "ACCORD_TRUSTED_PROXY", rule)
