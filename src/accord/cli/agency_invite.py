"""`accord agency-invite`: let another agency join this node; the operator's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from accord.cli import node
from accord.cli.options import data_dir_option, json_option
from accord.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from accord.identity.actions.invitations import Invitation


@click.command()
@click.argument("agency", required=False)
@click.option("--light", is_flag=True, help="It keeps no records here: hits, requests and tips.")
@click.option("--withdraw", is_flag=True, help="Take the open invitation back.")
@data_dir_option
@json_option
def command(agency: str | None, light: bool, withdraw: bool, data_dir: Path, as_json: bool) -> None:
    """Print a link with which AGENCY (a short name) joins this node; without AGENCY, list them all.

    Whoever opens the link, once and within 24 hours, names the agency, its key and its two
    administrators. The invitation stands in the ledger, in the operator's name.
    """
    if light and withdraw:
        raise InvalidInput("agency-invite", None, "", "takes one of --light and --withdraw")
    if agency is None and (light or withdraw):
        raise InvalidInput("agency-invite", None, "agency", "must be named")
    with node.existing(data_dir):
        from accord.identity.actions import invitations

        if agency is None:
            _list(invitations.made(), as_json)
        elif withdraw:
            invitations.withdraw(agency)
            click.echo(f"The invitation of {agency} is void.")
        else:
            link = node.reached_at(data_dir) + invitations.invite(agency, light=light)
            click.echo(json.dumps({"agency": agency, "link": link}) if as_json else link)
            click.echo("It works once, within 24 hours.", err=True)


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
