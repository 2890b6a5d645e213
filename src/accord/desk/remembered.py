"""What a session remembers: working contexts, and the ids of the last records opened in them.

Nothing here opens anything: each is resolved anew, under the agreements of that moment, when its
address is asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accord.agreements.context import NO_CASE, WorkingContext

KEY = "contexts"
MOST = 6
RECENT = "recent"
MOST_RECENT = 12
_RECORD = re.compile(r"(/w/[^/]+/[^/]+/[^/]+)/records/([0-9a-f-]{36})")


@dataclass(frozen=True, slots=True)
class Remembered:
    """One context by its address."""

    purpose: str
    basis: str
    case: str

    @property
    def path(self) -> str:
        return f"/w/{self.purpose}/{self.basis}/{self.case}"

    @property
    def quick_check(self) -> bool:
        return self.case == NO_CASE

    @property
    def entrance(self) -> str:
        """Where work in it begins: the case, or the search where there is no case."""
        return f"{self.path}/search" if self.quick_check else f"{self.path}/case"


def of_session(request: Any) -> tuple[Remembered, ...]:
    """The contexts this session worked in, the last one first."""
    stored = request.session.get(KEY, [])
    return tuple(Remembered(*entry) for entry in stored)


def note(request: Any) -> None:
    """Put the context of a page that was shown at the head; writes only when that is a change."""
    scope = getattr(request, "scope", None)
    if scope is None or not request.path.startswith("/w/"):
        return
    entry = _entry(scope.context)
    stored = request.session.get(KEY, [])
    if stored[:1] != [entry]:
        request.session[KEY] = [entry, *(e for e in stored if e != entry)][:MOST]


def note_record(request: Any) -> None:
    """Put a record that was opened at the head; only its id and the context are kept."""
    found = _RECORD.fullmatch(request.path)
    if found is None or request.method != "GET":
        return
    entry = [found[1], found[2]]
    stored = request.session.get(RECENT, [])
    if stored[:1] != [entry]:
        request.session[RECENT] = [entry, *(e for e in stored if e != entry)][:MOST_RECENT]


def records_of(request: Any, path: str) -> tuple[UUID, ...]:
    """The records last opened in the context of this path; whether they are open now is not said."""
    stored = request.session.get(RECENT, [])
    return tuple(UUID(record) for where, record in stored if where == path)


def _entry(context: WorkingContext) -> list[str]:
    return [context.purpose, context.legal_basis, context.case_number or NO_CASE]
