"""A whole node as a program: `python -m faults.onenode FOLDER PORT RECORDS`, for tests that kill it.

What `accord demo` runs (embedded database, web, live, worker, operations, three cosigners), but as a
node for real work, where custody is handed over with passkeys; the world is loaded once. The one
difference: a child that lived for a second counts as steady, so that hundreds of kills do not pile
up the supervisor's pauses.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from accord.cli import node
from accord.cli.demo_cosigners import cosigners
from accord.platform import supervisor
from accord.platform.files import write_private
from accord.platform.setup import DEMO_MARK

READY, PEOPLE = "ready.json", "people.json"
WORLD = Path(__file__).parents[2] / "worlds" / "riverbend"
STEADY_AFTER_S = 1.0
BY_TOKEN = (
    "riverbend-pd.m.alvarez", "riverbend-pd.d.okafor", "riverbend-pd.j.whitfield",
    "riverbend-pd.t.nguyen", "state-bi.v.petrov", "state-bi.a.desai", "harlan-so.c.boone",
)  # fmt: skip
BY_PASSKEY = ("riverbend-pd.m.alvarez", "state-bi.v.petrov")


def main(folder: Path, port: int, records: int) -> None:
    """Run the node until it is stopped or killed; FOLDER/ready.json says when it answers."""
    supervisor.STEADY_AFTER_S = STEADY_AFTER_S
    (folder / READY).unlink(missing_ok=True)
    with (
        supervisor.only_one(folder),
        supervisor.stoppable(),
        node.stopping_database(folder),
    ):
        node.prepare(folder, demo=True)  # this process loads a world of demonstration
        if not (folder / PEOPLE).exists():
            _people(folder, records)
        with (
            cosigners(folder) as beside,
            node.running(folder, "127.0.0.1", port, demo=False, beside=beside) as running,
        ):
            write_private(folder / READY, json.dumps({"url": running.url}))
            running.run()


def _people(folder: Path, records: int) -> None:
    """Load the world, and leave tokens and sign-in links for those who will act."""
    from accord.agencies.actions import create_api_token, create_signin_link
    from accord.cli.load import load_world

    load_world(folder, WORLD, size=records)
    write_private(folder / DEMO_MARK, WORLD.name)
    made = {
        "tokens": {member: create_api_token(member) for member in BY_TOKEN},
        "links": {member: create_signin_link(member) for member in BY_PASSKEY},
    }
    write_private(folder / PEOPLE, json.dumps(made))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
