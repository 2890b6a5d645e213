"""The only writers of custody: each step of a chain, and what is said of an alarm.

A step is one event, one entry of the ledger that holds its hash, and the signature of the member who
takes it; the database decides whether it follows (custody.sql). Nothing here opens a part.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from accord.agencies.domain import Actor
from accord.agreements.membersigning import Given, member_signs
from accord.agreements.scope import Scope
from accord.evidence.custody import policy, queries
from accord.evidence.custody.domain import (
    FACTS,
    LONGEST_REASON,
    MAY_SAY,
    SIGNED,
    CustodyAct,
    Event,
    Order,
    Other,
    Position,
    Tool,
)
from accord.evidence.custody.models import CustodyAlarmAct
from accord.evidence.custody.sealing import EVENT, OPENING, REASON, seal
from accord.identity.signed import Signs
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed
from accord.kernel.phrases import phrase
from accord.ledger import actions as ledger
from accord.ledger.domain import Committed, Entry, Item, Kind


@dataclass(frozen=True, slots=True)
class Said:
    """What a member says of a step; which of it counts depends on the step.

    `derived` is an exhibit that was made of this one. `to` is an agency, `receiver` a person.
    """

    place: str
    reason: str
    items: int = 1
    seal: str | None = None
    to: str | None = None
    receiver: str | None = None
    tool: Tool | None = None
    derived: UUID | None = None
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Acquired:
    """What was acquired: its number, the SHA-256 of its file, and what it was made of, if anything."""

    exhibit: UUID
    number: str
    sha256: str
    source: Other | None = None


def acquire(scope: Scope, what: Acquired, said: Said, *, by: Given | None = None) -> Event:
    """Begin the chain of an own exhibit, in the transaction that stores it."""
    position = Position()
    event = Event(
        exhibit=str(what.exhibit),
        exhibit_number=what.number,
        number=0,
        previous=None,
        act=CustodyAct.ACQUIRE,
        after=what.sha256,
        tool=said.tool,
        source=what.source,
        items=said.items,
        place=said.place.strip(),
        reason=said.reason.strip(),
        at=_moment(by) or now(),
        **_who(scope.actor),
    )
    policy.check_role(scope.actor, CustodyAct.ACQUIRE)
    policy.check_texts(event)
    return _write(scope, position, event, by)


def prepared(
    scope: Scope, exhibit: UUID, act: CustodyAct, said: Said, at: datetime | None = None
) -> Event:
    """The event that a step would write, as its page shows it to be signed; checked as it stands now.

    Raises NotFound, and NotAllowed, Conflict or InvalidInput with the rule that it would break.
    """
    kept = queries.chain(exhibit)
    position = queries.check_whole(kept).position
    policy.check_open(scope.actor, position, act)
    event = _event(scope.actor, position, kept.line.exhibit, act, said, at or now())
    policy.check_event(scope.actor, position, event)
    return event


def take(
    scope: Scope, exhibit: UUID, act: CustodyAct, said: Said, *, by: Given | None = None
) -> Event:
    """Take a step; returns its event.

    `by` is the passkey's answer to the event that `prepared` showed, dated when it was shown. Raises
    as `prepared` does, and Conflict where something else happened to the exhibit meanwhile.
    """
    if act is CustodyAct.ACQUIRE:
        raise InvalidInput(
            policy.CUSTODY, None, "do", phrase("an exhibit is acquired with its file")
        )
    event = prepared(scope, exhibit, act, said, _moment(by))
    return _write(scope, queries.chain(exhibit).chain.position, event, by)


def _moment(by: Given | None) -> datetime | None:
    return by.shown_at if by is not None and by.assertion is not None else None


def _who(actor: Actor) -> dict[str, Any]:
    return {
        "member": actor.member,
        "membership": actor.membership,
        "agency": actor.agency,
        "zone": actor.zone,
    }


def _event(
    actor: Actor, position: Position, exhibit: UUID, act: CustodyAct, said: Said, at: datetime
) -> Event:
    last = position.givers[-1] if position.givers else None
    could: dict[str, Any] = {
        "before": position.content,
        "after": position.content,
        "seal": position.seal
        if act is CustodyAct.UNSEAL and said.seal is None
        else _clean(said.seal),
        "to": last if act is CustodyAct.RETURN else _clean(said.to),
        "receiver": _clean(said.receiver),
        "tool": said.tool,
        "derived": _derived(said.derived),
        "order": position.order if act is CustodyAct.DISPOSE else said.order,
    }
    says = FACTS[act] | (MAY_SAY[act] & {"tool"})
    return Event(
        exhibit=str(exhibit),
        exhibit_number=position.exhibit_number or "",
        number=position.number + 1,
        previous=position.hash,
        act=act,
        at=at,
        place=said.place.strip(),
        reason=said.reason.strip(),
        items=said.items,
        **_who(actor),
        **{name: value for name, value in could.items() if name in says},
    )


def _clean(text: str | None) -> str | None:
    return " ".join(text.split()) or None if text else None


def _derived(exhibit: UUID | None) -> Other | None:
    """The exhibit that was made of this one, by the content that its own chain began with."""
    if exhibit is None:
        return None
    content = queries.chain(exhibit).chain.position.content
    return Other(str(exhibit), content) if content else None


def _write(scope: Scope, position: Position, event: Event, by: Given | None) -> Event:
    text = event.text()
    signature = None
    if event.act in SIGNED or (by is not None and (by.assertion or by.refusal)):
        signature = member_signs(scope, Signs.CUSTODY, event.exhibit, text, by)
    made = ids.uuid7()
    logged = _log(scope.actor, position.owner or event.agency, event)
    with connection.cursor() as cursor:
        cursor.execute(
            "select accord.append_custody(%s, %s, %s, %s, %s, %s)",
            [
                made,
                text.decode(),
                seal(EVENT, made, text.decode()),
                logged.entry_id,
                seal(OPENING, made, json.dumps(logged.acting.facts())),
                signature,
            ],
        )
        (code,) = cursor.fetchone()
    if code is not None:
        raise policy.refused(code)
    scope.did(
        "custody", step=str(event.act), exhibit=event.exhibit, event=event.hash, number=event.number
    )
    return event


def _log(actor: Actor, owner: str, event: Event) -> Committed:
    """The entry whose receipt goes to every agency of the chain: it holds neither purpose nor case."""
    return ledger.append_shown(
        Entry(
            kind=Kind.CUSTODY,
            at=now(),
            actor=actor.membership,
            agency=actor.agency,
            items=(Item(record=event.exhibit, owner=owner),),
            detail={
                "exhibit": event.exhibit,
                "event": event.hash,
                "number": event.number,
                "act": str(event.act),
            },
        )
    )


def explain_alarm(scope: Scope, alarm: UUID, reason: str) -> None:
    """Say, for the owner, why an exhibit may be handed on again; a second person confirms it."""
    found = queries.alarm(alarm)
    check_resolves(scope.actor, found)
    made = ids.uuid7()
    CustodyAlarmAct.objects.bulk_create(
        [
            CustodyAlarmAct(
                id=made,
                alarm_id=alarm,
                act="explain",
                agency_id=scope.actor.agency,
                membership_id=scope.actor.membership,
                at=now(),
                sealed=seal(REASON, made, _reason(reason)),
            )
        ]
    )
    scope.did("custody", step="explained an alarm", alarm=str(alarm), exhibit=str(found.exhibit))


def confirm_alarm(scope: Scope, alarm: UUID, reason: str) -> None:
    """Confirm, as the second person of the owner, what the first one said: the alarm ends."""
    found = queries.alarm(alarm)
    check_resolves(scope.actor, found)
    made = ids.uuid7()
    with connection.cursor() as cursor:
        sealed = seal(REASON, made, _reason(reason))
        cursor.execute("select accord.end_alarm(%s, %s, %s)", [alarm, made, sealed])
        (ended,) = cursor.fetchone()
    if not ended:
        raise NotAllowed(
            phrase("An alarm is resolved by two people: one explains it, another one confirms."),
            who_can_change=phrase("another records custodian or supervisor of your agency"),
        )
    scope.did("custody", step="resolved an alarm", alarm=str(alarm), exhibit=str(found.exhibit))


def check_resolves(actor: Actor, found: queries.Alarm) -> None:
    """Raise unless the actor may say something of this alarm."""
    if found.closed_at is not None:
        raise Conflict(phrase("This alarm is resolved already."))
    if actor.agency != found.owner or not actor.roles & policy.DECIDES:
        raise NotAllowed(
            phrase(
                "A records custodian or supervisor of the agency that owns the exhibit does this."
            ),
            who_can_change=found.owner,
        )


def _reason(text: str) -> str:
    said = text.strip()
    if not said or len(said) > LONGEST_REASON:
        rule = phrase("write a reason of at most %(longest)s characters", longest=LONGEST_REASON)
        raise InvalidInput(policy.CUSTODY, None, "reason", rule)
    return said
