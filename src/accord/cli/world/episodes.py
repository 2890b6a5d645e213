"""Everyday police work: thefts, violence, drugs, weapons, fraud, operations, each a few records.

Texts are short and neutral; what happened to a person is never told for effect.
"""

from __future__ import annotations

from collections.abc import Callable

from accord.cli.world.dice import Dice
from accord.cli.world.reports import (
    THINGS,
    account,
    arrest_and_charge,
    footage,
    harmed,
    incident,
    lab_report,
    phone_record,
    vehicle,
)
from accord.cli.world.scribe import Marking
from accord.cli.world.stage import Stage

Episode = Callable[[Stage, Dice], None]


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
