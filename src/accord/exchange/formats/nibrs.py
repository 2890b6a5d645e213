"""NIBRS reports as Accord keeps them: one incident, and a record for each victim, offender, arrest,
arrestee and piece of property. Flat file and XML end here.

NIBRS names nobody; who is meant could still be found by age, sex, race and place. So victims are
labelled as victims and sealed, and whoever may be under 18 as a minor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from accord.exchange.formats import nibrs_codes as codes
from accord.exchange.formats.base import Sitting
from accord.records.faults import Problem
from accord.records.intake.drafting import RawRecord, RawValue

SOURCE_SYSTEM = "nibrs"
ADULT_YEARS = 18
Given = tuple[str, str, str]
"""(property, value, where it stands in the report)"""


@dataclass(frozen=True)
class Being:
    """A victim, an offender or an arrestee."""

    role: str
    number: str
    age: str
    given: tuple[Given, ...]
    line: int
    officer: bool = False


@dataclass(frozen=True)
class Other:
    """An arrest or a piece of property."""

    schema: str
    number: str
    given: tuple[Given, ...]
    line: int
    minor: bool = False


@dataclass
class Report:
    """One report of one agency."""

    ori: str
    number: str
    line: int
    offences: list[str] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    occurred: str | None = None
    beings: list[Being] = field(default_factory=list)
    others: list[Other] = field(default_factory=list)
    has_incident: bool = True

    @property
    def reference(self) -> str:
        return f"{self.ori}/{self.number}"


@dataclass(frozen=True)
class Piece:
    """A record that a report becomes, and the line where it stands."""

    line: int
    record: RawRecord


def years(age: str) -> tuple[str, ...] | None:
    """The age in years, or the two ends of a range; () where it is unknown, None where it is none."""
    text = age.strip().upper()
    if text in codes.WITHOUT_YEARS:
        return (str(codes.WITHOUT_YEARS[text]),)
    if text in ("", "00", "UNKNOWN"):
        return ()
    if not text.isdecimal() or len(text) not in (1, 2, 4):
        return None
    if len(text) == 4:
        return (str(int(text[:2])), str(int(text[2:])))
    return (str(int(text)),)


def is_minor(age: str) -> bool:
    """Whether an age leaves room for somebody under 18."""
    return any(int(y) < ADULT_YEARS for y in years(age) or ())


def pieces(report: Report, sitting: Sitting) -> Iterator[Piece]:
    """Every record of one report, in its order."""
    group = codes.offence_group(report.offences)
    if report.has_incident:
        yield Piece(report.line, _incident(report, group, sitting))
    for being in report.beings:
        yield Piece(being.line, _being(report, being, group, sitting))
    for other in report.others:
        yield Piece(other.line, _other(report, other, group, sitting))


def _incident(report: Report, group: str, sitting: Sitting) -> RawRecord:
    given = [("category", "nibrs-incident", ""), ("incidentNumber", report.number, "incident")]
    given += [("offence", codes.OFFENCES.get(o, o), "offense") for o in report.offences]
    # Group A reports a victim and an offender with every incident, even when they are not known.
    label = _label(group, ["suspect", "victim"], any(is_minor(b.age) for b in report.beings))
    return _record(sitting, "Incident", report.reference, given + report.given, label, report)


def _being(report: Report, being: Being, group: str, sitting: Sitting) -> RawRecord:
    subjects = ["victim" if being.role == "victim" else "suspect"]
    if being.officer:
        subjects.append("officer")
    age = years(being.age)
    given = [("category", being.role, ""), *being.given]
    given += [("ageYears", year, "age") for year in age or ()]
    # INVARIANT: an age that cannot be read could be a minor's.
    label = _label(group, subjects, age is None or is_minor(being.age))
    name = f"{report.reference}/{being.role}/{being.number}"
    record = _record(sitting, "Person", name, given, label, report)
    if age is None:
        reason = "an age is years, two ends of a range, NN, NB, BB or 00"
        record.problems.append(Problem("age", "nibrs-age", reason))
    return record


def _other(report: Report, other: Other, group: str, sitting: Sitting) -> RawRecord:
    label = _label(group, ["suspect"] if other.schema == "Arrest" else None, other.minor)
    name = f"{report.reference}/{other.schema.lower()}/{other.number}"
    return _record(sitting, other.schema, name, list(other.given), label, report)


def _label(group: str, subjects: list[str] | None, minor: bool) -> dict[str, object]:
    # 28 U.S.C. 534 note (Uniform Federal Crime Reporting Act of 1988): reported under statute.
    label: dict[str, object] = {"basis": "statute", "offence": group}
    if subjects is not None:
        label["subjects"] = subjects
    if minor:
        label["minor"] = True
    return label


def _record(
    sitting: Sitting,
    schema: str,
    name: str,
    given: list[Given],
    label: Mapping[str, object],
    report: Report,
) -> RawRecord:
    values: dict[str, list[RawValue]] = {}
    for key, value, origin in given:
        if value.strip():
            values.setdefault(key, []).append(RawValue(value.strip(), origin or key))
    return RawRecord(
        schema=sitting.intake.ontology.schema(schema),
        source_system=SOURCE_SYSTEM,
        source_ref=name,
        label={**label, **sitting.label},
        part_labels={},
        values=values,
        occurred_at=report.occurred if schema in ("Incident", "Person") else None,
    )
