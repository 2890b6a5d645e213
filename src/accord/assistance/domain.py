"""What agencies offer and ask of each other: frozen values, and the life of a request as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

LONGEST_NOTE = 300
LONGEST_UNIT = 80
LONGEST_TEXT = 2_000
LONGEST_REMARK = 600
LONGEST_PLACE = 120
MOST_ASKED = 10
MOST_COMING = 8
LONGEST_ATTESTED = timedelta(days=3 * 366)
MANAGES = frozenset({"supervisor", "system-administrator"})
"""Who attests what members and units of an agency can do."""
ANSWERS = frozenset({"supervisor", "dispatcher", "case-manager", "records-custodian"})
"""Who answers for a duty desk."""


class Level(StrEnum):
    """How well somebody knows a discipline; each is above those before it."""

    AWARE = "aware"
    PRACTITIONER = "practitioner"
    EXPERT = "expert"
    COURT_QUALIFIED = "court-qualified"

    @property
    def and_above(self) -> tuple[Level, ...]:
        """This level and those above it."""
        every = tuple(Level)
        return every[every.index(self) :]


class EntryState(StrEnum):
    """Where an entry of the directory is in its life."""

    PROPOSED = "proposed"
    ATTESTED = "attested"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class EntryAct(StrEnum):
    """What is done about an entry."""

    ATTEST = "attest"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a member or a unit of an agency offers, as one reader may see it.

    `holder` and `name` say whose it is: for its agency's supervisors and for the member, and for
    others where the member agreed. `mine` is the reader's own.
    """

    id: UUID
    agency: str
    discipline: str
    level: Level
    languages: tuple[str, ...]
    is_unit: bool
    unit: str
    note: str
    proposed_at: datetime
    state: EntryState
    until: datetime | None
    attested_by: str | None
    attested_at: datetime | None
    holder: str | None
    name: str | None
    named: bool
    mine: bool
    listed: bool
    """Whether others find it now: attested, not run out, and its member and agency in force."""


class Urgency(StrEnum):
    """How soon an answer is needed."""

    ROUTINE = "routine"
    SOON = "soon"
    URGENT = "urgent"


class AssistanceState(StrEnum):
    """Where a request for assistance is in its life."""

    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    PASSED_ON = "passed-on"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class AssistanceStep(StrEnum):
    """What either side does about a request."""

    ACKNOWLEDGE = "acknowledge"
    ACCEPT = "accept"
    DECLINE = "decline"
    PASS_ON = "pass-on"  # noqa: S105 - a word, no password
    ESCALATE = "escalate"
    REMARK = "remark"
    COMPLETE = "complete"
    WITHDRAW = "withdraw"


OPEN = frozenset({AssistanceState.SENT, AssistanceState.ACKNOWLEDGED, AssistanceState.ESCALATED})
"""Where the asked agency has not answered yet."""
RUNNING = OPEN | {AssistanceState.ACCEPTED}

STEPS: Mapping[tuple[AssistanceState, AssistanceStep], AssistanceState] = MappingProxyType(
    {
        (AssistanceState.SENT, AssistanceStep.ACKNOWLEDGE): AssistanceState.ACKNOWLEDGED,
        **{(state, AssistanceStep.ACCEPT): AssistanceState.ACCEPTED for state in OPEN},
        **{(state, AssistanceStep.DECLINE): AssistanceState.DECLINED for state in RUNNING},
        **{(state, AssistanceStep.PASS_ON): AssistanceState.PASSED_ON for state in OPEN},
        **{
            (state, AssistanceStep.ESCALATE): AssistanceState.ESCALATED
            for state in OPEN - {AssistanceState.ESCALATED}
        },
        **{(state, AssistanceStep.REMARK): state for state in RUNNING},
        **{(state, AssistanceStep.WITHDRAW): AssistanceState.WITHDRAWN for state in RUNNING},
        (AssistanceState.ACCEPTED, AssistanceStep.COMPLETE): AssistanceState.DONE,
    }
)

BY_THE_ASKED = frozenset(
    {
        AssistanceStep.ACKNOWLEDGE,
        AssistanceStep.ACCEPT,
        AssistanceStep.DECLINE,
        AssistanceStep.PASS_ON,
    }
)
BY_THE_ASKER = frozenset({AssistanceStep.ESCALATE, AssistanceStep.WITHDRAW})
"""The other acts are either side's."""


def state_of(acts: Iterable[AssistanceStep]) -> AssistanceState:
    """The state that these acts lead to, in their order; one that its state does not admit is none."""
    state = AssistanceState.SENT
    for act in acts:
        state = STEPS.get((state, act), state)
    return state


@dataclass(frozen=True, slots=True)
class Said:
    """One step of a request. `by` is who took it, for the own agency alone."""

    act: AssistanceStep
    agency: str
    by: str | None
    at: datetime
    text: str
    comes: tuple[UUID, ...]
    passed_to: str | None
    entry: UUID


@dataclass(frozen=True, slots=True)
class Line:
    """A request in a list: who asks whom, for what, until when; none of its texts."""

    id: UUID
    asker: str
    asked: str
    discipline: str
    languages: tuple[str, ...]
    urgency: Urgency
    sent_at: datetime
    due_at: datetime
    state: AssistanceState
    overdue: bool


@dataclass(frozen=True, slots=True)
class Request:
    """A request as one of its two sides reads it; case and asker for the asking agency alone."""

    line: Line
    purpose: str
    legal_basis: str
    text: str
    place: str
    needed_until: datetime | None
    case_number: str | None
    asked_by: str | None
    beside: tuple[UUID, ...]
    """Other requests that went out with it, for the asking agency."""
    acts: tuple[Said, ...]


def passed_to(found: Request | None) -> str | None:
    """Which agency was named instead, where the asked one passed a request on."""
    return next((a.passed_to for a in found.acts if a.passed_to), None) if found else None
