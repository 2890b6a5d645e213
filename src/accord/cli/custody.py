"""`accord custody`: chains of custody as a member sees them, their files, and reading files again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from accord.cli import node
from accord.cli.options import data_dir_option, json_option
from accord.kernel.errors import NotFound

if TYPE_CHECKING:
    from accord.agreements.scope import Scope
    from accord.evidence.custody.queries import Line

OFFICE = "case-administration"
_OUT = click.Path(dir_okay=False, path_type=Path)
AT_ONCE = 500
_VIEWS = click.Choice(["offered", "held", "had"])


@click.group()
def command() -> None:
    """Custody: list exhibits, show a chain, take a step, export it, read stored files again."""


def _member(function: Callable[..., Any]) -> Callable[..., Any]:
    help_ = "Who acts, such as riverbend-pd.m.alvarez (demo data only; it is logged)."
    option = click.option("--as", "member", metavar="MEMBER", required=True, help=help_)
    return data_dir_option(option(function))


@contextmanager
def _acting(data_dir: Path, member: str) -> Iterator[Scope]:
    with node.existing(data_dir):
        node.check_demo(
            data_dir,
            "Acting as a member from the command line",
            instead="the member, on the pages of custody",
        )
        from accord.agencies.queries import actor
        from accord.agreements.context import resolve
        from accord.agreements.scope import open_scope
        from accord.ledger.actions import sequence_all

        found = actor(member)
        with open_scope(found, resolve(found, OFFICE, "statute", None)) as scope:
            yield scope
        sequence_all()


def _lines(agency: str, view: str) -> list[Line]:
    from accord.evidence.custody import queries

    found: list[Line] = []
    after, more = None, True
    while more:
        page, after = queries.lines(agency, view, after=after, limit=AT_ONCE)
        found += page
        more = after is not None
    return found


def _record(scope: Scope, exhibit: str) -> UUID:
    """The exhibit's record, by its id or by its number among those the agency has, is offered or had."""
    with suppress(ValueError):
        return UUID(exhibit)
    for view in _VIEWS.choices:
        for line in _lines(scope.actor.agency, view):
            if line.number == exhibit:
                return line.exhibit
    raise NotFound(f"Your agency has, is offered and had no exhibit {exhibit}.")


@command.command("list")
@_member
@json_option
@click.option("--view", type=_VIEWS, default="held", show_default=True)
def list_(data_dir: Path, member: str, as_json: bool, view: str) -> None:
    """List what the member's agency has in custody, is offered, or had."""
    with _acting(data_dir, member) as scope:
        found = _lines(scope.actor.agency, view)
        scope.did("consultation", of=f"custody: {view}")
    if as_json:
        facts = [
            {"exhibit": str(e.exhibit), "number": e.number, "state": e.state,
             "custodian": e.custodian, "offered_to": e.offered_to}
            for e in found
        ]  # fmt: skip
        click.echo(json.dumps(facts))
        return
    for each in found:
        to = f", offered to {each.offered_to}" if each.offered_to else ""
        click.echo(f"{each.exhibit}  {each.number}  {each.state}, {each.custodian}{to}")
    if not found:
        click.echo("Nothing.")


@command.command()
@_member
@json_option
@click.argument("exhibit")
def show(data_dir: Path, member: str, as_json: bool, exhibit: str) -> int:
    """Show the chain of EXHIBIT, a number or an id; exit code 1 when something is wrong with it."""
    with _acting(data_dir, member) as scope:
        from accord.evidence.custody import queries

        record = _record(scope, exhibit)
        found = queries.chain(record).chain
        scope.did("consultation", of="custody", exhibit=str(record))
    if as_json:
        facts = {
            "events": [event.facts() | {"hash": event.hash} for event in found.events],
            "faults": [{"code": f.code, "number": f.number} for f in found.faults],
        }
        click.echo(json.dumps(facts))
        return 1 if found.faults else 0
    for event in found.events:
        to = f" to {event.to}" if event.to else ""
        click.echo(f"{event.number:3}  {event.at:%Y-%m-%d %H:%M} UTC  {event.act}{to}")
        click.echo(f"     {event.membership} at {event.place}: {event.reason}")
    for fault in found.faults:
        click.echo(f"     {fault.code} at event {fault.number}: {fault.sentence}")
    return 1 if found.faults else 0


@command.command()
@_member
@click.argument("exhibit")
@click.argument("act")
@click.option("--place", required=True)
@click.option("--reason", required=True)
@click.option("--items", required=True, help="How many items were counted, now.")
@click.option("--seal", default="", help="The number of the seal.")
@click.option("--to", default="", help="The agency to which it is offered.")
@click.option("--receiver", default="", help="The person to whom it is handed.")
@click.option("--authority", default="", help="Of an order for disposal.")
@click.option("--order-number", default="")
@click.option("--order-file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def step(
    data_dir: Path, member: str, exhibit: str, act: str, order_file: Path | None, **typed: str
) -> None:
    """Take a step: seal, unseal, check-out, check-in, offer, accept, decline, withdraw, return,
    release, order-disposal, dispose. In a demonstration without a passkey."""
    with _acting(data_dir, member) as scope:
        import hashlib

        from accord.evidence.custody import actions, forms

        if order_file is not None:
            typed["order_sha256"] = hashlib.sha256(order_file.read_bytes()).hexdigest()
        word = forms.act_of(act)
        event = actions.take(scope, _record(scope, exhibit), word, forms.said(word, typed))
    click.echo(f"Event {event.number}, {event.act}: {event.hash}")


@command.command()
@_member
@click.argument("exhibit")
@click.argument("file", type=_OUT)
def export(data_dir: Path, member: str, exhibit: str, file: Path) -> None:
    """Write the chain of EXHIBIT, a number or an id, to FILE, with signatures and receipts."""
    with _acting(data_dir, member) as scope:
        from accord.evidence.custody import queries
        from accord.ledger import keys

        record = _record(scope, exhibit)
        found = queries.custody_file(record)
        scope.did("disclosure", of="custody file", exhibit=str(record), head=found["head"])
        key = keys.public_key(data_dir).text
    file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    click.echo(f"Written: {file}")
    click.echo(f"Check it: accord-verify {file} --key {key}")


@command.command()
@data_dir_option
@json_option
@click.option("--mb-s", default=200, show_default=True, help="At most so many megabytes a second.")
def reread(data_dir: Path, as_json: bool, mb_s: int) -> int:
    """Read every stored file again, now; exit code 1 when one is not what it was.

    What is not what it was is told to its owner and custodian, and closed to other agencies.
    """
    with node.existing(data_dir):
        from accord.evidence.custody.rereading import Outcome, reread_all

        found = reread_all(max(1, mb_s))
    if as_json:
        click.echo(json.dumps({str(outcome): count for outcome, count in found.items()}))
    else:
        for outcome, count in found.items():
            click.echo(f"{outcome}: {count}")
    return 0 if sum(found.values()) == found[Outcome.SAME] else 1
