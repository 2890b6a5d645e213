"""Chains of custody made for tests: events that follow one another, and the file that shows them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from accord.evidence.custody.chain import Written, after, read_chain
from accord.evidence.custody.domain import (
    FACTS,
    Event,
    Order,
    Other,
    Position,
    Tool,
)
from accord.evidence.custody.domain import (
    CustodyAct as Act,
)
from accord.identity.signed import Signs, ToSign
from accord_verify.custody import check_custody, read_custody
from accord_verify.notes import Trust
from accord_verify.signature import Expected
from unit.verify.test_signature_bundles import Key, bundle, eddsa

EXHIBIT = "01985e2c-0000-7000-8000-000000000001"
BEGAN = datetime(2026, 11, 16, 15, tzinfo=UTC)
CONTENT = sha256(b"the exhibit").hexdigest()
ORDER = Order("District Court of Harlan", "2026-CR-118", sha256(b"the order").hexdigest())
KEYS: dict[str, Key] = {}


def event(position: Position, act: Act, agency: str, **facts: Any) -> Event:
    """The event of an act that follows a position, as complete as its act asks."""
    last = position.at or BEGAN
    person = facts.pop("person", "one")
    made: dict[str, Any] = {
        "before": position.content,
        "after": position.content or CONTENT,
        "seal": position.seal or f"S-{position.number}",
        "to": "lab",
        "receiver": "an examiner",
        "tool": Tool("imager", "4.2"),
        "derived": Other("01985e2c-0000-7000-8000-00000000000d", sha256(b"copy").hexdigest()),
        "order": position.order or ORDER,
    }
    return Event(
        exhibit=EXHIBIT,
        exhibit_number="RPD-2026-17",
        number=position.number + 1,
        previous=position.hash,
        act=act,
        member=f"{agency}-{person}",
        membership=f"{agency}.{person}",
        agency=agency,
        at=last + timedelta(minutes=1),
        zone="America/Chicago",
        place="Evidence room",
        reason="as the case asks",
        items=facts.pop("items", position.items or 1),
        **{name: made[name] for name in FACTS[act]} | facts,
    )


@dataclass
class Made:
    """A chain as it grows."""

    events: list[Event] = field(default_factory=list)
    position: Position = field(default_factory=Position)

    def take(self, act: Act, agency: str, **facts: Any) -> Event:
        """Add the next event."""
        made = event(self.position, act, agency, **facts)
        self.events.append(made)
        self.position = after(self.position, made)
        return made


def transferred() -> Made:
    """A chain across two agencies, there and back, with a disposal at its end."""
    made = Made()
    made.take(Act.ACQUIRE, "alpha")
    made.take(Act.SEAL, "alpha")
    made.take(Act.OFFER, "alpha")
    made.take(Act.ACCEPT, "lab")
    made.take(Act.UNSEAL, "lab")
    made.take(Act.DERIVE, "lab")
    made.take(Act.RETURN, "lab", to="alpha")
    made.take(Act.ACCEPT, "alpha")
    made.take(Act.ORDER, "alpha")
    made.take(Act.DISPOSE, "alpha", person="two")
    return made


def signed(event: Event) -> dict[str, Any]:
    """The signature of the member whom an event names, over exactly this event."""
    key = KEYS.setdefault(event.member, eddsa())
    who = event.member, event.membership, event.agency
    return bundle(key, ToSign(Signs.CUSTODY, event.exhibit, event.text(), *who, event.at))


def shown(events: list[Event], *, sign: bool = True) -> dict[str, Any]:
    """The custody file of these events."""
    return {
        "format": "accord-custody/1",
        "exhibit": EXHIBIT,
        "exhibit_number": "RPD-2026-17",
        "events": len(events),
        "head": events[-1].hash,
        "chain": [
            {
                "event": each.text().decode(),
                "hash": each.hash,
                "signature": signed(each) if sign else None,
                "receipt": None,
            }
            for each in events
        ],
    }


def relinked(events: list[Event]) -> list[Event]:
    """The same events, numbered and hashed anew: what a careful forger writes."""
    made, previous = [], None
    for number, each in enumerate(events):
        made.append(replace(each, number=number, previous=previous))
        previous = made[-1].hash
    return made


def here(file: dict[str, Any]) -> set[str]:
    """What the node finds wrong with the events of a file."""
    kept = [Written(each["event"].encode(), each["hash"]) for each in file["chain"]]
    return {str(fault.code) for fault in read_chain(file["exhibit"], kept).faults}


def elsewhere(file: dict[str, Any], *digests: str) -> set[str]:
    """What the program that checks it elsewhere finds wrong with a file."""
    read = read_custody(file, "a test")
    report = check_custody(read, Trust(), Expected(), "a test", digests)
    return {str(failure.code) for failure in report.failures}
