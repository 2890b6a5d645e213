"""`accord signin` and `accord token`: enter a demo as one of its members, by browser or by program."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click

from accord.cli import node
from accord.cli.options import data_dir_option, json_option
from accord.kernel.errors import NotFound

USUAL_ADDRESS = "http://127.0.0.1:8400"


@click.command()
@click.argument("member")
@data_dir_option
@json_option
def signin(member: str, data_dir: Path, as_json: bool) -> None:
    """Print a link that signs in once as MEMBER (demo and development data only)."""
    _check(data_dir, "Making a sign-in link from the command line")
    with node.existing(data_dir):
        from accord.agencies.actions import SIGNIN_LINK_LIFE, create_signin_link

        path = _for_member(create_signin_link, member)
        life_h = int(SIGNIN_LINK_LIFE.total_seconds() // 3600)
    running = node.address(data_dir)
    link = f"{running or USUAL_ADDRESS}{path}"
    if as_json:
        click.echo(json.dumps({"member": member, "link": link, "hours": life_h}))
        return
    click.echo(link)
    click.echo(f"It works once, within {life_h} hours.", err=True)
    if running is None:
        click.echo("Accord does not run now; start it with `accord demo`.", err=True)


@click.command()
@click.argument("member")
@data_dir_option
@json_option
def token(member: str, data_dir: Path, as_json: bool) -> None:
    """Print a bearer token for the API as MEMBER (demo and development data only)."""
    _check(data_dir, "Making an API token from the command line")
    with node.existing(data_dir):
        from accord.agencies.actions import API_TOKEN_LIFE, create_api_token

        made = _for_member(create_api_token, member)
        life_h = int(API_TOKEN_LIFE.total_seconds() // 3600)
    if as_json:
        click.echo(json.dumps({"member": member, "token": made, "hours": life_h}))
        return
    click.echo(made)
    click.echo(f"It is shown once and works for {life_h} hours.", err=True)


def _check(data_dir: Path, what: str) -> None:
    node.check_demo(
        data_dir, what, instead="the administrators of the member's agency, who give access there"
    )


def _for_member(make: Callable[[str], str], member: str) -> str:
    try:
        return make(member)
    except NotFound as error:
        raise NotFound(
            f"{member} is no membership in force on this node.",
            who_can_change="you: `accord demo` lists whom you can be, such as riverbend-pd.m.alvarez",
        ) from error
