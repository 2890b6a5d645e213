"""Reads one line of a world's `records/*.jsonl`, checking its form against the ontology."""

from __future__ import annotations

from collections.abc import Mapping

from accord.kernel.phrases import phrase
from accord.records.faults import FieldError, Problem
from accord.records.intake.drafting import Intake, RawRecord, RawValue, Rejected
from accord.records.ontology import Schema

KEYS = frozenset(
    {"agency", "source_system", "source_ref", "schema", "occurred_at", "label", "grading"}
    | {"assertion", "retain_until", "basis_of_suspicion", "parts", "part_labels", "cases"}
)


def raw_from_line(data: Mapping[str, object], intake: Intake) -> RawRecord:
    """The raw facts of a line; Rejected where the line has not the form of a record."""
    line = _Line(data)
    schema = line.schema(intake)
    label, part_labels = line.mapping("label"), line.mapping("part_labels")
    labels_of_parts = {part: line.inner(part_labels, part, "part_labels") for part in part_labels}
    raw = RawRecord(
        schema=schema,
        source_system=line.text("source_system") or "",
        source_ref=line.text("source_ref") or "",
        label=label,
        part_labels=labels_of_parts,
        values=line.values(schema),
        occurred_at=line.text("occurred_at"),
        grading=line.grading(),
        assertion=line.text("assertion"),
        retain_until=line.text("retain_until"),
        basis_of_suspicion=line.text("basis_of_suspicion"),
        cases=tuple(line.strings("cases", data.get("cases", []))),
        problems=line.problems,
    )
    line.check_owner(intake.owner)
    return raw


class _Line:
    def __init__(self, data: Mapping[str, object]) -> None:
        self._data = data
        self.problems = [
            Problem(key, "unknown-key", "a record has no such key") for key in data.keys() - KEYS
        ]

    def _refuse(self, field: str, reason: str, rule: str = "form") -> None:
        self.problems.append(Problem(field, rule, reason))

    def schema(self, intake: Intake) -> Schema:
        name = self._data.get("schema")
        if not isinstance(name, str) or name not in intake.ontology:
            reason = f"schemata are {', '.join(intake.ontology.names)}"
            raise Rejected([Problem("schema", "schema", reason)])
        return intake.ontology.schema(name)

    def check_owner(self, owner: str) -> None:
        if self._data.get("agency") != owner:
            self._refuse(
                "agency", phrase("this run imports records of %(owner)s only", owner=owner), "owner"
            )

    def text(self, key: str) -> str | None:
        value = self._data.get(key)
        if value is None or isinstance(value, str):
            return value
        self._refuse(key, phrase("is a text"))
        return None

    def mapping(self, key: str) -> Mapping[str, object]:
        return self.inner(self._data, key, "")

    def inner(self, data: Mapping[str, object], key: str, under: str) -> Mapping[str, object]:
        value = data.get(key, {})
        if isinstance(value, dict):
            return value
        self._refuse(f"{under}.{key}" if under else key, "is an object {...}")
        return {}

    def strings(self, field: str, value: object) -> list[str]:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return value
        self._refuse(field, phrase("is a list of texts"))
        return []

    def grading(self) -> Mapping[str, str] | None:
        if self._data.get("grading") is None:
            return None
        grading = self.mapping("grading")
        if all(isinstance(value, str) for value in grading.values()):
            return {key: str(value) for key, value in grading.items()}
        self._refuse("grading", phrase("grades are texts"))
        return None

    def values(self, schema: Schema) -> dict[str, list[RawValue]]:
        values: dict[str, list[RawValue]] = {}
        parts = self.mapping("parts")
        for part in parts:
            for name, items in self.inner(parts, part, "parts").items():
                origin = f"parts.{part}.{name}"
                error = _misplaced(schema, part, name)
                if error:
                    self._refuse(origin, error.reason, error.rule)
                    continue
                texts = self.strings(origin, items)
                if texts:
                    values[name] = [RawValue(text, origin) for text in texts]
        return values


def _misplaced(schema: Schema, part: str, name: str) -> FieldError | None:
    prop = schema.properties.get(name)
    if prop is None:
        return FieldError(
            "property",
            phrase("%(name)s has no property %(name2)s", name=schema.name, name2=f"{name!r}"),
        )
    if prop.part != part:
        return FieldError(
            "part",
            phrase(
                "%(name)s of %(name2)s belongs to part %(part)s",
                name=name,
                name2=schema.name,
                part=prop.part,
            ),
        )
    return None
