"""Room for the frames of calls in one piece, so that no call asks the kernel for memory.

CPython 3.11 to 3.13 keeps a thread's frames in pieces of 16 KiB and gives a piece back as soon as it is
empty (python/cpython issue 142183; later patch releases of 3.13 and 3.14 keep one). Where a loop runs
just at the end of a piece, each call in it maps memory and each return unmaps it: a call takes up to a
hundred times as long. Requests run 60 to 200 calls deep, so some page always meets such an end.

A frame that is larger than a piece gets a piece of its own that has room for what it calls.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import ParamSpec, TypeVar, cast

SLOTS = 33_000
"""Of 8 bytes. CPython doubles 16 KiB until this and 1,000 more fit: 512 KiB, of which 260,000 bytes are
free for the frames below. What is never touched takes address space alone. It is more than half of the
piece, so that a call within another of them gets a piece of its own, too."""

P = ParamSpec("P")
T = TypeVar("T")


def in_one_piece(call: Callable[P, T]) -> Callable[P, T]:
    """The same call, with room for everything that it calls."""

    def roomy(*args: P.args, **kwargs: P.kwargs) -> T:
        return call(*args, **kwargs)

    function = cast(FunctionType, roomy)
    function.__code__ = function.__code__.replace(co_stacksize=SLOTS)
    return roomy
