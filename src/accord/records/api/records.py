"""Records over the API: the latest, and one with every part that is open."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router

from accord.agreements.entry import api_context
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of
from accord.records.api.shapes import PartOut, RecordLine, RecordOut, line, part, whole
from accord.records.captions import caption, pseudonym
from accord.records.ontology import common_ontology
from accord.records.queries.records import history, record_view
from accord.records.queries.search import Keyset, latest

router = Router(tags=["records"])


@router.get("/records", response=Page[RecordLine], summary="The latest records")
@api_context
def list_latest(
    request: Any,
    kind: Annotated[
        str | None,
        Query(alias="schema", description="Only this kind of record.", examples=["Person"]),
    ] = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Any:
    """The records that you may see, newest first; there is no total."""
    start = Keyset.parse(after) if after is not None else None
    page = latest(request.scope, schema=kind, after=start, limit=limit)
    return {
        "items": [RecordLine(**line(r)) for r in page.records],
        "next": str(page.next) if page.next else None,
    }


@router.get("/records/{uuid:record_id}", response=RecordOut, summary="One record")
@api_context
def one_record(request: Any, record_id: UUID) -> Any:
    """A record with every part that is open to you, each with the clause that opens it."""
    scope = request.scope
    record = record_view(scope, record_id)
    schema = common_ontology().schema(record.schema)
    called = caption(schema, record.captioned)
    name = called or pseudonym(schema, record.record_id, scope.actor.agency)
    return whole(record, name, pseudonym=called is None)


@router.get(
    "/records/{uuid:record_id}/history",
    response=Page[PartOut],
    summary="Every revision of a record",
)
@api_context
def revisions(
    request: Any, record_id: UUID, after: After = None, limit: Limit = DEFAULT_LIMIT
) -> Any:
    """Every revision of every part that is open to you, newest first.

    An older revision is judged under its own label and under the newest one.
    """
    rows = history(request.scope, record_id)
    shown, following = page_of(rows, after, limit, lambda p: str(p.part_id))
    return {"items": [part(p) for p in shown], "next": following}
