"""The chain of custody as values: the acts, the states between them, who may act, and one event.

The three tables are the whole of it: TABLE says from which state an act leads to which, WHO who may
take it, FACTS what its event must say. `chain.py` replays events under them; a migration puts the
same into the database, and a test holds the two equal (docs/decisions/0025-custody.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from accord.kernel.canonical import canonical

EVENT_FORMAT = "accord-custody-event/1"
"""INVARIANT: every event says it, so nothing else that is hashed or signed here can pass as one."""
LONGEST_REASON = 1_000
LONGEST_PLACE = 200
LONGEST_NAME = 200
MOST_ITEMS = 1_000_000
MOST_EVENTS = 100_000
CLOCKS_APART = timedelta(minutes=35)
"""How far an event's moment may lie before its writing: a page is shown half an hour at most."""


class CustodyAct(StrEnum):
    """What is done about custody (ISO/IEC 27037, 6.1; NIEM j:EvidenceCustodyTransfer)."""

    ACQUIRE = "acquire"
    SEAL = "seal"
    UNSEAL = "unseal"
    CHECK_OUT = "check-out"
    CHECK_IN = "check-in"
    OFFER = "offer"
    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    RETURN = "return"
    DERIVE = "derive"
    RELEASE = "release"
    ORDER = "order-disposal"
    DISPOSE = "dispose"


class CustodyState(StrEnum):
    """Where an exhibit is. `-sealed`: its package is under a numbered seal meanwhile."""

    NONE = "none"
    HELD = "held"
    SEALED = "held-sealed"
    OUT = "checked-out"
    OUT_SEALED = "checked-out-sealed"
    OFFERED = "offered"
    OFFERED_SEALED = "offered-sealed"
    ORDERED = "disposal-ordered"
    ORDERED_SEALED = "disposal-ordered-sealed"
    RELEASED = "released"
    DISPOSED = "disposed"


_BOTH = (
    (CustodyState.HELD, CustodyState.SEALED),
    (CustodyState.OUT, CustodyState.OUT_SEALED),
    (CustodyState.OFFERED, CustodyState.OFFERED_SEALED),
    (CustodyState.ORDERED, CustodyState.ORDERED_SEALED),
)
SEALED_OF: Mapping[CustodyState, CustodyState] = MappingProxyType(dict(_BOTH))
"""The sealed form of each state that has one."""

_OPEN: Mapping[tuple[CustodyState, CustodyAct], CustodyState] = {
    (CustodyState.HELD, CustodyAct.CHECK_OUT): CustodyState.OUT,
    (CustodyState.OUT, CustodyAct.CHECK_IN): CustodyState.HELD,
    (CustodyState.HELD, CustodyAct.OFFER): CustodyState.OFFERED,
    (CustodyState.HELD, CustodyAct.RETURN): CustodyState.OFFERED,
    (CustodyState.OFFERED, CustodyAct.ACCEPT): CustodyState.HELD,
    (CustodyState.OFFERED, CustodyAct.DECLINE): CustodyState.HELD,
    (CustodyState.OFFERED, CustodyAct.WITHDRAW): CustodyState.HELD,
    (CustodyState.HELD, CustodyAct.ORDER): CustodyState.ORDERED,
    (CustodyState.ORDERED, CustodyAct.WITHDRAW): CustodyState.HELD,
}
TABLE: Mapping[tuple[CustodyState, CustodyAct], CustodyState] = MappingProxyType(
    {
        (CustodyState.NONE, CustodyAct.ACQUIRE): CustodyState.HELD,
        **_OPEN,
        **{(SEALED_OF[s], act): SEALED_OF[to] for (s, act), to in _OPEN.items()},
        (CustodyState.HELD, CustodyAct.SEAL): CustodyState.SEALED,
        (CustodyState.OUT, CustodyAct.SEAL): CustodyState.OUT_SEALED,
        (CustodyState.SEALED, CustodyAct.UNSEAL): CustodyState.HELD,
        (CustodyState.OUT_SEALED, CustodyAct.UNSEAL): CustodyState.OUT,
        (CustodyState.HELD, CustodyAct.DERIVE): CustodyState.HELD,  # nobody works on what is sealed
        (CustodyState.OUT, CustodyAct.DERIVE): CustodyState.OUT,
        (CustodyState.HELD, CustodyAct.RELEASE): CustodyState.RELEASED,
        (CustodyState.SEALED, CustodyAct.RELEASE): CustodyState.RELEASED,
        (CustodyState.ORDERED, CustodyAct.DISPOSE): CustodyState.DISPOSED,
        (CustodyState.ORDERED_SEALED, CustodyAct.DISPOSE): CustodyState.DISPOSED,
    }
)


class Side(StrEnum):
    """Whose act it is."""

    COLLECTOR = "collector"
    """The agency that collected the exhibit and owns its record."""
    CUSTODIAN = "custodian"
    """The agency in whose custody the exhibit is; also while it is offered."""
    RECEIVER = "receiver"
    """The agency to which it is offered."""
    OWNER = "owner"
    """The agency that owns it, and only while it is in its custody."""


@dataclass(frozen=True, slots=True)
class Who:
    """Which agency, and in which roles; none stands for whoever the agency lets acquire."""

    side: Side
    roles: frozenset[str]


_HANDLES = frozenset(
    {"investigator", "forensic-examiner", "records-custodian", "supervisor", "task-force-officer"}
)
_KEEPS = frozenset({"forensic-examiner", "records-custodian", "supervisor"})
_DECIDES = frozenset({"records-custodian", "supervisor"})
WHO: Mapping[CustodyAct, Who] = MappingProxyType(
    {
        CustodyAct.ACQUIRE: Who(Side.COLLECTOR, frozenset()),
        CustodyAct.SEAL: Who(Side.CUSTODIAN, _HANDLES),
        CustodyAct.UNSEAL: Who(Side.CUSTODIAN, _HANDLES),
        CustodyAct.CHECK_OUT: Who(Side.CUSTODIAN, _HANDLES),
        CustodyAct.CHECK_IN: Who(Side.CUSTODIAN, _HANDLES),
        CustodyAct.OFFER: Who(Side.CUSTODIAN, _HANDLES),
        CustodyAct.RETURN: Who(Side.CUSTODIAN, _HANDLES),
        CustodyAct.WITHDRAW: Who(Side.CUSTODIAN, _HANDLES),
        CustodyAct.ACCEPT: Who(Side.RECEIVER, _HANDLES),
        CustodyAct.DECLINE: Who(Side.RECEIVER, _HANDLES),
        CustodyAct.DERIVE: Who(Side.CUSTODIAN, _HANDLES),
        CustodyAct.RELEASE: Who(Side.OWNER, _KEEPS),
        CustodyAct.ORDER: Who(Side.OWNER, _DECIDES),
        CustodyAct.DISPOSE: Who(Side.OWNER, _DECIDES),
    }
)

FACTS: Mapping[CustodyAct, frozenset[str]] = MappingProxyType(
    {
        CustodyAct.ACQUIRE: frozenset({"after"}),
        CustodyAct.SEAL: frozenset({"before", "after", "seal"}),
        CustodyAct.UNSEAL: frozenset({"before", "after", "seal"}),
        CustodyAct.CHECK_OUT: frozenset({"before", "after", "receiver"}),
        CustodyAct.CHECK_IN: frozenset({"before", "after"}),
        CustodyAct.OFFER: frozenset({"before", "after", "to"}),
        CustodyAct.RETURN: frozenset({"before", "after", "to"}),
        CustodyAct.ACCEPT: frozenset({"before", "after"}),
        CustodyAct.DECLINE: frozenset({"before", "after"}),
        CustodyAct.WITHDRAW: frozenset({"before", "after"}),
        CustodyAct.DERIVE: frozenset({"before", "after", "tool", "derived"}),
        CustodyAct.RELEASE: frozenset({"before", "after", "receiver"}),
        CustodyAct.ORDER: frozenset({"before", "after", "order"}),
        CustodyAct.DISPOSE: frozenset({"before", "order"}),
    }
)
"""What the event of an act says beside what all say; `tool` any event may say."""
MAY_SAY: Mapping[CustodyAct, frozenset[str]] = MappingProxyType(
    {
        act: frozenset({"tool", "source"} if act is CustodyAct.ACQUIRE else {"tool"})
        for act in CustodyAct
    }
)
SIGNED = frozenset(
    {
        CustodyAct.OFFER,
        CustodyAct.RETURN,
        CustodyAct.ACCEPT,
        CustodyAct.DECLINE,
        CustodyAct.RELEASE,
        CustodyAct.ORDER,
        CustodyAct.DISPOSE,
    }
)
"""Acts that count only with the passkey of the member who takes them."""
HANDS_OVER = frozenset({CustodyAct.OFFER, CustodyAct.RETURN})
ENDS = frozenset({CustodyState.RELEASED, CustodyState.DISPOSED})


@dataclass(frozen=True, slots=True)
class Tool:
    """What an act was done with."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Other:
    """Another exhibit: what was made of this one, or what this one was made of."""

    exhibit: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Order:
    """The order under which an exhibit is disposed of: its authority, number and document."""

    authority: str
    number: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a chain. `exhibit` is the id of the exhibit's record.

    Digests are SHA-256 in 64 hexadecimal digits; `at` is aware.
    `number` counts from 0 and `previous` is the hash of the event before it (None for the first).
    `before` and `after` are digests of the exhibit's content, `zone` the IANA name of the time zone
    where it happened, `items` how many items were counted.
    """

    exhibit: str
    exhibit_number: str
    number: int
    previous: str | None
    act: CustodyAct
    member: str
    membership: str
    agency: str
    at: datetime
    zone: str
    place: str
    reason: str
    items: int
    before: str | None = None
    after: str | None = None
    seal: str | None = None
    to: str | None = None
    receiver: str | None = None
    tool: Tool | None = None
    derived: Other | None = None
    source: Other | None = None
    order: Order | None = None

    def facts(self) -> dict[str, Any]:
        """The event as plain data: every name is there, None where it says nothing."""
        return asdict(self) | {
            "format": EVENT_FORMAT,
            "act": str(self.act),
            "at": moment(self.at),
        }

    def text(self) -> bytes:
        """The event in canonical form (RFC 8785): what is shown, hashed and signed."""
        return canonical(self.facts())

    @property
    def hash(self) -> str:
        """The SHA-256 of the canonical form, in hexadecimal: what the next event names."""
        return hashlib.sha256(self.text()).hexdigest()

    def says(self) -> frozenset[str]:
        """Which of the facts that depend on the act it says."""
        named = ("before", "after", "seal", "to", "receiver", "tool", "derived", "source", "order")
        return frozenset(name for name in named if getattr(self, name) is not None)


@dataclass(frozen=True, slots=True)
class Position:
    """What a chain has come to: who has the exhibit, and what the next event must fit."""

    state: CustodyState = CustodyState.NONE
    number: int = -1
    hash: str | None = None
    exhibit_number: str | None = None
    at: datetime | None = None
    owner: str | None = None
    custodian: str | None = None
    offered_to: str | None = None
    returning: bool = False
    givers: tuple[str, ...] = ()
    """From whom the custodian has it, the first giver first: a return goes to the last."""
    seal: str | None = None
    content: str | None = None
    items: int | None = None
    receiver: str | None = None
    ordered_by: str | None = None
    order: Order | None = None
    custodians: tuple[str, ...] = ()
    """Every agency that ever had it, in their order."""


def moment(at: datetime) -> str:
    """A moment as an event holds it: UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
