"""Reads and checks record lines: JSON, schema, ontology, label words and 28 CFR 23.20."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from accord.cli.world import schema
from accord.kernel.errors import InvalidInput
from accord.kernel.labels import Label, check_label
from accord.kernel.vocabulary import Vocabulary, VocabularyError
from accord.records.ontology import common_ontology

LONGEST_INTELLIGENCE_DAYS = 5 * 365 + 1
"""28 CFR 23.20(h): intelligence is kept for at most five years without review."""


@dataclass(frozen=True)
class RecordLine:
    """One record of a file, and where it stands."""

    file: str
    line: int
    data: dict[str, Any]


def read_record_lines(
    path: Path, *, vocabulary: int, agencies: frozenset[str], cases: frozenset[str]
) -> Iterator[RecordLine]:
    """Each line of a file, checked; the first fault ends the reading."""
    seen: set[tuple[str, str, str]] = set()
    with path.open("rb") as handle:
        for number, raw in enumerate(handle, start=1):
            data = _parsed(raw, str(path), number)
            for where, rule in record_faults(data, vocabulary, agencies, cases):
                raise InvalidInput(str(path), number, where, rule)
            name = (data["agency"], data["source_system"], data["source_ref"])
            if name in seen:
                raise InvalidInput(str(path), number, "source_ref", f"{name[2]} is named twice")
            seen.add(name)
            yield RecordLine(str(path), number, data)


def _parsed(raw: bytes, file: str, line: int) -> Any:
    try:
        return json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise InvalidInput(file, line, "", "the line is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise InvalidInput(file, line, "", f"the line is not JSON: {error.msg}") from None


def record_faults(
    data: Any, vocabulary: int, agencies: frozenset[str], cases: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """Field and rule of every fault; where the shape is wrong, nothing beyond it is asked."""
    shape = schema.faults("record", vocabulary, data)
    if shape:
        for where, rule in shape:
            yield ".".join(map(str, where)), rule
        return
    if data["agency"] not in agencies:
        yield "agency", f"there is no agency {data['agency']}"
    for number in data.get("cases", ()):
        if number not in cases:
            yield "cases", f"there is no case {number}"
    yield from _ontology_faults(data)
    yield from _label_faults(data, vocabulary)
    yield from _retention_faults(data)


def _ontology_faults(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    kind = common_ontology().schema(data["schema"])
    properties = kind.properties
    for name in kind.required:
        part = properties[name].part
        if not data["parts"].get(part, {}).get(name):
            yield f"parts.{part}.{name}", f"a {data['schema']} needs this property"
    for part, values in data["parts"].items():
        for name in values:
            if name not in properties:
                yield f"parts.{part}.{name}", f"a {data['schema']} has no such property"
            elif properties[name].part != part:
                yield f"parts.{part}.{name}", f"belongs to the part {properties[name].part}"


def _label_faults(data: dict[str, Any], vocabulary: int) -> Iterator[tuple[str, str]]:
    words = Vocabulary.load(vocabulary)
    for part in data["parts"]:
        facts = {**data["label"], **data.get("part_labels", {}).get(part, {})}
        facts |= {"owner": data["agency"], "schema": data["schema"], "part": part}
        try:
            check_label(Label.from_facts(facts), words, "label")
        except VocabularyError as error:
            yield f"label of {part}", error.message
    absent = sorted(set(data.get("part_labels", {})) - set(data["parts"]))
    if absent:
        yield "part_labels", f"the record has no part {', '.join(absent)}"


def _retention_faults(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if not data["label"]["intelligence"]:
        return
    if data["basis_of_suspicion"] is None:
        yield "basis_of_suspicion", "intelligence states its basis of suspicion (28 CFR 23.20(c))"
    if data["retain_until"] is None or data["occurred_at"] is None:
        yield "retain_until", "intelligence has a date and a last day (28 CFR 23.20(h))"
        return
    kept = date.fromisoformat(data["retain_until"]) - date.fromisoformat(data["occurred_at"][:10])
    if kept.days > LONGEST_INTELLIGENCE_DAYS:
        yield "retain_until", "intelligence is kept for at most five years (28 CFR 23.20(h))"
