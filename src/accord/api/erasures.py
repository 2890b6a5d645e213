"""Erasing what an agency holds of a ledger entry, over the API: proposed by one, approved by another."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Router, Schema, Status

from accord.agreements.entry import api_desk, freshly_proven
from accord.agreements.tokenscope import needs
from accord.desk import erasing
from accord.desk.views.erasures import DESK
from accord.ledger.erasing import queries
from accord.ledger.erasing.domain import (
    BASES,
    LONGEST_REASON,
    LONGEST_REFERENCE,
    ErasureState,
    Proposal,
)
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of

router = Router(tags=["ledger"])

ORDER = "Tri-County Superior Court, 2026-CV-118, order of 2 March 2026"
WHY = "The court ordered that the search be expunged."


class ErasureIn(Schema):
    """Why what your agency holds of an entry is to be erased."""

    basis: str = Field(
        description=f"One of `{'`, `'.join(BASES)}`.", max_length=100, examples=["court-order"]
    )
    reference: str = Field(
        description="Which order, or which section of which law; it stands in the erasure's entry.",
        max_length=LONGEST_REFERENCE,
        examples=[ORDER],
    )
    reason: str = Field(max_length=LONGEST_REASON, examples=[WHY])


class ErasureOut(Schema):
    """A proposal to erase what your agency holds of one entry, and what became of it."""

    id: UUID
    entry: UUID = Field(description="The entry whose body is to be erased.")
    view: str = Field(
        description="`acting` (the complete body) or `owning` (your view as owner).",
        examples=["owning"],
    )
    state: ErasureState
    basis: str = Field(examples=["court-order"])
    reference: str = Field(examples=[ORDER])
    reason: str = Field(examples=[WHY])
    by: str = Field(examples=["harlan-so.e.rasmussen"])
    at: datetime
    closed_by: str | None = Field(examples=["harlan-so.g.lindqvist"])
    closed_at: datetime | None
    erasure: UUID | None = Field(description="The entry under which it was erased; else null.")


@router.post(
    "/ledger/entries/{uuid:entry_id}/erasure-proposals",
    response={201: ErasureOut},
    summary="Propose to erase an entry's body",
)
@freshly_proven
@api_desk(DESK)
@needs("alter")
def propose_erasure(request: Any, entry_id: UUID, payload: ErasureIn) -> Any:
    """Proposes as the first person that what your agency holds of an entry be erased.

    403 for whoever acted in it, under a legal hold, and where a duty, a chain of custody or a recall
    still needs it; 409 where it is proposed or erased already.
    """
    made = erasing.propose(
        request.scope, entry_id, payload.basis, payload.reference, payload.reason
    )
    return Status(201, _erasure(queries.proposal(made)))


@router.get("/ledger/erasures", response=Page[ErasureOut], summary="Proposals to erase")
@api_desk(DESK)
def list_erasures(request: Any, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """What people of your agency proposed to erase, and what became of it, newest first."""
    request.scope.did("consultation", of="proposals to erase ledger entries")
    shown, following = page_of(queries.proposals(), after, limit, lambda p: str(p.id))
    return {"items": [_erasure(p) for p in shown], "next": following}


@router.get(
    "/ledger/erasures/{uuid:erasure_id}", response=ErasureOut, summary="One proposal to erase"
)
@api_desk(DESK)
def one_erasure(request: Any, erasure_id: UUID) -> Any:
    """One proposal, for those of your agency who may decide about it."""
    found = queries.proposal(erasure_id)
    request.scope.did(
        "consultation", of="a proposal to erase a ledger entry", proposal=str(erasure_id)
    )
    return _erasure(found)


@router.post(
    "/ledger/erasures/{uuid:erasure_id}/approval",
    response=ErasureOut,
    summary="Erase an entry's body",
)
@freshly_proven
@api_desk(DESK)
@needs("alter")
def approve_erasure(request: Any, erasure_id: UUID) -> Any:
    """Erases as the second person what another proposed; it cannot be undone.

    The entry keeps its place in the tree. Backups keep the body until they expire.
    """
    erasing.approve(request.scope, erasure_id)
    return _erasure(queries.proposal(erasure_id))


@router.post(
    "/ledger/erasures/{uuid:erasure_id}/withdrawal",
    response=ErasureOut,
    summary="Withdraw a proposal to erase",
)
@api_desk(DESK)
@needs("alter")
def withdraw_erasure(request: Any, erasure_id: UUID) -> Any:
    """Takes a proposal back; anybody of your agency who may decide about it may."""
    erasing.withdraw(request.scope, erasure_id)
    return _erasure(queries.proposal(erasure_id))


def _erasure(found: Proposal) -> dict[str, Any]:
    return {
        "id": found.id,
        "entry": found.entry_id,
        "view": found.view,
        "state": found.state,
        **found.said.facts(),
        "by": found.by,
        "at": found.at,
        "closed_by": found.closed_by,
        "closed_at": found.closed_at,
        "erasure": found.erasure_id,
    }
