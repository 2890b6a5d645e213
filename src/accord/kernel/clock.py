"""Time comes from a clock that can be given, and always knows its zone."""

from __future__ import annotations

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


def now() -> datetime:
    """The machine's time in UTC."""
    return datetime.now(UTC)
