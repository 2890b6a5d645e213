"""Batches go through several hands: all of them, those of one agency in order, no fault lost."""

from __future__ import annotations

import threading

import pytest

from accord.cli.world.hands import Hands


def test_everything_is_worked_on_and_one_agencys_batches_in_their_order() -> None:
    done: dict[str, list[int]] = {"a": [], "b": [], "c": []}
    threads = set()

    def work(whose: str, what: int) -> None:
        threads.add(threading.get_ident())
        done[whose].append(what)

    with Hands(work, 2) as hands:
        for number in range(30):
            hands.give("abc"[number % 3], number)
    assert done == {
        "a": list(range(0, 30, 3)),
        "b": list(range(1, 30, 3)),
        "c": list(range(2, 30, 3)),
    }
    assert len(threads) == 2
    assert threading.get_ident() not in threads


def test_what_a_hand_raises_ends_the_giving() -> None:
    seen: list[int] = []

    def work(_: str, what: int) -> None:
        seen.append(what)
        if what == 1:
            raise ValueError("the second batch")

    def give_all() -> None:
        with Hands(work, 2) as hands:
            for number in range(100):
                hands.give("one", number)

    with pytest.raises(ValueError, match="the second batch"):
        give_all()
    assert seen == [0, 1]


def test_the_last_batchs_fault_is_raised_at_the_end() -> None:
    def work(_: str, what: int) -> None:
        raise ValueError(str(what))

    with pytest.raises(ValueError, match="7"), Hands(work, 1) as hands:
        hands.give("one", 7)
