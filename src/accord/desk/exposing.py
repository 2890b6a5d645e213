"""Who can see a record of the viewer's own agency: read in a fixed number of statements.

What the viewer may not see of the record is not in the answer, and who works on a case that is not
the viewer's is not known to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor, AgencyEntry
from accord.agreements import queries as agreements
from accord.agreements.context import VOCABULARY_VERSION
from accord.agreements.domain import Words
from accord.agreements.exposed import CaseWay, Exposed, Exposure, Party, Person
from accord.agreements.exposure import Census
from accord.agreements.queries import CaseHolding
from accord.agreements.reference import thing_fits
from accord.agreements.scope import Scope
from accord.agreements.simulation import keys_of
from accord.agreements.standing import requester_of
from accord.agreements.statements.domain import EMERGENCY
from accord.agreements.statements.naming import clauses_naming
from accord.kernel import ids
from accord.kernel.vocabulary import Vocabulary
from accord.records.queries.carried import CarriedKey, carried_keys, granted_cases, own_record
from accord.records.queries.records import RecordView

Meaning = tuple[str | None, str | None, str | None]
"""Towards which agency a key opens, in which case, and for which purpose."""


@dataclass(frozen=True)
class KeySaid:
    """A key on some parts, said to a person: towards whom, in which case, until when."""

    kind: str
    parts: tuple[str, ...]
    agency: str | None
    case: str | None
    purpose: str | None
    until: datetime | None


@dataclass(frozen=True)
class Audience:
    """A record with every agency that could reach one of its visible parts."""

    record: RecordView
    agencies: tuple[AgencyEntry, ...]
    exposures: tuple[Exposure, ...]
    people: Mapping[str, Actor]
    keys: tuple[KeySaid, ...]
    cases: tuple[CaseWay, ...]
    questions: int
    in_emergency: tuple[str, ...] = ()
    """Agencies to which a clause opens some part once they determine an emergency for a case."""

    def towards(self, agency: str) -> tuple[Exposure, ...]:
        """The exposures of all parts towards one agency."""
        return tuple(e for e in self.exposures if e.agency == agency)


def audience(scope: Scope, record_id: UUID) -> Audience:
    """Return who can see the record; raises NotFound unless it is the viewer's agency's and seen."""
    record = own_record(scope, str(record_id))
    carried = carried_keys(scope, [p.part_id for p in record.parts])
    cases = _cases(scope, record_id, carried)
    directory = tuple(a for a in agencies.agencies() if not a.suspended)
    members = agencies.members_of(tuple(a.id for a in directory))
    census = Census(
        policy=scope.standing.policy,
        context=scope.standing.context,
        vocabulary=Vocabulary.load(VOCABULARY_VERSION),
        cases=cases,
        people=_people(members),
    )
    exposures = tuple(
        census.exposure(part, Party(agency.id, agency.kind, agency.country))
        for agency in directory
        for part in _parts(record, carried)
    )
    return Audience(
        record=record,
        agencies=directory,
        exposures=exposures,
        people={a.membership: a for a in members},
        keys=tuple(_said(record, carried, cases, directory)),
        cases=cases,
        questions=len(census.asked),
        in_emergency=tuple(
            a.id for a in directory if a.id != record.owner and _in_emergency(scope, record, a.id)
        ),
    )


def _in_emergency(scope: Scope, record: RecordView, agency: str) -> bool:
    """Whether a clause in force names an emergency of this agency for a part of this kind.

    An emergency lies on no part, and for which case it was determined the owner does not learn: so
    the census cannot count it, and the page says that there is such a way.
    """
    named = clauses_naming(
        scope.standing.policy.agreements, EMERGENCY, recipient=agency, owner=record.owner
    )
    return any(thing_fits(clause.of, p.label) for _, clause in named for p in record.parts)


def _people(members: Iterable[Actor]) -> Mapping[str, Sequence[Person]]:
    found: dict[str, list[Person]] = {}
    for actor in members:
        found.setdefault(actor.agency, []).append(Person(actor.membership, requester_of(actor)))
    return found


def _parts(record: RecordView, carried: Sequence[CarriedKey]) -> tuple[Exposed, ...]:
    keys: dict[UUID, dict[UUID, str]] = {}
    for key in carried:
        keys.setdefault(key.part_id, {})[key.key] = key.kind
    return tuple(Exposed(p.kind, p.label, keys.get(p.part_id, {})) for p in record.parts)


# -- cases -----------------------------------------------------------------------------------------


def _cases(scope: Scope, record_id: UUID, carried: Iterable[CarriedKey]) -> tuple[CaseWay, ...]:
    """The cases in which parts of the record are placed, or for which they were granted."""
    asked = {ids.case_key(g.case_id): g for g in granted_cases(scope, record_id)}
    keys = [*(k.key for k in carried if k.kind == "case"), *asked]
    holdings: dict[UUID, list[CaseHolding]] = {}
    for holding in agreements.holders_of_keys(keys):
        holdings.setdefault(holding.case_key, []).append(holding)
    ways, others = [], 0
    for key in dict.fromkeys(keys):
        known = holdings.get(key, [])
        number = known[0].number if known else asked[key].case_number if key in asked else None
        others += number is None
        case_id = known[0].case_id if known else asked[key].case_id if key in asked else None
        ways.append(
            CaseWay(
                name=number or ("another case" if others == 1 else f"another case ({others})"),
                key=key,
                case_id=case_id,
                purposes=frozenset(known[0].purposes) if known else None,
                holders=_holders(scope, key, known),
            )
        )
    return tuple(ways)


def _holders(scope: Scope, key: UUID, known: Sequence[CaseHolding]) -> Words | None:
    """Who works on the case; None where the viewer may not know everybody."""
    actor = scope.actor
    leads = "supervisor" in actor.roles and any(h.lead_agency == actor.agency for h in known)
    inside = scope.context.case_id is not None and key == ids.case_key(scope.context.case_id)
    return frozenset(h.membership_id for h in known) if leads or inside else None


# -- keys ------------------------------------------------------------------------------------------


def _said(
    record: RecordView,
    carried: Iterable[CarriedKey],
    cases: Sequence[CaseWay],
    directory: Sequence[AgencyEntry],
) -> Iterable[KeySaid]:
    """The keys on the record in words, one for all parts that carry it alike."""
    kinds = {p.part_id: p.kind for p in record.parts}
    meanings = _meanings(cases, directory)
    found: dict[tuple[str, Meaning, datetime | None], list[str]] = {}
    for key in carried:
        name = (key.kind, meanings.get(key.key, (None, None, None)), key.until)
        found.setdefault(name, []).append(kinds[key.part_id])
    for (kind, (agency, case, purpose), until), parts in found.items():
        yield KeySaid(kind, tuple(parts), agency, case, purpose, until)


def _meanings(cases: Sequence[CaseWay], directory: Sequence[AgencyEntry]) -> Mapping[UUID, Meaning]:
    """What each key that can be named means: towards which agency, in which case, for what."""
    purposes = Vocabulary.load(VOCABULARY_VERSION).words("purpose")
    found: dict[UUID, Meaning] = {}
    for agency in directory:
        for case_id, name in ((None, None), *((c.case_id, c.name) for c in cases)):
            for key in keys_of(agency.id, purposes[0], case_id):
                found.setdefault(key, (agency.id, name, None))
        for purpose in purposes:
            found[ids.consent_key(agency.id, purpose)] = (agency.id, None, purpose)
    return found | {case.key: (None, case.name, None) for case in cases}
