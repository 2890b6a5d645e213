"""Try the agreements on a question that nobody has asked: what would be allowed, and what lacks.

Nothing here reads a record. It answers for a described person and for labels with keys, under the
agreements given: those in force, or those that would be in force if a version took effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from accord.agreements.compiled import KEY_KINDS, Policy
from accord.agreements.domain import (
    READ_ACTIONS,
    Agreement,
    Citation,
    Clause,
    Context,
    Decision,
    Requester,
    Words,
)
from accord.kernel import ids
from accord.kernel.labels import Label


@dataclass(frozen=True)
class Thing:
    """A part as far as clauses can tell: its label, and the kinds of key the request has for it."""

    name: str
    label: Label
    keys: Words


@dataclass(frozen=True)
class Cited:
    """A clause that a decision rests on, with the agreement it stands in."""

    agreement: Agreement
    clause: Clause

    @property
    def citation(self) -> Citation:
        return Citation(self.agreement.id, self.agreement.content_hash, self.clause.id)


@dataclass(frozen=True)
class Trial:
    """The answer to one action on one thing; a refusal cites the forbid that binds, if any."""

    decision: Decision
    cited: tuple[Cited, ...]

    @property
    def action(self) -> str:
        return self.decision.action


@dataclass(frozen=True)
class Trials:
    """Every action of the ladder on one thing."""

    thing: Thing
    trials: tuple[Trial, ...]

    @property
    def highest(self) -> str | None:
        """The highest action allowed, or None."""
        allowed = [t.action for t in self.trials if t.decision.allowed]
        return allowed[-1] if allowed else None


def simulate(
    policy: Policy, requester: Requester, context: Context, things: Iterable[Thing]
) -> tuple[Trials, ...]:
    """Ask the policy about each thing and each read action, with what is missing."""
    return tuple(
        Trials(thing, tuple(_trial(policy, requester, context, action, thing)
                            for action in READ_ACTIONS))
        for thing in things
    )  # fmt: skip


def _trial(
    policy: Policy, requester: Requester, context: Context, action: str, thing: Thing
) -> Trial:
    decision = policy.why(requester, context, action, thing.label, thing.keys)
    return Trial(decision, clauses_of(policy.agreements, decision))


def clauses_of(agreements: Iterable[Agreement], decision: Decision) -> tuple[Cited, ...]:
    """Return the clauses that a decision cites, as they stand in these agreements."""
    by_hash = {agreement.content_hash: agreement for agreement in agreements}
    return tuple(_cited(by_hash, citation) for citation in decision.citations)


def _cited(by_hash: Mapping[str, Agreement], citation: Citation) -> Cited:
    agreement = by_hash[citation.agreement_hash]
    return Cited(agreement, next(c for c in agreement.clauses if c.id == citation.clause_id))


def what_if(in_force: Sequence[Agreement], chosen: Agreement) -> tuple[Agreement, ...]:
    """The agreements that would decide if `chosen` took effect in place of what it amends.

    A version of the same agreement that is in force gives way: two never decide together.
    """
    kept = [a for a in in_force if a.id != chosen.id and a.content_hash != chosen.amends]
    return tuple(sorted([*kept, chosen], key=lambda a: (a.id, a.content_hash)))


def without(in_force: Sequence[Agreement], chosen: Agreement) -> tuple[Agreement, ...]:
    """The agreements that would decide if `chosen` did not."""
    return tuple(a for a in in_force if a.content_hash != chosen.content_hash)


def keys_of(agency: str, purpose: str, case_id: UUID | None) -> Mapping[UUID, str]:
    """The keys that a request of this agency holds, for this purpose and in this case, by key."""
    cases = [None] if case_id is None else [None, case_id]
    held = {ids.grant_key(agency, case): "grant" for case in cases}
    held[ids.consent_key(agency, purpose)] = "consent"
    if case_id is not None:
        held[ids.case_key(case_id)] = "case"
    for kind in KEY_KINDS:
        if kind.startswith("determination("):
            held |= {ids.determination_key(kind, agency, case): kind for case in cases}
    return held
