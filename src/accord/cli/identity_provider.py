"""`accord identity-provider`: through whose own sign-in the members of an agency may come in."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from accord.cli import node
from accord.cli.options import data_dir_option, json_option


@click.group()
def command() -> None:
    """Let members of an agency sign in through its own identity provider (OpenID Connect, SAML)."""


@command.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@data_dir_option
def put(file: Path, data_dir: Path) -> None:
    """Put in the provider that FILE describes, in place of one of the same name.

    Links that FILE no longer says are taken away, and the sessions that they opened are over.
    """
    with node.existing(data_dir):
        from django.conf import settings

        from accord.identity.actions import providers
        from accord.identity.federation import file as files
        from accord.identity.federation.domain import Here, Protocol

        said = files.read(file)
        ended = providers.put(str(file), said)
        here = Here(settings.ACCORD_PUBLIC_URL or "http://localhost:PORT", said.name)
    click.echo(f"{said.name}: {len(said.members)} members of {said.agency} may sign in through it.")
    if said.kind is Protocol.OIDC:
        click.echo(f"Redirect URI to register there: {here.callback}")
    else:
        click.echo(f"Entity ID to register there: {here.entity}")
        click.echo(f"Assertion consumer service (HTTP-POST): {here.acs}")
    if ended:
        click.echo(f"Sessions ended: {ended}", err=True)


@command.command(name="list")
@data_dir_option
@json_option
def listed(data_dir: Path, as_json: bool) -> None:
    """List the providers of this node; no secret is shown."""
    with node.existing(data_dir):
        from accord.identity.federation import queries

        found = queries.entries()
    if as_json:
        click.echo(json.dumps([asdict(e) | {"assurance": dict(e.assurance)} for e in found]))
        return
    for entry in found:
        click.echo(f"{entry.name}  {entry.agency}  {entry.kind}  {entry.issuer}")
        click.echo(f"  members linked by {entry.names_member}: {entry.members}")
        for context, level in entry.assurance:
            click.echo(f"  {context} counts as assurance {level}")
    if not found:
        click.echo("No identity provider is known on this node.", err=True)


@command.command()
@click.argument("name")
@data_dir_option
def remove(name: str, data_dir: Path) -> None:
    """Take a provider out; the sessions that it opened are over at once."""
    with node.existing(data_dir):
        from accord.identity.actions import providers

        ended = providers.remove(name)
    click.echo(f"{name} is gone. Sessions ended: {ended}")
