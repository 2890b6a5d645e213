"""`accord world`: make a world's records from a seed, or check a world folder."""

from __future__ import annotations

import json
from pathlib import Path

import click

from accord.cli.world.generate import write_world
from accord.cli.world.read import read_world
from accord.kernel.errors import InvalidInput

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(name="world")
def command() -> None:
    """Make and check worlds: the data folders of demos, exercises and tests."""


@command.command()
@click.argument("world", type=FOLDER)
@click.option("--size", type=click.IntRange(min=1), help="How many records; else world.yaml's.")
@click.option("--seed", help="Same seed, same bytes; else world.yaml's.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def generate(world: Path, size: int | None, seed: str | None, out: Path, as_json: bool) -> None:
    """Write records/<agency>.jsonl and answer_key.json of WORLD into an empty folder."""
    if out.exists() and any(out.iterdir()):
        raise InvalidInput(str(out), None, "--out", "the folder is not empty; name a new one")
    written = write_world(read_world(world).generation(size=size, seed=seed), out)
    total = sum(written.values())
    if as_json:
        click.echo(json.dumps({"out": str(out), "records": total, "by_agency": written}))
        return
    for agency in sorted(written):
        click.echo(f"{written[agency]:>8,}  {agency}")
    click.echo(f"{total:>8,}  records in {out / 'records'}; what is true is in answer_key.json")


@command.command()
@click.argument("world", type=FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def check(world: Path, as_json: bool) -> None:
    """Check WORLD against its schema, its agreements and its hand-written records."""
    found = read_world(world)
    counts = {
        "agencies": len(found.agencies),
        "members": len(found.members),
        "agreements": len(found.agreements),
        "amendments": len(found.amendments),
        "cases": len(found.cases),
        "written_records": sum(1 for _ in found.written_records()),
        "generated_records": found.generated.size if found.generated else 0,
    }
    if as_json:
        click.echo(json.dumps({"world": found.name, "ok": True, **counts}))
        return
    click.echo(f"{found.name}: nothing wrong.")
    for word, number in counts.items():
        click.echo(f"{number:>8,}  {word.replace('_', ' ')}")
