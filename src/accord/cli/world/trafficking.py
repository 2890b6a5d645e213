"""Trafficking reports, help given to survivors, intelligence, and files from abroad.

Age bands, means of control, recruiter relation and citizenship follow the counts of the CTDC
Global Synthetic Dataset. A survivor's name and whereabouts stay in sealed parts; no text tells
what was done to anybody.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from accord.cli.world.dice import Dice
from accord.cli.world.reports import kept_until
from accord.cli.world.scribe import Marking
from accord.cli.world.stage import Known, Stage

ADULT = 18


def age_in(dice: Dice, band: str) -> int:
    """An age in a CTDC band; an unknown age is that of an adult."""
    if band == "unknown":
        return dice.between(19, 45)
    if band.endswith("+"):
        return dice.between(48, 65)
    low, high = band.split("-")
    return dice.between(max(int(low), 5), int(high))


def draw_form(dice: Dice, counts: dict[str, Any]) -> str:
    return dice.from_counts({form: counts[form]["rows"] for form in counts})


def draw_means(dice: Dice, counts: dict[str, Any]) -> list[str]:
    """Each means of control with the share that the counts give it."""
    rows = counts["rows"]
    return [word for word, n in counts["means_of_control"].items() if dice.chance(n / rows)]


def survivor(stage: Stage, dice: Dice, form: str, town: str) -> tuple[Known, bool]:
    """A fictitious survivor, and whether she or he is a child."""
    counts = stage.counts.trafficking[form]
    band = dice.from_counts(counts["age_band"])
    age = age_in(dice, band)
    gender = "female" if dice.chance(counts["woman"] / counts["rows"]) else "male"
    # Citizenship is recorded for few; the recoded set counts an unknown one as not a citizen.
    abroad = not dice.chance(max(0.35, counts["citizen_of_country"] / counts["rows"]))
    cultures = [c for c in stage.counts.names["cultures"] if c != "english"]
    culture = dice.pick(cultures) if abroad else None
    known = stage.meet(dice, gender=gender, culture=culture, ages=(age, age), town=town)
    return known, _age(known.someone.born, stage.as_of) < ADULT


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def survivor_record(
    stage: Stage, dice: Dice, agency: str, known: Known, child: bool, when: str, **more: Any
) -> str:
    marking = Marking(
        ("victim",), "human-trafficking", sensitivity="sensitive", basis="consent", minor=child
    )
    extra = {
        "narrative": {"summary": ["Needs and wishes recorded with an advocate present."]},
    }
    if dice.chance(0.25):
        extra["health"] = {"medicalCondition": ["Medical appointment arranged at own wish."]}
    return stage.person(dice, agency, known, when, marking, "potential-victim", extra=extra, **more)


def report(
    stage: Stage, dice: Dice, agency: str, town: str, when: str, form: str, **more: Any
) -> str:
    counts = stage.counts.trafficking[form]
    kinds = {"labour": ["forced-labour"], "sexual": ["sexual-exploitation"]}
    exploitation = kinds.get(form, ["forced-labour", "sexual-exploitation"])
    narrative = {"recruiterRelation": [dice.from_counts(counts["recruiter_relation"])]}
    means = draw_means(dice, counts)
    if means:
        narrative["meansOfControl"] = means
    return stage.scribe.write(
        agency,
        "Incident",
        when,
        Marking(("victim",), "human-trafficking", sensitivity="sensitive"),
        {
            "core": {
                "category": ["human-trafficking-report"],
                "status": ["open"],
                "incidentNumber": [f"{when[2:4]}-{dice.digits(6)}"],
                "startDate": [when],
                "exploitationType": exploitation,
            },
            "location": stage.place_parts(dice, town) | {"city": [town]},
            "narrative": narrative,
        },
        grading=("3x5x2", str(dice.between(1, 2)), dice.pick("ABC")),
        **more,
    )


def trafficking(stage: Stage, dice: Dice) -> None:
    agency, town = stage.policing(dice)
    when = stage.moment(dice, stage.counts.homicides)
    form = draw_form(dice, stage.counts.trafficking)
    report(stage, dice, agency, town, when, form)
    known, child = survivor(stage, dice, form, town)
    survivor_record(stage, dice, agency, known, child, when)
    if dice.chance(0.6):
        service(stage, dice, known, child, when)
    if dice.chance(0.7):
        suspect = stage.suspect(dice, town)
        marking = Marking(("suspect",), "human-trafficking")
        stage.person(dice, agency, suspect, when, marking, "suspect")
        if dice.chance(0.5):
            other = stage.other_police(dice, agency)
            stage.person(dice, other, suspect, when, marking, "suspect")


def service(stage: Stage, dice: Dice, known: Known, child: bool, when: str, **more: Any) -> None:
    """What the victim-service provider holds: the person, and that help was given."""
    agency = dice.pick(stage.of_kind("victim-service"))
    survivor_record(stage, dice, agency, known, child, when, **more)
    stage.scribe.write(
        agency,
        "Document",
        when,
        Marking(("victim",), "human-trafficking", "sensitive", basis="consent", minor=child),
        {
            "core": {
                "category": ["service"],
                "status": [dice.pick(["active", "completed"])],
                "documentNumber": [f"S{dice.digits(6)}"],
                "documentType": [dice.pick(["housing", "counselling", "legal-aid", "interpreter"])],
                "issuedAt": [when[:10]],
            }
        },
    )


def help_given(stage: Stage, dice: Dice) -> None:
    when = stage.moment(dice, stage.counts.homicides, years=2)
    town = dice.pick(stage.counts.places["towns"])["name"]
    known, child = survivor(stage, dice, draw_form(dice, stage.counts.trafficking), town)
    service(stage, dice, known, child, when)


def intelligence(stage: Stage, dice: Dice) -> None:
    """A report under 28 CFR Part 23: a stated basis, a grading, kept at most five years."""
    agency = dice.pick(stage.of_kind("state-bureau"))
    town = dice.pick(stage.counts.places["towns"])["name"]
    when = stage.moment(dice, stage.counts.homicides, years=2)
    offence = dice.pick(["human-trafficking", "drugs", "financial", "weapons"])
    suspect = stage.suspect(dice, town)
    intelligence_report(stage, dice, agency, suspect, when, offence)
    if dice.chance(0.5):
        stage.person(
            dice, agency, suspect, when, _intel_marking(dice, offence), "subject-of-intelligence",
            grading=("3x5x2", "2", "C"),
            assertion="assessment",
            retain_until=kept_until(when, 5),
            suspicion=SUSPICION[offence],
        )  # fmt: skip


SUSPICION = {
    "human-trafficking": "Rooms paid in cash for several people by the same person at three motels "
    "within a month, and two independent reports that their papers were held.",
    "drugs": "Two controlled purchases arranged through the same telephone, and parcels addressed "
    "to it.",
    "financial": "Repeated transfers just below the reporting threshold between accounts opened "
    "with the same papers.",
    "weapons": "Two recovered firearms traced to purchases arranged by the same person.",
}


def _intel_marking(dice: Dice, offence: str) -> Marking:
    sensitivity = dice.weighted(["sensitive", "secret"], [85, 15])
    handling = dice.weighted(["P", "C"], [70, 30])
    return Marking(("suspect",), offence, sensitivity, handling, basis="partner", intelligence=True)


def intelligence_report(
    stage: Stage, dice: Dice, agency: str, known: Known, when: str, offence: str, **more: Any
) -> str:
    return stage.scribe.write(
        agency,
        "Intelligence",
        when,
        _intel_marking(dice, offence),
        {
            "core": {
                "category": ["intelligence"],
                "status": ["evaluated"],
                "reportNumber": [f"I-{when[:4]}-{dice.digits(5)}"],
                "collectedAt": [when[:10]],
            },
            "identity": {"name": stage.written(dice, known, agency).names[:1]},
            "contact": {"phone": [known.someone.phones[0]]},
            "narrative": {"text": ["Assessed as probable; corroboration is being sought."]},
        },
        grading=("3x5x2", str(dice.between(1, 3)), dice.pick("ABCD")),
        assertion="assessment",
        retain_until=kept_until(when, dice.between(3, 5)),
        suspicion=SUSPICION[offence],
        person=known.id,
        **more,
    )


def abroad(stage: Stage, dice: Dice) -> None:
    """A file of the foreign authority; its handling code asks before it is passed on."""
    agency = dice.pick(stage.of_kind("foreign-authority"))
    town = dice.pick(stage.counts.places["towns"])["name"]
    when = stage.moment(dice, stage.counts.homicides)
    suspect = stage.meet(dice, culture="hispanic", town=town)
    marking = Marking(("suspect",), "human-trafficking", handling="H2")
    stage.person(
        dice, agency, suspect, when, marking, "suspect", grading=("4x4", dice.pick("AB"), "2")
    )
    if dice.chance(0.4):
        police = dice.pick(stage.of_kind("state-bureau", "police"))
        marking = Marking(("suspect",), "human-trafficking")
        stage.person(dice, police, suspect, when, marking, "suspect")


def recent(stage: Stage, dice: Dice, days: int) -> str:
    """A day in the last days before the as-of date, at noon UTC."""
    day = stage.as_of - timedelta(days=dice.between(5, days))
    return f"{day.isoformat()}T12:00:00+00:00"
