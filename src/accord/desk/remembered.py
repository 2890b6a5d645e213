"""The working contexts that a session remembers: purpose, legal basis and case number, no more.

Nothing here opens anything: each is resolved anew, under the agreements of that moment, when its
address is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accord.agreements.context import NO_CASE, WorkingContext

KEY = "contexts"
MOST = 6


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


def _entry(context: WorkingContext) -> list[str]:
    return [context.purpose, context.legal_basis, context.case_number or NO_CASE]
