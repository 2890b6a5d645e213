"""`accord db`: the embedded database by itself, for development."""

from __future__ import annotations

import json
from pathlib import Path

import click

from accord.cli.options import data_dir_option, json_option
from accord.platform.db import launcher, roles


@click.group()
def command() -> None:
    """Start, stop and enter the embedded database (a development aid)."""


@command.command()
@data_dir_option
def start(data_dir: Path) -> None:
    """Start the database, with its roles; it runs until `accord db stop`."""
    cluster = launcher.ensure_running(data_dir)
    roles.bootstrap(cluster, data_dir)
    click.echo(f"PostgreSQL {cluster.version} ({cluster.origin}) is running at {cluster.host}.")


@command.command()
@data_dir_option
def stop(data_dir: Path) -> None:
    """Stop the database."""
    stopped = launcher.stop(data_dir)
    click.echo("PostgreSQL is stopped." if stopped else "PostgreSQL was not running.")


@command.command()
@data_dir_option
@json_option
def status(data_dir: Path, as_json: bool) -> int:
    """Say whether the database runs (exit code 1: it does not)."""
    running = launcher.is_running(data_dir)
    if as_json:
        click.echo(json.dumps({"running": running, "data_dir": str(data_dir)}))
    else:
        click.echo("PostgreSQL is running." if running else "PostgreSQL is not running.")
    return 0 if running else 1


@command.command("psql-url")
@data_dir_option
@click.option(
    "--role",
    type=click.Choice([role.name for role in roles.ROLES if role.login]),
    default=roles.APP,
    show_default=True,
    help="The database role to enter as.",
)
def psql_url(data_dir: Path, role: str) -> None:
    """Print a URL for psql; it holds the role's password."""
    click.echo(launcher.ensure_running(data_dir).url(role))
