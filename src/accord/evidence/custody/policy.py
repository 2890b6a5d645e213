"""Who may take which step of custody: every rule over facts, each with its sentence.

`accord.append_custody` says the same to PostgreSQL (past_the_actions.sql, custody.sql).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from accord.agencies.domain import Actor
from accord.evidence.custody.chain import Code, Fault, faults_of
from accord.evidence.custody.domain import (
    LONGEST_NAME,
    LONGEST_PLACE,
    LONGEST_REASON,
    MOST_ITEMS,
    TABLE,
    WHO,
    CustodyAct,
    Event,
    Position,
    Side,
)
from accord.evidence.custody.words import not_admitted
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, refusal_of
from accord.kernel.phrases import phrase
from accord.web.filters import listing, words

CUSTODY = "custody"
HANDS_ON = frozenset(
    {
        CustodyAct.OFFER,
        CustodyAct.RETURN,
        CustodyAct.ACCEPT,
        CustodyAct.DERIVE,
        CustodyAct.RELEASE,
        CustodyAct.DISPOSE,
    }
)
"""Steps that nobody takes while an alarm stands."""
ANOTHER = phrase("another records custodian or supervisor of your agency")
DECIDES = WHO[CustodyAct.DISPOSE].roles
REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "chain-forked": phrase(
            "Something else happened to the exhibit meanwhile. Nothing was done."
        ),
        "step-not-admitted": phrase(
            "Something else happened to the exhibit meanwhile, and this step no longer fits."
        ),
        "not-accepted": phrase(
            "The exhibit is offered to your agency: accept or decline it first."
        ),
        "wrong-custodian": phrase(
            "This step is not your agency’s, or the other agency is suspended."
        ),
        "wrong-role": phrase("Your roles do not include handling evidence."),
        "back-dated": phrase("A step is dated when it is taken. Open the page again."),
        "event-incomplete": phrase("The step does not say everything that it must."),
        "event-foreign": phrase("The exhibit has another number."),
        "hash-mismatch": phrase("The exhibit does not have the content that it had."),
        "seal-mismatch": phrase("The seal is not the one that was put on."),
        "count-mismatch": phrase("Another number of items was counted than there were."),
        "order-mismatch": phrase("This is not the order that was given."),
        "same-person": phrase("Whoever ordered the disposal does not carry it out."),
        "frozen": phrase(
            "Its file was found altered, missing or unreadable. Until two people of the agency that "
            "owns it have resolved that, it is not handed on."
        ),
        "no-basis": phrase(
            "No legal basis is recorded for this exhibit, so it is offered to nobody."
        ),
        "legal-hold": phrase("A legal hold stands: nothing is disposed of until it is lifted."),
        "not-signed": phrase("The signature is not over this event. Nothing was done."),
    }
)
"""What the database says by a code, in a sentence."""


def check_role(actor: Actor, act: CustodyAct) -> None:
    """Raise NotAllowed unless the actor has a role that takes this step."""
    if WHO[act].roles and not actor.roles & WHO[act].roles:
        roles = listing([words(role).lower() for role in sorted(WHO[act].roles)], "or")
        raise NotAllowed(
            phrase("This step takes another role: %(roles)s.", roles=roles),
            who_can_change=phrase("one of these at %(agency_name)s", agency_name=actor.agency_name),
        )


def check_open(actor: Actor, position: Position, act: CustodyAct) -> None:
    """Raise Conflict or NotAllowed unless the actor's agency can take this step now."""
    if (position.state, act) not in TABLE:
        raise Conflict(not_admitted(position.state))
    side = WHO[act].side
    whose = position.offered_to if side is Side.RECEIVER else position.custodian
    if actor.agency != whose:
        raise NotAllowed(phrase("This step is another agency’s."), who_can_change=whose)
    if side is Side.OWNER and actor.agency != position.owner:
        raise NotAllowed(
            phrase("Only the agency that owns the exhibit does this, once it has it back."),
            who_can_change=position.owner,
        )
    if act is CustodyAct.RETURN and not position.givers:
        raise Conflict(phrase("Nobody gave it to your agency, so there is nobody to return it to."))
    check_role(actor, act)
    if act is CustodyAct.DISPOSE and actor.member == position.ordered_by:
        raise NotAllowed(REFUSED["same-person"], who_can_change=ANOTHER)


def check_no_alarm(act: CustodyAct, standing: int) -> None:
    """Raise Conflict for a step that hands an exhibit on while this many alarms about it stand."""
    if standing and act in HANDS_ON:
        raise Conflict(REFUSED["frozen"])


def can_take(actor: Actor, position: Position, act: CustodyAct, *, alarms: int = 0) -> str | None:
    """Return None when allowed, else the reason shown beside the disabled control."""
    refused = refusal_of(check_open, actor, position, act)
    return refused or refusal_of(check_no_alarm, act, alarms)


def check_event(actor: Actor, position: Position, event: Event) -> None:
    """Raise unless this event may follow now: Conflict, NotAllowed or InvalidInput with the rule."""
    check_open(actor, position, event.act)
    check_texts(event)
    for fault in faults_of(position, event):
        raise _refusal(fault)


def _refusal(fault: Fault) -> Conflict | NotAllowed | InvalidInput:
    field = {
        Code.COUNT_MISMATCH: "items",
        Code.SEAL_MISMATCH: "seal",
        Code.INCOMPLETE: "do",
    }.get(fault.code)
    if field is not None:
        return InvalidInput(CUSTODY, None, field, fault.sentence)
    if fault.code is Code.SAME_PERSON:
        return NotAllowed(fault.sentence, who_can_change=ANOTHER)
    return Conflict(fault.sentence)


def check_texts(event: Event) -> None:
    """Raise InvalidInput for a text that is missing or too long, or a count that is none."""
    _text("place", event.place, LONGEST_PLACE)
    _text("reason", event.reason, LONGEST_REASON)
    for name in ("seal", "receiver"):
        value = getattr(event, name)
        if value is not None:
            _text(name, value, LONGEST_NAME)
    if not 1 <= event.items <= MOST_ITEMS:
        rule = phrase("count at least one item")
        raise InvalidInput(CUSTODY, None, "items", rule)


def _text(field: str, text: str, longest: int) -> None:
    if not text:
        raise InvalidInput(CUSTODY, None, field, phrase("write something"))
    if len(text) > longest:
        rule = phrase("at most %(longest)s characters", longest=longest)
        raise InvalidInput(CUSTODY, None, field, rule)


def refused(code: str) -> Conflict:
    """What the database refused, in a sentence."""
    return Conflict(REFUSED.get(code, REFUSED["step-not-admitted"]))
