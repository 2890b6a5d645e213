"""The directory of expertise over the API: look, propose, attest, withdraw, be named."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from accord.agencies import queries as agencies
from accord.agreements.entry import api_desk
from accord.assistance import policy, screen
from accord.assistance.actions import expertise as actions
from accord.assistance.disciplines import canonical_tag, check_discipline
from accord.assistance.domain import (
    LONGEST_NOTE,
    LONGEST_PLACE,
    LONGEST_UNIT,
    Entry,
    EntryState,
    Level,
)
from accord.assistance.queries import expertise as queries
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of

router = Router(tags=["expertise"])

DESK = "case-administration"
NOTE = "Locked telephones within a day; bring the warrant."


class ExpertiseOut(Schema):
    """One entry. Whose it is stands in it only where the member agreed, or for who attests."""

    id: UUID
    agency: str = Field(examples=["state-bi"])
    who: str = Field(examples=["Somebody at State Bureau of Investigation"])
    named: bool = Field(description="Whether the member agreed to be named to other agencies.")
    discipline: str = Field(examples=["digital-forensics"])
    level: Level
    languages: list[str] = Field(examples=[["en", "es-MX"]])
    note: str = Field(examples=[NOTE])
    state: EntryState
    listed: bool = Field(description="Whether others find it now.")
    until: datetime | None = Field(description="When what is attested runs out.")


class ExpertiseProposal(Schema):
    """What you offer, or what a unit does; a unit's is proposed by who attests."""

    discipline: str = Field(max_length=60, examples=["crime-pattern-analysis"])
    level: str = Field(max_length=30, examples=["practitioner"])
    languages: list[str] = Field([], max_length=20, examples=[["en", "fr"]])
    note: str = Field("", max_length=LONGEST_NOTE, examples=["Series of burglaries by van."])
    unit: str | None = Field(
        None, max_length=LONGEST_UNIT, description="Its name, where a unit offers it."
    )
    named: bool = Field(False, description="Show your name to other agencies.")


class ExpertiseProposed(Schema):
    """The entry that was proposed."""

    id: UUID


class Attestation(Schema):
    """Until when the agency attests an entry; three years at most."""

    until: datetime


class Naming(Schema):
    """Whether your name is shown to other agencies; false takes it off everywhere."""

    named: bool


Discipline = Annotated[str, Query(max_length=60, examples=["digital-forensics"])]
Language = Annotated[str, Query(max_length=20, examples=["es"])]
OfAgency = Annotated[str, Query(max_length=80, examples=["state-bi"])]
OfPlace = Annotated[
    str,
    Query(
        max_length=LONGEST_PLACE,
        description="Of agencies that answer there: the name of a place, or its code.",
        examples=["99003"],
    ),
]


@router.get("/expertise", response=Page[ExpertiseOut], summary="Look in the directory")
@api_desk(DESK)
def look(
    request: Any,
    discipline: Discipline = "",
    language: Language = "",
    agency: OfAgency = "",
    place: OfPlace = "",
    level: Level = Level.AWARE,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Any:
    """What agencies that share an agreement with yours offer now, and your own agency."""
    scope = request.scope
    if discipline:
        check_discipline(discipline, policy.EXPERTISE)
    asked = queries.Asked(
        discipline, canonical_tag(language), agency, place=place.strip(), level=level
    )
    rows = queries.listed(scope, asked)
    scope.did("consultation", of="directory of expertise", discipline=discipline)
    return _page(rows, after, limit)


@router.get("/expertise/mine", response=Page[ExpertiseOut], summary="Your own entries")
@api_desk(DESK)
def mine(request: Any, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """What you proposed, in every state."""
    return _page(queries.own(request.scope), after, limit)


@router.get("/expertise/agency", response=Page[ExpertiseOut], summary="Your agency's entries")
@api_desk(DESK)
def of_agency(request: Any, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """What waits to be attested and what was, for who attests."""
    policy.check_manages(request.scope.actor)
    return _page(queries.of_agency(request.scope), after, limit)


@router.post("/expertise", response={201: ExpertiseProposed}, summary="Propose an entry")
@api_desk(DESK)
def propose(request: Any, payload: ExpertiseProposal) -> Any:
    """Listed once your agency attests it."""
    offer = actions.Offer(
        discipline=payload.discipline,
        level=payload.level,
        languages=payload.languages,
        note=payload.note,
        is_unit=payload.unit is not None,
        unit=payload.unit or "",
        named=payload.named,
    )
    return Status(201, ExpertiseProposed(id=actions.propose(request.scope, offer)))


@router.post("/expertise/{uuid:expertise_id}/attestation", response=ExpertiseOut, summary="Attest")
@api_desk(DESK)
def attest(request: Any, expertise_id: UUID, payload: Attestation) -> Any:
    """Attests an entry of your agency, as a supervisor or administrator; nobody's own."""
    actions.attest(request.scope, expertise_id, payload.until)
    return _whole(request.scope, expertise_id)


@router.post(
    "/expertise/{uuid:expertise_id}/withdrawal", response=ExpertiseOut, summary="Withdraw an entry"
)
@api_desk(DESK)
def withdraw(request: Any, expertise_id: UUID) -> Any:
    """Takes an entry out, as its member or as who attests."""
    actions.withdraw(request.scope, expertise_id)
    return _whole(request.scope, expertise_id)


@router.post(
    "/expertise/{uuid:expertise_id}/naming", response=ExpertiseOut, summary="Be named or not"
)
@api_desk(DESK)
def set_named(request: Any, expertise_id: UUID, payload: Naming) -> Any:
    """Says whether your name is shown; nobody says it for you."""
    actions.set_named(request.scope, expertise_id, payload.named)
    return _whole(request.scope, expertise_id)


def _page(rows: tuple[Entry, ...], after: str | None, limit: int) -> dict[str, Any]:
    names = agencies.agency_names()
    shown, following = page_of(rows, after, limit, lambda e: str(e.id))
    return {"items": [_out(e, names[e.agency]) for e in shown], "next": following}


def _whole(scope: Any, expertise_id: UUID) -> ExpertiseOut:
    found = queries.entry(scope, expertise_id)
    return _out(found, agencies.agency(found.agency).name)


def _out(found: Entry, agency: str) -> ExpertiseOut:
    return ExpertiseOut(
        id=found.id,
        agency=found.agency,
        who=str(screen.who(found, agency)),
        named=found.named,
        discipline=found.discipline,
        level=found.level,
        languages=list(found.languages),
        note=found.note,
        state=found.state,
        listed=found.listed,
        until=found.until,
    )
