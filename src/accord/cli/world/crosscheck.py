"""Checks that the files of a world fit each other: every id named exists, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from accord.agencies.about import facts
from accord.agencies.directory.facts import Reader
from accord.agreements.statements.domain import EMERGENCY
from accord.assistance.disciplines import disciplines
from accord.assistance.domain import MANAGES
from accord.kernel.errors import InvalidInput
from accord.records.yamlfile import YamlFile

UNIQUE = (("agencies", "id"), ("agencies", "ori"), ("members", "id"), ("cases", "number"))


def entries(files: dict[str, YamlFile], name: str) -> list[dict[str, Any]]:
    """The list in a file that has passed its schema."""
    return files[name].data[name]  # type: ignore[no-any-return,index]  # the schema was checked


def cross_faults(files: dict[str, YamlFile]) -> list[InvalidInput]:
    """Every fault between files that each pass their own schema."""
    agencies = {agency["id"] for agency in entries(files, "agencies")}
    people = {member["id"]: member for member in entries(files, "members")}
    found = [fault for name, key in UNIQUE for fault in _repeated(files[name], name, key, files)]
    for at, agency in enumerate(entries(files, "agencies")):
        for place, rule in _about_rules(agency):
            found.append(files["agencies"].fault(("agencies", at, *place), rule))
    for at, member in enumerate(entries(files, "members")):
        for field, rule in _member_rules(member, agencies, people):
            found.append(files["members"].fault(("members", at, field), rule))
    for at, case in enumerate(entries(files, "cases")):
        for field, rule in _case_rules(case, agencies, people):
            found.append(files["cases"].fault(("cases", at, field), rule))
        for position, member in enumerate(case["members"]):
            if member not in people:
                where = ("cases", at, "members", position)
                found.append(files["cases"].fault(where, f"there is no member {member}"))
    found += _statement_faults(files, agencies, set(people))
    return found + list(_expertise_faults(files, people))


def _expertise_faults(files: dict[str, YamlFile], people: dict[str, Any]) -> Iterator[InvalidInput]:
    if "expertise" not in files:
        return
    for at, offered in enumerate(entries(files, "expertise")):
        for field, rule in _offer_rules(offered, people):
            yield files["expertise"].fault(("expertise", at, field), rule)


def _offer_rules(offered: dict[str, Any], people: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if offered["discipline"] not in disciplines():
        yield "discipline", f"there is no discipline {offered['discipline']}"
    for field in ("by", "attested_by"):
        if offered[field] not in people:
            yield field, f"there is no member {offered[field]}"
            return
    agency = people[offered["by"]]["agency"]
    second = people[offered["attested_by"]]
    if second["agency"] != agency or not MANAGES & set(second["roles"]):
        yield "attested_by", f"a supervisor or an administrator of {agency} attests"
    elif "unit" not in offered and offered["attested_by"] == offered["by"]:
        yield "attested_by", "nobody attests what they can do themselves"


def about_agency(agency: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What an agency says of itself as the directory keeps it; of one that has passed its checks."""
    return {field: read(Reader(said, "", None)) for field, (said, read) in _about(agency).items()}


def _about_rules(agency: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Where in an agency's entry which rule is broken: of a list, the one of it that breaks it."""
    for field, (said, read) in _about(agency).items():
        reader = Reader(said, "", None)
        read(reader)
        for fault in reader.faults:
            inner = () if fault.field == field else (fault.field,)
            one = () if fault.line is None else (fault.line - 1,)
            yield (field, *inner, *one), fault.rule


def _about(agency: dict[str, Any]) -> dict[str, tuple[dict[str, Any], Callable[[Reader], Any]]]:
    """Each part that an agency's entry has, with what reads it."""
    found: dict[str, tuple[dict[str, Any], Callable[[Reader], Any]]] = {
        "duty_desk": (agency["duty_desk"], facts.duty_desk)
    }
    territory = agency.get("territory")
    if isinstance(territory, str):
        found["territory"] = ({}, lambda _: {"words": territory})
    elif territory is not None:
        found["territory"] = ({"territory": territory}, facts.territory)
    if "competence" in agency:
        found["competence"] = (agency["competence"], facts.competence)
    return found


def _statement_faults(
    files: dict[str, YamlFile], agencies: set[str], people: set[str]
) -> Iterator[InvalidInput]:
    if "statements" not in files:
        return
    cases = {case["number"] for case in entries(files, "cases")}
    known = {"by": people, "confirmed_by": people, "recipient": agencies, "case": cases}
    says = {"by": "member", "confirmed_by": "member", "recipient": "agency", "case": "case"}
    for at, stated in enumerate(entries(files, "statements")):
        for field, values in known.items():
            if field in stated and stated[field] not in values:
                rule = f"there is no {says[field]} {stated[field]}"
                yield files["statements"].fault(("statements", at, field), rule)
        if ("confirmed_by" in stated) != (stated["kind"] == EMERGENCY):
            rule = "an emergency, and nothing else, is confirmed by a second person"
            yield files["statements"].fault(("statements", at, "confirmed_by"), rule)


def _repeated(
    file: YamlFile, name: str, key: str, files: dict[str, YamlFile]
) -> Iterator[InvalidInput]:
    seen: set[str] = set()
    for at, entry in enumerate(entries(files, name)):
        if entry[key] in seen:
            yield file.fault((name, at, key), f"{entry[key]} is named twice")
        seen.add(entry[key])


def _member_rules(
    member: dict[str, Any], agencies: set[str], people: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    agency = member["agency"]
    if agency not in agencies:
        yield "agency", f"there is no agency {agency}"
    if not member["id"].startswith(f"{agency}."):
        yield "id", f"the id of a member of {agency} begins with {agency}."
    other = people.get(member.get("same_person_as", member["id"]))
    if other is None:
        yield "same_person_as", f"there is no member {member['same_person_as']}"
    elif any(member[key] != other[key] for key in ("name", "nationality", "training")):
        yield "same_person_as", "one person has one name, nationality and set of certificates"


def _case_rules(
    case: dict[str, Any], agencies: set[str], people: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    if case["lead"] not in agencies:
        yield "lead", f"there is no agency {case['lead']}"
    opener = people.get(case["opened_by"], {"agency": None, "roles": []})
    if opener["agency"] != case["lead"] or "supervisor" not in opener["roles"]:
        yield "opened_by", "a supervisor of the lead agency opens a case"
    if ("closed" in case) != (case["state"] == "closed"):
        yield "state", "a closed case, and no other, has a day of closing"
