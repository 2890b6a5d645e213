"""Drafts over the API: begin, read, edit without losing an edit, discard, propose; check a text."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Router, Schema, Status

from accord.agencies import queries as agencies
from accord.agreements import actions, queries
from accord.agreements.api.agreements import HASH, CautionOut
from accord.agreements.cautions import cautions
from accord.agreements.entry import api_context
from accord.agreements.parse import DRAFT_FILE, parse
from accord.agreements.queries import DraftEntry
from accord.agreements.tokenscope import needs
from accord.kernel.errors import InvalidInput
from accord.platform.rest import DEFAULT_LIMIT, After, Fault, Limit, Page, page_of

router = Router(tags=["agreements"])

_YAML = "id: mou-2026-009\nkind: mou\ntitle: Shared stolen vehicles\n..."


class DraftIn(Schema):
    """An agreement that the member's agency is writing; nobody else sees it."""

    name: str = Field(description="What the agency calls it.", examples=["Vehicles with Harlan"])
    text: str = Field(description="YAML, whole or not.", examples=[_YAML])


class Edit(DraftIn):
    """An edit of the revision that its writer read."""

    based_on: int = Field(description="The revision that was read.", examples=[1])


class Revision(Schema):
    """The revision that was read, so that nobody's edit is overwritten unseen."""

    based_on: int = Field(examples=[2])


class DraftLine(Schema):
    """One draft of the member's agency."""

    id: UUID
    name: str = Field(examples=["Vehicles with Harlan"])
    revision: int = Field(description="Counts the edits.", examples=[2])
    created_by: str = Field(examples=["riverbend-pd.d.okafor"])
    created_at: datetime
    updated_by: str = Field(examples=["riverbend-pd.d.okafor"])
    updated_at: datetime


class DraftOut(DraftLine):
    """One draft with its text."""

    text: str = Field(examples=[_YAML])


class ProposedDraft(Schema):
    """The version that the draft became."""

    content_hash: str = Field(examples=[HASH])


class TextIn(Schema):
    """A text to look at; nothing is stored."""

    text: str = Field(examples=[_YAML])


class Checked(Schema):
    """What is wrong with a text, and what is valid and probably not meant."""

    faults: list[Fault]
    cautions: list[CautionOut]


@router.get("/agreement-drafts", response=Page[DraftLine], summary="Your agency's drafts")
@api_context
def list_drafts(request: Any, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """What the member's agency is writing, the latest edit first."""
    del request  # the decorator's
    shown, following = page_of(queries.drafts(), after, limit, lambda d: str(d.id))
    return {"items": [_line(d) for d in shown], "next": following}


@router.post("/agreement-drafts", response={201: DraftOut}, summary="Begin a draft")
@api_context
def begin(request: Any, payload: DraftIn) -> Any:
    """Stores a text that may be unfinished; it is checked when it is proposed, or by a check."""
    draft_id = actions.begin_draft(request.scope, name=payload.name, text=payload.text)
    return Status(201, _whole(queries.draft(draft_id)))


@router.post("/agreement-checks", response=Checked, summary="Check a text")
@api_context
@needs(None)
def check(request: Any, payload: TextIn) -> Any:
    """Every fault with its line and rule, and every caution; nothing is stored."""
    del request  # the decorator's
    try:
        known = {a.id for a in agencies.agencies()}
        agreement = parse(payload.text, file=DRAFT_FILE, agencies=known)
    except InvalidInput as error:
        faults = [Fault(file=f.file, line=f.line, field=f.field, rule=f.rule) for f in error.faults]
        return Checked(faults=faults, cautions=[])
    found = [CautionOut(clause=c.clause_id, line=c.line, text=c.text) for c in cautions(agreement)]
    return Checked(faults=[], cautions=found)


@router.get("/agreement-drafts/{draft_id}", response=DraftOut, summary="One draft")
@api_context
def one_draft(request: Any, draft_id: UUID) -> Any:
    """The draft with its text; another agency's draft is absent."""
    del request  # the decorator's
    return _whole(queries.draft(draft_id))


@router.post("/agreement-drafts/{draft_id}/revisions", response=DraftOut, summary="Edit a draft")
@api_context
def edit(request: Any, draft_id: UUID, payload: Edit) -> Any:
    """Keeps an edit; 409 when somebody else edited the draft since `based_on`, and nothing changes."""
    actions.edit_draft(
        request.scope, draft_id, name=payload.name, text=payload.text, based_on=payload.based_on
    )
    return _whole(queries.draft(draft_id))


@router.post(
    "/agreement-drafts/{draft_id}/discarding", response={204: None}, summary="Discard a draft"
)
@api_context
def discard(request: Any, draft_id: UUID, payload: Revision) -> Any:
    """Throws the draft away, unless somebody edited it since `based_on`."""
    actions.discard_draft(request.scope, draft_id, based_on=payload.based_on)
    return Status(204, None)


@router.post(
    "/agreement-drafts/{draft_id}/proposal",
    response={201: ProposedDraft},
    summary="Propose a draft",
)
@api_context
def propose_draft(request: Any, draft_id: UUID, payload: Revision) -> Any:
    """Proposes what the draft says and ends the draft; faults are named, and nothing changes."""
    content_hash = actions.propose_draft(request.scope, draft_id, based_on=payload.based_on)
    return Status(201, ProposedDraft(content_hash=content_hash))


def _line(draft: DraftEntry) -> DraftLine:
    return DraftLine(**{name: getattr(draft, name) for name in DraftLine.model_fields})


def _whole(draft: DraftEntry) -> DraftOut:
    return DraftOut(**{name: getattr(draft, name) for name in DraftOut.model_fields})
