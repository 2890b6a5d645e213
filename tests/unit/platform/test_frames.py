"""No call asks the kernel for memory for its frame, however deep it stands."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from accord.platform.frames import in_one_piece

CALLS = 2_000
DEEPEST = 300


def leaf() -> int:
    """A frame larger than that of `deep`: at some depth it does not fit where that one did."""
    a = b = c = d = e = f = g = h = i = j = k = m = n = o = p = q = 0
    return a + b + c + d + e + f + g + h + i + j + k + m + n + o + p + q


def faults() -> int:
    """How often a loop of calls touches memory that this process did not have yet."""
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    for _ in range(CALLS):
        leaf()
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before


def deep(left: int, then: Callable[[], int]) -> int:
    return then() if left == 0 else deep(left - 1, then)


def most_faults() -> int:
    return max(deep(depth, faults) for depth in range(DEEPEST))


def alone(call: Callable[[], int]) -> int:
    """Called on a thread of its own, which has frames of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


def test_no_depth_asks_for_memory_in_one_piece() -> None:
    assert alone(in_one_piece(most_faults)) < CALLS / 10


def test_one_within_another_has_room_of_its_own() -> None:
    assert alone(in_one_piece(lambda: in_one_piece(most_faults)())) < CALLS / 10


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="later releases keep the last piece")
def test_without_it_some_depth_asks_again_and_again() -> None:
    """The instrument itself: what the first test finds nowhere is there to be found."""
    assert alone(most_faults) >= CALLS


def test_arguments_answers_and_errors_pass_through() -> None:
    def divided(by: int, *, of: int) -> float:
        return of / by

    roomy = in_one_piece(divided)
    assert roomy(2, of=10) == 5
    with pytest.raises(ZeroDivisionError):
        roomy(0, of=1)
