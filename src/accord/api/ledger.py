"""The ledger: its signed head, entries, receipts that verify offline, and an export."""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.http import FileResponse, HttpResponseBase
from ninja import Field, Query, Router, Schema

from accord.agreements.entry import api_context
from accord.kernel.errors import InvalidInput, NotFound
from accord.ledger import disclosures, exporting, keys, proving
from accord.ledger import queries as ledger
from accord.ledger.domain import Kind
from accord.ledger.queries import EntryLine, Filter
from accord.ledger.receipts import Wanted
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page

router = Router(tags=["ledger"])

LINES = "application/x-ndjson"
_IN_MEMORY_BYTES = 4 * 1024 * 1024
_RECORD = "01985c4e-7a00-7000-8000-000000000001"
_NOTE = "accord.example/log\n42\nq1Fb...=\n\n— accord.example/log AbCd...\n"
Ofkind = Annotated[Kind | None, Query(description="Only entries of this kind.")]
Cited = Annotated[
    str | None,
    Query(
        description="Only what this agreement allowed, or one clause of it after a slash.",
        max_length=200,
        examples=["mou-2026-007/4.4"],
    ),
]
ByAgency = Annotated[
    str | None, Query(description="Only by members of this agency.", max_length=200)
]
ByMember = Annotated[str | None, Query(description="Only by this member.", max_length=200)]
OneRecord = Annotated[UUID | None, Query(description="Only about this record.")]
Since = Annotated[datetime | None, Query(description="Not before this moment.")]
Until = Annotated[datetime | None, Query(description="Before this moment.")]


class SignedHead(Schema):
    """The newest signed head of the ledger: public, so that anybody can hold it against another."""

    size: int = Field(description="How many entries it covers.", examples=[42])
    root: str = Field(description="The Merkle root (RFC 6962), base64.", examples=["q1Fb...="])
    note: str = Field(description="The head as a signed note (C2SP).", examples=[_NOTE])
    key: str = Field(description="The line to give to `accord-verify --key`.", examples=["a+b+c"])
    created_at: datetime


class LedgerLine(Schema):
    """One entry. A view of your own records has no purpose and no case of whoever asked."""

    id: UUID
    view: str = Field(description="`acting` (complete) or `owning`.", examples=["acting"])
    at: datetime
    kind: Kind
    actor: str = Field(examples=["riverbend-pd.m.alvarez"])
    agency: str = Field(examples=["riverbend-pd"])
    purpose: str | None = Field(examples=["human-trafficking-investigation"])
    case: str | None = Field(examples=["HT-2026-014"])
    leaf_index: int | None = Field(description="Its place; null for about a second.", examples=[41])
    erased: bool
    records: list[str] = Field(
        description="The records that it names; a hit of one's own by its handle.",
        examples=[[_RECORD]],
    )
    clauses: list[str] = Field(
        description="Agreements cited, and after a slash their clauses.",
        examples=[["mou-2026-007", "mou-2026-007/4.4"]],
    )


class LedgerEntry(LedgerLine):
    """One entry with its body, which names each record, part and clause."""

    body: dict[str, Any] | None = Field(
        description="Null when it was erased; the place in the tree remains.",
        examples=[{"items": [{"record": _RECORD, "agreement": "mou-2026-007", "clause": "4.4"}]}],
    )


class Receipt(Schema):
    """The proof of one entry: save it to a file and give that to `accord-verify`. Under 4 KB."""

    format: str = Field(
        description="`accord-receipt/3`; `/2` and `/1` for entries of before.",
        examples=["accord-receipt/3"],
    )
    key: str = Field(description="Whose it is; trust it only from elsewhere.", examples=["a+b+c"])
    leaf_index: int = Field(examples=[41])
    commitment: str = Field(examples=["9f2c..."])
    opening: dict[str, Any] = Field(
        description="The body and what shows it to be the one committed to.",
        examples=[{"text": "{...}", "salt": "q1Fb...=", "slot": 7, "path": "q1Fb...="}],
    )
    pieces: dict[str, Any] | None = Field(
        None,
        description="All items of the body, and its detail, where they fit.",
        examples=[{"seed": "q1Fb...=", "texts": ["{...}"]}],
    )
    shown: list[dict[str, Any]] | None = Field(
        None,
        description="Else those that were asked for, each with its own proof.",
        examples=[[{"at": 7, "text": "{...}", "salt": "q1Fb...=", "path": "q1Fb...="}]],
    )
    inclusion: str | list[str] = Field(
        description="The path to the root: hashes one after the other; a list in `/1`.",
        examples=["q1Fb...="],
    )
    checkpoint: str = Field(examples=[_NOTE])
    timestamp: str | None = Field(
        None, description="A token (RFC 3161) over the head, where there is one that fits."
    )


@router.get(
    "/ledger/checkpoint", response=SignedHead, auth=None, summary="The newest signed head (public)"
)
def checkpoint(request: Any) -> Any:
    """Needs no token: the tree's size and root are public, and say nothing of what was logged."""
    head = ledger.head()
    if head is None:
        raise NotFound("Nothing was logged on this node yet.")
    return SignedHead(
        size=head.size,
        root=base64.b64encode(head.root).decode(),
        note=head.note,
        key=keys.public_key(Path(settings.ACCORD_DATA_DIR)).text,
        created_at=head.created_at,
    )


@router.get("/ledger/entries", response=Page[LedgerLine], summary="What I did")
@api_context
def own_entries(
    request: Any,
    kind: Ofkind = None,
    case: Annotated[str | None, Query(description="Only of this case.", max_length=200)] = None,
    record: Annotated[
        str | None,
        Query(description="Only about this record, or this handle of a hit.", max_length=200),
    ] = None,
    clause: Cited = None,
    actor: Annotated[
        str | None, Query(description="With `whole_agency`: only by this member.", max_length=200)
    ] = None,
    since: Since = None,
    until: Until = None,
    whole_agency: Annotated[
        bool, Query(description="Of the whole agency; shows more to its oversight officers only.")
    ] = False,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Any:
    """The member's own entries, newest first; reading them is itself logged."""
    wanted = Filter(
        kind=kind,
        actor=actor if whole_agency else request.scope.actor.membership,
        case=case,
        record=record,
        clause=clause,
        since=since,
        until=until,
    )
    request.scope.did("consultation", of="own ledger entries")
    return _page(ledger.own_entries(wanted, before=_place(after), limit=limit + 1), limit)


@router.get("/ledger/records", response=Page[LedgerLine], summary="What was done with our records")
@api_context
def owner_entries(
    request: Any,
    kind: Ofkind = None,
    record: OneRecord = None,
    actor: ByMember = None,
    agency: ByAgency = None,
    clause: Cited = None,
    since: Since = None,
    until: Until = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Any:
    """Who saw which record of the member's agency, when and under which clause, newest first."""
    wanted = _of_owner(kind, record, actor, agency, clause, since, until)
    request.scope.did("consultation", of="what was done with own records")
    return _page(ledger.owner_entries(wanted, before=_place(after), limit=limit + 1), limit)


@router.get(
    "/ledger/records/export",
    summary="What was done with our records, as a file with every proof",
    openapi_extra={
        "responses": {
            200: {
                "description": "JSON lines, for `accord-verify`",
                "content": {LINES: {"schema": {"type": "string"}, "example": '{"end":42}\n'}},
            }
        }
    },
)
@api_context
def export_disclosures(
    request: Any,
    kind: Ofkind = None,
    record: OneRecord = None,
    actor: ByMember = None,
    agency: ByAgency = None,
    clause: Cited = None,
    since: Since = None,
    until: Until = None,
) -> HttpResponseBase:
    """A line for each entry with its receipt, newest first; 409 for more than 5,000 of them."""
    wanted = _of_owner(kind, record, actor, agency, clause, since, until)
    request.scope.did("consultation", of="a file of what was done with own records")
    return _lines(disclosures.lines(wanted), "accord-disclosures.jsonl")


def _of_owner(
    kind: Kind | None,
    record: UUID | None,
    actor: str | None,
    agency: str | None,
    clause: str | None,
    since: datetime | None,
    until: datetime | None,
) -> Filter:
    return Filter(
        kind=kind,
        actor=actor,
        agency=agency,
        record=str(record) if record else None,
        clause=clause,
        since=since,
        until=until,
    )


def _place(after: str | None) -> UUID | None:
    try:
        return UUID(after) if after else None
    except ValueError as error:
        raise InvalidInput("request", None, "after", "is not the `next` of this list") from error


def _page(lines: list[EntryLine], limit: int) -> dict[str, Any]:
    shown = lines[:limit]
    following = str(shown[-1].id) if len(lines) > limit else None
    return {"items": [_facts(line) for line in shown], "next": following}


def _facts(line: EntryLine) -> dict[str, Any]:
    return {name: getattr(line, name) for name in LedgerLine.model_fields}


@router.get("/ledger/entries/{uuid:entry_id}", response=LedgerEntry, summary="One entry")
@api_context
def one_entry(request: Any, entry_id: UUID) -> Any:
    """Complete for its actor and the oversight of the actor's agency; else the owner's view."""
    found = ledger.entry(entry_id)
    request.scope.did("consultation", of="a ledger entry", entry=str(entry_id))
    body = dict(found.body) if found.body is not None else None
    return LedgerEntry(**_facts(found.line), body=body)


@router.get(
    "/ledger/entries/{uuid:entry_id}/receipt",
    response=Receipt,
    exclude_none=True,
    summary="The proof of one",
)
@api_context
def receipt(
    request: Any,
    entry_id: UUID,
    item: Annotated[
        int | None, Query(description="Of this item alone, counted from 0.", ge=0, le=1 << 24)
    ] = None,
    record: Annotated[
        str | None,
        Query(
            description="Of the items about this record alone, as the body names it.",
            max_length=200,
        ),
    ] = None,
    view: Annotated[
        Literal["acting", "owning"] | None,
        Query(description="Which view of the entry, for who has both."),
    ] = None,
) -> Any:
    """A proof that verifies without this node; 409 until the entry has its place."""
    proof = proving.receipt(entry_id, Wanted(item, record), view)
    request.scope.did("consultation", of="a receipt", entry=str(entry_id))
    return proof


@router.get(
    "/ledger/export",
    summary="The whole ledger, as one file",
    openapi_extra={
        "responses": {
            200: {
                "description": "JSON lines, for `accord-verify`",
                "content": {LINES: {"schema": {"type": "string"}, "example": '{"end":42}\n'}},
            }
        }
    },
)
@api_context
def export(request: Any) -> HttpResponseBase:
    """Every leaf and signed head, with the bodies that the member may read."""
    answer = _lines(exporting.export_lines(), "accord-ledger.jsonl")
    request.scope.did("consultation", of="ledger export")
    return answer


def _lines(lines: Iterator[dict[str, Any]], name: str) -> FileResponse:
    # Written out before the scope ends: a stream would read on without it.
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - the response closes it
    for line in lines:
        text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
        file.write(text.encode() + b"\n")
    file.seek(0)
    return FileResponse(file, content_type=LINES, as_attachment=True, filename=name)
