"""Cases over the API: open, staff, place records, write notes, close.

What is in a case is read under the case's own key, so those operations need `Accord-Case`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Router, Schema, Status

from accord.agreements.entry import api_context
from accord.agreements.scope import Scope
from accord.agreements.tokenscope import needs
from accord.cases import actions, queries
from accord.cases.domain import CaseFacts, CaseState, NoteText
from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of
from accord.records.api.shapes import CLOSED
from accord.records.queries.records import record_views

router = Router(tags=["cases"])

NUMBER = "HT-2026-014"


class CaseLine(Schema):
    """A case in a list."""

    number: str = Field(examples=[NUMBER])
    lead_agency: str = Field(examples=["riverbend-pd"])
    purposes: list[str] = Field(examples=[["human-trafficking-investigation", "prosecution"]])
    state: CaseState
    opened_at: datetime
    opened_by: str = Field(examples=["riverbend-pd.d.okafor"])


class CaseMemberOut(Schema):
    """Somebody with a need to know the case."""

    membership: str = Field(examples=["harlan-so.c.boone"])
    name: str = Field(examples=["Caleb Boone"])
    agency: str = Field(examples=["harlan-so"])
    agency_name: str = Field(examples=["Harlan County Sheriff's Office"])
    title: str = Field(examples=["Sergeant, Investigations"])
    roles: list[str] = Field(examples=[["investigator"]])
    since: datetime
    until: datetime | None


class CaseOut(CaseLine):
    """A case with its title, where a clause lets the member read it, and who works on it."""

    title: str | None = Field(examples=["Lockside Inn and Silver Weir Wellness"])
    title_closed: bool = Field(description=CLOSED, examples=[False])
    members: list[CaseMemberOut]


class OpenCase(Schema):
    """A case to open; its purposes are fixed from then on."""

    number: str = Field(examples=["HT-2026-099"])
    title: str = Field(examples=["Ferry landing, false offers of work"])
    purposes: list[str] = Field(examples=[["human-trafficking-investigation"]])
    members: list[str] = Field([], examples=[["riverbend-pd.m.alvarez", "harlan-so.c.boone"]])


class AdmitMember(Schema):
    """A membership to admit."""

    membership: str = Field(examples=["harlan-so.c.boone"])


class PlaceRecord(Schema):
    """A record of the member's own agency to place."""

    record: UUID


class Placed(Schema):
    """A record in the case; read it part by part at `/records/{record}`."""

    record: UUID
    owner: str = Field(examples=["harlan-so"])
    placed_by: str = Field(examples=["Caleb Boone, Harlan County Sheriff's Office"])
    placed_at: datetime


class WriteNote(Schema):
    """A note, or a new revision of one."""

    text: str = Field(examples=["Registration cards collected from the night clerk."])
    based_on: UUID | None = Field(
        None,
        description="The revision before your eyes when you edit. If somebody replaced it "
        "meanwhile, both revisions stand side by side: nothing is overwritten.",
    )


class NoteOut(Schema):
    """One revision of a note."""

    note: UUID
    revision_id: UUID
    author: str = Field(examples=["riverbend-pd.m.alvarez"])
    author_name: str = Field(examples=["Marisol Alvarez, Riverbend Police Department"])
    agency: str = Field(examples=["riverbend-pd"])
    at: datetime
    text: str | None = Field(examples=["Registration cards collected from the night clerk."])
    closed: bool = Field(description=CLOSED, examples=[False])
    revision: int = Field(description="1 is the first.", examples=[1])
    concurrent: bool = Field(description="Another revision started from the same one.")


class NoteWritten(Schema):
    """The id of the revision that was written."""

    revision_id: UUID


@router.get("/cases", response=Page[CaseLine], summary="My cases")
@api_context
def list_cases(request: Any, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """The cases that the member works on or supervises, newest first."""
    shown, following = page_of(queries.cases(), after, limit, lambda c: c.address)
    request.scope.did("consultation", of="own cases")
    return {"items": [_line(c) for c in shown], "next": following}


@router.post("/cases", response={201: CaseOut}, summary="Open a case")
@api_context
def open_case(request: Any, payload: OpenCase) -> Any:
    """Only a supervisor opens a case, because opening it fixes its purposes."""
    facts = actions.open_case(
        request.scope,
        number=payload.number,
        title=payload.title,
        purposes=payload.purposes,
        members=payload.members,
    )
    return Status(201, _case(facts, payload.title, closed=False))


@router.get("/cases/{number}", response=CaseOut, summary="One case")
@api_context
def get_case(request: Any, number: str) -> Any:
    """The case and who works on it; its title where a clause lets the member read that."""
    facts = queries.case(number)
    request.scope.did("consultation", of="a case", case=number)
    titles, record = queries.titles(request.scope, [facts]), facts.title_record
    return _case(facts, titles.get(record), closed=titles.is_closed(record))


@router.post("/cases/{number}/members", response={201: CaseMemberOut}, summary="Admit a member")
@api_context
def admit(request: Any, number: str, payload: AdmitMember) -> Any:
    """A supervisor of the lead agency decides who works on a case."""
    facts = queries.case(number)
    actions.admit_member(request.scope, facts, payload.membership)
    found = (m for m in queries.members(facts.id) if m.membership == payload.membership)
    return Status(201, _member(next(found)))


@router.delete(
    "/cases/{number}/members/{membership}", response={204: None}, summary="Release a member"
)
@api_context
def release(request: Any, number: str, membership: str) -> Any:
    """Ends a member's need to know; effective on that member's next request."""
    actions.release_member(request.scope, queries.case(number), membership)
    return Status(204, None)


@router.get("/cases/{number}/records", response=Page[Placed], summary="What is placed in a case")
@api_context
def placed(request: Any, number: str, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """The records in the case that the member may see, newest first."""
    facts = _in_its_context(request.scope, number)
    rows = queries.placements(facts.id)
    shown, following = page_of(rows, after, limit, lambda p: str(p.record_id))
    record_views(request.scope, [p.record_id for p in shown])  # notes what the list shows
    request.scope.did("consultation", of="records of a case", case=number)
    items = [
        Placed(record=p.record_id, owner=p.owner, placed_by=p.placed_by_name, placed_at=p.placed_at)
        for p in shown
    ]
    return {"items": items, "next": following}


@router.post("/cases/{number}/records", response={204: None}, summary="Place a record in a case")
@api_context
@needs("place")
def place(request: Any, number: str, payload: PlaceRecord) -> Any:
    """Places one of the agency's own records: what clauses open in a case opens to its members."""
    facts = _in_its_context(request.scope, number)
    actions.place_record(request.scope, facts, payload.record)
    return Status(204, None)


@router.delete(
    "/cases/{number}/records/{uuid:record}", response={204: None}, summary="Take a record out"
)
@api_context
@needs("place")
def withdraw(request: Any, number: str, record: UUID) -> Any:
    """Takes one of the agency's own records out of a case; effective on the next request."""
    facts = _in_its_context(request.scope, number)
    actions.withdraw_record(request.scope, facts, record)
    return Status(204, None)


@router.get("/cases/{number}/notes", response=Page[NoteOut], summary="The notes of a case")
@api_context
def notes(request: Any, number: str, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """The newest revision of every note, newest first; two when two people edited at once."""
    facts = _in_its_context(request.scope, number)
    rows = queries.notes(request.scope, facts.id)
    return _notes(rows, after, limit, lambda n: str(n.revision_id))


@router.post("/cases/{number}/notes", response={201: NoteWritten}, summary="Write or edit a note")
@api_context
@needs("contribute")
def write_note(request: Any, number: str, payload: WriteNote) -> Any:
    """Writes a note, or with `based_on` a new revision of one; an edit overwrites nothing."""
    facts = _in_its_context(request.scope, number)
    written = actions.write_note(request.scope, facts, payload.text, based_on=payload.based_on)
    return Status(201, NoteWritten(revision_id=written))


@router.get(
    "/cases/{number}/notes/{uuid:note}", response=Page[NoteOut], summary="Every revision of a note"
)
@api_context
def note_history(
    request: Any, number: str, note: UUID, after: After = None, limit: Limit = DEFAULT_LIMIT
) -> Any:
    """Every revision that the member may read, oldest first."""
    _in_its_context(request.scope, number)
    rows = queries.note_history(request.scope, note)
    return _notes(rows, after, limit, lambda n: str(n.revision_id))


@router.post("/cases/{number}/close", response=CaseLine, summary="Close a case")
@api_context
def close(request: Any, number: str) -> Any:
    """A supervisor of the lead agency closes a case; nothing is lost by closing."""
    actions.set_state(request.scope, queries.case(number), CaseState.CLOSED)
    return _line(queries.case(number))


@router.post("/cases/{number}/reopen", response=CaseLine, summary="Reopen a case")
@api_context
def reopen(request: Any, number: str) -> Any:
    """A supervisor of the lead agency opens a closed case again."""
    actions.set_state(request.scope, queries.case(number), CaseState.OPEN)
    return _line(queries.case(number))


def _in_its_context(scope: Scope, number: str) -> CaseFacts:
    if scope.context.case_number != number:
        raise InvalidInput(
            "request",
            None,
            "Accord-Case",
            phrase("must name the case of the address: its key opens it"),
        )
    return queries.case_of(scope)


def _line(facts: CaseFacts) -> CaseLine:
    return CaseLine(**{name: getattr(facts, name) for name in CaseLine.model_fields})


def _member(member: Any) -> CaseMemberOut:
    return CaseMemberOut(**{name: getattr(member, name) for name in CaseMemberOut.model_fields})


def _case(facts: CaseFacts, title: str | None, *, closed: bool) -> CaseOut:
    members = [_member(m) for m in queries.members(facts.id)]
    return CaseOut(**dict(_line(facts)), title=title, title_closed=closed, members=members)


def _notes(
    rows: tuple[NoteText, ...], after: str | None, limit: int, key: Callable[[NoteText], str]
) -> dict[str, Any]:
    shown, following = page_of(rows, after, limit, key)
    names = [name for name in NoteOut.model_fields if name != "note"]
    items = [NoteOut(note=n.note_id, **{name: getattr(n, name) for name in names}) for n in shown]
    return {"items": items, "next": following}
