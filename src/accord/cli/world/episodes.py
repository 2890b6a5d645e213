"""Everyday police work: thefts, violence, drugs, weapons, fraud, operations, each a few records.

Texts are short and neutral; what happened to a person is never told for effect.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from accord.cli.world.dice import Dice
from accord.cli.world.scribe import Marking
from accord.cli.world.stage import Known, Stage

Episode = Callable[[Stage, Dice], None]

THINGS = ("none",)
MINOR_AGES = (10, 17)


def later(when: str, days: int) -> str:
    """The day some days after a moment, as a date."""
    return (date.fromisoformat(when[:10]) + timedelta(days=days)).isoformat()


def kept_until(when: str, years: int) -> str:
    return later(when, years * 365 - 1)


def incident(
    stage: Stage,
    dice: Dice,
    agency: str,
    town: str,
    when: str,
    offence: str,
    category: str,
    **more: str,
) -> str:
    core = {
        "category": [category],
        "status": [dice.pick(["open", "cleared", "inactive"])],
    }
    core |= {"incidentNumber": [f"{when[2:4]}-{dice.digits(6)}"], "startDate": [when]}
    core |= {name: [value] for name, value in more.items() if name != "text"}
    parts = {"core": core, "location": stage.place_parts(dice, town) | {"city": [town]}}
    if "text" in more:
        parts["narrative"] = {"text": [more["text"]]}
    return stage.scribe.write(agency, "Incident", when, Marking(THINGS, offence), parts)


def arrest_and_charge(
    stage: Stage,
    dice: Dice,
    agency: str,
    known: Known,
    when: str,
    offence: str,
    statute: str,
) -> None:
    written = stage.written(dice, known, agency)
    identity = {"name": written.names} | ({"birthDate": [written.born]} if written.born else {})
    marking = Marking(("suspect",), offence)
    stage.scribe.write(
        agency,
        "Arrest",
        when,
        marking,
        {
            "core": {
                "category": ["arrest"],
                "status": ["released-on-bail"],
                "arrestNumber": [f"A{dice.digits(6)}"],
            },
            "identity": identity | {"bookingNumber": [f"B{dice.digits(6)}"]},
            "location": stage.place_parts(dice, known.someone.town),
        },
        person=known.id,
    )
    if dice.chance(0.6):
        prosecution = dice.pick(stage.of_kind("prosecution"))
        stage.scribe.write(
            prosecution,
            "Charge",
            when,
            Marking(("suspect",), offence, sealed=dice.chance(0.03)),
            {
                "core": {
                    "category": ["charge"],
                    "status": ["pending"],
                    "statute": [statute],
                    "counts": [str(dice.between(1, 3))],
                    "court": ["Tri-County District Court"],
                },
                "identity": identity,
            },
            person=known.id,
        )
    if dice.chance(0.15):
        warrant(stage, dice, agency, known, when, offence)


def warrant(stage: Stage, dice: Dice, agency: str, known: Known, when: str, offence: str) -> None:
    stage.scribe.write(
        agency,
        "Warrant",
        when,
        Marking(("suspect",), offence, sealed=dice.chance(0.1)),
        {
            "core": {
                "category": [dice.pick(["arrest-warrant", "search-warrant"])],
                "status": [dice.pick(["active", "executed", "recalled"])],
                "warrantNumber": [f"W-{when[:4]}-{dice.digits(5)}"],
                "court": ["Tri-County District Court"],
                "issuedAt": [when[:10]],
            },
            "identity": {
                "name": stage.written(dice, known, agency).names,
                "birthDate": [known.someone.born.isoformat()],
            },
        },
        person=known.id,
    )


def harmed(
    stage: Stage,
    dice: Dice,
    agency: str,
    town: str,
    when: str,
    offence: str,
    role: str = "victim",
) -> Known:
    """A person who was harmed or who saw it; children are marked as such."""
    child = dice.chance(0.08)
    ages = MINOR_AGES if child else (18, 80)
    known = stage.meet(dice, gender=dice.pick(["male", "female"]), ages=ages, town=town)
    marking = Marking((role,), offence, sensitivity="sensitive", basis="consent", minor=child)
    stage.person(dice, agency, known, when, marking, role)
    return known


def theft(stage: Stage, dice: Dice) -> None:
    agency, town = stage.policing(dice)
    counts = stage.counts.thefts
    when = stage.moment(dice, counts)
    place = dice.from_counts(counts["place"]).replace(" ", "-")
    incident(
        stage,
        dice,
        agency,
        town,
        when,
        "property",
        "vehicle-theft",
        premisesType=place,
        text="Vehicle reported missing; no forced entry seen.",
    )
    vehicle(stage, dice, agency, town, when, "property", "stolen")
    if dice.chance(0.3):
        harmed(stage, dice, agency, town, when, "property")
    if dice.chance(0.25):
        suspect = stage.suspect(dice, town)
        stage.person(dice, agency, suspect, when, Marking(("suspect",), "property"), "suspect")
        if dice.chance(0.4):
            other = stage.other_police(dice, agency)
            stage.person(dice, other, suspect, when, Marking(("suspect",), "property"), "suspect")
        if dice.chance(0.5):
            arrest_and_charge(stage, dice, agency, suspect, when, "property", "Theft of a vehicle")


def vehicle(
    stage: Stage,
    dice: Dice,
    agency: str,
    town: str,
    when: str,
    offence: str,
    status: str,
) -> str:
    make, model = dice.pick(stage.counts.places["makes"])
    return stage.scribe.write(
        agency,
        "Vehicle",
        when,
        Marking(THINGS, offence),
        {
            "core": {
                "category": ["vehicle"],
                "status": [status],
                "make": [make],
                "model": [model],
                "modelYear": [str(dice.between(2005, stage.as_of.year))],
                "colour": [dice.pick(stage.counts.places["colours"])],
            },
            "identity": {"plate": [stage.plate(dice)], "vin": [stage.vin(dice)]},
            "location": stage.place_parts(dice, town),
        },
    )


def property_crime(stage: Stage, dice: Dice) -> None:
    agency, town = stage.policing(dice)
    when = stage.moment(dice, stage.counts.thefts)
    incident(
        stage,
        dice,
        agency,
        town,
        when,
        "property",
        dice.pick(["burglary", "theft", "damage"]),
        premisesType=dice.pick(["residence", "shop", "farm", "vehicle"]),
        text="Entry at the rear; scene photographed; neighbours asked.",
    )
    stage.scribe.write(
        agency,
        "Item",
        when,
        Marking(THINGS, "property"),
        {
            "core": {
                "category": ["property"],
                "status": [dice.pick(["missing", "recovered"])],
                "itemType": [dice.pick(["tool", "bicycle", "telephone", "jewellery", "laptop"])],
                "value": [str(dice.between(2, 90) * 25)],
                "currency": ["usd"],
            },
            "identity": {"serialNumber": [f"SN{dice.digits(8)}"]},
        },
    )
    if dice.chance(0.5):
        harmed(stage, dice, agency, town, when, "property")
    if dice.chance(0.2):
        footage(stage, dice, agency, town, when, "property")


def footage(stage: Stage, dice: Dice, agency: str, town: str, when: str, offence: str) -> None:
    stage.scribe.write(
        agency,
        "Footage",
        when,
        Marking(THINGS, offence, basis=dice.pick(["consent", "warrant"])),
        {
            "core": {
                "category": ["footage"],
                "status": ["preserved"],
                "footageNumber": [f"F{dice.digits(6)}"],
                "device": [dice.pick(["body camera", "street camera", "shop camera"])],
                "startDate": [when],
                "durationSeconds": [str(dice.between(20, 3600))],
            },
            "location": stage.place_parts(dice, town),
        },
    )


def violence(stage: Stage, dice: Dice) -> None:
    agency, town = stage.policing(dice)
    when = stage.moment(dice, stage.counts.homicides)
    incident(
        stage,
        dice,
        agency,
        town,
        when,
        "violence",
        dice.pick(["assault", "robbery", "threat"]),
        premisesType=dice.from_counts(stage.counts.homicides["place"]).replace(" ", "-"),
        text="Patrol attended; first aid given; statements to be taken.",
    )
    harmed(stage, dice, agency, town, when, "violence")
    if dice.chance(0.5):
        harmed(stage, dice, agency, town, when, "violence", "witness")
    suspect = stage.suspect(dice, town)
    stage.person(dice, agency, suspect, when, Marking(("suspect",), "violence"), "suspect")
    if dice.chance(0.6):
        arrest_and_charge(stage, dice, agency, suspect, when, "violence", "Assault")
    if dice.chance(0.3):
        lab_report(stage, dice, when, "violence", "dna")


def lab_report(stage: Stage, dice: Dice, when: str, offence: str, discipline: str) -> None:
    biometric = {"dnaProfileNumber": [f"D{dice.digits(7)}"]} if discipline == "dna" else {}
    stage.scribe.write(
        dice.pick(stage.of_kind("laboratory", "state-bureau")),
        "LabReport",
        when,
        Marking(("unknown",) if biometric else THINGS, offence),
        {
            "core": {
                "category": ["laboratory-report"],
                "status": ["issued"],
                "reportNumber": [f"L-{when[:4]}-{dice.digits(5)}"],
                "discipline": [discipline],
                "examinedAt": [later(when, dice.between(3, 60))],
                "result": [dice.pick(["confirmed", "inconclusive", "excluded"])],
            },
            "biometric": biometric,
        },
    )


def drugs(stage: Stage, dice: Dice) -> None:
    agency, town = stage.policing(dice)
    when = stage.moment(dice, stage.counts.homicides)
    suspect = stage.suspect(dice, town)
    marking = Marking(("suspect",), "drugs")
    stage.person(dice, agency, suspect, when, marking, "suspect")
    stage.scribe.write(
        agency,
        "Item",
        when,
        Marking(THINGS, "drugs", basis="warrant"),
        {
            "core": {
                "category": ["seized"],
                "status": ["in-custody"],
                "itemType": [dice.pick(["tablets", "powder", "cash", "scales"])],
                "quantity": [str(dice.between(1, 400))],
                "exhibitNumber": [f"EX{dice.digits(6)}"],
            }
        },
    )
    phone_record(stage, dice, agency, suspect, when, "drugs")
    lab_report(stage, dice, when, "drugs", "chemistry")
    if dice.chance(0.5):
        other = stage.other_police(dice, agency)
        stage.person(dice, other, suspect, when, marking, "suspect")
    if dice.chance(0.5):
        arrest_and_charge(stage, dice, agency, suspect, when, "drugs", "Possession with intent")


def phone_record(
    stage: Stage,
    dice: Dice,
    agency: str,
    known: Known,
    when: str,
    offence: str,
    **more: object,
) -> None:
    stage.scribe.write(
        agency,
        "Phone",
        when,
        Marking(("suspect",), offence, basis="warrant"),
        {
            "core": {
                "category": ["telephone"],
                "status": ["in-use"],
                "startDate": [when[:10]],
            },
            "identity": {
                "phone": [known.someone.phones[0]],
                "imei": [f"99{dice.digits(13)}"],
                "owner": stage.written(dice, known, agency).names[:1],
            },
        },
        **more,  # type: ignore[arg-type]
    )


def weapons(stage: Stage, dice: Dice) -> None:
    agency, town = stage.policing(dice)
    when = stage.moment(dice, stage.counts.homicides)
    make, model, kind, calibre = dice.pick(stage.counts.places["firearms"])
    stage.scribe.write(
        agency,
        "Firearm",
        when,
        Marking(THINGS, "weapons"),
        {
            "core": {
                "category": ["firearm"],
                "status": [dice.pick(["recovered", "stolen", "in-custody"])],
                "make": [make],
                "model": [model],
                "calibre": [calibre],
                "firearmType": [kind],
            },
            "identity": {"serialNumber": [f"K{dice.digits(7)}"]},
            "location": stage.place_parts(dice, town),
        },
    )
    if dice.chance(0.5):
        suspect = stage.suspect(dice, town)
        stage.person(dice, agency, suspect, when, Marking(("suspect",), "weapons"), "suspect")
        arrest_and_charge(stage, dice, agency, suspect, when, "weapons", "Unlawful possession")


def fraud(stage: Stage, dice: Dice) -> None:
    agency = dice.pick(stage.of_kind("state-bureau", "police"))
    town = stage.counts.places["towns"][0]["name"]
    when = stage.moment(dice, stage.counts.thefts)
    suspect = stage.suspect(dice, town)
    stage.person(dice, agency, suspect, when, Marking(("suspect",), "financial"), "suspect")
    street = dice.pick(stage.counts.places["streets"])
    stage.scribe.write(
        agency,
        "Organization",
        when,
        Marking(THINGS, "financial"),
        {
            "core": {
                "category": ["company"],
                "status": ["active"],
                "sector": ["services"],
            },
            "identity": {
                "name": [f"{street} {dice.pick(['Trading', 'Holdings', 'Imports'])} LLC"],
                "registrationNumber": [f"ZZ{dice.digits(8)}"],
            },
            "contact": {"phone": [stage.phone()]},
        },
    )
    account(stage, dice, agency, when, "financial", "bank")
    stage.scribe.write(
        agency,
        "Document",
        when,
        Marking(THINGS, "financial", basis="warrant"),
        {
            "core": {
                "category": ["document"],
                "status": ["held"],
                "documentNumber": [f"DOC{dice.digits(7)}"],
                "documentType": [dice.pick(["bank-statement", "invoice", "contract"])],
            },
            "narrative": {"summary": ["Copy obtained from the bank; transfers listed by date."]},
        },
    )


def account(
    stage: Stage,
    dice: Dice,
    agency: str,
    when: str,
    offence: str,
    kind: str,
    **more: object,
) -> str:
    identity = (
        {"accountNumber": [f"ZZ{dice.digits(10)}"]}
        if kind == "bank"
        else {"accountHandle": [f"handle{dice.digits(6)}.example"]}
    )
    return stage.scribe.write(
        agency,
        "Account",
        when,
        Marking(THINGS, offence, basis="warrant"),
        {
            "core": {
                "category": ["account"],
                "status": ["open"],
                "accountType": [kind],
            },
            "identity": identity,
        },
        **more,  # type: ignore[arg-type]
    )


def operation(stage: Stage, dice: Dice) -> None:
    agency, town = stage.policing(dice)
    when = stage.moment(dice, stage.counts.homicides, years=1)
    stage.scribe.write(
        agency,
        "Operation",
        when,
        Marking(THINGS, dice.pick(["drugs", "human-trafficking", "weapons"]), "sensitive"),
        {
            "core": {
                "category": ["operation"],
                "status": ["planned"],
                "operationNumber": [f"OP{dice.digits(5)}"],
                "startDate": [when],
                "radius": [str(dice.between(2, 20) * 50)],
            },
            "location": stage.place_parts(dice, town),
        },
    )


def address_check(stage: Stage, dice: Dice) -> None:
    agency, town = stage.policing(dice)
    when = stage.moment(dice, stage.counts.thefts)
    stage.scribe.write(
        agency,
        "Address",
        when,
        Marking(THINGS, "none"),
        {
            "core": {
                "category": ["premises"],
                "status": ["checked"],
                "premisesType": [dice.pick(["motel", "residence", "farm", "warehouse", "shop"])],
            },
            "location": stage.place_parts(dice, town) | {"city": [town]},
        },
    )
