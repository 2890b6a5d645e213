"""Propose that a body be erased, take that back, and erase; under the caller's scope, which says so.

Without a seal the database refuses each of them, and `accord.erase_body` asks everything again.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from uuid import UUID

from django.conf import settings

from accord.kernel import clock
from accord.kernel.errors import Conflict, NotAllowed
from accord.kernel.ids import uuid7
from accord.kernel.phrases import phrase
from accord.ledger import keys
from accord.ledger.domain import EntryId
from accord.ledger.erasing.domain import ErasureState, Said
from accord.ledger.models import ErasureRow
from accord.ledger.sealing import seal_words
from accord.platform.db.deciding import decided


def propose(entry_id: EntryId, view: str, agency: str, by: str, said: Said) -> UUID:
    """Write a proposal; its texts are encrypted as the bodies are."""
    made = uuid7()
    sealed = seal_words(said.facts(), made, keys.body_key(Path(settings.ACCORD_DATA_DIR)))
    row = ErasureRow(
        id=made,
        entry_id=entry_id,
        agency_id=agency,
        view=view,
        state=ErasureState.PROPOSED,
        cipher=sealed.cipher,
        key=sealed.key,
        proposed_by=by,
        proposed_at=clock.now(),
    )
    ErasureRow.objects.bulk_create([row])
    return made


def withdraw(erasure_id: UUID, by: str) -> None:
    """Take a proposal back; raises Conflict where it is over."""
    waits = ErasureRow.objects.filter(id=erasure_id, state=ErasureState.PROPOSED)
    if not waits.update(state=ErasureState.WITHDRAWN, closed_by=by, closed_at=clock.now()):
        raise Conflict(phrase("Somebody decided about this proposal meanwhile."))


def erase(erasure_id: UUID, entry_id: EntryId, named: Collection[UUID]) -> None:
    """Erase what the agency holds of the entry that was proposed, under the entry of this request.

    The leaf, the tree and what other agencies hold stay as they are. Raises NotAllowed where the
    database finds what nobody here has seen.
    """
    refusal = NotAllowed(
        phrase("The database refused this: something changed meanwhile. Open the page again.")
    )
    values = [erasure_id, entry_id, list(named)]
    decided("select accord.erase_body(%s, %s, %s::uuid[])", values, refusal)
