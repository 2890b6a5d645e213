"""`accord ledger`: check the log of this node, export it, and fetch the proof of one entry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from accord.cli import node
from accord.cli.options import data_dir_option, json_option

if TYPE_CHECKING:
    from accord.ledger.checking import Report

_OUT = click.Path(dir_okay=False, path_type=Path)
_AS = "Show the bodies that this member may read (demo data only); the look is itself logged."


@click.group()
def command() -> None:
    """Check the log of this node, export it, fetch proofs."""


@command.command()
@data_dir_option
@json_option
def verify(data_dir: Path, as_json: bool) -> int:
    """Check the whole ledger; exit code 1 when it does not verify."""
    with node.existing(data_dir):
        from accord.ledger import actions, checking, keys

        # A tree that was changed cannot be grown, and that is what is to be reported here.
        report = checking.check_ledger()
        if report.verifies and report.waiting:
            actions.sequence_all()
            report = checking.check_ledger()
        key = keys.public_key(data_dir).text
    if as_json:
        click.echo(json.dumps({**asdict(report), "verifies": report.verifies, "key": key}))
    else:
        _say(report, key)
    return 0 if report.verifies else 1


@command.command()
@data_dir_option
@click.argument("file", type=_OUT)
@click.option("--overwrite", is_flag=True, help="Replace the file if it exists.")
@click.option("--as", "member", metavar="MEMBER", help=_AS)
def export(data_dir: Path, file: Path, overwrite: bool, member: str | None) -> None:
    """Write the ledger to FILE, whole or not at all; check it with accord-verify."""
    with node.existing(data_dir):
        from accord.ledger import actions, exporting, keys

        actions.sequence_all()
        if member is None:
            exporting.write_export(file, overwrite=overwrite)
        else:
            with _as_member(data_dir, member, "ledger export"):
                exporting.write_lines(file, exporting.export_lines(), overwrite=overwrite)
        key = keys.public_key(data_dir).text
    _say_how_to_check(file, key)


@command.command()
@data_dir_option
@click.argument("entry_id", type=click.UUID)
@click.argument("file", type=_OUT)
@click.option("--as", "member", metavar="MEMBER", required=True, help=_AS)
def receipt(data_dir: Path, entry_id: UUID, file: Path, member: str) -> None:
    """Write the proof of one entry to FILE; check it with accord-verify."""
    with node.existing(data_dir):
        from accord.ledger import actions, exporting, keys, queries

        actions.sequence_all()
        with _as_member(data_dir, member, "ledger receipt"):
            proof = queries.receipt(entry_id)
        exporting.write_lines(file, iter([proof]))
        key = keys.public_key(data_dir).text
    _say_how_to_check(file, key)


@contextmanager
def _as_member(data_dir: Path, member: str, what: str) -> Iterator[None]:
    """A member's own scope: row-level security decides what is shown, and the look is logged."""
    node.check_demo(
        data_dir,
        "Acting as a member from the command line",
        instead="the member, who finds entries and proofs on the ledger page",
    )
    from accord.agencies.queries import actor
    from accord.agreements.context import resolve
    from accord.agreements.scope import open_scope

    found = actor(member)
    with open_scope(found, resolve(found, "oversight", "statute", None)) as scope:
        scope.did("consultation", of=what)
        yield


def _say(report: Report, key: str) -> None:
    click.echo(f"{report.size} leaves, {report.heads} signed heads, {report.waiting} waiting.")
    click.echo(f"{report.bodies} bodies checked; the others only their agencies can read.")
    for finding in report.findings:
        click.echo(f"  {finding.code}: {finding.sentence}")
    click.echo(f"The key of this ledger: {key}")
    click.echo(
        "Not checked here: a second history shown to others, heads removed together with their"
        " leaves (compare exports with accord-verify), and whether what was logged is true."
    )
    click.echo("It verifies." if report.verifies else "IT DOES NOT VERIFY.")


def _say_how_to_check(file: Path, key: str) -> None:
    click.echo(f"Written: {file}")
    click.echo(f"Check it: accord-verify {file} --key {key}")
