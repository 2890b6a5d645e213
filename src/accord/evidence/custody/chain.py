"""Replay a chain: what it has come to, and everything about it that cannot be true.

1. Every event has the hash that stands beside it and is about this exhibit.
2. None is there twice, none is missing, none has another at its place, and they stand in their order.
3. Every event names the hash of the one before it, and none is dated before that one.
4. Every event is one that the table admits where it stands, by the agency whose act it is, about the
   content, the seal and the count of items that the events before it left.

Faults of 1 to 3 stop before 4: of a broken chain nobody can say what it came to. `accord_verify`
takes the same steps in code of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from accord.evidence.custody.domain import (
    FACTS,
    HANDS_OVER,
    MAY_SAY,
    SEALED_OF,
    TABLE,
    WHO,
    CustodyAct,
    CustodyState,
    Event,
    Position,
    Side,
)
from accord.evidence.custody.reading import read_event
from accord.evidence.custody.words import not_admitted
from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import Phrase, phrase


class Code(StrEnum):
    """One name for each way in which a chain is not what it should be."""

    ALTERED = "event-altered"
    FOREIGN = "event-foreign"
    REPEATED = "event-repeated"
    ADDED = "event-added"
    FORKED = "chain-forked"
    MISSING = "event-missing"
    SWAPPED = "event-swapped"
    BACK_DATED = "back-dated"
    NOT_ADMITTED = "step-not-admitted"
    NOT_ACCEPTED = "not-accepted"
    WRONG_CUSTODIAN = "wrong-custodian"
    INCOMPLETE = "event-incomplete"
    HASH_MISMATCH = "hash-mismatch"
    SEAL_MISMATCH = "seal-mismatch"
    COUNT_MISMATCH = "count-mismatch"
    ORDER_MISMATCH = "order-mismatch"
    SAME_PERSON = "same-person"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not hold, at which event of the chain."""

    code: Code
    number: int
    sentence: Phrase


@dataclass(frozen=True, slots=True)
class Written:
    """An event as it was kept: its text, and the hash beside it."""

    text: bytes
    hash: str


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain as replayed; `position` is where it came to before its first fault."""

    events: tuple[Event, ...]
    faults: tuple[Fault, ...]
    position: Position


def ends_at(chain: Chain, number: int) -> Chain:
    """The same chain, with a fault for each event up to this number that it lacks at its end."""
    last = max((event.number for event in chain.events), default=-1)
    if chain.faults or last >= number:
        return chain
    said = phrase("An event is missing here.")
    faults = tuple(Fault(Code.MISSING, gone, said) for gone in range(last + 1, number + 1))
    return Chain(chain.events, faults, Position())


def read_chain(exhibit: str, kept: Sequence[Written]) -> Chain:
    """Replay what was kept for one exhibit, in the order in which it stands there."""
    events, faults = _alone(exhibit, kept)
    faults += _together(events)
    if faults:
        return Chain(tuple(events), tuple(faults), Position())
    position = Position()
    for event in events:
        faults = faults_of(position, event)
        if faults:
            return Chain(tuple(events), tuple(faults), position)
        position = after(position, event)
    return Chain(tuple(events), (), position)


def _alone(exhibit: str, kept: Sequence[Written]) -> tuple[list[Event], list[Fault]]:
    events, faults = list[Event](), list[Fault]()
    for place, each in enumerate(kept):
        try:
            event = read_event(each.text)
        except InvalidInput:
            faults.append(Fault(Code.ALTERED, place, phrase("This is no event any more.")))
            continue
        if event.exhibit != exhibit:
            said = phrase("This event is about another exhibit.")
            faults.append(Fault(Code.FOREIGN, event.number, said))
            continue
        events.append(event)
        if event.hash != each.hash:
            said = phrase("The event does not have the hash that stands beside it.")
            faults.append(Fault(Code.ALTERED, event.number, said))
    return events, faults


def _together(events: Sequence[Event]) -> list[Fault]:
    faults = _repeated(events)
    seen = list(dict.fromkeys(events))
    at: dict[int, list[Event]] = {}
    for event in seen:
        at.setdefault(event.number, []).append(event)
    faults += [fault for several in at.values() for fault in _rivals(several, at)]
    for number in range(max(at, default=-1) + 1):
        if number not in at:
            said = phrase("An event is missing here.")
            faults.append(Fault(Code.MISSING, number, said))
    if any(later.number < earlier.number for earlier, later in pairwise(seen)):
        faults.append(_swapped(seen))
    return faults + _links(at)


def _repeated(events: Sequence[Event]) -> list[Fault]:
    found = {event.number for event, times in Counter(events).items() if times > 1}
    return [Fault(Code.REPEATED, n, phrase("This event is there twice.")) for n in sorted(found)]


def _rivals(several: Sequence[Event], at: dict[int, list[Event]]) -> Iterable[Fault]:
    """Two events at one place: a fork where both name the same one before them, else an addition."""
    if len(several) < 2:
        return
    number = several[0].number
    if len({e.previous for e in several}) < len(several):
        said = phrase("Two events follow the same one.")
        yield Fault(Code.FORKED, number, said)
        return
    yield Fault(Code.ADDED, number, phrase("An event was added here that follows none."))


def _swapped(events: Sequence[Event]) -> Fault:
    number = next(b.number for a, b in pairwise(events) if b.number < a.number)
    return Fault(Code.SWAPPED, number, phrase("The events do not stand in their order."))


def _links(at: dict[int, list[Event]]) -> list[Fault]:
    faults = []
    for number, several in at.items():
        earlier = at.get(number - 1, [])
        if len(several) > 1 or len(earlier) > 1:
            continue
        event = several[0]
        if number == 0 and event.previous is not None:
            said = phrase("The first event names one before it.")
            faults.append(Fault(Code.MISSING, 0, said))
        if not earlier:
            continue
        if event.previous != earlier[0].hash:
            said = phrase("The next event names another hash than this one has.")
            faults.append(Fault(Code.ALTERED, number - 1, said))
        if event.at < earlier[0].at:
            said = phrase("The event is dated before the one that it follows.")
            faults.append(Fault(Code.BACK_DATED, number, said))
    return faults


def faults_of(position: Position, event: Event) -> list[Fault]:
    """What keeps an event from following a position; nothing where it follows."""

    def fault(code: Code, said: Phrase) -> Fault:
        return Fault(code, event.number, said)

    if (position.state, event.act) not in TABLE:
        return [fault(*_not_admitted(position, event))]
    faults = [fault(*found) for found in _facts(event)]
    faults += [fault(*found) for found in _side(position, event)]
    if event.number != position.number + 1 or event.previous != position.hash:
        said = phrase("Something else happened to the exhibit meanwhile.")
        faults.append(fault(Code.FORKED, said))
    if position.at is not None and event.at < position.at:
        said = phrase("The event is dated before the one that it follows.")
        faults.append(fault(Code.BACK_DATED, said))
    return faults + [fault(*found) for found in _keeps(position, event)]


def _not_admitted(position: Position, event: Event) -> tuple[Code, Phrase]:
    waits = position.offered_to is not None and event.agency == position.offered_to
    if waits and event.act not in (CustodyAct.ACCEPT, CustodyAct.DECLINE):
        return Code.NOT_ACCEPTED, phrase("The offer was not accepted before this.")
    if event.act is CustodyAct.ACCEPT:
        return Code.NOT_ADMITTED, phrase("Nothing is offered that could be accepted.")
    return Code.NOT_ADMITTED, not_admitted(position.state)


def _facts(event: Event) -> Iterable[tuple[Code, Phrase]]:
    says, must = event.says(), FACTS[event.act]
    if missing := sorted(must - says):
        said = phrase("The event does not say: %(names)s.", names=", ".join(missing))
        yield Code.INCOMPLETE, said
    if extra := sorted(says - must - MAY_SAY[event.act]):
        said = phrase("The event says what it may not: %(names)s.", names=", ".join(extra))
        yield Code.INCOMPLETE, said
    if event.items < 1:
        yield Code.INCOMPLETE, phrase("At least one item is counted.")


def _side(position: Position, event: Event) -> Iterable[tuple[Code, Phrase]]:
    whose = {
        Side.COLLECTOR: event.agency,
        Side.CUSTODIAN: position.custodian,
        Side.RECEIVER: position.offered_to,
        Side.OWNER: position.custodian,
    }[WHO[event.act].side]
    if event.agency != whose:
        yield Code.WRONG_CUSTODIAN, phrase("This step is another agency’s.")
    elif WHO[event.act].side is Side.OWNER and event.agency != position.owner:
        said = phrase("Only the agency that owns the exhibit does this, once it has it back.")
        yield Code.WRONG_CUSTODIAN, said
    if event.act in HANDS_OVER and event.to == event.agency:
        yield Code.WRONG_CUSTODIAN, phrase("An exhibit is offered to another agency.")
    if event.act is CustodyAct.RETURN and event.to != (position.givers or (None,))[-1]:
        yield Code.WRONG_CUSTODIAN, phrase("It is returned to the agency that gave it.")


def _keeps(position: Position, event: Event) -> Iterable[tuple[Code, Phrase]]:
    if event.act is CustodyAct.ACQUIRE:
        return
    if event.exhibit_number != position.exhibit_number:
        yield Code.FOREIGN, phrase("The exhibit has another number than it had.")
    contents = [event.before] if event.act is CustodyAct.DISPOSE else [event.before, event.after]
    if any(content != position.content for content in contents):
        yield Code.HASH_MISMATCH, phrase("The exhibit does not have the content that it had.")
    if event.act is CustodyAct.UNSEAL and event.seal != position.seal:
        yield Code.SEAL_MISMATCH, phrase("The seal is not the one that was put on.")
    if event.items != position.items:
        said = phrase("Another number of items was counted than there were.")
        yield Code.COUNT_MISMATCH, said
    if event.act is CustodyAct.DISPOSE and event.order != position.order:
        yield Code.ORDER_MISMATCH, phrase("This is not the order that was given.")
    if event.act is CustodyAct.DISPOSE and event.member == position.ordered_by:
        yield Code.SAME_PERSON, phrase("Whoever ordered the disposal does not carry it out.")


def after(position: Position, event: Event) -> Position:
    """Where an event leads that follows a position."""
    moved = replace(
        position,
        state=TABLE[position.state, event.act],
        number=event.number,
        hash=event.hash,
        exhibit_number=event.exhibit_number,
        at=event.at,
        content=event.after,
        items=event.items,
    )
    match event.act:
        case CustodyAct.ACQUIRE:
            own = event.agency
            return replace(moved, owner=own, custodian=own, custodians=(own,))
        case CustodyAct.SEAL | CustodyAct.UNSEAL:
            return replace(moved, seal=event.seal if event.act is CustodyAct.SEAL else None)
        case CustodyAct.CHECK_OUT | CustodyAct.CHECK_IN | CustodyAct.RELEASE:
            return replace(moved, receiver=event.receiver)
        case CustodyAct.ACCEPT:
            return _accepted(position, moved)
        case CustodyAct.ORDER:
            return replace(moved, ordered_by=event.member, order=event.order)
        case CustodyAct.OFFER | CustodyAct.RETURN | CustodyAct.DECLINE | CustodyAct.WITHDRAW:
            returning = event.act is CustodyAct.RETURN
            return replace(
                moved, offered_to=event.to, returning=returning, ordered_by=None, order=None
            )
        case CustodyAct.DERIVE | CustodyAct.DISPOSE:
            return moved


def _accepted(position: Position, moved: Position) -> Position:
    giver, taker = position.custodian or "", position.offered_to or ""
    givers = position.givers[:-1] if position.returning else (*position.givers, giver)
    return replace(
        moved,
        custodian=taker,
        offered_to=None,
        returning=False,
        givers=givers,
        custodians=tuple(dict.fromkeys((*position.custodians, taker))),
    )


def is_sealed(state: CustodyState) -> bool:
    """Whether the package is under a seal in this state."""
    return state in SEALED_OF.values()
