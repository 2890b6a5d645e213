"""followthemoney entities, one a line: what it calls things, and where Accord keeps them.

Topics such as `crime` are somebody's assessment, not a category of data subject (LED art. 6), so
whoever an entity names is `unknown` until a person of the agency says more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from accord.exchange.formats.base import Options, Reading, Sitting
from accord.records.faults import Problem
from accord.records.intake.csvfile import BadRow
from accord.records.intake.drafting import RawRecord, RawValue
from accord.records.intake.jsonlines import JsonFile, open_jsonl
from accord.records.intake.rows import Drawn

SOURCE_SYSTEM = "followthemoney"
_PERSON = {
    "name": "name", "alias": "alias", "weakAlias": "alias", "previousName": "alias",
    "firstName": "firstName", "middleName": "middleName", "lastName": "lastName",
    "birthDate": "birthDate", "deathDate": "deathDate", "birthPlace": "birthPlace",
    "gender": "gender", "nationality": "nationality", "idNumber": "idNumber",
    "passportNumber": "passportNumber", "taxNumber": "taxNumber", "phone": "phone",
    "email": "email", "website": "website", "address": "address", "country": "country",
    "position": "occupation", "summary": "summary", "description": "text", "notes": "text",
}  # fmt: skip
_BODY = {
    "name": "name", "alias": "alias", "weakAlias": "alias", "previousName": "alias",
    "registrationNumber": "registrationNumber", "taxNumber": "taxNumber",
    "jurisdiction": "jurisdiction", "incorporationDate": "incorporationDate",
    "dissolutionDate": "dissolutionDate", "phone": "phone", "email": "email",
    "website": "website", "address": "address", "summary": "summary", "description": "text",
    "notes": "text",
}  # fmt: skip
_DOCUMENT = {
    "title": "title", "author": "author", "fileName": "fileName", "mimeType": "mediaType",
    "date": "issuedAt", "summary": "summary", "description": "text", "bodyText": "text",
}  # fmt: skip
_VEHICLE = {
    "registrationNumber": "plate", "type": "category", "model": "model", "owner": "owner",
    "summary": "summary", "description": "text",
}  # fmt: skip
_ACCOUNT = {
    "accountNumber": "accountNumber", "iban": "accountNumber", "bankName": "provider",
    "accountType": "accountType", "currency": "currency", "summary": "summary",
}  # fmt: skip
_EVENT = {
    "startDate": "startDate", "endDate": "endDate", "date": "occurredAt", "summary": "summary",
    "description": "text", "address": "address", "country": "country", "name": "summary",
}  # fmt: skip
_ADDRESS = {
    "full": "address", "street": "street", "city": "city", "state": "state",
    "postalCode": "postalCode", "country": "country", "latitude": "latitude",
    "longitude": "longitude",
}  # fmt: skip
SCHEMATA: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "Person": ("Person", _PERSON),
    **dict.fromkeys(("Organization", "Company", "LegalEntity", "PublicBody"), ("Organization", _BODY)),
    "Vehicle": ("Vehicle", _VEHICLE),
    "Address": ("Address", _ADDRESS),
    "BankAccount": ("Account", _ACCOUNT),
    "Event": ("Incident", _EVENT),
    **dict.fromkeys(
        ("Document", "PlainText", "HyperText", "Pages", "Image", "Video", "Audio"),
        ("Document", _DOCUMENT),
    ),
}  # fmt: skip
"""followthemoney's schema, ours, and its properties in ours."""


def open_ftm(source: BinaryIO, file: str, options: Options) -> Reading:
    """Checks that the whole file is UTF-8."""
    del options
    opened = open_jsonl(source, file=file)
    left: Counter[str] = Counter()
    return Reading(
        said="followthemoney entities, one a line",
        draw=lambda sitting: _drawn(opened, sitting, left),
        at=lambda: opened.bytes_read,
        left=left,
    )


def _drawn(opened: JsonFile, sitting: Sitting, left: Counter[str]) -> Iterator[Drawn]:
    for row in opened.rows():
        if isinstance(row, BadRow):
            yield Drawn(row.row, row.line, row.raw, None, (row.problem,))
            continue
        found = _record(row.data, sitting, left)
        if isinstance(found, Problem):
            yield Drawn(row.row, row.line, row.raw, None, (found,))
        elif found is not None:
            yield Drawn(row.row, row.line, row.raw, found)


def _record(
    data: Mapping[str, object], sitting: Sitting, left: Counter[str]
) -> RawRecord | Problem | None:
    name, identity, properties = data.get("schema"), data.get("id"), data.get("properties", {})
    if not isinstance(name, str) or not isinstance(identity, str) or not identity:
        return Problem("id", "form", "an entity has an id and a schema, both texts")
    if not isinstance(properties, dict):
        return Problem("properties", "form", "properties is an object {...}")
    if name not in SCHEMATA:
        left["relations and other kinds"] += 1
        return None
    ours, names = SCHEMATA[name]
    values: dict[str, list[RawValue]] = {}
    problems: list[Problem] = []
    for key, given in properties.items():
        if not isinstance(given, list) or not all(isinstance(v, str) for v in given):
            problems.append(Problem(f"properties.{key}", "form", "is a list of texts"))
        elif key not in names:
            left["properties"] += 1
        else:
            taken = [RawValue(text, f"properties.{key}") for text in given if text.strip()]
            if taken:
                values.setdefault(names[key], []).extend(taken)
    return RawRecord(
        schema=sitting.intake.ontology.schema(ours),
        source_system=SOURCE_SYSTEM,
        source_ref=identity,
        label=sitting.label,
        part_labels={},
        values=_coded(values, sitting, ours),
        problems=problems,
    )


def _coded(
    values: dict[str, list[RawValue]], sitting: Sitting, schema: str
) -> dict[str, list[RawValue]]:
    """Free words in place of codes have no place in a coded property; they go with the text."""
    properties = sitting.intake.ontology.schema(schema).properties
    for name in [n for n in values if properties[n].type == "code"]:
        if any(not v.text.replace("-", "").isalnum() for v in values[name]):
            values.setdefault("text", []).extend(values.pop(name))
    return values
