"""Planted rings and decoys: what an investigator should find, and what should not be taken for it.

How many contacts the members of a ring have is drawn from published covert networks; the links
show in the records only as shared telephones, vehicles, rooms, accounts and advertisements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from accord.cli.world.dice import Dice
from accord.cli.world.people import draw_born, draw_name, relative
from accord.cli.world.reports import vehicle
from accord.cli.world.scribe import Marking
from accord.cli.world.stage import Known, Stage
from accord.cli.world.trafficking import (
    intelligence_report,
    recent,
    report,
    service,
    survivor,
    survivor_record,
)

ROLES = ("controller", "recruiter", "driver", "money-handler", "lookout")
HT = "human-trafficking"
DEGREE_CAP = 12
"""No more contacts than this are written down for one member; a large hub would fill the world."""


@dataclass
class Ring:
    """One ring while it is being written."""

    name: str
    form: str
    case: str | None
    town: str
    agencies: list[str]
    motel: str
    phone: str
    members: list[tuple[str, Known]] = field(default_factory=list)

    @property
    def more(self) -> dict[str, Any]:
        return {"ring": self.name}


def draw_degree(dice: Dice, networks: dict[str, Any]) -> int:
    """How many contacts a member has, over all networks together."""
    spread: dict[str, float] = {}
    for network in networks.values():
        for degree, count in network["degree"].items():
            spread[degree] = spread.get(degree, 0) + count
    return min(int(dice.from_counts(spread)), DEGREE_CAP)


def plant_rings(stage: Stage, dice: Dice, cases: Sequence[dict[str, Any]], count: int = 3) -> None:
    """Plants rings, each in an open trafficking case of the world as far as there are any."""
    open_cases = [
        c for c in cases
        if c["state"] == "open" and HT + "-investigation" in c["purposes"]
    ]  # fmt: skip
    forms = ("labour", "sexual", "both")
    for number in range(1, count + 1):
        case = open_cases[number % len(open_cases)] if number < len(open_cases) else None
        plant_ring(stage, dice, f"ring-{number}", forms[number % 3], case)


def plant_ring(stage: Stage, dice: Dice, name: str, form: str, case: dict[str, Any] | None) -> None:
    towns = [t["name"] for t in stage.counts.places["towns"]]
    police = stage.of_kind("police", "sheriff", "state-bureau")
    motel = dice.pick(stage.counts.places["motels"])
    ring = Ring(
        name, form, case["number"] if case else None, dice.pick(towns), police, motel, stage.phone()
    )
    stage.scribe.key.ring(name, {"form": form, "case": ring.case})
    _members(stage, dice, ring)
    _things(stage, dice, ring)
    _survivors(stage, dice, ring)
    _contacts(stage, dice, ring)


def _members(stage: Stage, dice: Dice, ring: Ring) -> None:
    roles = [*ROLES, *(dice.pick(ROLES[1:]) for _ in range(dice.between(1, 4)))]
    culture = dice.pick(["slavic", "hispanic", "vietnamese", "chinese", "english"])
    for role in roles:
        of = culture if dice.chance(0.7) else None
        known = stage.meet(dice, culture=of, town=ring.town)
        ring.members.append((role, known))
        stage.scribe.key.in_ring(ring.name, role, known.id)
        agencies = dice.shuffled(ring.agencies)[: dice.between(1, len(ring.agencies))]
        if role == "recruiter" and dice.chance(0.6):
            agencies.append(dice.pick(stage.of_kind("foreign-authority")))
        for agency in agencies:
            _member_record(stage, dice, ring, agency, role, known)


def _member_record(
    stage: Stage, dice: Dice, ring: Ring, agency: str, role: str, known: Known
) -> None:
    abroad = agency in stage.of_kind("foreign-authority")
    subject = "contact" if role == "lookout" else "suspect"
    marking = Marking((subject,), HT, handling="H2" if abroad else "none")
    contact = {"phone": [*known.someone.phones, ring.phone]} if dice.chance(0.5) else {}
    placed = ring.case is not None and dice.chance(0.4) and not abroad
    stage.person(
        dice,
        agency,
        known,
        recent(stage, dice, 300),
        marking,
        "suspect" if subject == "suspect" else "contact",
        extra={"contact": contact} if contact else None,
        cases=[ring.case] if placed and ring.case else [],
        ring=ring.name,
    )


def _things(stage: Stage, dice: Dice, ring: Ring) -> None:
    """The telephone, the van, the motel, the front, the account and the advertisements."""
    when = recent(stage, dice, 200)
    cases = [ring.case] if ring.case else []
    for agency in ring.agencies[:2]:
        stage.scribe.write(
            agency,
            "Phone",
            when,
            Marking(("suspect",), HT, basis="warrant"),
            {
                "core": {"category": ["telephone"], "status": ["in-use"]},
                "identity": {"phone": [ring.phone], "imei": [f"99{dice.digits(13)}"]},
            },
            cases=cases if agency == ring.agencies[0] else [],
            ring=ring.name,
        )
    vehicle_ref = vehicle(stage, dice, ring.agencies[0], ring.town, when, HT, "of-interest")
    stage.scribe.key.rings[ring.name]["records"].append([ring.agencies[0], vehicle_ref])
    place = dict(stage.place_parts(dice, ring.town, ring.motel), city=[ring.town])
    stage.scribe.write(
        ring.agencies[0],
        "Address",
        when,
        Marking(("none",), HT),
        {
            "core": {
                "category": ["premises"],
                "status": ["of-interest"],
                "premisesType": ["motel"],
            },
            "location": place,
        },
        ring=ring.name,
    )
    _front(stage, dice, ring, when)
    for _ in range(dice.between(2, 4)):
        _advertisement(stage, dice, ring)


def _front(stage: Stage, dice: Dice, ring: Ring, when: str) -> None:
    stage.scribe.write(
        ring.agencies[-1],
        "Organization",
        when,
        Marking(("suspect",), HT),
        {
            "core": {"category": ["company"], "status": ["active"], "sector": ["services"]},
            "identity": {"name": [dice.pick(stage.counts.places["fronts"])]},
            "contact": {"phone": [ring.phone]},
        },
        ring=ring.name,
    )


def _advertisement(stage: Stage, dice: Dice, ring: Ring) -> None:
    kind = "job-offer" if ring.form == "labour" else "online-advertisement"
    stage.scribe.write(
        dice.pick(ring.agencies),
        "Document",
        recent(stage, dice, 250),
        Marking(("none",), HT, basis="open-source"),
        {
            "core": {
                "category": ["advertisement"],
                "status": ["archived"],
                "documentNumber": [f"AD{dice.digits(7)}"],
                "documentType": [kind],
            },
            "narrative": {"summary": [f"Archived with telephone {ring.phone}; text not repeated."]},
        },
        ring=ring.name,
    )


def _survivors(stage: Stage, dice: Dice, ring: Ring) -> None:
    for number in range(1, dice.between(3, 6) + 1):
        known, child = survivor(stage, dice, ring.form, ring.town)
        pseudonym = f"{ring.name}-victim-{number}"
        known.id = pseudonym
        stage.scribe.key.in_ring(ring.name, "victim", pseudonym)
        when = recent(stage, dice, 200)
        agency = dice.pick(ring.agencies[:2])
        cases = [ring.case] if ring.case else []
        survivor_record(stage, dice, agency, known, child, when, cases=cases, ring=ring.name)
        report(stage, dice, agency, ring.town, when, ring.form, ring=ring.name)
        if dice.chance(0.6):
            service(stage, dice, known, child, when, ring=ring.name)


def _contacts(stage: Stage, dice: Dice, ring: Ring) -> None:
    """Intelligence that links members: as many reports as the member has contacts, thinned."""
    bureau = dice.pick(stage.of_kind("state-bureau"))
    for _, known in ring.members:
        for _ in range(draw_degree(dice, stage.counts.networks) // 4):
            intelligence_report(
                stage, dice, bureau, known, recent(stage, dice, 300), HT, ring=ring.name
            )


def plant_decoys(stage: Stage, dice: Dice) -> None:
    _family(stage, dice)
    _staffing_agency(stage, dice)
    _namesakes(stage, dice)


def _family(stage: Stage, dice: Dice) -> None:
    """Four siblings with one door and one telephone, of whom one is suspected of a theft."""
    first = stage.meet(dice, culture="hispanic")
    family = [first]
    for _ in range(3):
        gender = dice.pick(["male", "female"])
        given = draw_name(dice, stage.counts.names, gender, "hispanic")["given"]
        born = draw_born(dice, stage.as_of, 19, 40)
        someone = relative(first.someone, given, gender, born)
        family.append(Known(stage.scribe.new_person(), someone))
    police = stage.of_kind("police", "sheriff")
    for number, known in enumerate(family):
        subject, offence = ("suspect", "property") if number == 0 else ("contact", "none")
        for agency in police[: 1 + number % 2]:
            when = recent(stage, dice, 400)
            stage.person(dice, agency, known, when, Marking((subject,), offence), subject)
    ids = [known.id for known in family]
    stage.scribe.key.decoy("family", "siblings who share a door and a telephone", ids)


def _staffing_agency(stage: Stage, dice: Dice) -> None:
    """A lawful employer whose workers share a telephone, a van and a house."""
    agency = dice.pick(stage.of_kind("sheriff", "police"))
    when = recent(stage, dice, 400)
    phone = stage.phone()
    name = dice.pick(stage.counts.places["staffing"])
    stage.scribe.write(
        agency,
        "Organization",
        when,
        Marking(("other",), "none"),
        {
            "core": {
                "category": ["company"],
                "status": ["inspected-no-concern"],
                "sector": ["staffing"],
            },
            "identity": {"name": [name], "registrationNumber": [f"ZZ{dice.digits(8)}"]},
            "contact": {"phone": [phone]},
            "narrative": {"text": ["Labour inspection found wages and papers in order."]},
        },
    )
    workers = []
    for _ in range(8):
        known = stage.meet(dice, town="Harlan")
        extra = {"contact": {"phone": [phone]}}
        marking = Marking(("other",), "none")
        stage.person(dice, agency, known, when, marking, "employee", extra=extra)
        workers.append(known.id)
    vehicle(stage, dice, agency, "Harlan", when, "none", "registered")
    stage.scribe.key.decoy("staffing-agency", "a lawful employer with a shared telephone", workers)


def _namesakes(stage: Stage, dice: Dice) -> None:
    """Three people with one name and three birth dates."""
    first = stage.meet(dice, culture="english", gender="male")
    people = [first]
    for _ in range(2):
        other = stage.meet(dice, culture="english", gender="male")
        someone = other.someone
        same = relative(first.someone, first.someone.given, "male", someone.born)
        people.append(
            Known(other.id, type(same)(**{**vars(same), "phones": someone.phones,
                                         "street": someone.street, "licence": someone.licence}))
        )  # fmt: skip
    police = stage.of_kind("police", "sheriff", "state-bureau")
    for number, known in enumerate(people):
        agency = police[number % len(police)]
        when = recent(stage, dice, 500)
        stage.person(dice, agency, known, when, Marking(("suspect",), "drugs"), "suspect")
    stage.scribe.key.decoy("namesakes", "one name, three people", [k.id for k in people])
