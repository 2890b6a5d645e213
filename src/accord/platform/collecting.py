"""How often Python looks for cycles: seldom, where it would look at the same objects again and again.

A batch on its way in makes hundreds of thousands of small objects that live until it is written and hold
no cycle; at the usual threshold of 700 a fifth of the processor time of an import went into looking at
them. A process that answers requests holds some hundred thousand objects for its whole life - modules,
routes, schemas, templates - and about a quarter of the time of a request went into looking at those.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

BETWEEN = 100_000
"""New objects between two looks at the youngest, while a batch comes in; none of them is in a cycle."""
SETTLED = 10_000
"""The same in a process that answers requests, whose cycles should not pile up between two looks."""


def settle() -> None:
    """Take what this process holds now as its own for good, and look seldom at what comes after.

    To be called once a process has loaded what it works with; cycles made before then stay, if there
    are any left after the look that is taken first.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(SETTLED, *gc.get_threshold()[1:])


@contextmanager
def seldom() -> Iterator[None]:
    """Look for cycles seldom within the block; for this process, not for one thread."""
    before = gc.get_threshold()
    gc.set_threshold(BETWEEN, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
