"""Who can see a part: worked out from the agreements and the keys that the part carries.

A way in is a permit of the ladder with everything it asks. It is found by asking the policy about
a person who has all that the clause can ask, and then again about one who has just what the cited
clauses ask. People are asked about one by one, with the facts that hold of them now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any
from uuid import UUID

from accord.agreements.compiled import Policy
from accord.agreements.domain import (
    READ_ACTIONS,
    Agreement,
    Clause,
    Context,
    Decision,
    Requester,
    Words,
)
from accord.agreements.exposed import CaseWay, Exposed, Exposure, Opening, Party, Person, Seen, Way
from accord.agreements.reference import asker_fits, thing_fits
from accord.agreements.simulation import clauses_of, keys_of
from accord.kernel.labels import Label
from accord.kernel.vocabulary import Vocabulary

STATUTE = "statute"


@dataclass
class Census:
    """Works out exposures under one policy; a question is put to the policy once."""

    policy: Policy
    context: Context
    vocabulary: Vocabulary
    cases: Sequence[CaseWay]
    people: Mapping[str, Sequence[Person]]
    asked: dict[tuple[object, ...], Decision] = field(default_factory=dict)
    _keys: dict[tuple[str, str, UUID | None], Mapping[UUID, str]] = field(default_factory=dict)

    def exposure(self, part: Exposed, party: Party) -> Exposure:
        """One part towards one agency: the ways in, and who in fact has one."""
        clauses = list(self._clauses(part.label, party))
        ways = tuple(self._ways(part, party, clauses)) if clauses else ()
        people = tuple(self._seen(part, party, clauses)) if clauses else ()
        return Exposure(part.name, party.id, _best(ways), people)

    # -- clauses -----------------------------------------------------------------------------------

    def _clauses(self, label: Label, party: Party) -> Iterator[tuple[Agreement, Clause]]:
        """The permits that could open the label to somebody of the agency, whoever it is."""
        for agreement in self.policy.agreements:
            for clause in agreement.permits:
                if (
                    clause.action in READ_ACTIONS
                    and party.id in agreement.parties
                    and (clause.to.agency is not None or party.id != label.owner)
                    and may_fit(clause, party)
                    and label.owner in (clause.of.owner or agreement.parties)
                    and (clause.of.subject is None or label.subjects <= clause.of.subject)
                    and thing_fits(clause.of, label)
                ):
                    yield agreement, clause

    def _settings(self, clause: Clause) -> Iterator[tuple[str, str, CaseWay | None]]:
        """The purposes, legal bases and cases in which a clause can be asked."""
        purposes = clause.reason.purpose or frozenset(self.vocabulary.words("purpose"))
        bases = clause.reason.legal_basis or frozenset({STATUTE})
        for case in (None, *self.cases):
            for purpose, basis in product(sorted(purposes), sorted(bases)):
                if case is None or case.purposes is None or purpose in case.purposes:
                    yield purpose, basis, case

    def _kinds(self, part: Exposed, agency: str, purpose: str, case: CaseWay | None) -> Words:
        """The kinds of key that a request of the agency would satisfy on the part."""
        name = (agency, purpose, case.case_id if case else None)
        if name not in self._keys:
            self._keys[name] = keys_of(*name)
        held = self._keys[name]
        kinds = {kind for key, kind in part.keys.items() if held.get(key) == kind}
        if case is not None and case.key in part.keys:
            kinds.add("case")
        return frozenset(kinds)

    def _decide(
        self, requester: Requester, purpose: str, basis: str, action: str, label: Label, keys: Words
    ) -> Decision:
        name = (requester, purpose, basis, action, label, keys)
        found = self.asked.get(name)
        if found is None:
            context = replace(self.context, purpose=purpose, legal_basis=basis)
            found = self.policy.decide(requester, context, action, label, keys)
            self.asked[name] = found
        return found

    # -- ways --------------------------------------------------------------------------------------

    def _ways(
        self, part: Exposed, party: Party, clauses: Iterable[tuple[Agreement, Clause]]
    ) -> Iterator[Way]:
        for _, clause in clauses:
            for purpose, basis, case in self._settings(clause):
                keys = self._kinds(part, party.id, purpose, case)
                adds = case is None or keys != self._kinds(part, party.id, purpose, None)
                if not (adds and clause.when <= keys):
                    continue
                for role in sorted(clause.to.role or self.vocabulary.words("role")):
                    way = self._way(part, party, clause, (purpose, basis, case), keys, role)
                    if way is not None:
                        yield way

    def _way(
        self,
        part: Exposed,
        party: Party,
        clause: Clause,
        setting: tuple[str, str, CaseWay | None],
        keys: Words,
        role: str,
    ) -> Way | None:
        purpose, basis, case = setting
        able = self._able(party, clause, role)
        for action in reversed(READ_ACTIONS[: READ_ACTIONS.index(clause.action) + 1]):
            for person in (self._just(able, [clause]), able):
                decision = self._decide(person, purpose, basis, action, part.label, keys)
                if decision.allowed:
                    return self._said(person, decision, purpose, basis, case, part.label, keys)
        return None

    def _just(self, able: Requester, clauses: Sequence[Clause]) -> Requester:
        """The same person with no more than these clauses ask."""
        levels = [min(c.to.assurance) for c in clauses if c.to.assurance is not None]
        order = self.vocabulary.words("clearance")
        ranks = [
            min(map(order.index, c.to.clearance)) for c in clauses if c.to.clearance is not None
        ]
        return replace(
            able,
            training=frozenset[str]().union(*(c.to.training for c in clauses)),
            assurance=max(levels, default=1),
            clearance=order[max(ranks, default=0)],
        )

    def _able(self, party: Party, clause: Clause, role: str) -> Requester:
        """Somebody of the agency, in this role, who has all that the clause can ask of a person."""
        clearances = self.vocabulary.words("clearance")
        fit = [c for c in clearances if clause.to.clearance is None or c in clause.to.clearance]
        levels = clause.to.assurance or {int(a) for a in self.vocabulary.words("assurance")}
        nations = clause.to.nationality or {party.country}
        return Requester(
            agency=party.id,
            kind=party.kind,
            country=party.country,
            roles=frozenset({role}),
            clearance=fit[-1],
            nationality=party.country if party.country in nations else min(nations),
            training=frozenset(self.vocabulary.words("training")),
            assurance=max(levels),
        )

    def _said(
        self,
        able: Requester,
        decision: Decision,
        purpose: str,
        basis: str,
        case: CaseWay | None,
        label: Label,
        keys: Words,
    ) -> Way:
        """The way with no more than is asked: what the cited clauses ask, if that is enough."""
        cited = clauses_of(self.policy.agreements, decision)
        clauses = [c.clause for c in cited]
        order = self.vocabulary.words("clearance")
        least = self._just(able, clauses)
        again = self._decide(least, purpose, basis, decision.action, label, keys)
        asked = least if again.allowed else able
        return Way(
            action=decision.action,
            cited=cited,
            roles=able.roles,
            purposes=frozenset({purpose}),
            cases=frozenset({case.name} if case else ()),
            training=asked.training,
            assurance=asked.assurance if asked.assurance > 1 else None,
            clearance=asked.clearance if asked.clearance != order[0] else None,
            keys=frozenset[str]().union(*(c.when for c in clauses)),
            obligations=decision.obligations,
        )

    # -- people ------------------------------------------------------------------------------------

    def _seen(
        self, part: Exposed, party: Party, clauses: Sequence[tuple[Agreement, Clause]]
    ) -> Iterator[Seen]:
        for person in self.people.get(party.id, ()):
            fit = [c for _, c in clauses if asker_fits(c.to, person.requester, unknown=False)]
            if not fit:
                continue
            settings = dict.fromkeys(s for clause in fit for s in self._settings(clause))
            top = max((c.action for c in fit), key=READ_ACTIONS.index)
            openings = tuple(self._openings(part, person, settings, top))
            if openings:
                yield Seen(person.membership, openings)

    def _openings(
        self,
        part: Exposed,
        person: Person,
        settings: Iterable[tuple[str, str, CaseWay | None]],
        top: str,
    ) -> Iterator[Opening]:
        for purpose, basis, case in settings:
            if case is not None and person.membership not in (case.holders or ()):
                continue
            agency = person.requester.agency
            keys = self._kinds(part, agency, purpose, case)
            if case is not None and keys == self._kinds(part, agency, purpose, None):
                continue  # the case adds nothing to what is open without it
            for action in reversed(READ_ACTIONS[: READ_ACTIONS.index(top) + 1]):
                asked = (person.requester, purpose, basis, action, part.label, keys)
                if self._decide(*asked).allowed:
                    yield Opening(action, purpose, basis, case.name if case else None)
                    break


def may_fit(clause: Clause, party: Party) -> bool:
    """Whether agency, kind and country fit; what else the clause asks of the person stays open."""
    narrow = replace(
        clause.to, role=None, clearance=None, nationality=None, training=frozenset(), assurance=None
    )
    requester = Requester(party.id, party.kind, party.country, frozenset())
    return asker_fits(narrow, requester, unknown=False)


def _best(ways: Iterable[Way]) -> tuple[Way, ...]:
    """Say once what several questions found: roles, purposes and cases of one clause together."""
    ways = _together(
        ways, lambda w: (w.purposes, w.cases), lambda a, b: {"roles": a.roles | b.roles}
    )
    ways = _together(
        ways, lambda w: (w.roles, w.cases), lambda a, b: {"purposes": a.purposes | b.purposes}
    )
    ways = _together(
        ways, lambda w: (w.roles, w.purposes), lambda a, b: {"cases": a.cases | b.cases}
    )
    return tuple(sorted(ways, key=lambda w: (-READ_ACTIONS.index(w.action), _order(w))))


def _together(
    ways: Iterable[Way], same: Callable[[Way], object], join: Callable[[Way, Way], dict[str, Any]]
) -> list[Way]:
    merged: dict[object, Way] = {}
    for way in ways:
        price = (
            way.action,
            tuple(c.citation for c in way.cited),
            way.training,
            way.assurance,
            way.clearance,
            way.obligations,
        )
        name = (price, same(way))
        known = merged.get(name)
        merged[name] = way if known is None else replace(known, **join(known, way))
    return list(merged.values())


def _order(way: Way) -> tuple[object, ...]:
    return ([str(c.citation) for c in way.cited], sorted(way.roles), sorted(way.purposes))
