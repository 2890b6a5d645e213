"""Saved searches over the API: a member's own, in the working context of the request."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Router, Schema

from accord.agreements.entry import api_context
from accord.agreements.tokenscope import needs
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of
from accord.records.actions import saved_searches as actions
from accord.records.actions.quick_checks import begin_check
from accord.records.api.search import Answer, Ask, answer_out, question_of
from accord.records.checking import is_quick, reason_of
from accord.records.queries.saved_searches import saved_search, saved_searches, shown_ids
from accord.records.queries.search import search
from accord.records.saving import LONGEST_NAME, Saved

router = Router(tags=["search"])


class SavedOut(Schema):
    """A saved search; its member alone reads it."""

    id: UUID
    name: str = Field(examples=["Danylchuk and kin"])
    question: str = Field(examples=["Viktor Danylchuk dob:1981-04-17"])
    saved_at: datetime
    seen_at: datetime = Field(description="Since when lines count as new.")
    deleted_at: datetime | None = Field(description="Set for a day, while it can come back.")


class SaveIn(Ask):
    """A question to keep, and what to call it."""

    name: str = Field("", max_length=LONGEST_NAME, examples=["Danylchuk and kin"])


class NameIn(Schema):
    """Another name."""

    name: str = Field(max_length=LONGEST_NAME, examples=["Danylchuk and kin"])


Shown = Annotated[str, Field(max_length=64)]


class SeenIn(Schema):
    """What is no longer new."""

    shown: list[Shown] = Field(
        max_length=200,
        description="Ids of records, and handles of hits, of an answer.",
        examples=[["01985c4e-7a00-7000-8000-000000000001"]],
    )


class NewAnswer(Answer):
    """The answer of this moment, and which of it you had not seen."""

    new: list[str] = Field(
        description="Ids of records and handles of hits, of what is open to you now.",
        examples=[["01985c4e-7a00-7000-8000-000000000001"]],
    )


@router.get("/searches", response=Page[SavedOut], summary="Saved searches")
@api_context
@needs("hit")
def list_searches(request: Any, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """Yours, of this working context."""
    found = saved_searches(request.scope)
    shown, following = page_of(found, after, limit, lambda s: str(s.id))
    return {"items": [_out(s) for s in shown], "next": following}


@router.post("/searches", response=SavedOut, summary="Save a search")
@api_context
def save_search(request: Any, payload: SaveIn) -> Any:
    """Keeps the question; nothing of its answer counts as seen until you say so."""
    scope = request.scope
    question = question_of(scope, payload)
    if is_quick(scope.context):
        question = replace(question, reason=reason_of(payload.reason or "", payload.why or ""))
    search_id = actions.save(scope, payload.name, question, ())
    return _out(saved_search(scope, search_id))


@router.get("/searches/{uuid:search_id}/answer", response=NewAnswer, summary="Run a saved search")
@api_context
@needs("hit")
def run_search(request: Any, search_id: UUID) -> Any:
    """Asks again, under what is open to you now, and is logged like any search."""
    scope = request.scope
    saved = saved_search(scope, search_id)
    question = saved.question
    if is_quick(scope.context):  # each time it is asked is a check of its own
        said = question.reason
        reason = reason_of(said.code if said else "", said.typed if said else "")
        begin_check(scope, question.said, reason)
    answer = search(scope, question.query(scope.actor.country), question.schemas or None)
    return NewAnswer(**answer_out(answer).dict(), new=sorted(saved.new(shown_ids(answer))))


@router.post("/searches/{uuid:search_id}/seen", response=SavedOut, summary="Mark as seen")
@api_context
def mark_seen(request: Any, search_id: UUID, payload: SeenIn) -> Any:
    """What was shown is no longer new."""
    actions.mark_seen(request.scope, search_id, payload.shown)
    return _out(saved_search(request.scope, search_id))


@router.post("/searches/{uuid:search_id}/name", response=SavedOut, summary="Rename")
@api_context
def rename(request: Any, search_id: UUID, payload: NameIn) -> Any:
    """Gives it another name."""
    actions.rename(request.scope, search_id, payload.name)
    return _out(saved_search(request.scope, search_id))


@router.post("/searches/{uuid:search_id}/deletion", response=SavedOut, summary="Delete")
@api_context
def delete(request: Any, search_id: UUID) -> Any:
    """Takes it away; for a day it can be brought back."""
    actions.delete(request.scope, search_id)
    return _out(saved_search(request.scope, search_id))


@router.post("/searches/{uuid:search_id}/restoration", response=SavedOut, summary="Bring back")
@api_context
def restore(request: Any, search_id: UUID) -> Any:
    """Undoes a deletion of the last day."""
    actions.restore(request.scope, search_id)
    return _out(saved_search(request.scope, search_id))


def _out(saved: Saved) -> dict[str, Any]:
    return {
        "id": saved.id,
        "name": saved.name,
        "question": saved.question.said,
        "saved_at": saved.saved_at,
        "seen_at": saved.seen_at,
        "deleted_at": saved.deleted_at,
    }
