"""`accord demo`: the whole system on this machine, with the demo world in it."""

from __future__ import annotations

from pathlib import Path

import click

from accord.cli import node
from accord.cli.options import data_dir_option
from accord.kernel.errors import AccordError
from accord.platform import supervisor
from accord.platform.files import write_private

PORT = 8400
WORLD = "riverbend"


@click.command()
@data_dir_option
@click.option("--port", default=PORT, show_default=True, help="Taken? The next free one is used.")
@click.option("--tour", is_flag=True, help="Play the main job on the running system, then stop.")
def command(data_dir: Path, port: int, tour: bool) -> int:
    """Run Accord with the demo world on this machine; Ctrl-C stops everything.

    Everybody in the demo world is invented. The sign-in links that are printed work once each.
    """
    code = 0
    with (
        supervisor.only_one(data_dir),
        supervisor.stoppable(),
        node.stopping_database(data_dir),
    ):
        node.say("Starting the database ...")
        node.prepare(data_dir, demo=True)
        _load_once(data_dir)
        with node.running(data_dir, "127.0.0.1", port, demo=True) as running:
            if tour:
                code = 0 if _play(data_dir, running.url) else 1
            else:
                _welcome(running.url)
                running.run()
    node.say("Accord is stopped.")
    return code


def _load_once(data_dir: Path) -> None:
    """Load the demo world into a data directory that has none."""
    mark = data_dir / node.DEMO_MARK
    if mark.exists():
        return
    node.say(f"Loading the demo world {WORLD} ...")
    from accord.cli.load import load_world

    load_world(data_dir, _world_folder())
    write_private(mark, WORLD)


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


def _play(data_dir: Path, url: str) -> bool:
    from accord.cli.tour import play

    passed: bool = play(data_dir, url)
    return passed


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
