"""Deadlines of whatever waits for somebody's answer: read off the clock, so nobody has to act."""

from __future__ import annotations

from datetime import datetime

from accord.kernel.errors import NotAllowed
from accord.kernel.phrases import phrase


def is_overdue(waits: bool, due: datetime, at: datetime) -> bool:
    """Whether what still waits for an answer is past its day."""
    return waits and at > due


def check_overdue(due: datetime, at: datetime) -> None:
    """Raise NotAllowed before the deadline: until then whoever is asked has the time."""
    if at <= due:
        raise NotAllowed(
            phrase("The recipient still has time to answer; it is escalated once overdue.")
        )
