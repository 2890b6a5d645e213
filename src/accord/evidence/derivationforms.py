"""Read what a form says of a derivation; every fault is named with its field."""

from __future__ import annotations

from typing import Any

from accord.evidence import forms, ways
from accord.evidence.domain import About
from accord.evidence.reading.results import Clip, Extraction, Redaction, Way
from accord.evidence.ways import DERIVATION
from accord.kernel.errors import InvalidInput, raise_all
from accord.kernel.phrases import phrase

LABELS = {
    "areas": phrase("Areas"),
    "start_ms": phrase("From"),
    "end_ms": phrase("To"),
    "attachment": phrase("File inside"),
    "way": phrase("Way"),
    "kind": phrase("Kind"),
    "description": phrase("Description"),
    "subjects": phrase("Whom it concerns"),
    "sensitivity": phrase("Sensitivity"),
    "handling": phrase("Handling"),
    "offence": phrase("Offence"),
    "flag": phrase("Also"),
}
MOST_DIGITS = 9
_SIDES = ("page", "left", "top", "width", "height")


def about(said: forms.Said) -> About:
    """What the new exhibit is called, as the form of acquiring reads it."""
    return forms.about(said)


def flags_of(start: About) -> list[str]:
    """Which of the flags an exhibit has."""
    return [flag for flag in forms.FLAGS if getattr(start, flag)]


def way(name: str, said: forms.Said) -> Way:
    """The way that a form describes; raises InvalidInput with every fault."""
    match name:
        case "redaction":
            return ways.way_of({"way": name, "areas": areas(said.getlist("area"))})
        case "clip":
            return ways.way_of({"way": name, **_stretch(said)})
        case "extraction":
            number = (said.get("attachment", "") or "").strip()
            is_number = number.isascii() and number.isdigit() and len(number) < 10
            chosen = int(number) if is_number else None
            return ways.way_of({"way": name, "attachment": chosen})
        case _:
            return ways.way_of({"way": name})


def areas(lines: list[str]) -> list[dict[str, int]]:
    """Areas written as five numbers each; empty lines count for nothing. Raises InvalidInput."""
    faults: list[InvalidInput] = []
    found = []
    for number, line in enumerate((one for one in lines if one.strip()), 1):
        sides = line.replace(",", " ").split()
        if len(sides) != len(_SIDES) or not all(s.isascii() and s.isdigit() for s in sides):
            rule = phrase(
                "area %(number)s is five whole numbers, with spaces between", number=number
            )
            faults.append(InvalidInput(DERIVATION, None, "areas", rule))
        elif max(map(len, sides)) > MOST_DIGITS:
            rule = phrase(
                "area %(number)s has a number of more than %(most)s digits",
                number=number,
                most=MOST_DIGITS,
            )
            faults.append(InvalidInput(DERIVATION, None, "areas", rule))
        else:
            found.append(dict(zip(_SIDES, map(int, sides), strict=True)))
    raise_all(faults)
    return found


def _stretch(said: forms.Said) -> dict[str, int]:
    found: dict[str, int] = {}
    faults: list[InvalidInput] = []
    for field in ("start_ms", "end_ms"):
        at = ways.moment_ms(said.get(field, "") or "")
        if at is None:
            rule = phrase("is a time of the recording, such as 67, 1:07 or 0:01:07.250")
            faults.append(InvalidInput(DERIVATION, None, field, rule))
        else:
            found[field] = at
    raise_all(faults)
    return found


def fields(way: Way, about: About) -> list[tuple[str, str]]:
    """The fields of a form that says the same, for the step behind the review."""
    listed: list[tuple[str, Any]] = []
    match way:
        case Redaction():
            listed = [
                ("area", f"{a.page} {a.left} {a.top} {a.width} {a.height}") for a in way.areas
            ]
        case Clip():
            listed = [("start_ms", ways.clock(way.start_ms)), ("end_ms", ways.clock(way.end_ms))]
        case Extraction():
            listed = [("attachment", str(way.attachment))]
    said = [
        (name, getattr(about, name))
        for name in ("kind", "description", "sensitivity", "handling", "offence")
    ]
    many = [("subject", word) for word in sorted(about.subjects)]
    return [*listed, *said, *many, *(("flag", flag) for flag in flags_of(about))]
