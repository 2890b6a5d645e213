"""Saved searches: a member's own questions, by context, and what is new among their answers.

What is new follows from what the viewer sees now and what was shown to them the last time, and
from nothing else: a record that closed to them is neither new nor gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase
from accord.records.question import Question

LONGEST_NAME = 80
MOST = 50
UNDO_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Saved:
    """One saved search, as its member reads it."""

    id: UUID
    name: str
    question: Question
    seen: frozenset[str]
    saved_at: datetime
    seen_at: datetime
    deleted_at: datetime | None

    def new(self, shown: Iterable[str]) -> frozenset[str]:
        """Which of what is shown now was not shown the last time."""
        return frozenset(shown) - self.seen


def check_name(name: str, question: Question) -> str:
    """Return the name, else the question itself; raises InvalidInput when it is too long."""
    text = " ".join(name.split()) or question.said[:LONGEST_NAME]
    if len(text) > LONGEST_NAME:
        raise InvalidInput(
            "search",
            None,
            "name",
            phrase("at most %(longest_name)s characters", longest_name=LONGEST_NAME),
        )
    return text
