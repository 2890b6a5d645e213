"""A few threads that bring batches in side by side: while one waits for PostgreSQL, another works.

The batches of one agency go through one hand, in the order in which they were given: a later line of a
source revises an earlier one.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar

from django.db import connections

T = TypeVar("T")
WAITING = 1
"""Batches that wait for each hand, beside the one it works on; whoever gives more is held up."""


class Hands(Generic[T]):
    """Calls `work` with what is given, in threads; what it raises, `give` or the end raises."""

    def __init__(self, work: Callable[[str, T], None], count: int) -> None:
        self._work = work
        self._queues: list[queue.Queue[tuple[str, T] | None]] = [
            queue.Queue(WAITING) for _ in range(count)
        ]
        self._hand_of: dict[str, int] = {}
        self._failed: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._run, args=(mine,), daemon=True) for mine in self._queues
        ]

    def give(self, whose: str, what: T) -> None:
        """Hand a batch over; waits while its hand has enough to do."""
        self._check()
        hand = self._hand_of.setdefault(whose, len(self._hand_of) % len(self._queues))
        self._queues[hand].put((whose, what))

    def _check(self) -> None:
        if self._failed:
            raise self._failed[0]

    def _run(self, mine: queue.Queue[tuple[str, T] | None]) -> None:
        try:
            while (given := mine.get()) is not None:
                if self._failed:
                    continue  # so that nobody waits for a place in the queue
                try:
                    self._work(*given)
                except BaseException as error:  # raised again where the work was given
                    self._failed.append(error)
        finally:
            connections.close_all()

    def __enter__(self) -> Hands[T]:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for mine in self._queues:
            mine.put(None)
        for thread in self._threads:
            thread.join()
        if error is None:
            self._check()
