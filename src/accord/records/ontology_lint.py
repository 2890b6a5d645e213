"""What schemata must keep; each rule answers with a sentence for whoever edits the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from accord.records.values import TYPES

if TYPE_CHECKING:
    from accord.records.ontology import Property, Schema

PROPERTY_NAME = re.compile(r"[a-z][A-Za-z0-9]{1,39}")
REVEALING_TYPES = frozenset(
    {
        "name",
        "phone",
        "email",
        "address",
        "latitude",
        "longitude",
        "plate",
        "vin",
        "text",
        "url",
    }
    | {"reference", "gender"}
)
"""Types whose values name, reach or find somebody, or that hold free text."""

REVEALING_WORDS = re.compile(r"birth|death|nationality|passport|licence|fingerprint|dna|photo")

Fault = tuple[tuple[str, ...], str]
"""The place in the file and the rule that it breaks."""


def schema_faults(schema: Schema, parts: tuple[str, ...]) -> Iterator[Fault]:
    """The rules that one schema breaks by itself."""
    for prop in schema.properties.values():
        yield from property_faults(prop, parts)
    for key, names in (("caption", schema.caption), ("required", schema.required)):
        for name in names:
            if name not in schema.properties:
                yield ((key,), f"{name!r} is not a property of {schema.name}")
    if not schema.caption:
        yield (("caption",), "a schema names at least one property for its caption")


def property_faults(prop: Property, parts: tuple[str, ...]) -> Iterator[Fault]:
    """The rules that one property breaks by itself."""
    place = ("properties", prop.name)
    if not PROPERTY_NAME.fullmatch(prop.name):
        yield (place, "a property name is camelCase, 2 to 40 letters and digits")
    if prop.type not in TYPES:
        yield (
            (*place, "type"),
            f"{prop.type!r} is not a type; types are {', '.join(TYPES)}",
        )
    if prop.part not in parts:
        yield (
            (*place, "part"),
            f"{prop.part!r} is not a part; parts are {', '.join(parts)}",
        )
    if prop.values and prop.type != "code":
        yield ((*place, "values"), "only a property of type code has a list of values")
    if prop.part == "core" and _reveals(prop):
        yield (
            (*place, "part"),
            f"{prop.name} would name, reach or find a person, so it is not in core",
        )


def _reveals(prop: Property) -> bool:
    return prop.type in REVEALING_TYPES or bool(REVEALING_WORDS.search(prop.name.lower()))


def type_conflicts(schemata: Mapping[str, Schema]) -> Iterator[tuple[str, Fault]]:
    """A property name means one type in every schema, or a search could not compare them."""
    first: dict[str, tuple[str, str]] = {}
    for schema in schemata.values():
        for prop in schema.properties.values():
            seen_type, seen_in = first.setdefault(prop.name, (prop.type, schema.name))
            if seen_type != prop.type:
                rule = f"{prop.name} has type {seen_type} in {seen_in}, so it cannot be {prop.type}"
                yield schema.name, (("properties", prop.name, "type"), rule)
