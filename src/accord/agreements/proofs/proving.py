"""Whether what parties want never to follow can follow: each invariant proven, or a chain shown.

The agreements given are taken as signed and in force together (see `together`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from accord.agreements.domain import Agreement, Invariant, Words
from accord.agreements.proofs.circuit import TRUE, Values
from accord.agreements.proofs.engine import Engine
from accord.agreements.proofs.source import Source, Step
from accord.agreements.proofs.together import together
from accord.agreements.proofs.universe import Agencies, Question, Universe, agencies_of
from accord.agreements.proofs.witness import ProofContradicted, answer, plainest
from accord.agreements.proofs.words import Speaker, question_facts
from accord.kernel.labels import FLAGS, WORD_DIMENSIONS
from accord.kernel.phrases import phrase


@dataclass(frozen=True)
class Link:
    """One step of a chain: who lets whom do what, under which clause."""

    giver: str
    receiver: str
    agreement: str
    agreement_hash: str
    clause: str
    action: str
    keys: Words
    text: str

    def facts(self) -> dict[str, Any]:
        """The link as plain data."""
        return {
            "from": self.giver,
            "to": self.receiver,
            "agreement": self.agreement,
            "hash": self.agreement_hash,
            "clause": self.clause,
            "action": self.action,
            "keys": sorted(self.keys),
            "text": self.text,
        }


@dataclass(frozen=True)
class Result:
    """One invariant: proven, or broken by a chain of which a question is the example."""

    id: str
    proven: bool
    chain: tuple[Link, ...] | None = None
    question: Question | None = None
    text: str = ""
    within: int = 1
    notes: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()

    def facts(self) -> dict[str, Any]:
        """The result as plain data."""
        return {
            "id": self.id,
            "proven": self.proven,
            "within": self.within,
            "chain": None if self.chain is None else [link.facts() for link in self.chain],
            "witness": None
            if self.question is None
            else {"text": self.text, **question_facts(self.question)},
            "notes": [*self.notes, *self.hints],
        }


def prove(
    invariants: Sequence[Invariant],
    agreements: Sequence[Agreement],
    *,
    agencies: Agencies | None = None,
    at: date | None = None,
) -> tuple[Result, ...]:
    """Each invariant given, then those that the agreements carry, proven or broken."""
    held = together(agreements, at)
    wanted = [*invariants]
    for agreement in held.agreements:
        wanted += [i for i in agreement.invariants if i not in wanted]
    if not wanted:
        return ()
    prover = Prover(held.agreements, wanted, agencies)
    return tuple(replace(prover.prove(i), notes=held.notes) for i in wanted)


class Prover:
    """Agreements in force together, with the solver for every question about them."""

    def __init__(
        self,
        agreements: Sequence[Agreement],
        invariants: Sequence[Invariant] = (),
        agencies: Agencies | None = None,
    ) -> None:
        self.agreements = tuple(agreements)
        self.universe = Universe(agreements, invariants, agencies=agencies)
        self.engine = Engine(self.universe.circuit)
        self.engine.require_clauses(list(self.universe.shape()))
        self.source = Source(self.universe, agreements)
        self._speaker = Speaker(agreements)
        self._known = agencies or {}

    def prove(self, invariant: Invariant) -> Result:
        """Whether no question that the invariant speaks of is allowed, by however short a chain."""
        about = self.about(invariant)
        for limit in range(1, invariant.within + 1):
            wanted = [*about, self.source.allowed(limit)]
            found = plainest(self.universe, self.engine, wanted, self._first(invariant))
            if found is not None:
                return self._broken(invariant, found, limit)
        return Result(invariant.id, True, within=invariant.within, hints=self._strangers(invariant))

    def about(self, invariant: Invariant) -> list[int]:
        """The questions that an invariant speaks of."""
        of, source, universe = invariant.of, self.source, self.universe
        return [
            universe.has("action", invariant.never),
            source.asked(invariant.to),
            universe.among("owner", of.owner),
            TRUE if of.owner is not None and invariant.to.agency is not None else -universe.own(),
            TRUE if of.subject is None else universe.some_in("subject", of.subject),
            *(universe.among(name, getattr(of, name)) for name in WORD_DIMENSIONS),
            *(universe.flag(name, getattr(of, name)) for name in FLAGS),
        ]

    def _first(self, invariant: Invariant) -> tuple[str, ...]:
        """The agencies to prefer in an example: those that the agreements bind."""
        return tuple(dict.fromkeys(p for a in self.agreements for p in a.parties))

    def _broken(self, invariant: Invariant, found: dict[int, bool], limit: int) -> Result:
        question = replace(self.universe.question_of(found), recipient=None)
        values = Values(self.universe.circuit, found)
        every = self.source.chains(lambda wanted: all(map(values.true, wanted)), limit)
        steps = min(every, key=len)
        self.confirm(question, steps)
        owner, asker = question.label.owner, question.requester.agency
        return Result(
            invariant.id,
            False,
            self.links(steps, asker, owner, invariant.never),
            question,
            self._speaker.question(question),
            invariant.within,
            hints=(*self._hints(asker), *self._strangers(invariant)),
        )

    def _strangers(self, invariant: Invariant) -> tuple[str, ...]:
        """The agencies that an invariant names and no agreement does: perhaps misspelt."""
        named = (invariant.to.agency or frozenset()) | (invariant.of.owner or frozenset())
        unknown = named - frozenset(agencies_of(self.agreements))
        return tuple(
            f"{agency} is named in none of the agreements given." for agency in sorted(unknown)
        )

    def _hints(self, asker: str) -> tuple[str, ...]:
        """What would be known better with more facts."""
        turns = self._speaker.asked & {"kind", "country"}
        if not turns or asker in self._known:
            return ()
        return (
            f"The {' and '.join(sorted(turns))} of {asker} is not given, so any is thought of; "
            "give the agencies to have it known.",
        )

    def confirm(self, question: Question, steps: Sequence[Step]) -> None:
        """Asks the reference whether these clauses alone carry it, all forbids in place."""
        chosen = {(s.agreement.content_hash, s.clause.id) for s in steps}
        alone = [
            replace(
                a,
                clauses=tuple(
                    c for c in a.clauses if c.effect == "forbid" or (a.content_hash, c.id) in chosen
                ),
            )
            for a in self.agreements
        ]
        if not (answer(alone, question).allowed and answer(self.agreements, question).allowed):
            raise ProofContradicted(
                f"the solver and the reference differ on a question: {question}",
                who_can_change=phrase("the maintainers of Accord"),
            )

    def links(self, steps: Sequence[Step], asker: str, owner: str, action: str) -> tuple[Link, ...]:
        """A chain link by link, from the owner to the requester."""
        found: list[Link] = []
        giver = owner
        for step in reversed(steps):
            receiver = step.receiver or asker
            doing = action if step.receiver is None else "onward"
            found.append(self._link(step, giver, receiver, doing))
            giver = receiver
        return tuple(found)

    def _link(self, step: Step, giver: str, receiver: str, action: str) -> Link:
        agreement, clause = step.agreement, step.clause
        keys = f", only where {self._speaker.keys(clause.when)}" if clause.when else ""
        what = "receives it to pass it on" if action == "onward" else f"gets {action}"
        return Link(
            giver,
            receiver,
            agreement.id,
            agreement.content_hash,
            clause.id,
            action,
            clause.when,
            f"from {giver}, {receiver} {what} under {agreement.id}, clause {clause.id}{keys}",
        )
