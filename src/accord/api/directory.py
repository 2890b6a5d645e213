"""Who has what in the own agency, and changes of it: for its system administrators."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Router, Schema, Status

from accord.agencies.directory import policy, queries
from accord.agencies.directory.domain import (
    Change,
    ChangeKind,
    ChangeState,
    MemberEntry,
    Outcome,
    Via,
)
from accord.agreements.entry import api_desk, freshly_proven
from accord.api.members import TrainingHeld
from accord.desk import administering
from accord.desk.signing_in import OFFICE
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of

router = Router(tags=["directory"])

MEMBER = "riverbend-pd.m.alvarez"
FIRST, SECOND = "riverbend-pd.a.first", "riverbend-pd.b.second"


class Attested(Schema):
    """A fact that clauses can ask for: your agency attests it, on the word of whom `by` names."""

    kind: ChangeKind = Field(examples=["role"])
    value: str = Field(examples=["investigator"])
    agency: str = Field(examples=["riverbend-pd"])
    by: list[str] = Field(
        description="Memberships of the administrators; empty where it came with the membership.",
        examples=[[FIRST, SECOND]],
    )
    since: datetime
    until: datetime | None = Field(description="Its own end; null without one.", examples=[None])
    valid: bool


class DirectoryMember(Schema):
    """One membership of your agency, with what it holds and how long."""

    membership: str = Field(examples=[MEMBER])
    member: str = Field(examples=[MEMBER])
    name: str = Field(examples=["Marisol Alvarez"])
    title: str = Field(examples=["Detective, Special Victims Unit"])
    nationality: str | None = Field(examples=["US"])
    roles: list[str] = Field(examples=[["investigator"]])
    clearance: str = Field(examples=["confidential"])
    assurance: int = Field(description="No sign-in counts for more than this.", examples=[2])
    attested: list[Attested] = Field(description="Each fact, also one whose end has come.")
    since: datetime
    until: datetime | None
    in_force: bool
    suspended: bool
    training: list[TrainingHeld]
    first_end: datetime | None = Field(description="When the first of these ends by itself.")
    reviewed_at: datetime
    reviewed_by: str | None = Field(examples=[FIRST])
    review_due: datetime


class NewMemberIn(Schema):
    """A new member, as one administrator proposes it."""

    handle: str = Field(
        description="Follows your agency's name in the id of the membership.", examples=["n.new"]
    )
    name: str = Field(max_length=200, examples=["Nadia New"])
    nationality: str = Field(examples=["US"])
    title: str = Field("", max_length=200, examples=["Analyst"])
    roles: list[str] = Field(examples=[["analyst"]])
    clearance: str = Field("none", examples=["none"])
    assurance: int = Field(2, examples=[2])
    until: datetime | None = Field(None, examples=[None])
    member: str | None = Field(
        None, description="Somebody whom the node knows from another agency.", examples=[None]
    )


class MemberChangeIn(Schema):
    """A change of one membership; which of the fields it takes depends on its kind."""

    kind: Literal[
        "role", "clearance", "assurance", "training", "leave", "suspend", "resume", "enrolment",
        "review", "nationality",
    ] = Field(examples=["suspend"])  # fmt: skip
    add: list[str] = Field([], description="Of `role`.", examples=[["analyst"]])
    remove: list[str] = Field([], description="Of `role`.", examples=[["dispatcher"]])
    to: str | int | None = Field(
        None,
        description="Of `clearance` and `assurance` the level; of `nationality` the country.",
        examples=[None],
    )
    until: datetime | None = Field(
        None,
        description="Of `role`, `clearance`, `assurance` and `nationality`: when what is given "
        "ends by itself; null without an end of its own.",
        examples=[None],
    )
    training: str | None = Field(None, description="Of `training`.", examples=[None])
    issued_on: date | None = Field(None, description="Of `training`.", examples=[None])
    valid_until: date | None = Field(None, description="Of `training`.", examples=[None])
    at: datetime | None = Field(
        None, description="Of `leave`: the moment; null for now.", examples=[None]
    )


class MemberChangeOut(Schema):
    """A change: in force, or waiting for a second person until it expires."""

    id: UUID
    kind: ChangeKind = Field(examples=["role"])
    membership: str = Field(examples=[MEMBER])
    member: str = Field(description="The person that it is about.", examples=[MEMBER])
    facts: dict[str, Any] = Field(examples=[{"add": ["analyst"], "remove": []}])
    state: ChangeState = Field(examples=["proposed"])
    proposed_by: str = Field(examples=[FIRST])
    proposed_at: datetime
    expires_at: datetime
    decided_by: str | None = Field(examples=[None])
    decided_at: datetime | None = Field(examples=[None])
    via: Via = Field(examples=["api"])


class MemberChangeApplied(MemberChangeOut):
    """A change in force, with the one-time link that it brings."""

    link: str | None = Field(
        description="The path of a link for the member; told this once.", examples=[None]
    )


class LinkCode(Schema):
    """The code that belongs to a link, beside it."""

    code: str = Field(description="Told this once.", examples=["ABCD-EFGH-IJKL-MNOP"])


@router.get("/members", response=Page[DirectoryMember], summary="Members of your agency")
@api_desk(OFFICE)
def list_members(request: Any, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """Every membership of your agency, what ends first first; for administrators and oversight."""
    policy.check_reads(request.scope.actor)
    request.scope.did("consultation", of="members")
    found = queries.members(request.scope.actor.agency)
    shown, following = page_of(found, after, limit, lambda m: m.membership)
    return {"items": [_member(m) for m in shown], "next": following}


@router.post("/members", response={202: MemberChangeOut}, summary="Propose a member")
@freshly_proven
@api_desk(OFFICE)
def propose_member(request: Any, payload: NewMemberIn) -> Any:
    """Proposes a new member; another administrator approves it within seven days."""
    policy.check_reads(request.scope.actor)
    said = payload.dict() | {"until": payload.until.isoformat() if payload.until else ""}
    outcome = administering.join(request.scope, said, Via.API)
    return Status(202, _change(queries.change(outcome.change)))


@router.get("/members/{membership}", response=DirectoryMember, summary="One member")
@api_desk(OFFICE)
def one_member(request: Any, membership: str) -> Any:
    """One membership of your agency, in force or over."""
    policy.check_reads(request.scope.actor)
    request.scope.did("consultation", of="member", about=membership)
    return _member(queries.member(request.scope.actor.agency, membership))


@router.post(
    "/members/{membership}/changes",
    response={200: MemberChangeOut, 202: MemberChangeOut},
    summary="Change a membership",
)
@freshly_proven
@api_desk(OFFICE)
def change_member(request: Any, membership: str, payload: MemberChangeIn) -> Any:
    """What takes away is in force at once (200); what gives more waits for a second person (202)."""
    policy.check_reads(request.scope.actor)
    said = {name: value for name, value in payload.dict().items() if value is not None}
    said |= {n: v.isoformat() for n, v in said.items() if isinstance(v, date)}
    outcome = administering.ask(request.scope, ChangeKind(payload.kind), membership, said, Via.API)
    return Status(_status(outcome), _change(queries.change(outcome.change)))


@router.get("/member-changes", response=Page[MemberChangeOut], summary="Changes of members")
@api_desk(OFFICE)
def list_changes(
    request: Any, waiting: bool = True, after: After = None, limit: Limit = DEFAULT_LIMIT
) -> Any:
    """What waits for a second person, the oldest first; with `waiting=false` everything."""
    policy.check_reads(request.scope.actor)
    request.scope.did("consultation", of="changes of members")
    found = queries.changes(waiting=waiting, most=1000)
    shown, following = page_of(found, after, limit, lambda c: str(c.id))
    return {"items": [_change(c) for c in shown], "next": following}


@router.get("/member-changes/{uuid:change_id}", response=MemberChangeOut, summary="One change")
@api_desk(OFFICE)
def one_change(request: Any, change_id: UUID) -> Any:
    """One change of a membership of your agency."""
    policy.check_reads(request.scope.actor)
    found = queries.change(change_id)
    request.scope.did("consultation", of="change of a member", about=found.membership)
    return _change(found)


@router.post(
    "/member-changes/{uuid:change_id}/approval",
    response=MemberChangeApplied,
    summary="Approve a change",
)
@freshly_proven
@api_desk(OFFICE)
def approve_change(request: Any, change_id: UUID) -> Any:
    """Puts in force what another administrator proposed about a third person."""
    policy.check_reads(request.scope.actor)
    outcome = administering.approve(request.scope, queries.change(change_id))
    return MemberChangeApplied(link=outcome.link, **_change(queries.change(change_id)))


@router.post(
    "/member-changes/{uuid:change_id}/code", response={201: LinkCode}, summary="Code of a link"
)
@freshly_proven
@api_desk(OFFICE)
def make_code(request: Any, change_id: UUID) -> Any:
    """Makes the code beside the link of a change that you proposed and another approved.

    The member needs both; the code before it opens nothing any more.
    """
    policy.check_reads(request.scope.actor)
    return Status(201, {"code": administering.make_code(request.scope, queries.change(change_id))})


@router.post(
    "/member-changes/{uuid:change_id}/withdrawal",
    response=MemberChangeOut,
    summary="Withdraw a change",
)
@api_desk(OFFICE)
def withdraw_change(request: Any, change_id: UUID) -> Any:
    """Takes a proposal back; any administrator of your agency may."""
    policy.check_reads(request.scope.actor)
    administering.withdraw(request.scope, queries.change(change_id))
    return _change(queries.change(change_id))


def _status(outcome: Outcome) -> int:
    return 200 if outcome.applied else 202


def _member(entry: MemberEntry) -> dict[str, Any]:
    lists = ("training", "attested")
    found = {n: getattr(entry, n) for n in DirectoryMember.model_fields if n not in lists}
    held = [{n: getattr(c, n) for n in TrainingHeld.model_fields} for c in entry.training]
    facts = [{n: getattr(f, n) for n in Attested.model_fields} for f in entry.attested]
    return found | {"training": held, "attested": facts, "roles": list(entry.roles)}


def _change(found: Change) -> dict[str, Any]:
    return {
        "id": found.id,
        "kind": found.kind,
        "membership": found.membership,
        "member": found.member,
        "facts": dict(found.facts),
        "state": found.state,
        "proposed_by": found.by,
        "proposed_at": found.at,
        "expires_at": found.expires_at,
        "decided_by": found.decided_by,
        "decided_at": found.decided_at,
        "via": found.via,
    }
