"""Guesses what a table's columns are, from their names and their first values.

A guess fills a form that a person reads and changes; nothing is imported by a guess. Who a record is
about is never guessed: that decides who may see it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from accord.records.faults import FieldError
from accord.records.ontology import Ontology, Schema
from accord.records.values import Cleaning, clean

DATE_FORMS = (
    "%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y%m%d", "%d-%b-%Y", "%b %d, %Y", "%d %B %Y",
    "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M %p", "%d/%m/%Y %H:%M", "%d.%m.%Y %H:%M",
)  # fmt: skip
_HINTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"dob|birth|born", ("birthDate",)),
    (r"\bage\b", ("ageYears",)),
    (r"\b(first|given|forename)", ("firstName",)),
    (r"\bmiddle", ("middleName",)),
    (r"\b(last|family|sur ?name)", ("lastName",)),
    (r"\b(alias|aka|moniker|nick)", ("alias",)),
    (r"\b(full ?name|name|subject|defendant|accused|owner)\b", ("name", "owner", "involved")),
    (r"\b(sex|gender)\b", ("gender",)),
    (r"\brace\b", ("race",)),
    (r"ethnic", ("ethnicity",)),
    (r"\b(phone|tel|mobile|cell)", ("phone",)),
    (r"e ?mail", ("email",)),
    (r"\bvin\b", ("vin",)),
    (r"\b(plate|tag|licen[cs]e (plate|no))", ("plate",)),
    (r"\b(make)\b", ("make",)),
    (r"\b(model)\b", ("model",)),
    (r"\b(year)\b", ("modelYear",)),
    (r"\b(colou?r)\b", ("colour",)),
    (r"\b(city|town)\b", ("city",)),
    (r"\b(zip|postal|postcode)\b", ("postalCode",)),
    (r"\b(address|street|addr|premises|location|where)\b", ("address",)),
    (r"\b(lat|latitude)\b", ("latitude",)),
    (r"\b(lon|lng|long|longitude)\b", ("longitude",)),
    (r"\bbooking", ("bookingNumber",)),
    (r"\bwarrant", ("warrantNumber",)),
    (r"\barrest (no|num|id)", ("arrestNumber",)),
    (r"\bincident", ("incidentNumber",)),
    (r"\b(report) (no|num|id)", ("reportNumber", "incidentNumber")),
    (r"\bcase", ("caseNumber",)),
    (r"\b(serial)", ("serialNumber",)),
    (r"\b(statute|code section|offen[cs]e|charge)\b", ("statute", "offence")),
    (r"\bcourt\b", ("court",)),
    (r"\b(issued)", ("issuedAt",)),
    (r"\b(expires|expiry)", ("expiresAt",)),
    (r"\b(status|disposition)\b", ("status",)),
    (r"\b(ssn|social|tax)", ("taxNumber",)),
    (r"\b(driver|dl|oln)\b", ("driverLicenceNumber",)),
    (r"passport", ("passportNumber",)),
    (r"\b(account)", ("accountNumber",)),
    (r"\b(imei)\b", ("imei",)),
    (r"medical|health|condition", ("medicalCondition",)),
    (r"injur", ("injury",)),
    (r"\b(occurred|date|when|time)\b", ("occurredAt",)),
    (r"narrative|notes?|remarks|comment|description|summary", ("text",)),
    (r"\bid\b|number|\bno\b|ref", ("idNumber", "documentNumber", "reportNumber")),
)  # fmt: skip
_KINDS = {
    "email": "e-mail", "date": "date", "phone": "telephone", "vin": "VIN", "plate": "licence plate",
    "gender": "gender", "number": "number", "identifier": "identifier", "name": "name",
    "address": "address", "text": "free text", "latitude": "latitude", "longitude": "longitude",
    "code": "code", "string": "text", "country": "country", "url": "web page",
    "reference": "reference", "hash": "hash",
}  # fmt: skip
_REFERENCE = re.compile(r"\b(id|no|nr|num|number|ref|slip|key)\b")
_SCHEMATA = (
    "Person", "Vehicle", "Phone", "Address", "Incident", "Arrest", "Charge", "Warrant", "Firearm",
    "Item", "Account", "Organization", "Tip",
)  # fmt: skip


@dataclass(frozen=True)
class Guess:
    """What one column seems to be."""

    kind: str
    """In words, for people."""
    to: str | None
    date: str | None = None
    split: str | None = None


@dataclass(frozen=True)
class Guesses:
    """What a whole table seems to be."""

    schema: str
    columns: Mapping[str, Guess]
    source_ref: tuple[str, ...]
    joined: tuple[str, ...] = ()
    """Columns that together make one name."""
    occurred: str | None = None
    """The column that says when it happened."""


def guess(
    columns: Sequence[str],
    sample: Sequence[Sequence[str]],
    ontology: Ontology,
    schema: str | None = None,
) -> Guesses:
    """The schema that fits most columns (or the one that is given), and a guess for each column."""
    cells = {
        name: [r[at].strip() for r in sample if at < len(r) and r[at].strip()]
        for at, name in enumerate(columns)
    }
    chosen = schema or max(_SCHEMATA, key=lambda s: _fit(columns, ontology.schema(s)))
    found = {name: _column(name, values, ontology.schema(chosen)) for name, values in cells.items()}
    joined = _joined(found, ontology.schema(chosen))
    for name in joined:
        found[name] = replace(found[name], to="name")
    return Guesses(chosen, found, _source_ref(columns, cells), joined, _occurred(found))


def _joined(found: Mapping[str, Guess], schema: Schema) -> tuple[str, ...]:
    """First and last name in two columns make the name by which a person is found."""
    pieces = [n for n, g in found.items() if g.to in ("firstName", "middleName", "lastName")]
    whole = any(g.to == "name" for g in found.values())
    return tuple(pieces) if len(pieces) > 1 and not whole and "name" in schema.properties else ()


def _occurred(found: Mapping[str, Guess]) -> str | None:
    """The first column of dates with a time, else one that is named like it."""
    timed = [
        n for n, g in found.items() if (g.date and "%H" in g.date) or (g.date and "%I" in g.date)
    ]
    named = [n for n, g in found.items() if g.to == "occurredAt" and g.date]
    return next(iter([*timed, *named]), None)


def _spaced(name: str) -> str:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.sub(r"[\W_]+", " ", apart).strip().lower()


def _hinted(name: str, schema: Schema) -> str | None:
    for pattern, properties in _HINTS:
        if re.search(pattern, _spaced(name)):
            for to in properties:
                if to in schema.properties:
                    return to
    return None


def _fit(columns: Sequence[str], schema: Schema) -> int:
    common = {"status", "text", "caseNumber", "occurredAt", "offence", "category", "summary"}
    own = {_hinted(name, schema) for name in columns} - {None}
    return sum(1 if to in common else 3 for to in own)


def _column(name: str, values: list[str], schema: Schema) -> Guess:
    to = _hinted(name, schema)
    date = date_form(values)
    if to is not None:
        type_ = schema.properties[to].type
        split = _split_by(values, type_)
        if _suits(type_, values, date, split):
            return Guess(_KINDS[type_], to, date if type_ == "date" else None, split)
    type_ = "date" if date else _type_of(values)
    fitting = schema.of_type(type_) if type_ in ("email", "vin", "phone") else ()
    return Guess(_KINDS[type_], fitting[0].name if fitting else None, date)


def _suits(type_: str, values: list[str], date: str | None, split: str | None) -> bool:
    """Whether a column's values can be of the type that its name suggests."""
    if not values:
        return True
    if type_ == "date" or date is not None:
        return type_ == "date" and date is not None
    if type_ in ("phone", "email", "vin", "plate", "number", "latitude", "longitude"):
        return any(_cleans(type_, piece) for v in values for piece in v.split(split or "\0"))
    return True


def date_form(values: Sequence[str]) -> str | None:
    """The first form in which every value is a date."""
    return next((form for form in DATE_FORMS if values and all(_is(v, form) for v in values)), None)


def _is(value: str, form: str) -> bool:
    try:
        datetime.strptime(value, form)  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        return False
    return True


def _type_of(values: list[str]) -> str:
    if not values:
        return "string"
    for type_ in ("email", "vin"):
        if all(_cleans(type_, v) for v in values):
            return type_
    digits = [re.sub(r"\D", "", v) for v in values]
    if all(10 <= len(d) <= 15 for d in digits) and all(_cleans("phone", v) for v in values):
        return "phone"
    if all(_cleans("number", v) for v in values):
        return "number"
    if any(len(v) > 80 for v in values):
        return "text"
    if all(re.search(r"\d", v) and " " not in v for v in values):
        return "identifier"
    return "string"


def _cleans(type_: str, value: str) -> bool:
    try:
        clean(type_, value, Cleaning())
    except FieldError:
        return False
    return True


def _split_by(values: list[str], type_: str) -> str | None:
    """A semicolon or a bar that parts several values in one cell; prose is never parted."""
    if type_ not in ("phone", "email", "identifier", "plate"):
        return None
    return next((s for s in (";", "|") if any(s in v for v in values)), None)


def _source_ref(columns: Sequence[str], cells: Mapping[str, list[str]]) -> tuple[str, ...]:
    """The first column named like a reference, else the first, that has another value in every row."""
    distinct = [n for n in columns if cells[n] and len(set(cells[n])) == len(cells[n])]
    named = [n for n in distinct if _REFERENCE.search(_spaced(n))]
    first = [n for n in distinct[:1] if n == columns[0] and _type_of(cells[n]) == "identifier"]
    return tuple([*named, *first][:1])
