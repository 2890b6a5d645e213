"""Search over the API: what you may see, and of what you may only ask for, whom to ask.

The question travels in the body, so that no address and no access log holds a name.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Field, Router, Schema

from accord.agreements.entry import api_context
from accord.agreements.scope import Scope
from accord.agreements.tokenscope import needs
from accord.kernel.errors import InvalidInput
from accord.records.actions.quick_checks import begin_check
from accord.records.api.shapes import FoundRecord, HitOut, desk, line, why
from accord.records.checking import REASONS, is_quick, reason_of
from accord.records.queries.search import HitCard, RecordSummary, SearchAnswer, search
from accord.records.question import Question

router = Router(tags=["search"])


class Ask(Schema):
    """One question: a line of text as typed into the search box, or a form with named fields."""

    q: str | None = Field(
        None,
        max_length=1_000,
        description="`dob:`, `name:`, `plate:`, `phone:`, `id:`, `vin:`, `email:`, `text:` and "
        '"quoted words" say what is meant; the rest is told by its form.',
        examples=["Viktor Danylchuk dob:1981-04-17"],
    )
    fields: dict[str, str] | None = Field(
        None,
        description="Instead of `q`: name, birthDate, plate, phone, identifier, vin, email, text, "
        "phrase.",
        examples=[None],
    )
    schemas: list[str] | None = Field(
        None, max_length=50, description="Only these kinds of record.", examples=[["Person"]]
    )
    reason: str | None = Field(
        None,
        max_length=40,
        description="Why, of a quick check (general policing without a case): "
        + ", ".join(f"`{word}`" for word in REASONS)
        + "; else `why`.",
        examples=[None],
    )
    why: str | None = Field(
        None, max_length=400, description="The reason in your own words.", examples=[None]
    )


class QuotaOut(Schema):
    """What is left of this hour's questions to other agencies."""

    queries_left: int = Field(examples=[59])
    hits_left: int = Field(examples=[197])
    frees_at: datetime


class Answer(Schema):
    """What may be seen, ranked, and hits, in no order of likeness."""

    visible: list[FoundRecord]
    hits: list[HitOut]
    narrow: bool = Field(description="There is more than is shown: ask more narrowly.")
    too_broad: str | None = Field(
        description="Why other agencies were not asked.",
        examples=[None],
    )
    quota: QuotaOut


@router.post("/search", response=Answer, summary="Search")
@api_context
@needs("hit")
def ask(request: Any, payload: Ask) -> Any:
    """Searches everything that you may see, and asks other agencies hit or no hit.

    A question that knows too little is answered from what you may see alone. Questions to other
    agencies, and hits, are on a quota an hour.
    """
    scope = request.scope
    question = question_of(scope, payload)
    query = question.query(scope.actor.country)
    if is_quick(scope.context):
        begin_check(scope, question.said, reason_of(payload.reason or "", payload.why or ""))
    return answer_out(search(scope, query, payload.schemas))


def answer_out(answer: SearchAnswer) -> Answer:
    """An answer as the API tells it."""
    quota = answer.quota
    return Answer(
        visible=[_found(v) for v in answer.visible],
        hits=[_hit(h) for h in answer.hits],
        narrow=answer.narrow,
        too_broad=answer.too_broad,
        quota=QuotaOut(
            queries_left=quota.queries_left, hits_left=quota.hits_left, frees_at=quota.frees_at
        ),
    )


def question_of(scope: Scope, payload: Ask) -> Question:
    """The question that was sent; raises InvalidInput for one that cannot be read."""
    if (payload.q is None) == (payload.fields is None):
        raise InvalidInput("request", None, "q", "give either q or fields")
    question = Question(payload.q or "", payload.fields or {}, tuple(payload.schemas or ()))
    question.query(scope.actor.country)
    return question


def _found(found: RecordSummary) -> FoundRecord:
    return FoundRecord(
        **line(found),
        score=found.score or 0.0,
        reasons=list(found.reasons),
        snippet=found.snippet,
        handle=found.handle,
    )


def _hit(card: HitCard) -> HitOut:
    return HitOut(
        handle=card.handle,
        schema_name=card.schema,
        category=card.category,
        handling=card.handling,
        owner=card.owner,
        owner_name=card.owner_name,
        desk=desk(card.desk),
        why=why(card.decision),
    )
