"""Reads what `accord agreement` is given: agreements, agencies, invariants; all are files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import yaml

from accord.agreements.document import Faults, Place, compose, items, kind_of, mapping, text
from accord.agreements.domain import Agreement, Invariant
from accord.agreements.parse import parse, parse_invariants
from accord.kernel.errors import InvalidInput, raise_all

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
Agencies = Mapping[str, Mapping[str, str]]
"""The agencies that exist by id, with `kind` and `country` where the file says them."""


def read_text(file: Path) -> str:
    """The text of a file; what is not UTF-8 is refused with its line."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise InvalidInput(str(file), line, "", "not UTF-8 text") from None


def read_agreement(file: Path, agencies: Agencies | None) -> Agreement:
    """The agreement in a file; its parties must exist where the agencies are known."""
    known = None if agencies is None else frozenset(agencies)
    return parse(read_text(file), file=str(file), agencies=known)


def read_agreements(files: Sequence[Path], agencies: Agencies | None) -> tuple[Agreement, ...]:
    """The agreements in several files; one reading names the faults of all."""
    faults, found = Faults(), []
    for file in files:
        with faults:
            found.append(read_agreement(file, agencies))
    raise_all(faults.found)
    return tuple(found)


def read_invariants(
    file: Path, agreements: Sequence[Agreement], agencies: Agencies | None
) -> tuple[Invariant, ...]:
    """The invariants in a file: a list, or a list under `invariants`."""
    known = None if agencies is None else frozenset(agencies)
    return parse_invariants(read_text(file), file=str(file), agreements=agreements, agencies=known)


def read_agencies(file: Path) -> Agencies:
    """The agencies in a file: ids, or mappings with an `id`, as a list or under `agencies`."""
    place, root = Place(str(file)), compose(read_text(file), str(file))
    if isinstance(root, yaml.MappingNode):
        root = mapping(root, place, ("agencies",), ("agencies",))["agencies"]
    found: dict[str, dict[str, str]] = {}
    for item in items(root, place.at("agencies")):
        name, facts = _agency(item, place.at("agencies"))
        if name in found:
            place.at("agencies").refuse(item, f"{name!r} is listed twice")
        found[name] = facts
    return found


def _agency(item: yaml.Node, place: Place) -> tuple[str, dict[str, str]]:
    if isinstance(item, yaml.ScalarNode):
        return text(item, place), {}
    if not isinstance(item, yaml.MappingNode):
        place.refuse(item, f"must be an id or a mapping with one, not {kind_of(item)}")
    entry = {key.value: value for key, value in item.value}
    if "id" not in entry:
        place.refuse(item, "an agency without an id")
    facts = {n: text(entry[n], place.at(n)) for n in ("kind", "country") if n in entry}
    return text(entry["id"], place.at("id")), facts


def refusal_facts(refusal: InvalidInput) -> list[dict[str, object]]:
    """Every fault of a refused file as plain data."""
    return [
        {"file": f.file, "line": f.line, "field": f.field, "rule": f.rule} for f in refusal.faults
    ]
