"""Read proposals to erase; row-level security decides whose, and shows none to whoever cannot decide."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection

from accord.kernel.errors import NotFound
from accord.ledger import keys
from accord.ledger.domain import EntryId
from accord.ledger.erasing.domain import ErasureState, Kept, Proposal, Said
from accord.ledger.models import ErasureRow
from accord.ledger.sealing import SealedBody, open_words

SHOWN = 500


def proposals(
    *, states: Collection[ErasureState] = tuple(ErasureState), entry_id: EntryId | None = None
) -> tuple[Proposal, ...]:
    """Proposals of the viewer's agency, newest first; of one entry alone where one is named."""
    rows = ErasureRow.objects.filter(state__in=states)
    if entry_id is not None:
        rows = rows.filter(entry_id=entry_id)
    return tuple(_proposal(row) for row in rows.order_by("-id")[:SHOWN])


def waiting(membership: str) -> int:
    """How many proposals of others wait for somebody of the viewer's agency to decide."""
    rows = ErasureRow.objects.filter(state=ErasureState.PROPOSED)
    return rows.exclude(proposed_by=membership).count()


def proposal(erasure_id: UUID) -> Proposal:
    """One proposal; raises NotFound."""
    row = ErasureRow.objects.filter(id=erasure_id).first()
    if row is None:
        raise NotFound()
    return _proposal(row)


def kept_by(entry_id: EntryId, named: Collection[UUID]) -> Kept | None:
    """What keeps an entry from being erased; `named` are the ids that its body names."""
    with connection.cursor() as cursor:
        cursor.execute("select accord.erasure_kept(%s, %s::uuid[])", [entry_id, list(named)])
        word = cursor.fetchone()[0]
    return Kept(word) if word else None


def _proposal(row: ErasureRow) -> Proposal:
    sealed = SealedBody(bytes(row.cipher), bytes(row.key))
    said = open_words(sealed, row.id, keys.body_key(Path(settings.ACCORD_DATA_DIR)))
    return Proposal(
        id=row.id,
        entry_id=row.entry_id,
        view=row.view,
        state=ErasureState(row.state),
        said=Said(**said),
        by=row.proposed_by,
        at=row.proposed_at,
        closed_by=row.closed_by,
        closed_at=row.closed_at,
        erasure_id=row.erasure_id,
    )
