"""Custody over the API: the lists, one chain, its file, the steps, and alarms.

Steps that count only with a member's passkey are refused to programs on a node for real work.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from accord.agreements.api.membersignatures import MemberSignatureBundle
from accord.agreements.entry import api_desk
from accord.evidence.custody import actions, queries
from accord.evidence.custody.domain import (
    LONGEST_NAME,
    LONGEST_PLACE,
    LONGEST_REASON,
    MOST_ITEMS,
    CustodyAct,
    CustodyState,
    Event,
    Order,
    Tool,
)
from accord.evidence.custody.queries import Alarm, Kept, Line
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page

router = Router(tags=["custody"])

DESK = "case-administration"
NUMBER = "HT-2026-014/riverbend-pd/3"
DIGEST = "5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5"
WHY = "For the examination of the messages, as ordered by the prosecutor."


class CustodyLine(Schema):
    """An exhibit in a list: who has it, and to whom it is offered."""

    exhibit: UUID
    exhibit_number: str = Field(examples=[NUMBER])
    owner: str = Field(examples=["riverbend-pd"])
    custodian: str = Field(examples=["state-bi"])
    state: CustodyState
    offered_to: str | None = Field(examples=["state-bi"])
    returning: bool = Field(description="That it is offered back to who gave it.", examples=[False])
    at: datetime = Field(description="The last step.")
    events: int = Field(description="How many there are.", examples=[3])


class CustodyFault(Schema):
    """What is wrong with a chain, at which event."""

    code: str = Field(examples=["event-altered"])
    number: int = Field(examples=[1])
    sentence: str = Field(examples=["An event is missing here."])


class CustodyEventOut(Schema):
    """One event: its canonical text (RFC 8785) says everything; its SHA-256 is `hash`."""

    number: int = Field(examples=[1])
    act: CustodyAct
    agency: str = Field(examples=["riverbend-pd"])
    membership: str = Field(examples=["riverbend-pd.m.alvarez"])
    at: datetime
    event: str = Field(
        description="The event word for word.", examples=['{"act":"offer", "...": null}']
    )
    hash: str = Field(examples=[DIGEST])
    signed: bool = Field(description="Whether a member signed it with a passkey.", examples=[True])


class CustodyOut(CustodyLine):
    """A chain as it was replayed. Where there are faults, nothing may follow it."""

    content: str | None = Field(description="SHA-256 of the file.", examples=[DIGEST])
    seal: str | None = Field(examples=["S-20177"])
    items: int | None = Field(examples=[1])
    read_again_at: datetime | None = Field(description="When its stored file was last read again.")
    chain: list[CustodyEventOut]
    faults: list[CustodyFault]


class DisposalOrder(Schema):
    """The order under which an exhibit is disposed of."""

    authority: str = Field(max_length=LONGEST_NAME, examples=["District Court of Harlan"])
    number: str = Field(max_length=LONGEST_NAME, examples=["2026-CR-118"])
    sha256: str = Field(pattern="^[0-9a-f]{64}$", examples=[DIGEST])


class UsedTool(Schema):
    """What a step was done with."""

    name: str = Field(max_length=LONGEST_NAME, examples=["imager"])
    version: str = Field(max_length=LONGEST_NAME, examples=["4.2"])


StepWord = Literal[
    "seal", "unseal", "check-out", "check-in", "offer", "accept", "decline", "withdraw", "return",
    "derive", "release", "order-disposal", "dispose",
]  # fmt: skip
"""Every step but to acquire, which is done with the file."""


class CustodyStep(Schema):
    """A step of custody. Which of these it needs depends on the step."""

    act: StepWord = Field(examples=["seal"])
    place: str = Field(max_length=LONGEST_PLACE, examples=["Property room 2"])
    reason: str = Field(max_length=LONGEST_REASON, examples=[WHY])
    items: int = Field(
        ge=1, le=MOST_ITEMS, description="How many items were counted, now.", examples=[1]
    )
    seal: str | None = Field(None, max_length=LONGEST_NAME, examples=["S-20177"])
    to: str | None = Field(None, max_length=80, description="To offer.", examples=[None])
    receiver: str | None = Field(
        None, max_length=LONGEST_NAME, description="To check out or release.", examples=[None]
    )
    tool: UsedTool | None = Field(None, examples=[None])
    derived: UUID | None = Field(
        None, description="To derive: the exhibit that was made of it.", examples=[None]
    )
    order: DisposalOrder | None = Field(None, description="To order disposal.", examples=[None])


class AlarmActOut(Schema):
    """What somebody of the owner said of an alarm."""

    act: str = Field(description="explain, or confirm", examples=["explain"])
    membership: str = Field(examples=["riverbend-pd.d.okafor"])
    at: datetime
    reason: str = Field(examples=["The store was restored from the last backup."])


class AlarmOut(Schema):
    """A stored file that was found altered or missing; other agencies do not get it meanwhile."""

    id: UUID
    exhibit: UUID
    exhibit_number: str = Field(examples=[NUMBER])
    owner: str = Field(examples=["riverbend-pd"])
    custodian: str = Field(examples=["riverbend-pd"])
    found: str = Field(description="altered, missing, or unreadable", examples=["missing"])
    at: datetime
    closed_at: datetime | None
    acts: list[AlarmActOut]


class AlarmReason(Schema):
    """What happened to the file, and how it was put right."""

    reason: str = Field(
        max_length=LONGEST_REASON, examples=["The store was restored from the last backup."]
    )


class CustodyFileLine(Schema):
    """One event with what proves it."""

    event: str = Field(
        description="The event word for word.", examples=['{"act":"offer", "...": null}']
    )
    hash: str = Field(examples=[DIGEST])
    signature: MemberSignatureBundle | None
    receipt: dict[str, Any] | None = Field(
        description="As of the ledger's entries; none while the entry waits for its place.",
        examples=[None],
    )


class CustodyFile(Schema):
    """A chain with signatures and receipts: save it to a file and give that to `accord-verify`."""

    format: str = Field(examples=[queries.FORMAT])
    exhibit: UUID
    exhibit_number: str = Field(examples=[NUMBER])
    events: int = Field(description="How many there are.", examples=[3])
    head: str = Field(description="The hash of the last one.", examples=[DIGEST])
    chain: list[CustodyFileLine]


View = Annotated[
    Literal["offered", "held", "had"],
    Query(
        description="Offered to your agency, in its custody, or handed on.", examples=["offered"]
    ),
]


@router.get("/custody", response=Page[CustodyLine], summary="Exhibits in custody")
@api_desk(DESK)
def list_custody(
    request: Any, view: View = "held", after: After = None, limit: Limit = DEFAULT_LIMIT
) -> Any:
    """Exhibits of your agency's custody, the last step first."""
    own = request.scope.actor.agency
    shown, following = queries.lines(own, view, after=after, limit=limit)
    request.scope.did("consultation", of=f"custody: {view}")
    return {"items": [CustodyLine(**_line(line)) for line in shown], "next": following}


@router.get("/custody/alarms", response=Page[AlarmOut], summary="Alarms of stored files")
@api_desk(DESK)
def list_alarms(request: Any, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """Alarms that your agency's exhibits, or those in its custody, raised."""
    own = request.scope.actor.agency
    shown, following = queries.alarms(agency=own, standing=False, after=after, limit=limit)
    request.scope.did("consultation", of="custody: alarms")
    return {"items": [_alarm(alarm) for alarm in shown], "next": following}


@router.get("/custody/{uuid:exhibit_id}", response=CustodyOut, summary="One chain of custody")
@api_desk(DESK)
def one_chain(request: Any, exhibit_id: UUID) -> Any:
    """The chain of one exhibit, replayed, with everything that is wrong with it."""
    request.scope.did("consultation", of="custody", exhibit=str(exhibit_id))
    return _whole(queries.chain(exhibit_id))


@router.get(
    "/custody/{uuid:exhibit_id}/file", response=CustodyFile, summary="A chain, to be verified"
)
@api_desk(DESK)
def custody_file(request: Any, exhibit_id: UUID) -> Any:
    """The file `accord-custody/1`: events, signatures and receipts, for accord-verify."""
    found = queries.custody_file(exhibit_id)
    request.scope.did("disclosure", of="custody file", exhibit=str(exhibit_id), head=found["head"])
    return found


@router.post(
    "/custody/{uuid:exhibit_id}/steps", response={201: CustodyEventOut}, summary="Take a step"
)
@api_desk(DESK)
def take_step(request: Any, exhibit_id: UUID, payload: CustodyStep) -> Any:
    """Takes a step, dated now. Offer, return, accept, decline, release and disposal take a passkey."""
    said = actions.Said(
        place=payload.place,
        reason=payload.reason,
        items=payload.items,
        seal=payload.seal,
        to=payload.to,
        receiver=payload.receiver,
        tool=Tool(payload.tool.name, payload.tool.version) if payload.tool else None,
        derived=payload.derived,
        order=Order(payload.order.authority, payload.order.number, payload.order.sha256)
        if payload.order
        else None,
    )
    return Status(
        201, _event(actions.take(request.scope, exhibit_id, CustodyAct(payload.act), said), False)
    )


@router.get("/custody/alarms/{uuid:alarm_id}", response=AlarmOut, summary="One alarm")
@api_desk(DESK)
def one_alarm(request: Any, alarm_id: UUID) -> Any:
    """One alarm, with what its owner's people said."""
    request.scope.did("consultation", of="custody alarm", alarm=str(alarm_id))
    return _alarm(queries.alarm(alarm_id))


@router.post(
    "/custody/alarms/{uuid:alarm_id}/explanation", response=AlarmOut, summary="Explain an alarm"
)
@api_desk(DESK)
def explain(request: Any, alarm_id: UUID, payload: AlarmReason) -> Any:
    """Says, for the owner, why the exhibit may be handed on again."""
    actions.explain_alarm(request.scope, alarm_id, payload.reason)
    return _alarm(queries.alarm(alarm_id))


@router.post(
    "/custody/alarms/{uuid:alarm_id}/resolution", response=AlarmOut, summary="End an alarm"
)
@api_desk(DESK)
def confirm(request: Any, alarm_id: UUID, payload: AlarmReason) -> Any:
    """Confirms, as a second person of the owner, what the first one said: the alarm ends."""
    actions.confirm_alarm(request.scope, alarm_id, payload.reason)
    return _alarm(queries.alarm(alarm_id))


def _line(line: Line) -> dict[str, Any]:
    return {
        "exhibit": line.exhibit,
        "exhibit_number": line.number,
        "owner": line.owner,
        "custodian": line.custodian,
        "state": line.state,
        "offered_to": line.offered_to,
        "returning": line.returning,
        "at": line.at,
        "events": line.events,
    }


def _whole(kept: Kept) -> CustodyOut:
    chain, signed = kept.chain, {n: s.signature is not None for n, s in enumerate(kept.steps)}
    return CustodyOut(
        **_line(kept.line),
        content=chain.position.content,
        seal=chain.position.seal,
        items=chain.position.items,
        read_again_at=kept.reread.at if kept.reread else None,
        chain=[_event(event, signed.get(event.number, False)) for event in chain.events],
        faults=[
            CustodyFault(code=f.code, number=f.number, sentence=f.sentence) for f in chain.faults
        ],
    )


def _event(event: Event, signed: bool) -> CustodyEventOut:
    return CustodyEventOut(
        number=event.number,
        act=event.act,
        agency=event.agency,
        membership=event.membership,
        at=event.at,
        event=event.text().decode(),
        hash=event.hash,
        signed=signed,
    )


def _alarm(found: Alarm) -> AlarmOut:
    return AlarmOut(
        id=found.id,
        exhibit=found.exhibit,
        exhibit_number=found.number,
        owner=found.owner,
        custodian=found.custodian,
        found=found.outcome,
        at=found.at,
        closed_at=found.closed_at,
        acts=[
            AlarmActOut(act=act.act, membership=act.membership, at=act.at, reason=act.reason)
            for act in found.acts
        ],
    )
