"""Requests for assistance over the API: ask, answer, escalate, remark, close. None opens a record."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from accord.agencies import queries as agencies
from accord.agreements.entry import api_context, api_desk
from accord.assistance import screen
from accord.assistance.actions import requests as actions
from accord.assistance.domain import (
    LONGEST_PLACE,
    LONGEST_REMARK,
    LONGEST_TEXT,
    MOST_COMING,
    AssistanceState,
    AssistanceStep,
    Line,
    Said,
    Urgency,
)
from accord.assistance.queries import expertise
from accord.assistance.queries import requests as queries
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of

router = Router(tags=["assistance"])

DESK = "case-administration"
NEED = "Two locked telephones, seized under a warrant; images and a report for the hearing."
PURPOSE = "human-trafficking-investigation"


class AssistanceNeed(Schema):
    """What is needed, in the context of this request; its case stays with your agency."""

    discipline: str = Field(max_length=60, examples=["digital-forensics"])
    agency: str | None = Field(
        None,
        max_length=80,
        description="Whom to ask; without it, each agency that offers it now.",
        examples=["state-bi"],
    )
    languages: list[str] = Field([], max_length=20, examples=[["es"]])
    urgency: str = Field(Urgency.ROUTINE, max_length=20, examples=["soon"])
    need: str = Field(max_length=LONGEST_TEXT, examples=[NEED])
    place: str = Field("", max_length=LONGEST_PLACE, examples=["Riverbend"])
    until: datetime | None = Field(None, description="The last moment at which it helps.")
    no_victim: bool = Field(
        description="That nobody who may be a victim is named in it.", examples=[True]
    )


class AssistanceAsked(Schema):
    """The requests that were made, one for each agency."""

    ids: list[UUID] = Field(examples=[["01985c4e-7a00-7000-8000-000000000001"]])


class AssistanceLine(Schema):
    """A request in a list, without its texts."""

    id: UUID
    asker: str = Field(examples=["riverbend-pd"])
    asked: str = Field(examples=["state-bi"])
    discipline: str = Field(examples=["digital-forensics"])
    languages: list[str] = Field(examples=[["es"]])
    urgency: Urgency
    state: AssistanceState
    overdue: bool
    sent_at: datetime
    due_at: datetime


class AssistanceActOut(Schema):
    """A step of either side. Who took it is told to their own agency."""

    act: AssistanceStep
    agency: str = Field(examples=["state-bi"])
    by: str | None = Field(examples=["state-bi.h.mercer"])
    at: datetime
    text: str = Field(examples=["Bring them on Monday at eight."])
    who_comes: list[str] = Field(examples=[["Somebody at State Bureau of Investigation"]])
    passed_to: str | None = Field(examples=["harlan-so"])


class AssistanceOut(AssistanceLine):
    """A request as your side reads it."""

    purpose: str = Field(examples=[PURPOSE])
    legal_basis: str = Field(examples=["statute"])
    need: str = Field(examples=[NEED])
    place: str = Field(examples=["Riverbend"])
    needed_until: datetime | None
    case: str | None = Field(description="For the asking agency.", examples=["HT-2026-014"])
    asked_by: str | None = Field(
        description="For the asking agency.", examples=["riverbend-pd.m.alvarez"]
    )
    beside: list[UUID] = Field(description="What went out with it, for the asking agency.")
    acts: list[AssistanceActOut]


class Acceptance(Schema):
    """What happens next, and which entries of your agency come."""

    text: str = Field(max_length=LONGEST_REMARK, examples=["Bring them on Monday at eight."])
    comes: list[UUID] = Field([], max_length=MOST_COMING, examples=[[]])


class AssistanceText(Schema):
    """What the other side reads."""

    text: str = Field(max_length=LONGEST_REMARK, examples=["Our laboratory is full until June."])


class PassingOn(AssistanceText):
    """Another agency that should be asked; nothing is sent there."""

    to: str = Field(max_length=80, examples=["harlan-so"])


Side = Annotated[
    Literal["received", "sent"],
    Query(description="AssistanceAsked of your agency, or by it.", examples=["received"]),
]


@router.post("/assistance", response={201: AssistanceAsked}, summary="Ask for assistance")
@api_context
def ask(request: Any, payload: AssistanceNeed) -> Any:
    """Asks one agency, or each that offers it; none learns of the others."""
    need = actions.Need(
        discipline=payload.discipline,
        text=payload.need,
        agency=payload.agency or "",
        languages=payload.languages,
        urgency=payload.urgency,
        place=payload.place,
        until=payload.until,
        no_victim=payload.no_victim,
    )
    return Status(201, AssistanceAsked(ids=list(actions.ask(request.scope, need))))


@router.get("/assistance", response=Page[AssistanceLine], summary="Requests for assistance")
@api_desk(DESK)
def list_requests(
    request: Any, side: Side = "received", after: After = None, limit: Limit = DEFAULT_LIMIT
) -> Any:
    """Requests without their texts, overdue first."""
    scope = request.scope
    rows = queries.inbox(scope) if side == "received" else queries.outbox(scope)
    shown, following = page_of(rows, after, limit, lambda r: str(r.id))
    scope.did("consultation", of=f"requests for assistance {side}")
    return {"items": [AssistanceLine(**_line(r)) for r in shown], "next": following}


@router.get("/assistance/{uuid:assistance_id}", response=AssistanceOut, summary="One request")
@api_desk(DESK)
def one_request(request: Any, assistance_id: UUID) -> Any:
    """One request with what was said and done."""
    request.scope.did("consultation", of=f"request for assistance {assistance_id}")
    return _whole(request.scope, assistance_id)


@router.post(
    "/assistance/{uuid:assistance_id}/acknowledgement",
    response=AssistanceOut,
    summary="Acknowledge",
)
@api_desk(DESK)
def acknowledge(request: Any, assistance_id: UUID) -> Any:
    """Says that the request was read; the deadline goes on."""
    actions.acknowledge(request.scope, assistance_id)
    return _whole(request.scope, assistance_id)


@router.post(
    "/assistance/{uuid:assistance_id}/acceptance", response=AssistanceOut, summary="Accept"
)
@api_desk(DESK)
def accept(request: Any, assistance_id: UUID, payload: Acceptance) -> Any:
    """Accepts for the asked agency. A name shows where that member agreed, and while they do."""
    actions.accept(request.scope, assistance_id, payload.text, payload.comes)
    return _whole(request.scope, assistance_id)


@router.post("/assistance/{uuid:assistance_id}/refusal", response=AssistanceOut, summary="Decline")
@api_desk(DESK)
def decline(request: Any, assistance_id: UUID, payload: AssistanceText) -> Any:
    """Declines with a reason, also what was accepted and cannot be kept."""
    actions.decline(request.scope, assistance_id, payload.text)
    return _whole(request.scope, assistance_id)


@router.post(
    "/assistance/{uuid:assistance_id}/passing-on", response=AssistanceOut, summary="Pass on"
)
@api_desk(DESK)
def pass_on(request: Any, assistance_id: UUID, payload: PassingOn) -> Any:
    """Names another agency. The asker sends it there, or does not."""
    actions.pass_on(request.scope, assistance_id, payload.to, payload.text)
    return _whole(request.scope, assistance_id)


@router.post(
    "/assistance/{uuid:assistance_id}/escalation", response=AssistanceOut, summary="Escalate"
)
@api_desk(DESK)
def escalate(request: Any, assistance_id: UUID) -> Any:
    """Escalates what is overdue: a supervisor of the asked agency answers."""
    actions.escalate(request.scope, assistance_id)
    return _whole(request.scope, assistance_id)


@router.post("/assistance/{uuid:assistance_id}/remarks", response=AssistanceOut, summary="Remark")
@api_desk(DESK)
def remark(request: Any, assistance_id: UUID, payload: AssistanceText) -> Any:
    """Adds a short remark that both sides read."""
    actions.remark(request.scope, assistance_id, payload.text)
    return _whole(request.scope, assistance_id)


@router.post(
    "/assistance/{uuid:assistance_id}/completion", response=AssistanceOut, summary="Say it is done"
)
@api_desk(DESK)
def complete(request: Any, assistance_id: UUID) -> Any:
    """Says, as either side, that the help was given."""
    actions.complete(request.scope, assistance_id)
    return _whole(request.scope, assistance_id)


@router.post(
    "/assistance/{uuid:assistance_id}/withdrawal", response=AssistanceOut, summary="Withdraw"
)
@api_desk(DESK)
def withdraw(request: Any, assistance_id: UUID) -> Any:
    """Takes a request back, as who asked or a supervisor of the asking agency."""
    actions.withdraw(request.scope, assistance_id)
    return _whole(request.scope, assistance_id)


def _line(found: Line) -> dict[str, Any]:
    return {
        "id": found.id,
        "asker": found.asker,
        "asked": found.asked,
        "discipline": found.discipline,
        "languages": list(found.languages),
        "urgency": found.urgency,
        "state": found.state,
        "overdue": found.overdue,
        "sent_at": found.sent_at,
        "due_at": found.due_at,
    }


def _whole(scope: Any, assistance_id: UUID) -> AssistanceOut:
    found = queries.request(scope, assistance_id)
    coming = expertise.entries(scope, {e for a in found.acts for e in a.comes})
    name = agencies.agency(found.line.asked).name
    return AssistanceOut(
        **_line(found.line),
        purpose=found.purpose,
        legal_basis=found.legal_basis,
        need=found.text,
        place=found.place,
        needed_until=found.needed_until,
        case=found.case_number,
        asked_by=found.asked_by,
        beside=list(found.beside),
        acts=[_act(a, [str(screen.who(coming.get(n), name)) for n in a.comes]) for a in found.acts],
    )


def _act(said: Said, who: list[str]) -> AssistanceActOut:
    return AssistanceActOut(
        act=said.act,
        agency=said.agency,
        by=said.by,
        at=said.at,
        text=said.text,
        who_comes=who,
        passed_to=said.passed_to,
    )
