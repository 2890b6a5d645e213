"""The life of an agreement: its states, the steps between them, and who may take each.

The table is the whole of it: where it names a pair of state and step, the step moves; everywhere
else it is refused, and the refusal says what the step needs. `course.py` works a version's state
out from the steps that were stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from accord.kernel.canonical import canonical
from accord.kernel.errors import AccordError, Conflict, NotAllowed
from accord.kernel.phrases import phrase

SUPERVISOR = "supervisor"
LONGEST_REASON = 1_000


class State(StrEnum):
    """What a version is."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    SIGNED = "signed"
    IN_FORCE = "in-force"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    TERMINATED = "terminated"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What somebody does with a version."""

    DRAFT = "draft"
    PROPOSE = "propose"
    WITHDRAW = "withdraw"
    SIGN = "sign"
    ACTIVATE = "activate"
    AMEND = "amend"
    SUSPEND = "suspend"
    RESUME = "resume"
    TERMINATE = "terminate"


class Who(StrEnum):
    """Who may take a step."""

    DRAFTER = "anybody of the agency that drafts it"
    PARTY = "a supervisor of a party"
    PROPOSER = "a supervisor of the agency that proposed it"
    SUSPENDER = "a supervisor of the agency that suspended it"


DERIVED: Mapping[State, str] = MappingProxyType(
    {
        State.SIGNED: "every party has signed what was proposed",
        State.EXPIRED: "its last day is over",
        State.SUPERSEDED: "a version that amends it was put in force and has begun",
    }
)
"""States that nobody sets: they follow from signatures, from time and from another version."""

TABLE: Mapping[tuple[State, Step], State] = MappingProxyType(
    {
        (State.DRAFT, Step.DRAFT): State.DRAFT,
        (State.DRAFT, Step.PROPOSE): State.PROPOSED,
        (State.PROPOSED, Step.SIGN): State.PROPOSED,  # the last signature makes it `signed`
        (State.PROPOSED, Step.WITHDRAW): State.WITHDRAWN,
        (State.SIGNED, Step.WITHDRAW): State.WITHDRAWN,
        (State.SIGNED, Step.ACTIVATE): State.IN_FORCE,
        (State.IN_FORCE, Step.AMEND): State.SUPERSEDED,
        (State.IN_FORCE, Step.SUSPEND): State.SUSPENDED,
        (State.IN_FORCE, Step.TERMINATE): State.TERMINATED,
        (State.SUSPENDED, Step.SUSPEND): State.SUSPENDED,  # by another party as well
        (State.SUSPENDED, Step.RESUME): State.IN_FORCE,  # once nobody holds it suspended
        (State.SUSPENDED, Step.TERMINATE): State.TERMINATED,
        (State.EXPIRED, Step.AMEND): State.SUPERSEDED,
    }
)

WHO: Mapping[Step, Who] = MappingProxyType(
    {
        Step.DRAFT: Who.DRAFTER,
        Step.PROPOSE: Who.PARTY,
        Step.WITHDRAW: Who.PROPOSER,
        Step.SIGN: Who.PARTY,
        Step.ACTIVATE: Who.PARTY,
        Step.AMEND: Who.PARTY,
        Step.SUSPEND: Who.PARTY,
        Step.RESUME: Who.SUSPENDER,
        Step.TERMINATE: Who.PARTY,
    }
)

NEEDS: Mapping[Step, str] = MappingProxyType(
    {
        Step.DRAFT: "Only a draft is edited, and what was proposed is fixed by its hash",
        Step.PROPOSE: "Only a draft is proposed",
        Step.WITHDRAW: "Only what is proposed and not yet in force is withdrawn",
        Step.SIGN: "Only what is proposed and still lacks a signature is signed",
        Step.ACTIVATE: "Only what every party has signed is put in force, once",
        Step.AMEND: "Only a version in force, or one whose last day is over, is amended",
        Step.SUSPEND: "Only an agreement in force is suspended",
        Step.RESUME: "Only a suspended agreement is resumed",
        Step.TERMINATE: "Only an agreement in force or suspended is terminated",
    }
)

IS: Mapping[State, str] = MappingProxyType(
    {
        State.DRAFT: "a draft",
        State.PROPOSED: "proposed and not signed by every party",
        State.SIGNED: "signed by every party and not yet in force",
        State.IN_FORCE: "in force",
        State.SUSPENDED: "suspended",
        State.SUPERSEDED: "replaced by an amendment",
        State.EXPIRED: "past its last day",
        State.TERMINATED: "terminated, which is final",
        State.WITHDRAWN: "withdrawn, which is final",
    }
)

ATTESTED = frozenset({Step.ACTIVATE, Step.SUSPEND, Step.RESUME, Step.TERMINATE})
"""Acts of an agency that change what is decided: they count with that agency's signature only."""

TAKES_AWAY = frozenset({Step.SUSPEND, Step.TERMINATE})
"""Acts that open nothing: no later revocation of the key that signed them undoes them (0020)."""

REASONED = frozenset({Step.WITHDRAW, Step.SUSPEND, Step.RESUME, Step.TERMINATE})
"""Steps that say why; the reason is read by every member, as the agreement is."""

STANDING = frozenset({State.IN_FORCE, State.SUSPENDED})
OVER = frozenset({State.SUPERSEDED, State.TERMINATED, State.WITHDRAWN})
"""Stored states that no step leads out of."""


@dataclass(frozen=True, slots=True)
class Act:
    """One step that an agency took with a version, as it was stored."""

    number: int
    version: str
    step: Step
    agency: str
    member: str
    at: datetime
    reason: str = ""
    signature: bytes | None = None

    def payload(self) -> bytes:
        return step_payload(self.version, self.step, self.at, self.reason)


@dataclass(frozen=True, slots=True)
class Life:
    """What a version is now, and the steps that made it so."""

    state: State
    parties: frozenset[str] = frozenset()
    signed_by: frozenset[str] = frozenset()
    proposer: str | None = None
    suspended_by: tuple[str, ...] = ()
    acts: tuple[Act, ...] = ()
    ignored: tuple[Act, ...] = field(default=(), compare=False)
    """Stored steps that decide nothing."""


def step_payload(content_hash: str, step: Step, at: datetime, reason: str) -> bytes:
    """The bytes that an agency signs when it takes a step (RFC 8785)."""
    return canonical(
        {
            "type": "accord-agreement-step/1",
            "hash": content_hash,
            "step": str(step),
            "at": at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "reason": reason,
        }
    )


def refused(state: State, step: Step) -> str | None:
    """Why no one takes this step from this state; None where the table moves."""
    if (state, step) in TABLE:
        return None
    return phrase("%(needs)s; this one is %(is_)s.", needs=NEEDS[step], is_=IS[state])


def check_step(life: Life, step: Step, agency: str, roles: Iterable[str]) -> State:
    """The state that a step leads to.

    Raises NotAllowed when this agency or these roles may not take it, Conflict when the state does
    not admit it.
    """
    refusal = _not_by(life, step, agency, frozenset(roles))
    if refusal is not None:
        raise refusal
    because = refused(life.state, step) or _held_by_others(life, step, agency)
    if because is not None:
        raise Conflict(because)
    return TABLE[life.state, step]


def why_not(life: Life, step: Step, agency: str, roles: Iterable[str]) -> str | None:
    """The sentence of `check_step`'s refusal; None where the step may be taken."""
    try:
        check_step(life, step, agency, roles)
    except AccordError as refusal:
        return refusal.message
    return None


def _not_by(life: Life, step: Step, agency: str, roles: frozenset[str]) -> AccordError | None:
    who = WHO[step]
    if who is Who.DRAFTER:
        return None  # another agency's draft is not seen at all
    if agency not in life.parties:
        return NotAllowed(
            phrase(
                "%(agency)s is no party to this agreement, so it takes no step with it.",
                agency=agency,
            ),
            who_can_change=Who.PARTY,
        )
    if SUPERVISOR not in roles:
        return NotAllowed(
            phrase("Only a supervisor takes steps with an agreement for an agency."),
            who_can_change=who,
        )
    if who is Who.PROPOSER and life.proposer not in (None, agency):
        return NotAllowed(
            phrase("%(proposer)s proposed this; nobody else withdraws it.", proposer=life.proposer),
            who_can_change=who,
        )
    if who is Who.SUSPENDER and life.suspended_by and agency not in life.suspended_by:
        return NotAllowed(
            phrase(
                "%(suspended_by)s suspended this; nobody else resumes it.",
                suspended_by=", ".join(life.suspended_by),
            ),
            who_can_change=who,
        )
    return None


def _held_by_others(life: Life, step: Step, agency: str) -> str | None:
    if step is Step.SIGN and agency in life.signed_by:
        return phrase("Your agency has signed this already.")
    if step is Step.SUSPEND and agency in life.suspended_by:
        return phrase("Your agency suspended this already.")
    return None
