"""What `reference.decide` says, as one formula over every question.

Each function here stands beside the one of the same duty in `reference.py`, and
`tests/policy/test_proofs_formula.py` holds the two to the same answers.

INVARIANT: `None` as `who` is the requester, whose agency is a variable; a name is a holder who
passes on, asked about as if the requester stood in it, its kind and country not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from accord.agreements.domain import (
    ACTIONS,
    MAX_CHAIN,
    READ_ACTIONS,
    Agreement,
    Asker,
    Clause,
    Reach,
    Reason,
    Words,
    covers,
)
from accord.agreements.proofs.circuit import FALSE, TRUE
from accord.agreements.proofs.universe import UNKNOWN, Universe
from accord.kernel.labels import FLAGS, WORD_DIMENSIONS

Holder = str | None
_PERSONAL = ("clearance", "nationality")


@dataclass(frozen=True)
class Step:
    """One clause of a chain: who receives under it, None for the requester."""

    agreement: Agreement
    clause: Clause
    receiver: Holder


class Source:
    """Agreements in force together, as formulas over a universe of questions."""

    def __init__(self, universe: Universe, agreements: Sequence[Agreement]) -> None:
        self.universe = universe
        self.circuit = universe.circuit
        self.agreements = tuple(agreements)
        self._common: dict[int, int] = {}
        self._permits: dict[tuple[int, int, Holder], int] = {}
        self._bound: dict[tuple[Holder, Holder], int] = {}
        self._routes: dict[tuple[str, str, frozenset[str], bool, int], int] = {}

    # ---- decide

    def allowed(self, limit: int = MAX_CHAIN, *, towards: bool = False) -> int:
        """That the requester may, by a chain in which at most `limit` agencies pass it on.

        `towards` asks of `onward` that the recipient of the question is among the recipients.
        """
        return self.circuit.all_of((*self._closing, self.routes(limit, towards=towards)))

    def open(self) -> int:
        """That no forbid between owner and requester binds, nor the handling code."""
        return self.circuit.all_of(self._closing)

    @cached_property
    def _closing(self) -> tuple[int, ...]:
        binding = [
            -self.forbids(agreement, clause, None, None)
            for agreement in self.agreements
            for clause in agreement.forbids
        ]
        return (*binding, -self.handled(None))

    def routes(self, limit: int = MAX_CHAIN, *, towards: bool = False) -> int:
        """That some chain of clauses serves the requester."""
        return self.circuit.any_of(
            self.circuit.all_of((self.serves(agreement, clause, towards=towards), way))
            for agreement in self.agreements
            for clause in agreement.permits
            for way in self._ways_to_requester(agreement, clause, limit)
        )

    def serves(self, agreement: Agreement, clause: Clause, *, towards: bool = False) -> int:
        """That a permit serves the requester, whoever may give under it."""
        fits = self.permits(agreement, clause, None)
        if not towards or clause.action != "onward":
            return fits
        named = self.universe.among("recipient", clause.recipients or ())
        passing = self.universe.has("action", "onward")
        return self.circuit.all_of((fits, self.circuit.any_of((-passing, named))))

    def reached(self, agreement: Agreement, clause: Clause, limit: int = MAX_CHAIN) -> int:
        """That somebody may give under a permit: an owner who is a party, or who holds onward."""
        return self.circuit.any_of(self._ways_to_requester(agreement, clause, limit))

    def _ways_to_requester(self, agreement: Agreement, clause: Clause, limit: int) -> Iterator[int]:
        yield self._owned(agreement, clause)
        if limit < 2 or not takes(agreement, clause):
            return
        ways = self.circuit.any_of(
            self.circuit.all_of(
                (self.universe.has("agency", asker), self._held(party, asker, {asker}, True, limit))
            )
            for asker in agreement.parties
            for party in agreement.parties
            if party != asker
        )
        reading = self.universe.among("action", READ_ACTIONS)
        yield self.circuit.all_of((self.taken(agreement, clause), reading, ways))

    def _owned(self, agreement: Agreement, clause: Clause) -> int:
        """That the owner is named by a permit, and is a party."""
        parties = frozenset(agreement.parties)
        named = parties if clause.of.owner is None else parties & clause.of.owner
        return self.universe.among("owner", named)

    def taken(self, agreement: Agreement, clause: Clause) -> int:
        """That the owner is named by a permit, and is no party."""
        named = (clause.of.owner or frozenset()) - set(agreement.parties)
        return self.universe.among("owner", named)

    def _held(
        self, party: str, to: str, chain: frozenset[str] | set[str], first: bool, limit: int
    ) -> int:
        """That a party may pass on to the next in the chain, with so many left to pass it on."""
        name = (party, to, frozenset(chain), first, limit)
        known = self._routes.get(name)
        if known is None:
            ways = self._ways(party, to, frozenset(chain), limit - 1)
            if ways != FALSE:
                ways = self.circuit.all_of((ways, self.passing(party, None if first else to)))
            known = self._routes[name] = ways
        return known

    def passing(self, party: str, to: Holder) -> int:
        """That no forbid and no handling code keeps a party from passing on to the next."""
        return self.circuit.all_of(
            (-self.handled(party), -self.bound(None, party), -self.bound(party, to))
        )

    def _ways(self, party: str, to: str, chain: frozenset[str], limit: int) -> int:
        found = []
        for source, clause in self.sources(party, to):
            reached = self._owned(source, clause)
            if limit > 1 and takes(source, clause):
                behind = chain | {party}
                further = self.circuit.any_of(
                    self._held(other, party, behind, False, limit)
                    for other in source.parties
                    if other not in behind
                )
                passed = self.circuit.all_of((self.taken(source, clause), further))
                reached = self.circuit.any_of((reached, passed))
            found.append(self.circuit.all_of((self.permits(source, clause, party), reached)))
        return self.circuit.any_of(found)

    def sources(self, party: str, to: str) -> Iterator[tuple[Agreement, Clause]]:
        """The clauses by which a party may hold `onward` towards somebody."""
        for agreement in self.agreements:
            if party in agreement.parties:
                for clause in agreement.permits:
                    if clause.action == "onward" and to in (clause.recipients or ()):
                        yield agreement, clause

    # ---- one clause

    def permits(self, agreement: Agreement, clause: Clause, who: Holder) -> int:
        """That a permit serves the requester, or a holder, as far as owner and giver allow."""
        name = (id(agreement), id(clause), who)
        known = self._permits.get(name)
        if known is None:
            known = self._permits[name] = self._permit(agreement, clause, who)
        return known

    def _permit(self, agreement: Agreement, clause: Clause, who: Holder) -> int:
        return self.circuit.all_of(
            (
                self._covers(clause, who),
                self._asked(agreement, clause.to, who, unknown=False),
                -self._owner_is(who) if clause.to.agency is None else TRUE,
                self._permit_common(clause),
            )
        )

    def _permit_common(self, clause: Clause) -> int:
        known = self._common.get(id(clause))
        if known is None:
            subject = clause.of.subject
            known = self._common[id(clause)] = self.circuit.all_of(
                (
                    self._person(clause.to, unknown=False),
                    self._reason(clause.reason, unknown=False),
                    TRUE if subject is None else self.universe.only_in("subject", subject),
                    self._thing(clause.of),
                    self.universe.all_in("key", clause.when),
                )
            )
        return known

    def bound(self, giver: Holder, who: Holder) -> int:
        """That some forbid binds `who` towards the giver; None as giver is the owner."""
        known = self._bound.get((giver, who))
        if known is None:
            known = self._bound[giver, who] = self.circuit.any_of(
                self.forbids(agreement, clause, giver, who)
                for agreement in self.agreements
                if (giver is None or giver in agreement.parties)
                and (who is None or who in agreement.parties)
                for clause in agreement.forbids
            )
        return known

    def forbids(self, agreement: Agreement, clause: Clause, giver: Holder, who: Holder) -> int:
        """That a forbid binds `who` towards the giver."""
        given = frozenset(agreement.parties) if giver is None else None
        unless = clause.unless
        excepted = (
            FALSE
            if unless is None
            else self.circuit.all_of(
                (
                    self._asked(None, unless.to, who, unknown=False),
                    self._person(unless.to, unknown=False),
                    self._reason(unless.reason, unknown=False),
                    self.universe.all_in("key", unless.when),
                )
            )
        )
        return self.circuit.all_of(
            (
                self._covers(clause, who),
                TRUE if clause.own else -self._owner_is(who),
                self._asked(agreement, clause.to, who, unknown=True),
                self.universe.among("owner", _both(given, clause.of.owner)),
                self._forbid_common(clause),
                -excepted,
            )
        )

    def _forbid_common(self, clause: Clause) -> int:
        known = self._common.get(id(clause))
        if known is None:
            subject = clause.of.subject
            known = self._common[id(clause)] = self.circuit.all_of(
                (
                    self._person(clause.to, unknown=True),
                    self._reason(clause.reason, unknown=True),
                    TRUE if subject is None else self.universe.some_in("subject", subject),
                    self._thing(clause.of),
                )
            )
        return known

    # ---- conditions

    def _covers(self, clause: Clause, who: Holder) -> int:
        if who is not None:
            return TRUE if covers(clause, "onward") else FALSE
        return self.universe.among("action", [a for a in ACTIONS if covers(clause, a)])

    def _asked(self, agreement: Agreement | None, to: Asker, who: Holder, *, unknown: bool) -> int:
        """What a clause asks of the agency itself."""
        parties = None if agreement is None else frozenset(agreement.parties)
        if who is not None:
            fits = (parties is None or who in parties) and (to.agency is None or who in to.agency)
            known = to.kind is None and to.country is None
            return TRUE if fits and (known or unknown) else FALSE
        return self.circuit.all_of(
            (
                self.universe.among("agency", _both(parties, to.agency)),
                self._fact("kind", to.kind, unknown=unknown),
                self._fact("country", to.country, unknown=unknown),
            )
        )

    def asked(self, to: Asker) -> int:
        """That the requester is among those named, as an invariant names them."""
        parts = (self._asked(None, to, None, unknown=False), self._person(to, unknown=False))
        return self.circuit.all_of(parts)

    def _person(self, to: Asker, *, unknown: bool) -> int:
        """What a clause asks of the person, wherever they stand."""
        assurance = None if to.assurance is None else map(str, to.assurance)
        return self.circuit.all_of(
            (
                TRUE if to.role is None else self.universe.some_in("role", to.role),
                self.universe.among("assurance", assurance),
                self.universe.all_in("training", to.training),
                *(self._fact(name, getattr(to, name), unknown=unknown) for name in _PERSONAL),
            )
        )

    def _reason(self, reason: Reason, *, unknown: bool) -> int:
        return self.circuit.all_of(
            (
                self.universe.among("purpose", reason.purpose),
                self._fact("legal_basis", reason.legal_basis, unknown=unknown),
            )
        )

    def _fact(self, name: str, words: frozenset[str] | None, *, unknown: bool) -> int:
        """A fact that may not be known: `unknown` answers for it."""
        if words is None:
            return TRUE
        return self.universe.among(name, words | {UNKNOWN} if unknown else words)

    def _thing(self, of: Reach) -> int:
        return self.circuit.all_of(
            (
                *(self.universe.among(name, getattr(of, name)) for name in WORD_DIMENSIONS),
                *(self.universe.flag(name, getattr(of, name)) for name in FLAGS),
            )
        )

    def _owner_is(self, who: Holder) -> int:
        return self.universe.own() if who is None else self.universe.has("owner", who)

    def handled(self, who: Holder) -> int:
        """That H2 keeps somebody from passing on what is not theirs without a grant."""
        onward = self.universe.has("action", "onward") if who is None else TRUE
        return self.circuit.all_of(
            (
                onward,
                self.universe.has("handling", "H2"),
                -self._owner_is(who),
                -self.universe.has("key", "grant"),
            )
        )

    # ---- chains one by one

    def chains(
        self, possible: Callable[[list[int]], bool], limit: int = MAX_CHAIN
    ) -> Iterator[tuple[Step, ...]]:
        """Every chain that serves the requester, the requester's own clause first.

        `possible` says whether formulas may be true together; a prefix that cannot is left.
        """
        opened = self.open()
        for agreement in self.agreements:
            for clause in agreement.permits:
                base = [opened, self.permits(agreement, clause, None)]
                step = Step(agreement, clause, None)
                if possible([*base, self._owned(agreement, clause)]):
                    yield (step,)
                if limit < 2 or not takes(agreement, clause):
                    continue
                base.append(self.taken(agreement, clause))
                base.append(self.universe.among("action", READ_ACTIONS))
                for asker in agreement.parties:
                    here = [*base, self.universe.has("agency", asker)]
                    if possible(here):
                        yield from self._longer((step,), asker, {asker}, here, possible, limit)

    def carrying(self, steps: Sequence[Step]) -> list[int]:
        """That the clauses of a chain carry to the requester; who may own it stays open."""
        first, *behind = steps
        found = [self.open(), self.permits(first.agreement, first.clause, None)]
        to: Holder = None
        for step in behind:
            party = step.receiver or ""
            found += [self.passing(party, to), self.permits(step.agreement, step.clause, party)]
            to = party
        last = steps[-1]
        return [*found, self._owned(last.agreement, last.clause), *self._outside(steps)]

    def _outside(self, steps: Sequence[Step]) -> list[int]:
        """That the requester is a recipient, and the owner no party before the last clause."""
        found = [self.taken(step.agreement, step.clause) for step in steps[:-1]]
        if len(steps) > 1:
            recipients = steps[1].clause.recipients or frozenset()
            found.append(self.universe.among("agency", recipients))
        return found

    def _longer(
        self,
        steps: tuple[Step, ...],
        to: str,
        chain: frozenset[str] | set[str],
        base: list[int],
        possible: Callable[[list[int]], bool],
        limit: int,
    ) -> Iterator[tuple[Step, ...]]:
        for party in steps[-1].agreement.parties:
            if party in chain:
                continue
            passing = self.passing(party, None if len(steps) == 1 else to)
            for source, clause in self.sources(party, to):
                here = [*base, passing, self.permits(source, clause, party)]
                longer = (*steps, Step(source, clause, party))
                if possible([*here, self._owned(source, clause)]):
                    yield longer
                here.append(self.taken(source, clause))
                if len(longer) < limit and possible(here):
                    behind = {*chain, party}
                    yield from self._longer(longer, party, behind, here, possible, limit)


def _both(first: Words | None, second: Words | None) -> Words | None:
    """What two conditions accept together; None where neither asks."""
    if first is None or second is None:
        return second if first is None else first
    return first & second


def takes(agreement: Agreement, clause: Clause) -> bool:
    """Whether a permit names an owner who is no party, and so rests on what others pass on."""
    return clause.of.owner is not None and not clause.of.owner <= set(agreement.parties)
