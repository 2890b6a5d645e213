"""`accord agency-invite`: let another agency join this node; the operator's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from accord.cli import node
from accord.cli.options import data_dir_option, json_option
from accord.kernel.errors import InvalidInput
from accord.platform import configuration

if TYPE_CHECKING:
    from accord.identity.actions.invitations import Invitation

USUAL_ADDRESS = "http://localhost:8400"


@click.command()
@click.argument("agency", required=False)
@click.option("--light", is_flag=True, help="It keeps no records here: hits, requests and tips.")
@click.option("--again", is_flag=True, help="New links for its administrators without a passkey.")
@click.option("--withdraw", is_flag=True, help="Take the open invitation back.")
@data_dir_option
@json_option
def command(
    agency: str | None, light: bool, again: bool, withdraw: bool, data_dir: Path, as_json: bool
) -> None:
    """Print a link with which AGENCY (a short name) joins this node; without AGENCY, list them all.

    Whoever opens the link, once and within 24 hours, names the agency, its key and its two
    administrators. The invitation stands in the ledger, in the operator's name.
    """
    if light + again + withdraw > 1:
        raise InvalidInput("agency-invite", None, "", "takes one of --light, --again, --withdraw")
    if agency is None and light + again + withdraw:
        raise InvalidInput("agency-invite", None, "agency", "must be named")
    with node.existing(data_dir):
        from accord.identity.actions import invitations

        if agency is None:
            _list(invitations.made(), as_json)
        elif withdraw:
            invitations.withdraw(agency)
            click.echo(f"The invitation of {agency} is void.")
        elif again:
            _print(dict(invitations.links_again(agency)), data_dir, as_json)
        else:
            path = invitations.invite(agency, light=light)
            _print({agency: path}, data_dir, as_json)
            click.echo("It works once, within 24 hours.", err=True)


def _print(paths: dict[str, str], data_dir: Path, as_json: bool) -> None:
    """The links, by whom they are for; on the address under which passkeys are made."""
    running = (node.address(data_dir) or USUAL_ADDRESS).replace("127.0.0.1", "localhost")
    links = {who: (configuration.public_url() or running) + path for who, path in paths.items()}
    if as_json:
        click.echo(json.dumps({"links": links}))
        return
    for who, link in links.items():
        click.echo(link if len(links) == 1 else f"{who}: {link}")


def _list(found: tuple[Invitation, ...], as_json: bool) -> None:
    if as_json:
        lines = [
            {
                "agency": one.agency,
                "membership": "light" if one.light else "full",
                "made_at": one.made_at.isoformat(),
                "state": one.state,
            }
            for one in found
        ]
        click.echo(json.dumps({"invitations": lines}))
        return
    if not found:
        click.echo("No agency was invited yet: `accord agency-invite NAME`.")
    for one in found:
        kept = "light" if one.light else "full"
        click.echo(f"{one.made_at:%Y-%m-%d %H:%M} UTC  {one.state:<9}  {kept:<5}  {one.agency}")
