"""The operator's commands about agencies and people: suspend, resume, enrol anew."""

from __future__ import annotations

from pathlib import Path

import click

from accord.cli import node
from accord.cli.options import data_dir_option

REASON = click.option("--reason", required=True, help="Why, and who decided or said so.")


@click.command()
@click.argument("agency")
@REASON
@data_dir_option
def suspend(agency: str, reason: str, data_dir: Path) -> None:
    """Suspend AGENCY: its members and systems do nothing here from the next request on."""
    with node.existing(data_dir):
        from accord.agencies.actions import suspend_agency

        suspend_agency(agency, reason)
    click.echo(f"{agency} is suspended.")


@click.command()
@click.argument("agency")
@REASON
@data_dir_option
def resume(agency: str, reason: str, data_dir: Path) -> None:
    """Take the suspension of AGENCY back."""
    with node.existing(data_dir):
        from accord.agencies.actions import resume_agency

        resume_agency(agency, reason)
    click.echo(f"{agency} is not suspended any more.")


@click.command()
@click.argument("member")
@REASON
@data_dir_option
def enrol_anew(member: str, reason: str, data_dir: Path) -> None:
    """End every way in of MEMBER (a membership) and print a link that makes a new passkey.

    Only where no two administrators can do it. Each agency of the person finds it in its ledger.
    """
    with node.existing(data_dir):
        from accord.identity.actions import operating

        link = node.reached_at(data_dir) + operating.enrol_anew(member, reason)
    click.echo(link)
    click.echo("It works once, within 12 hours. Hand it over in person.", err=True)
