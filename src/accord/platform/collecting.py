"""How often Python looks for cycles while a batch is on its way in.

A batch makes hundreds of thousands of small objects that live until it is written and hold no cycle; at
the usual threshold of 700 a fifth of the processor time of an import went into looking at them.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

BETWEEN = 100_000
"""New objects between two looks at the youngest; what they refer to is freed at once all the same."""


@contextmanager
def seldom() -> Iterator[None]:
    """Look for cycles seldom within the block; for this process, not for one thread."""
    before = gc.get_threshold()
    gc.set_threshold(BETWEEN, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
