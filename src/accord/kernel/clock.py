"""Time comes from a clock that can be given, and always knows its zone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Whatever can say what time it is, in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved; for tests and for worlds with an as-of time."""

    def __init__(self, at: datetime) -> None:
        self._at = aware(at)

    def now(self) -> datetime:
        return self._at

    def advance(self, by: timedelta) -> None:
        self._at += by


def aware(at: datetime) -> datetime:
    """The same instant in UTC; a time without a zone is refused, it could be any."""
    if at.tzinfo is None or at.utcoffset() is None:
        raise ValueError("a time needs a zone: naive times are refused")
    return at.astimezone(UTC)


_clock: Clock = SystemClock()


def now() -> datetime:
    """The time in UTC: the machine's, unless a test gave another clock."""
    return _clock.now()


@contextmanager
def taken_from(clock: Clock) -> Iterator[None]:
    """Take the time from this clock within the block, in the whole process.

    INVARIANT: only where ACCORD_DEMO says that nothing is real; access ends by the clock.
    """
    global _clock
    if os.environ.get("ACCORD_DEMO") != "1":
        raise RuntimeError("the clock is given only in tests and demonstrations")
    before, _clock = _clock, clock
    try:
        yield
    finally:
        _clock = before
