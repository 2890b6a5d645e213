"""How an audience reads: a matrix of agencies and parts, and each way in with its clause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accord.agreements.domain import READ_ACTIONS
from accord.agreements.exposed import Exposure, Seen, Way
from accord.agreements.plain import obligation_text
from accord.desk.exposing import Audience, KeySaid
from accord.desk.simulation_screen import KEYS, Reading, reading
from accord.web.filters import as_date, listing, words

Names = Mapping[str, str]
LEVELS = {None: 0} | {action: n for n, action in enumerate(READ_ACTIONS, 1)}
REACH = {
    None: "Nothing",
    "match": "Match only",
    "hit": "Hit",
    "view": "View",
    "export": "Export",
    "onward": "Pass on",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """How far an agency can reach into a part, and how many people do so now."""

    part: str
    action: str | None
    level: int
    text: str
    people: str | None


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody who has a way in now, and in which circumstances."""

    name: str
    title: str
    reach: str
    where: str


@dataclass(frozen=True, slots=True)
class WayLine:
    """A way in as a person reads it; what it opens of which parts, and at which price."""

    reach: str
    parts: str
    terms: tuple[tuple[str, str], ...]
    clauses: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class AgencyLine:
    """One agency: its row of the matrix, its ways and its people."""

    id: str
    name: str
    own: bool
    reach: str
    cells: tuple[Cell, ...]
    ways: tuple[WayLine, ...]
    people: tuple[PersonLine, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole answer."""

    parts: tuple[str, ...]
    others: tuple[AgencyLine, ...]
    own: AgencyLine | None
    nobody_else: tuple[str, ...]
    sentence: str
    keys: tuple[str, ...]
    unknown_cases: tuple[str, ...]
    in_emergency: tuple[str, ...]


def matrix(found: Audience, own: str, zone: str) -> Matrix:
    """The audience as it is drawn; agencies that can reach nothing are left out."""
    names = {a.id: a.name for a in found.agencies}
    lines = [
        _line(found, agency.id, agency.name, own=agency.id == own)
        for agency in found.agencies
        if any(e.action for e in found.towards(agency.id))
    ]
    others = sorted((x for x in lines if not x.own), key=lambda x: (-_top(x), x.name))
    parts = [p.kind for p in found.record.parts]
    readers = {e.part for e in found.exposures if e.agency != own and _reads(e.action)}
    return Matrix(
        parts=tuple(words(p) for p in parts),
        others=tuple(others),
        own=next((x for x in lines if x.own), None),
        nobody_else=tuple(words(p).lower() for p in parts if p not in readers),
        sentence=_sentence(others),
        keys=tuple(_key(k, names, zone) for k in found.keys),
        unknown_cases=tuple(c.name for c in found.cases if c.holders is None),
        in_emergency=tuple(names[a] for a in found.in_emergency),
    )


def _top(line: AgencyLine) -> int:
    return max(cell.level for cell in line.cells)


def _reads(action: str | None) -> bool:
    return LEVELS[action] >= LEVELS["view"]


def _sentence(others: Sequence[AgencyLine]) -> str:
    reading = [x.name for x in others if any(_reads(c.action) for c in x.cells)]
    knowing = [x.name for x in others if x.name not in reading]
    said = []
    if reading:
        said.append(f"{listing(reading)} can read some of it")
    if knowing:
        said.append(f"{listing(knowing)} can learn that it exists and whom to ask")
    if not said:
        return "Nobody outside your agency can see anything of it, not even that it exists."
    return f"{'; '.join(said)}. Nobody else outside your agency can see anything of it."


def _line(found: Audience, agency: str, name: str, *, own: bool) -> AgencyLine:
    exposures = found.towards(agency)
    top = max((e.action for e in exposures), key=LEVELS.__getitem__)
    return AgencyLine(
        id=agency,
        name=name,
        own=own,
        reach=REACH[top].lower(),
        cells=tuple(_cell(e) for e in exposures),
        ways=tuple(_ways(exposures)),
        people=tuple(_people(found, exposures)),
    )


def _cell(exposure: Exposure) -> Cell:
    action = exposure.action
    seen = [p for p in exposure.people if _reads(p.action)]
    people = None
    if _reads(action):
        people = (
            "nobody now" if not seen else "1 person" if len(seen) == 1 else f"{len(seen)} people"
        )
    return Cell(words(exposure.part), action, LEVELS[action], REACH[action], people)


def _ways(exposures: Iterable[Exposure]) -> Iterable[WayLine]:
    """Each way once, with the parts that it opens."""
    parts: dict[tuple[object, ...], list[str]] = {}
    first: dict[tuple[object, ...], Way] = {}
    for exposure in exposures:
        for way in exposure.ways:
            name = (
                way.action,
                tuple(c.citation for c in way.cited),
                way.roles,
                way.purposes,
                way.cases,
                way.obligations,
            )
            parts.setdefault(name, []).append(words(exposure.part).lower())
            first.setdefault(name, way)
    ordered = sorted(first, key=lambda n: -LEVELS[first[n].action])
    for chosen in ordered:
        way = first[chosen]
        clauses = tuple(reading(c, onward=n > 0) for n, c in enumerate(way.cited))
        yield WayLine(REACH[way.action], listing(parts[chosen]), _terms(way), clauses)


def _terms(way: Way) -> tuple[tuple[str, str], ...]:
    who = [_lower(way.roles)]
    if way.training:
        who.append(f"trained in {listing([words(t) for t in sorted(way.training)])}")
    if way.assurance:
        who.append(f"signed in at level {way.assurance} or higher")
    if way.clearance:
        who.append(f"cleared {words(way.clearance).lower()} or higher")
    terms = [("Who", ", ".join(who)), ("For", _lower(way.purposes, "or"))]
    if way.keys:
        cases = f" ({listing(sorted(way.cases))})" if way.cases else ""
        terms.append(("Because", listing([KEYS.get(k, k) for k in sorted(way.keys)]) + cases))
    if way.obligations:
        terms.append(("In return", "; ".join(obligation_text(o) for o in way.obligations)))
    return tuple(terms)


def _lower(chosen: Iterable[str], last: str = "and") -> str:
    return listing([words(word).lower() for word in sorted(chosen)], last)


def _people(found: Audience, exposures: Iterable[Exposure]) -> Iterable[PersonLine]:
    """Everybody who can read or learn something now, with the parts they read."""
    seen: dict[str, list[tuple[str, Seen]]] = {}
    for exposure in exposures:
        for person in exposure.people:
            if LEVELS[person.action] >= LEVELS["hit"]:
                seen.setdefault(person.membership, []).append((exposure.part, person))
    for membership in sorted(seen, key=lambda m: found.people[m].name):
        actor = found.people[membership]
        read = [words(p).lower() for p, s in seen[membership] if _reads(s.action)]
        openings = {o for _, s in seen[membership] for o in s.openings}
        if read:
            openings = {o for o in openings if _reads(o.action)}
        reach = f"reads {listing(read)}" if read else "learns that it exists"
        where = sorted({o.case for o in openings if o.case})
        purposes = _lower({o.purpose for o in openings}, "or")
        within = f", in {listing(where)}" if where else ""
        yield PersonLine(actor.name, actor.title, reach, f"for {purposes}{within}")


def _key(key: KeySaid, names: Names, zone: str) -> str:
    which = listing([words(p).lower() for p in key.parts])
    towards = names.get(key.agency or "", key.agency or "")
    until = f", until {as_date(key.until, zone)}" if key.until else ""
    within = f" in {key.case}" if key.case else ""
    match key.kind:
        case "case":
            return f"Placed in {key.case or 'another case'}: {which}{until}"
        case "grant":
            return f"Granted to {towards or 'an agency'}{within}: {which}{until}"
        case "consent":
            purpose = f" for {words(key.purpose).lower()}" if key.purpose else ""
            return f"Consented towards {towards or 'an agency'}{purpose}: {which}{until}"
        case _:
            said = KEYS.get(key.kind, key.kind)
            return (
                f"{said[:1].upper()}{said[1:]} ({towards or 'an agency'}{within}): {which}{until}"
            )
