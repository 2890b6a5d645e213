"""Single records that many episodes need: an incident, an arrest, a vehicle, a report."""

from __future__ import annotations

from datetime import date, timedelta

from accord.cli.world.dice import Dice
from accord.cli.world.scribe import Marking
from accord.cli.world.stage import Known, Stage

THINGS = ("none",)
CHILD_AGES = (10, 17)


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
    ages = CHILD_AGES if child else (18, 80)
    known = stage.meet(dice, gender=dice.pick(["male", "female"]), ages=ages, town=town)
    marking = Marking((role,), offence, sensitivity="sensitive", basis="consent", minor=child)
    stage.person(dice, agency, known, when, marking, role)
    return known


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
        **more,  # type: ignore[arg-type]  # fields of Line, by name
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
        **more,  # type: ignore[arg-type]  # fields of Line, by name
    )
