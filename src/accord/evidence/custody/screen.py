"""How custody reads on screen: the chain as a list with its gaps, and as one strip an agency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from accord.evidence.custody.chain import Chain
from accord.evidence.custody.domain import ENDS, CustodyAct, CustodyState, Event
from accord.evidence.custody.queries import Alarm, Kept, Line
from accord.evidence.custody.words import STATE_WORDS
from accord.kernel.phrases import counted, joined, phrase
from accord.web.components import Chip, Code, Column, Moment, Number, Tone

GAP = timedelta(days=1)
"""A time without a step that is at least so long is shown."""
WIDTH = 1000
"""Units of the strips: the whole time from the first event to now."""

_TONES: Mapping[CustodyState, Tone] = {
    CustodyState.NONE: "neutral",
    CustodyState.HELD: "good",
    CustodyState.SEALED: "good",
    CustodyState.OUT: "info",
    CustodyState.OUT_SEALED: "info",
    CustodyState.OFFERED: "warn",
    CustodyState.OFFERED_SEALED: "warn",
    CustodyState.ORDERED: "warn",
    CustodyState.ORDERED_SEALED: "warn",
    CustodyState.RELEASED: "neutral",
    CustodyState.DISPOSED: "neutral",
}
STATES: Mapping[CustodyState, tuple[str, Tone]] = {
    state: (said, _TONES[state]) for state, said in STATE_WORDS.items()
}
ACTS: Mapping[CustodyAct, tuple[str, Tone]] = {
    CustodyAct.ACQUIRE: (phrase("Acquired"), "good"),
    CustodyAct.SEAL: (phrase("Sealed"), "neutral"),
    CustodyAct.UNSEAL: (phrase("Seal opened"), "neutral"),
    CustodyAct.CHECK_OUT: (phrase("Checked out"), "info"),
    CustodyAct.CHECK_IN: (phrase("Checked in"), "neutral"),
    CustodyAct.OFFER: (phrase("Offered"), "warn"),
    CustodyAct.ACCEPT: (phrase("Accepted"), "good"),
    CustodyAct.DECLINE: (phrase("Declined"), "bad"),
    CustodyAct.WITHDRAW: (phrase("Withdrawn"), "neutral"),
    CustodyAct.RETURN: (phrase("Return offered"), "warn"),
    CustodyAct.DERIVE: (phrase("Copy derived"), "info"),
    CustodyAct.RELEASE: (phrase("Released"), "neutral"),
    CustodyAct.ORDER: (phrase("Disposal ordered"), "warn"),
    CustodyAct.DISPOSE: (phrase("Disposed of"), "bad"),
}
TELLING: Mapping[CustodyAct, tuple[str, str]] = {
    CustodyAct.SEAL: (
        phrase("Seal"),
        phrase(
            "The package is closed under a numbered seal. Until it is opened nobody works on it."
        ),
    ),
    CustodyAct.UNSEAL: (
        phrase("Open the seal"),
        phrase("Name the number that is on the seal: it must be the one that was put on."),
    ),
    CustodyAct.CHECK_OUT: (
        phrase("Check out"),
        phrase("Somebody takes it out of the store, and brings it back. It stays in your custody."),
    ),
    CustodyAct.CHECK_IN: (phrase("Check in"), phrase("It is back in the store. Count again.")),
    CustodyAct.DERIVE: (
        phrase("Name a copy"),
        phrase(
            "A copy, clip or redaction of it was made outside Accord and acquired as an exhibit. Its "
            "chain and this one then name each other. What is made here is named by itself."
        ),
    ),
    CustodyAct.OFFER: (
        phrase("Offer to another agency"),
        phrase(
            "It stays in your custody until they accept. They see its chain and nothing of its record: "
            "what they may read follows from agreements alone."
        ),
    ),
    CustodyAct.ACCEPT: (
        phrase("Accept into custody"),
        phrase("From now on your agency answers for it. Count before you accept."),
    ),
    CustodyAct.DECLINE: (
        phrase("Decline"),
        phrase(
            "It stays with the agency that offers it. Say why: count, seal, or that it never came."
        ),
    ),
    CustodyAct.WITHDRAW: (
        phrase("Withdraw"),
        phrase("What was offered or ordered does not happen. The step stays in the chain."),
    ),
    CustodyAct.RETURN: (
        phrase("Return"),
        phrase("It is offered back to the agency that gave it, which accepts or declines."),
    ),
    CustodyAct.RELEASE: (
        phrase("Release the exhibit"),
        phrase("It leaves the agencies’ custody for good: to its owner, or to a court for keeps."),
    ),
    CustodyAct.ORDER: (
        phrase("Order disposal"),
        phrase(
            "You enter the order under which it is disposed of. Another person of your agency carries "
            "it out, unless it is withdrawn before."
        ),
    ),
    CustodyAct.DISPOSE: (
        phrase("Dispose of it"),
        phrase(
            "The key of its file is destroyed: nobody can read the file again. The chain and its hashes "
            "stay."
        ),
    ),
}
FINAL = frozenset({CustodyAct.RELEASE, CustodyAct.DISPOSE})
_NUMBER, _STATE = Column("number", phrase("Exhibit")), Column("state", phrase("State"))
_WITH = Column("with", phrase("In custody of"), narrow=False)
_TO = Column("to", phrase("Offered to"), narrow=False)
_LAST = (
    Column("steps", phrase("Steps"), "end", narrow=False),
    Column("at", phrase("Last step"), narrow=False),
)
COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "offered": (_NUMBER, _STATE, _WITH, *_LAST),
    "held": (_NUMBER, _STATE, _TO, *_LAST),
    "had": (_NUMBER, _STATE, _WITH, _TO, *_LAST),
}
"""Each list without the column that says the same in every row of it."""
ALARM_COLUMNS = (
    Column("number", phrase("Exhibit")),
    Column("found", phrase("Found")),
    Column("owner", phrase("Owner"), narrow=False),
    Column("with", phrase("In custody of"), narrow=False),
    Column("state", phrase("State")),
    Column("at", phrase("Since"), narrow=False),
)
WRONG_FILES = phrase("Files altered, missing or unreadable")
OFFERED_TO_US = phrase("Exhibits offered to us")
TOLD = phrase("A step of custody, or an alarm")
OUTCOMES: Mapping[str, tuple[str, Tone]] = {
    "same": (phrase("The same as when it was stored"), "good"),
    "altered": (phrase("Altered"), "bad"),
    "missing": (phrase("Missing"), "bad"),
    "unreadable": (phrase("Unreadable"), "bad"),
}
ALARMED: Mapping[str, str] = {
    "altered": phrase("Its stored file was found altered"),
    "missing": phrase("Its stored file was found missing"),
    "unreadable": phrase("Its stored file cannot be read any more"),
}
"""What an alarm says at the head of the pages of its exhibit."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of one agency's strip, in units of the whole width."""

    x: int
    width: int
    offered: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """One agency's custody over time; `marks` are where its people took steps."""

    agency: str
    bars: tuple[Bar, ...]
    marks: tuple[int, ...]
    has_it: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One event of the chain as the page lists it, and the time without a step before it."""

    number: int
    title: str
    tone: Tone
    at: datetime
    zone: str
    who: str
    place: str
    reason: str
    facts: tuple[tuple[str, str], ...]
    hash: str
    text: str
    entry: str | None
    signed: bool
    gap: str | None


def row(line: Line, names: Mapping[str, str], zone: str) -> dict[str, Any]:
    """One exhibit as a row of a table."""
    return {
        "href": f"/custody/{line.exhibit}",
        "number": Number(line.number),
        "state": state_chip(line),
        "with": "" if line.state in ENDS else names.get(line.custodian, line.custodian),
        "to": names.get(line.offered_to, line.offered_to) if line.offered_to else "–",
        "steps": line.events,
        "at": Moment(line.at, zone),
    }


def state_chip(line: Line) -> Chip:
    """The state of an exhibit; a return says so."""
    text, tone = STATES[line.state]
    return Chip(phrase("Offered back") if line.returning else text, tone)


def alarm_row(alarm: Alarm, names: Mapping[str, str], zone: str) -> dict[str, Any]:
    """One alarm as a row of a table."""
    return {
        "href": f"/custody/alarms/{alarm.id}",
        "number": Number(alarm.number),
        "found": Chip(*OUTCOMES[alarm.outcome]),
        "owner": names.get(alarm.owner, alarm.owner),
        "with": names.get(alarm.custodian, alarm.custodian),
        "state": alarm_chip(alarm),
        "at": Moment(alarm.at, zone),
    }


def alarm_chip(alarm: Alarm) -> Chip:
    """Where an alarm is in its life."""
    if alarm.closed_at is not None:
        return Chip(phrase("Resolved"), "good")
    if alarm.explained is not None:
        return Chip(phrase("Waits for a second person"), "warn")
    return Chip(phrase("Open"), "bad")


def shown(
    kept: Kept, names: Mapping[str, str], people: Mapping[str, str], own: str
) -> tuple[Shown, ...]:
    """The events of a chain, the first one first; their entries are linked for the own agency."""
    events = kept.chain.events
    steps = dict(enumerate(kept.steps))
    found = []
    for place, event in enumerate(events):
        step = steps.get(event.number)
        title, tone = ACTS[event.act]
        found.append(
            Shown(
                number=event.number,
                title=title,
                tone=tone,
                at=event.at,
                zone=event.zone,
                who=people.get(event.membership)
                or f"{event.membership}, {names.get(event.agency, event.agency)}",
                place=event.place,
                reason=event.reason,
                facts=tuple(_facts(event, names)),
                hash=event.hash,
                text=event.text().decode(),
                entry=f"/ledger/{step.entry}" if step and event.agency == own else None,
                signed=bool(step and step.signature),
                gap=gap(events[place - 1].at, event.at) if place else None,
            )
        )
    return tuple(found)


def said_in(event: Event, names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What an event says, for whoever is about to sign it and reads no JSON."""
    return (
        (phrase("Where"), event.place),
        (phrase("Why"), event.reason),
        *_facts(event, names),
    )


def _facts(event: Event, names: Mapping[str, str]) -> list[tuple[str, str]]:
    facts: list[tuple[str, str | None]] = [
        (phrase("To"), names.get(event.to, event.to) if event.to else None),
        (phrase("Handed to"), event.receiver),
        (phrase("Seal number"), event.seal),
        (phrase("Tool"), f"{event.tool.name} {event.tool.version}" if event.tool else None),
        (phrase("Items counted"), str(event.items)),
        (phrase("Copy"), event.derived.exhibit if event.derived else None),
        (phrase("Made of"), event.source.exhibit if event.source else None),
        (
            phrase("Order"),
            f"{event.order.authority}, {event.order.number}" if event.order else None,
        ),
    ]
    return [(name, text) for name, text in facts if text]


def gap(before: datetime, at: datetime) -> str | None:
    """A time without a step, in words; None where it is short."""
    apart = at - before
    if apart < GAP:
        return None
    days = counted(apart.days, "%(count)s day", "%(count)s days")
    return phrase("%(days)s without a step", days=days)


def lanes(chain: Chain, names: Mapping[str, str], until: datetime) -> tuple[Lane, ...]:
    """One strip an agency, in the order in which they first had it or were offered it."""
    if not chain.events or chain.faults:
        return ()
    first = chain.events[0].at
    whole = max((until - first).total_seconds(), 1.0)

    def x(at: datetime) -> int:
        return round(min(max((at - first).total_seconds() / whole, 0.0), 1.0) * WIDTH)

    spans = sorted(_spans(chain.events, until), key=lambda span: span[1])
    order = list(dict.fromkeys(agency for agency, *_ in spans))
    return tuple(
        Lane(
            agency=names.get(agency, agency),
            bars=tuple(
                Bar(x(start), max(x(end) - x(start), 2), offered)
                for whose, start, end, offered in spans
                if whose == agency
            ),
            marks=tuple(x(e.at) for e in chain.events if e.agency == agency),
            has_it=agency == chain.position.custodian and chain.position.state not in ENDS,
        )
        for agency in order
    )


def _spans(events: Sequence[Event], until: datetime) -> list[tuple[str, datetime, datetime, bool]]:
    """Who had the exhibit from when to when, and to whom it was offered meanwhile."""
    spans, has, since = list[tuple[str, datetime, datetime, bool]](), events[0].agency, events[0].at
    for event, later in pairwise([*events, None]):
        if event is None:
            break
        if event.act is CustodyAct.ACCEPT:
            spans.append((has, since, event.at, False))
            has, since = event.agency, event.at
        if event.act in (CustodyAct.OFFER, CustodyAct.RETURN) and event.to:
            spans.append((event.to, event.at, later.at if later else until, True))
        if event.act in (CustodyAct.RELEASE, CustodyAct.DISPOSE):
            spans.append((has, since, event.at, False))
            return spans
    return [*spans, (has, since, until, False)]


def said_of(chain: Chain) -> str:
    """What is wrong with a chain, in one line each."""
    return joined([f.sentence for f in chain.faults], " ")


def content(chain: Chain) -> Code | None:
    """The SHA-256 of the exhibit's file."""
    return Code(chain.position.content) if chain.position.content else None


def file_name(number: str, exhibit: UUID) -> str:
    """What a custody file is called: letters, digits and hyphens alone."""
    clean = "".join(c if c.isascii() and c.isalnum() else "-" for c in number).strip("-")
    return f"{clean or exhibit}.custody.json"
