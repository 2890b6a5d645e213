"""Search over the API: what you may see, and of what you may only ask for, whom to ask.

The question travels in the body, so that no address and no access log holds a name.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Field, Router, Schema

from accord.agreements.entry import api_context
from accord.kernel.errors import InvalidInput
from accord.records.api.shapes import FoundRecord, HitOut, desk, line, why
from accord.records.queries.search import HitCard, RecordSummary, search
from accord.records.search_query import QueryError, SearchQuery, form_query, parse_query

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
    )
    schemas: list[str] | None = Field(
        None, max_length=50, description="Only these kinds of record.", examples=[["Person"]]
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
def ask(request: Any, payload: Ask) -> Any:
    """Searches everything that you may see, and asks other agencies hit or no hit.

    A question that knows too little is answered from what you may see alone. Questions to other
    agencies, and hits, are on a quota an hour.
    """
    actor = request.scope.actor
    try:
        query = _query(payload, actor.country)
    except QueryError as error:
        raise InvalidInput("request", None, "q", str(error)) from None
    answer = search(request.scope, query, payload.schemas)
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


def _query(payload: Ask, region: str) -> SearchQuery:
    if (payload.q is None) == (payload.fields is None):
        raise InvalidInput("request", None, "q", "give either q or fields")
    if payload.q is not None:
        return parse_query(payload.q, region=region)
    return form_query(payload.fields or {}, region=region)


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
