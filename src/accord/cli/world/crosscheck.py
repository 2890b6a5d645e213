"""Checks that the files of a world fit each other: every id named exists, once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accord.agreements.statements.domain import EMERGENCY
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
    return found + list(_statement_faults(files, agencies, set(people)))


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
