"""`accord check`: whether this node is whole, and with --deploy whether it is fit for real work."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import click

from accord.cli import node
from accord.cli.options import data_dir_option, json_option

State = Literal["good", "warning", "bad"]
_MARKS = {"good": "ok  ", "warning": "note", "bad": "BAD "}


@dataclass(frozen=True)
class Found:
    """One thing that was looked at."""

    name: str
    state: State
    said: str


Question = Callable[[Path], Iterator[Found]]


@click.command()
@data_dir_option
@click.option("--deploy", is_flag=True, help="Also what real work needs: probes every feature.")
@json_option
def command(data_dir: Path, deploy: bool, as_json: bool) -> int:
    """Look at this node and say what is wrong; exit code 1 when something is.

    --deploy probes each feature of PostgreSQL that Accord relies on, live and undone again, and
    looks at TLS, file modes, the clock, versions, keys, the prover, the disk and the last backup.
    """
    from accord.cli import checks, deploychecks

    questions: tuple[Question, ...] = checks.QUESTIONS
    if deploy:
        questions += deploychecks.QUESTIONS
    with node.existing(data_dir):
        found = [one for question in questions for one in question(data_dir)]
    bad = any(one.state == "bad" for one in found)
    if as_json:
        click.echo(json.dumps({"fit": not bad, "found": [asdict(one) for one in found]}))
    else:
        for one in found:
            click.echo(f"{_MARKS[one.state]}  {one.name}: {one.said}")
        click.echo("Something is wrong; see BAD above." if bad else "Nothing is wrong.")
    return 1 if bad else 0
