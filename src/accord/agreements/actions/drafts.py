"""Write drafts: begin, edit without losing anybody's edit, discard, propose."""

from __future__ import annotations

from uuid import UUID

from accord.agreements import queries
from accord.agreements.actions.life import propose
from accord.agreements.document import MAX_CHARACTERS
from accord.agreements.models import AgreementDraft
from accord.agreements.parse import DRAFT_FILE
from accord.agreements.queries import DraftEntry
from accord.agreements.scope import Scope
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput
from accord.kernel.phrases import phrase, thousands

LONGEST_NAME = 120


def begin_draft(scope: Scope, *, name: str, text: str) -> UUID:
    """Begin a draft of the actor's agency, which nobody else sees; returns its id."""
    _check(name, text)
    at = now()
    draft_id = ids.uuid7()
    AgreementDraft.objects.bulk_create(
        [
            AgreementDraft(
                id=draft_id,
                agency=scope.actor.agency,
                name=name.strip(),
                text=text,
                revision=1,
                created_by=scope.actor.membership,
                created_at=at,
                updated_by=scope.actor.membership,
                updated_at=at,
            )
        ]
    )
    _log(scope, draft_id, "draft begun")
    return draft_id


def edit_draft(scope: Scope, draft_id: UUID, *, name: str, text: str, based_on: int) -> int:
    """Keep an edit of the revision that its writer had before the eyes; returns the new revision.

    Raises Conflict when somebody else edited it meanwhile, and changes nothing: the page shows both.
    """
    queries.draft(draft_id)
    _check(name, text)
    changed = AgreementDraft.objects.filter(id=draft_id, revision=based_on).update(
        name=name.strip(),
        text=text,
        revision=based_on + 1,
        updated_by=scope.actor.membership,
        updated_at=now(),
    )
    if not changed:
        raise Conflict(phrase("Somebody else edited this draft since you opened it."))
    _log(scope, draft_id, "draft edited", revision=based_on + 1)
    return based_on + 1


def discard_draft(scope: Scope, draft_id: UUID, *, based_on: int) -> None:
    """Throw a draft away; raises NotFound, and Conflict when it was edited meanwhile."""
    queries.draft(draft_id)
    _remove(draft_id, based_on)
    _log(scope, draft_id, "draft discarded")


def propose_draft(scope: Scope, draft_id: UUID, *, based_on: int) -> str:
    """Propose what a draft says and end the draft; returns the version's hash.

    Raises what `propose` raises, and Conflict when the draft was edited meanwhile.
    """
    found: DraftEntry = queries.draft(draft_id)
    _remove(draft_id, based_on)
    content_hash = propose(scope, found.text, DRAFT_FILE)
    scope.did("agreement", draft=str(draft_id))
    return content_hash


def _remove(draft_id: UUID, based_on: int) -> None:
    removed, _ = AgreementDraft.objects.filter(id=draft_id, revision=based_on).delete()
    if not removed:
        raise Conflict(phrase("Somebody else edited this draft since you opened it."))


def _check(name: str, text: str) -> None:
    if not name.strip():
        raise InvalidInput("draft", None, "name", phrase("must not be empty"))
    if len(name) > LONGEST_NAME:
        raise InvalidInput(
            "draft",
            None,
            "name",
            phrase("at most %(longest_name)s characters", longest_name=LONGEST_NAME),
        )
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput(
            "draft",
            None,
            "text",
            phrase(
                "at most %(max_characters)s characters", max_characters=thousands(MAX_CHARACTERS)
            ),
        )


def _log(scope: Scope, draft_id: UUID, step: str, **more: int) -> None:
    scope.did("agreement", draft=str(draft_id), step=step, **more)
