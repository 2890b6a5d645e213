"""Read a member's saved searches of the working context."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from accord.agreements.context import NO_CASE
from accord.agreements.scope import Scope
from accord.kernel.clock import now
from accord.kernel.errors import NotFound
from accord.platform import sealedaddress
from accord.records.models import SavedSearch
from accord.records.queries.search import SearchAnswer
from accord.records.question import question_of
from accord.records.saving import UNDO_FOR, Saved


def saved_searches(scope: Scope) -> tuple[Saved, ...]:
    """The saved searches of this context by name; deleted ones too, while they can come back."""
    rows = SavedSearch.objects.filter(**in_context(scope))
    found = [_saved(scope, row) for row in rows]
    kept = [s for s in found if s.deleted_at is None or s.deleted_at > now() - UNDO_FOR]
    return tuple(sorted(kept, key=lambda s: (s.name.casefold(), str(s.id))))


def saved_search(scope: Scope, search_id: UUID) -> Saved:
    """One of them, also while it is deleted; raises NotFound."""
    row = SavedSearch.objects.filter(id=search_id, **in_context(scope)).first()
    if row is None:
        raise NotFound()
    return _saved(scope, row)


def in_context(scope: Scope) -> dict[str, Any]:
    """The columns that name the member and the context."""
    return {
        "membership_id": scope.actor.membership,
        "purpose": scope.context.purpose,
        "legal_basis": scope.context.legal_basis,
        "case_number": scope.context.case_number or NO_CASE,
    }


def whose_search(scope: Scope) -> list[bytes]:
    """For whom the texts of a saved search are sealed: the member in this context."""
    return [
        b"accord-saved-search/1",
        scope.actor.membership.encode(),
        scope.context.path.encode(),
    ]


def shown_ids(answer: SearchAnswer) -> tuple[str, ...]:
    """What an answer shows, by id: records, and hits by the handles they have for this agency."""
    return (
        *(str(s.record_id) for s in answer.visible),
        *(hit.handle for hit in answer.hits),
    )


def seal_shown(scope: Scope, shown: Iterable[str]) -> str:
    """What was shown, for a form that says it back: nobody can claim to have seen anything else."""
    return sealedaddress.seal(sorted(shown), whose_search(scope))


def open_shown(scope: Scope, sealed: str) -> tuple[str, ...]:
    """What `seal_shown` wrote; raises NotFound for anything else."""
    found = sealedaddress.unseal(sealed, whose_search(scope))
    if not all(isinstance(step, str) for step in found):
        raise NotFound()
    return tuple(found)


def _saved(scope: Scope, row: SavedSearch) -> Saved:
    whose = whose_search(scope)
    name, question = sealedaddress.unseal(row.sealed, whose)
    return Saved(
        id=row.id,
        name=name,
        question=question_of(question),
        seen=frozenset(sealedaddress.unseal(row.seen, whose)),
        saved_at=row.saved_at,
        seen_at=row.seen_at,
        deleted_at=row.deleted_at,
    )


def has_saved(scope: Scope) -> bool:
    """Whether the member has saved a search, in any context."""
    return SavedSearch.objects.filter(membership_id=scope.actor.membership).exists()
