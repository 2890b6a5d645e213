"""What differs between two parts that a viewer may see: of two records, or of two revisions.

Pure of input and output. What is not visible is not in either part, so a difference can say that
something is absent or not open, and never which of the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from accord.kernel.phrases import joined, phrase
from accord.records.ontology import Schema, common_ontology
from accord.records.queries.records import PART_ORDER, PartView, RecordView
from accord.web.components import DiffRow
from accord.web.filters import words

Change = Literal["same", "added", "removed", "changed"]
BETWEEN = {
    "same": phrase("Same"),
    "changed": phrase("Differs"),
    "removed": phrase("Only in the first"),
    "added": phrase("Only in the second"),
}
"""How changes read where two records stand side by side."""


def between_records(
    one: RecordView, other: RecordView
) -> tuple[tuple[str, tuple[DiffRow, ...]], ...]:
    """Every field of the two, by kind of part: what only one has, what differs, what is the same."""
    schemas = [common_ontology().schema(r.schema) for r in (one, other)]
    found = []
    for kind in PART_ORDER:
        sides = (one.part(kind), other.part(kind))
        if sides != (None, None):
            labels = _labels(schemas, kind)
            found.append((words(kind), tuple(_rows(labels, sides[0], sides[1]))))
    return tuple(found)


def between_revisions(schema: Schema, before: PartView, after: PartView) -> tuple[DiffRow, ...]:
    """The fields that changed from an older revision of a part, with how its label changed."""
    rows = [*_rows(_labels([schema], after.kind), before, after), *_of_label(before, after)]
    return tuple(row for row in rows if row.change != "same")


def _labels(schemas: Iterable[Schema], kind: str) -> Mapping[str, str]:
    """Property to its name on screen, in the order of the ontology, each once."""
    return {f.name: f.label for schema in schemas for f in schema.in_part(kind)}


def _rows(
    labels: Mapping[str, str], before: PartView | None, after: PartView | None
) -> Iterable[DiffRow]:
    for name, label in labels.items():
        old, new = _value(before, name), _value(after, name)
        if old is not None or new is not None:
            yield DiffRow(label, _change(old, new), old, new)


def _value(part: PartView | None, name: str) -> str | None:
    values = part.values.get(name) if part is not None else None
    return joined(values, "; ") if values else None


def _change(old: str | None, new: str | None) -> Change:
    if old is None:
        return "added"
    if new is None:
        return "removed"
    return "same" if old == new else "changed"


def _of_label(before: PartView, after: PartView) -> Iterable[DiffRow]:
    old, new = before.label.facts(), after.label.facts()
    for name in old:
        if old[name] != new[name]:
            yield DiffRow(
                phrase("Label: %(name)s", name=words(name)),
                "changed",
                _said(old[name]),
                _said(new[name]),
            )
    if before.assertion != after.assertion:
        yield DiffRow(
            phrase("Stated as"), "changed", words(before.assertion), words(after.assertion)
        )


def _said(value: object) -> str:
    if isinstance(value, bool):
        return phrase("Yes") if value else phrase("No")
    if isinstance(value, str):
        return words(value)
    return (
        joined((words(str(v)) for v in value), ", ") if isinstance(value, Iterable) else str(value)
    )
