"""How an audience reads: a matrix of agencies and parts, and each way in with its clause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accord.agreements.domain import READ_ACTIONS
from accord.agreements.exposed import Exposure, Seen, Way
from accord.agreements.plain import obligation_text
from accord.desk.exposing import Audience, KeySaid
from accord.desk.simulation_screen import KEYS, Reading, reading
from accord.kernel.phrases import headed, joined, phrase
from accord.web.filters import as_date, listing, words

Names = Mapping[str, str]
LEVELS = {None: 0} | {action: n for n, action in enumerate(READ_ACTIONS, 1)}
REACH = {
    None: phrase("Nothing"),
    "match": phrase("Match only"),
    "hit": phrase("Hit"),
    "view": phrase("View"),
    "export": phrase("Export"),
    "onward": phrase("Pass on"),
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
        said.append(phrase("%(reading)s can read some of it", reading=listing(reading)))
    if knowing:
        said.append(
            phrase("%(knowing)s can learn that it exists and whom to ask", knowing=listing(knowing))
        )
    if not said:
        return phrase("Nobody outside your agency can see anything of it, not even that it exists.")
    return phrase(
        "%(said)s. Nobody else outside your agency can see anything of it.", said="; ".join(said)
    )


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
            phrase("nobody now")
            if not seen
            else phrase("1 person")
            if len(seen) == 1
            else phrase("%(number)s people", number=len(seen))
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
        who.append(
            phrase("trained in %(what)s", what=listing([words(t) for t in sorted(way.training)]))
        )
    if way.assurance:
        who.append(phrase("signed in at level %(assurance)s or higher", assurance=way.assurance))
    if way.clearance:
        who.append(
            phrase("cleared %(clearance)s or higher", clearance=words(way.clearance).lower())
        )
    terms = [(phrase("Who"), joined(who, ", ")), (phrase("For"), _lower(way.purposes, "or"))]
    if way.keys:
        cases = phrase(" (%(cases)s)", cases=listing(sorted(way.cases))) if way.cases else ""
        terms.append(
            (phrase("Because"), listing([KEYS.get(k, k) for k in sorted(way.keys)]) + cases)
        )
    if way.obligations:
        terms.append(
            (phrase("In return"), joined((obligation_text(o) for o in way.obligations), "; "))
        )
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
        reach = (
            phrase("reads %(read)s", read=listing(read))
            if read
            else phrase("learns that it exists")
        )
        where = sorted({o.case for o in openings if o.case})
        purposes = _lower({o.purpose for o in openings}, "or")
        within = phrase(", in %(where)s", where=listing(where)) if where else ""
        yield PersonLine(
            actor.name,
            actor.title,
            reach,
            phrase("for %(purposes)s%(within)s", purposes=purposes, within=within),
        )


def _key(key: KeySaid, names: Names, zone: str) -> str:
    which = listing([words(p).lower() for p in key.parts])
    towards = names.get(key.agency or "", key.agency or "")
    until = phrase(", until %(day)s", day=as_date(key.until, zone)) if key.until else ""
    within = phrase(" in %(case)s", case=key.case) if key.case else ""
    match key.kind:
        case "case":
            return phrase(
                "Placed in %(case)s: %(which)s%(until)s",
                case=key.case or phrase("another case"),
                which=which,
                until=until,
            )
        case "grant":
            return phrase(
                "Granted to %(towards)s%(within)s: %(which)s%(until)s",
                towards=towards or phrase("an agency"),
                within=within,
                which=which,
                until=until,
            )
        case "consent":
            purpose = (
                phrase(" for %(purpose)s", purpose=words(key.purpose).lower())
                if key.purpose
                else ""
            )
            return phrase(
                "Consented towards %(towards)s%(purpose)s: %(which)s%(until)s",
                towards=towards or phrase("an agency"),
                purpose=purpose,
                which=which,
                until=until,
            )
        case _:
            said = KEYS.get(key.kind, key.kind)
            return phrase(
                "%(said)s (%(towards)s%(within)s): %(which)s%(until)s",
                said=headed(said),
                towards=towards or phrase("an agency"),
                within=within,
                which=which,
                until=until,
            )
