"""Whose work failed a moment ago, so that it is not first in line again at once.

Kept by the process alone: nobody has standing to write it down for them, and a process that begins
anew tries everything once more.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from accord.kernel.clock import now


class Aside:
    """Names that stand aside, each for the same time after its last failure."""

    def __init__(self, wait: timedelta) -> None:
        self._wait = wait
        self._until: dict[str, datetime] = {}

    def put(self, name: str) -> None:
        """Let this name wait from now on."""
        self._until[name] = now() + self._wait

    def names(self) -> list[str]:
        """Return who waits now, in order; whoever has waited is forgotten."""
        at = now()
        self._until = {name: until for name, until in self._until.items() if until > at}
        return sorted(self._until)


def is_answering() -> bool:
    """Whether the database still answers: where it does not, what failed is nobody's own fault."""
    return connection.is_usable()
