"""NIBRS in XML (FBI NIBRS IEPD, NIEM): the same reports as the flat file, in other words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element

from accord.exchange.formats import nibrs_codes as codes
from accord.exchange.formats.base import Options, Reading, Sitting, check_size
from accord.exchange.formats.nibrs import Being, Given, Other, Report, is_minor, pieces
from accord.exchange.formats.xmlfile import (
    MAX_BYTES,
    XmlFile,
    attribute,
    every,
    first,
    line_of,
    local,
)  # fmt: skip
from accord.kernel.errors import InvalidInput
from accord.records.faults import Problem
from accord.records.intake.rows import Drawn

ROLES = (("Victim", "victim"), ("Subject", "offender"), ("Arrestee", "arrestee"))
NUMBERS = {"Victim": "VictimSequenceNumberText", "Subject": "SubjectSequenceNumberText",
           "Arrestee": "ArrestSequenceID"}  # fmt: skip


def open_nibrs_xml(source: BinaryIO, file: str, options: Options) -> Reading:
    """Reads the whole file once, so that one that is cut off is refused before anything is taken."""
    del options
    check_size(source, file, MAX_BYTES)
    if not XmlFile(source, file, "Report").check():
        raise InvalidInput(file, None, "Report", "the file has no NIBRS report")
    again = XmlFile(source, file, "Report")
    left: Counter[str] = Counter()
    return Reading(
        said="NIBRS XML",
        draw=lambda sitting: _drawn(again, sitting, left),
        at=lambda: again.bytes_read,
        left=left,
    )


def _drawn(opened: XmlFile, sitting: Sitting, left: Counter[str]) -> Iterator[Drawn]:
    row = 0
    for element in opened.elements():
        found = _report(element, left)
        if found is None:
            continue
        if isinstance(found, Problem):
            row += 1
            yield Drawn(row, line_of(element), "", None, (found,))
            continue
        for piece in pieces(found, sitting):
            row += 1
            yield Drawn(row, piece.line, f"report {found.reference}", piece.record)


def _report(element: Element, left: Counter[str]) -> Report | Problem | None:
    category = first(element, "NIBRSReportCategoryCode").upper()
    if "ZERO" in category:
        left["zero reports"] += 1
        return None
    if first(element, "ReportActionCategoryCode").upper() == "D":
        left["requests to delete a report"] += 1
        return None
    ori = first(element, "ReportingAgency", "IdentificationID")
    incidents = [e for e in element if local(e.tag) == "Incident"]
    number = first(incidents[0], "ActivityIdentification", "IdentificationID") if incidents else ""
    group_b = not incidents and "GROUP B" in category
    if group_b:
        number = "arrest/" + first(element, "Arrest", "ActivityIdentification", "IdentificationID")
    if not ori or not number.removeprefix("arrest/"):
        return Problem("Report", "source-ref", "the report names no agency (ORI) or no incident")
    report = Report(ori, number, line_of(element), has_incident=not group_b)
    if incidents:
        _incident(report, incidents[0], element)
    _beings(report, element, left)
    _arrests(report, element)
    _items(report, element)
    return report


def _incident(report: Report, incident: Element, element: Element) -> None:
    at = first(incident, "ActivityDate", "DateTime") or first(incident, "ActivityDate", "Date")
    report.occurred = at[:10] or None
    reported = first(incident, "IncidentReportDateIndicator") == "true"
    clearance = first(incident, "IncidentExceptionalClearanceCode")
    report.given += [
        ("reportedAt" if reported else "startDate", at[:10], "Incident/ActivityDate"),
        ("clearance", codes.CLEARANCES.get(clearance, clearance), "ExceptionalClearanceCode"),
        ("clearedAt", first(incident, "IncidentExceptionalClearanceDate", "Date"), "ClearanceDate"),
    ]
    for offence in [e for e in element if local(e.tag) == "Offense"]:
        report.offences.append(first(offence, "OffenseUCRCode"))
        bias = first(offence, "OffenseFactorBiasMotivationCode")
        if bias and bias not in ("NONE", "UNKNOWN"):
            report.given.append(("biasMotivation", bias, "BiasMotivationCode"))
        if first(offence, "OffenseAttemptedIndicator") == "true":
            report.given.append(("status", "attempted", "OffenseAttemptedIndicator"))
    for place in every(element, "LocationCategoryCode"):
        code = (place.text or "").strip()
        report.given.append(("premisesType", codes.LOCATIONS.get(code, code), "LocationCategory"))


def _beings(report: Report, element: Element, left: Counter[str]) -> None:
    people = {attribute(e, "id"): e for e in element if local(e.tag) == "Person"}
    for tag, role in ROLES:
        for being in [e for e in element if local(e.tag) == tag]:
            person = people.get(_person_of(being))
            category = first(being, "VictimCategoryCode")
            if tag == "Victim" and category not in codes.PEOPLE:
                left["victims that are no human being"] += 1
            elif person is None:
                left["offenders of whom nothing is known"] += 1
            else:
                report.beings.append(_being(report, being, person, tag, role, element))


def _person_of(being: Element) -> str:
    return next((attribute(e, "ref") for e in every(being, "RoleOfPerson")), "")


def _being(
    report: Report, being: Element, person: Element, tag: str, role: str, element: Element
) -> Being:
    del report
    given = _looks(person)
    for code in every(being, "InjuryCategoryCode"):
        text = (code.text or "").strip()
        given.append(("injury", codes.INJURIES.get(text, text), "InjuryCategoryCode"))
    for link in every(element, "SubjectVictimAssociation") if tag == "Victim" else []:
        if attribute(being, "id") in [attribute(e, "ref") for e in every(link, "Victim")]:
            relation = first(link, "VictimToSubjectRelationshipCode")
            given.append(("relationToOffender", relation, "VictimToSubjectRelationshipCode"))
    number = first(being, NUMBERS[tag]) or attribute(being, "id")
    officer = first(being, "VictimCategoryCode") == "L"
    return Being(role, number, _age(person), tuple(given), line_of(being), officer)


def _age(person: Element) -> str:
    low = first(person, "RangeMinimumIntegerValue")
    high = first(person, "RangeMaximumIntegerValue")
    if low and high:
        return low.zfill(2) + high.zfill(2)
    return first(person, "MeasureIntegerValue") or first(person, "MeasureValueText")


def _looks(person: Element) -> list[Given]:
    race, ethnicity = first(person, "PersonRaceNDExCode"), first(person, "PersonEthnicityCode")
    residence = first(person, "PersonResidentCode")
    return [
        ("gender", first(person, "PersonSexCode"), "PersonSexCode"),
        ("race", codes.RACES.get(race, race), "PersonRaceNDExCode"),
        ("ethnicity", codes.ETHNICITIES.get(ethnicity, ethnicity), "PersonEthnicityCode"),
        ("residentStatus", codes.RESIDENCE.get(residence, residence), "PersonResidentCode"),
    ]


def _arrests(report: Report, element: Element) -> None:
    arrestees = {attribute(e, "id"): e for e in element if local(e.tag) == "Arrestee"}
    of_arrest = {}
    for link in every(element, "ArrestSubjectAssociation"):
        activity = next((attribute(e, "ref") for e in every(link, "Activity")), "")
        subject = next((attribute(e, "ref") for e in every(link, "Subject")), "")
        of_arrest[activity] = arrestees.get(subject)
    ages = {b.number: b.age for b in report.beings if b.role == "arrestee"}
    for arrest in [e for e in element if local(e.tag) == "Arrest"]:
        offence, kind = first(arrest, "ChargeUCRCode"), first(arrest, "ArrestCategoryCode")
        if not report.has_incident and offence:
            report.offences.append(offence)
        arrestee = of_arrest.get(attribute(arrest, "id"))
        number = first(arrestee, "ArrestSequenceID") if arrestee is not None else ""
        given: list[Given] = [
            ("category", "nibrs-arrest", ""),
            ("arrestNumber", first(arrest, "ActivityIdentification", "IdentificationID"), "Arrest"),
            ("occurredAt", first(arrest, "ActivityDate", "Date"), "Arrest/ActivityDate"),
            ("arrestType", codes.ARRESTS.get(kind, kind), "ArrestCategoryCode"),
            ("offence", codes.OFFENCES.get(offence, offence), "ChargeUCRCode"),
        ]
        if number:
            given.append(("personRecord", f"{report.reference}/arrestee/{number}", "Arrestee"))
        # INVARIANT: an arrest whose arrestee cannot be told may be a minor's.
        minor = is_minor(ages[number]) if number in ages else True
        name = number or attribute(arrest, "id")
        report.others.append(Other("Arrest", name, tuple(given), line_of(arrest), minor))


def _items(report: Report, element: Element) -> None:
    items = [e for e in element if local(e.tag) in ("Item", "Substance")]
    for number, item in enumerate(items, 1):
        kind = first(item, "ItemCategoryNIBRSPropertyCategoryCode")
        value = first(item, "ItemValueAmount", "Amount")
        given: list[Given] = [
            ("category", "nibrs-property", ""),
            ("status", first(item, "ItemStatusCode"), "ItemStatusCode"),
            ("itemType", codes.PROPERTY.get(kind, kind), "PropertyCategoryCode"),
            ("value", value, "ItemValueAmount"),
            ("recoveredAt", first(item, "ItemValueDate", "Date"), "ItemValueDate"),
            (
                "quantity",
                first(item, "ItemQuantity") or first(item, "MeasureDecimalValue"),
                "Quantity",
            ),
            ("drugType", first(item, "DrugCategoryCode"), "DrugCategoryCode"),
        ]
        if value:
            given.append(("currency", "usd", "ItemValueAmount"))
        report.others.append(Other("Item", str(number), tuple(given), line_of(item)))
