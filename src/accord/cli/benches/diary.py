"""What a mixed load asked and wrote, and what it was answered: all that is judged afterwards."""

from __future__ import annotations

import itertools
import re
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
MARKER = re.compile(r"\bmx[0-9a-f]{8}n[0-9]{6}\b")


@dataclass(frozen=True)
class Context:
    """Why somebody asks."""

    purpose: str
    case: str | None = None
    basis: str = "statute"

    @property
    def path(self) -> str:
        """The beginning of the addresses of its pages."""
        return f"/w/{self.purpose}/{self.basis}/{self.case or '-'}"


OWN_DESK = Context("oversight")
"""The ledger page; its purpose is fixed."""
INTAKE = Context("records-administration")
"""Pushing records; its purpose is fixed."""


@dataclass(frozen=True)
class Somebody:
    """A member who acts, by a session or by a token."""

    membership: str
    name: str
    agency: str
    contexts: Sequence[Context]
    cookie: str
    token: str
    by_api: bool
    pushes: bool


@dataclass(frozen=True)
class Answer:
    """One request and what was in its answer; status 0 where none came."""

    what: str
    member: str
    context: Context
    began: float
    ended: float
    status: int
    ids: frozenset[str] = frozenset()
    markers: frozenset[str] = frozenset()
    called: str | None = None
    """Whom the page names as the signed-in member."""

    @property
    def good(self) -> bool:
        """Whether the node did its work, be it a refusal by a rule."""
        return 0 < self.status < 500


@dataclass(frozen=True)
class Write:
    """Something that was sent to be kept."""

    kind: str
    marker: str
    member: str
    place: str
    """A note's case, the context's path of a saved search, the agency of pushed records."""
    pieces: int
    acknowledged: bool


@dataclass
class Diary:
    """Everything in the order in which it ended; written by many threads."""

    answers: list[Answer] = field(default_factory=list)
    writes: dict[str, Write] = field(default_factory=dict)
    run: str = field(default_factory=lambda: secrets.token_hex(4))
    broken: list[BaseException] = field(default_factory=list)
    """What ended one of those who act, through no fault of the node's answers."""
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def marker(self) -> str:
        """A text that nobody else writes."""
        with self._lock:
            return f"mx{self.run}n{next(self._numbers):06d}"

    def answered(self, answer: Answer) -> None:
        with self._lock:
            self.answers.append(answer)

    def wrote(self, write: Write) -> None:
        """Keep what was sent; sent again, it counts as acknowledged when it was once."""
        with self._lock:
            self.writes[write.marker] = write

    def by_kind(self) -> Mapping[str, list[Answer]]:
        """The answers of each kind of action."""
        found: dict[str, list[Answer]] = {}
        for answer in list(self.answers):
            found.setdefault(answer.what, []).append(answer)
        return dict(sorted(found.items()))
