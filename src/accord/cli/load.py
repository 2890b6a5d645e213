"""`accord load WORLD`: a world folder onto this node, through the same actions as its people's.

There is no back door: agreements are signed with each agency's key, records are contributed by a
member whom a clause lets, cases are opened by supervisors, and everything is in the ledger.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click

from accord.cli.options import data_dir_option, json_option

Progress = Callable[[str, int, int | None], None]
"""Told (step, done, of how many)."""


@dataclass(frozen=True)
class Loaded:
    """What a load came to."""

    world: str
    agencies: int
    members: int
    agreements: int
    cases: int
    loaded: int
    revised: int
    unchanged: int
    placed: int
    unplaced: dict[str, int] = field(default_factory=dict)


def load_world(
    data_dir: Path, world: Path, *, size: int | None = None, progress: Progress | None = None
) -> Loaded:
    """Load a world folder; what is there already stays, so an interrupted load may be repeated.

    Raises InvalidInput with every fault of the folder, before anything is written. Django must be
    set up for `data_dir`, and its database must run.
    """
    from accord.cli.world import parties
    from accord.cli.world.deliver import Delivery
    from accord.cli.world.exhibiting import put_exhibits
    from accord.cli.world.offering import put_expertise
    from accord.cli.world.read import read_world
    from accord.cli.world.stating import put_statements
    from accord.ledger.actions import sequence_all

    tell = progress or (lambda step, done, total: None)
    found = read_world(world)
    total = sum(1 for _ in found.written_records()) + (
        size if size is not None else found.generated.size if found.generated else 0
    )
    tell("agencies and members", 0, None)
    parties.put_agencies(found, data_dir)
    parties.put_members(found)
    tell("agreements", 0, None)
    parties.put_agreements(found, data_dir)
    tell("cases", 0, None)
    cases = {case.number: facts for case, facts in parties.put_cases(found)}
    tell("records", 0, total)
    done = Delivery(found, cases, lambda n: tell("records", n, total)).run(size)
    put_statements(found)
    put_expertise(found)
    put_exhibits(found)
    parties.close_cases(found)
    tell("ledger", 0, None)
    sequence_all()
    return Loaded(
        world=found.name,
        agencies=len(found.agencies),
        members=len(found.members),
        agreements=len(found.agreements),
        cases=len(found.cases),
        **asdict(done),
    )


@click.command()
@click.argument("world", type=click.Path(exists=True, file_okay=False, path_type=Path))
@data_dir_option
@click.option("--size", type=click.IntRange(min=0), help="How many generated records.")
@json_option
def command(world: Path, data_dir: Path, size: int | None, as_json: bool) -> None:
    """Load WORLD, a folder of agencies, members, agreements, cases and records.

    Loading again changes nothing; a load that was interrupted goes on where it stopped.
    """
    from accord.cli import node
    from accord.cli.world.read import read_world

    read_world(world)  # say what is wrong before a database is started
    with node.prepared(data_dir, demo=True):
        found = load_world(data_dir, world, size=size, progress=None if as_json else show)
    if as_json:
        click.echo(json.dumps(asdict(found)))
        return
    click.echo(
        f"{found.world}: {found.loaded:,} records loaded, {found.revised:,} revised, "
        f"{found.unchanged:,} unchanged; {found.placed:,} placed in {found.cases} cases."
    )
    for number, count in found.unplaced.items():
        click.echo(f"  {number}: no clause lets its members place {count:,} of the records.")


def show(step: str, done: int, total: int | None) -> None:
    """A line that moves on a terminal; nothing in a log."""
    if not sys.stderr.isatty():
        return
    filled = f" {done:>7,} of {total:,}" if total else ""
    click.echo(f"\r\x1b[K{step}{filled}", nl=step == "ledger", err=True)
