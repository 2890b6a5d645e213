"""Fills the demo world up to its full size beside the running node, so that its pages come up first.

`python -m accord.cli.world.filling DATA_DIR WORLD SIZE`, started by `accord demo`. A larger world
begins with the records of the smaller one, so what was loaded is skipped and whatever people did
with it meanwhile stays. How far it came stands in a file; a start after an interruption goes on there,
and meets the records of the last stretch as unchanged.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from accord.kernel.errors import AccordError

MARK = "demo-filled"
STRETCH = 5_000
NICE = 10
HANDS = 2
Tell = Callable[[int, int], None]
"""Told how many records there are of how many."""


def filled(data_dir: Path) -> int:
    """How many generated records stand in this data directory beyond the first load; 0 before any."""
    try:
        return int((data_dir / MARK).read_text("utf-8"))
    except FileNotFoundError:
        return 0


def fill(data_dir: Path, folder: Path, size: int, tell: Tell) -> int:
    """Bring in the generated records from where the last one stopped up to `size`; returns how many.

    Django must be set up for `data_dir`, and the world must be loaded.
    """
    from accord.cli.world import parties
    from accord.cli.world.deliver import Delivery
    from accord.cli.world.read import read_world
    from accord.platform.files import write_private

    world = read_world(folder)
    there = max(filled(data_dir), world.generated.size if world.generated else 0)
    cases = {case.number: facts for case, facts in parties.put_cases(world)}
    delivery = Delivery(world, cases, lambda _: None, hands=HANDS)
    lines = world.generation(size=size).lines
    deque(islice(lines, there), maxlen=0)
    while stretch := list(islice(lines, STRETCH)):
        delivery.take(stretch)
        there += len(stretch)
        write_private(data_dir / MARK, str(there))
        tell(there, size)
    return delivery.done.loaded


def main(arguments: list[str]) -> None:
    """Fill, after the pages and everything that people do."""
    from accord.platform.setup import django_setup

    data_dir, folder, size = Path(arguments[0]), Path(arguments[1]), int(arguments[2])
    os.nice(NICE)
    django_setup(data_dir, demo=True)
    try:
        fill(data_dir, folder, size, _say)
    except AccordError as error:
        sys.stdout.write(f"Demo world: it stays at {filled(data_dir):,} records. {error}\n")
        raise SystemExit(1) from None


def _say(there: int, size: int) -> None:
    end = "; the demo world is complete." if there == size else " ..."
    sys.stdout.write(f"Demo world: {there:,} of {size:,} records{end}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
