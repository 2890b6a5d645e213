"""`accord demo`: the whole system on this machine, with the demo world in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import click

from accord.cli import node
from accord.cli.demo_cosigners import cosigners
from accord.cli.options import data_dir_option, json_option
from accord.kernel.errors import AccordError, Conflict
from accord.platform import supervisor
from accord.platform.files import write_private
from accord.platform.setup import DEMO_MARK

PORT = 8400
WORLD = "riverbend"
FULL_SIZE = 60_000
"""How many generated records the demo world comes to; the first of them are loaded before the start."""


@click.command()
@data_dir_option
@click.option("--port", default=PORT, show_default=True, help="Taken? The next free one is used.")
@click.option("--small", is_flag=True, help="Leave the world at its first 5,000 records.")
@click.option("--tour", is_flag=True, help="Play the main job on the running system, then stop.")
@json_option
def command(data_dir: Path, port: int, small: bool, tour: bool, as_json: bool) -> int:
    """Run Accord with the demo world on this machine; Ctrl-C stops everything.

    The pages come up with the first 5,000 records; the others, up to 60,000, come in behind them.
    Everybody in the demo world is invented. The sign-in links that are printed work once each.
    `--tour` plays on the node that runs on the data directory, or on one that it starts and stops;
    its exit code is 1 when a step came out differently. `--json` reports the tour as JSON.
    """
    if as_json and not tour:
        raise click.UsageError("--json reports a tour: add --tour.")
    tell = _to_stderr if as_json else node.say
    if tour and (url := _running(data_dir)):
        tell(f"Accord already runs at {url}; the tour plays there.")
        return _join(data_dir, url, as_json=as_json)
    return _run(data_dir, port, tour=tour, small=small, as_json=as_json, tell=tell)


def _to_stderr(sentence: str) -> None:
    click.echo(sentence, err=True)


def _running(data_dir: Path) -> str | None:
    """Where a node answers on this data directory, if another process runs one."""
    if not (data_dir / "node.lock").exists():
        return None
    try:
        with supervisor.only_one(data_dir):
            return None
    except Conflict:
        return node.address(data_dir)


def _join(data_dir: Path, url: str, *, as_json: bool) -> int:
    what = "Playing the tour"
    node.check_demo(data_dir, what, instead="you, with --data-dir and a folder of its own")
    with node.existing(data_dir):
        return 0 if _play(data_dir, url, as_json=as_json) else 1


def _run(
    data_dir: Path,
    port: int,
    *,
    tour: bool,
    small: bool,
    as_json: bool,
    tell: Callable[[str], None],
) -> int:
    code = 1 if tour else 0  # a tour that is interrupted did not pass
    with (
        supervisor.only_one(data_dir),
        supervisor.stoppable(),
        node.stopping_database(data_dir),
    ):
        tell("Starting the database ...")
        node.prepare(data_dir, demo=True)
        _load_once(data_dir, tell)
        with (
            cosigners(data_dir) as beside,
            node.running(
                data_dir, "127.0.0.1", port, demo=True, tell=tell, beside=beside
            ) as running,
        ):
            if tour:
                code = 0 if _play(data_dir, running.url, as_json=as_json) else 1
            else:
                _welcome(running.url)
                with nullcontext() if small else _filling(data_dir):
                    running.run()
    tell("Accord is stopped.")
    return code


def _load_once(data_dir: Path, tell: Callable[[str], None]) -> None:
    """Load the demo world into a data directory that has none."""
    mark = data_dir / DEMO_MARK
    if mark.exists():
        return
    tell(f"Loading the demo world {WORLD} ...")
    from accord.cli.load import load_world

    load_world(data_dir, _world_folder())
    write_private(mark, WORLD)


@contextmanager
def _filling(data_dir: Path) -> Iterator[None]:
    """Bring in the rest of the demo world by a process of its own, until the node stops."""
    from accord.cli.world.filling import filled

    if filled(data_dir) >= FULL_SIZE:
        yield
        return
    ours, theirs = os.pipe()
    job = (str(data_dir), str(_world_folder()), str(FULL_SIZE))
    watched = ("accord.platform.lifeline", str(ours), "accord.cli.world.filling", *job)
    child = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-m", *watched], pass_fds=(ours,), start_new_session=True
    )
    try:
        yield
    finally:
        child.terminate()
        child.wait()
        os.close(ours)
        os.close(theirs)


def _world_folder() -> Path:
    """The world in a source tree, or the copy inside an installed package."""
    import accord

    package = Path(accord.__file__).parent
    for folder in (package / "worlds" / WORLD, package.parents[1] / "worlds" / WORLD):
        if (folder / "world.yaml").is_file():
            return folder
    raise AccordError(
        f"The demo world {WORLD} did not come with this installation.",
        who_can_change="whoever packaged this copy of Accord",
    )


def _play(data_dir: Path, url: str, *, as_json: bool) -> bool:
    from accord.cli.tour import play

    return play(data_dir, url, _world_folder(), as_json=as_json)


def _welcome(url: str) -> None:
    """Say where Accord is, and give each persona a link."""
    from accord.agencies.actions import create_signin_link
    from accord.agencies.queries import personas

    node.say(f"\nAccord is ready at {url}\n")
    node.say("Sign in as (each link works once; `accord signin MEMBER` makes another):")
    for persona in personas():
        node.say(f"\n  {persona.name}, {persona.title}, {persona.agency_name}")
        node.say(f"  {persona.line}")
        node.say(f"  {url}{create_signin_link(persona.membership)}")
    node.say("\nCtrl-C stops everything.")
