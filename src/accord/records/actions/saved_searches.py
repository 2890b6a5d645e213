"""Write a member's saved searches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from accord.agreements.scope import Scope
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, NotFound
from accord.kernel.phrases import phrase
from accord.platform import sealedaddress
from accord.records.models import SavedSearch
from accord.records.queries.saved_searches import (
    in_context,
    saved_search,
    saved_searches,
    whose_search,
)
from accord.records.question import Question, facts_of
from accord.records.saving import MOST, UNDO_FOR, check_name


def save(scope: Scope, name: str, question: Question, shown: Iterable[str]) -> UUID:
    """Save a question with what its answer has just shown; returns its id.

    Raises InvalidInput for a question that cannot be read, Conflict when there are too many.
    """
    text = check_name(name, question)
    question.query(scope.actor.country)
    if sum(s.deleted_at is None for s in saved_searches(scope)) >= MOST:
        raise Conflict(
            phrase("You have %(most)s saved searches here; delete one first.", most=MOST)
        )
    search_id, at = ids.uuid7(), now()
    SavedSearch.objects.bulk_create(
        [
            SavedSearch(
                id=search_id,
                agency_id=scope.actor.agency,
                sealed=_sealed(scope, [text, facts_of(question)]),
                seen=_sealed(scope, sorted(shown)),
                saved_at=at,
                seen_at=at,
                **in_context(scope),
            )
        ]
    )
    scope.did("collection", step="saved a search", search=str(search_id))
    return search_id


def rename(scope: Scope, search_id: UUID, name: str) -> None:
    """Give a saved search another name."""
    found = saved_search(scope, search_id)
    text = check_name(name, found.question)
    _change(scope, search_id, "renamed", sealed=_sealed(scope, [text, facts_of(found.question)]))


def mark_seen(scope: Scope, search_id: UUID, shown: Iterable[str]) -> None:
    """What has just been shown is no longer new."""
    seen = saved_search(scope, search_id).seen | set(shown)
    _change(scope, search_id, "seen", seen=_sealed(scope, sorted(seen)), seen_at=now())


def delete(scope: Scope, search_id: UUID) -> None:
    """Take a saved search away; for a day it can be brought back."""
    SavedSearch.objects.filter(deleted_at__lt=now() - UNDO_FOR, **in_context(scope)).delete()
    _change(scope, search_id, "deleted", deleted_at=now())


def restore(scope: Scope, search_id: UUID) -> None:
    """Bring a deleted saved search back; raises NotFound once its day is over."""
    found = saved_search(scope, search_id)
    if found.deleted_at is not None and found.deleted_at < now() - UNDO_FOR:
        raise NotFound()
    _change(scope, search_id, "restored", deleted_at=None)


def _change(scope: Scope, search_id: UUID, step: str, **columns: Any) -> None:
    changed = SavedSearch.objects.filter(id=search_id, **in_context(scope)).update(**columns)
    if not changed:
        raise NotFound()
    scope.did("alteration", step=f"saved search {step}", search=str(search_id))


def _sealed(scope: Scope, said: Any) -> str:
    return sealedaddress.seal(said, whose_search(scope))
