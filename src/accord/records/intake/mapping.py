"""The mapping file: how one agency's CSV columns become a schema's properties and labels.

`docs/how-to` has the format by example; in short:

    schema: Person
    source_system: rms
    source_ref: [report_no, person_no]
    label: {subjects: {column: role, codes: {S: [suspect], V: [victim]}}, basis: statute}
    part_labels: {narrative: {sensitivity: sensitive}}
    missing: ["", "N/A"]
    columns:
      full_name: name
      dob: {to: birthDate, date: "%m/%d/%Y"}
      phones: {to: phone, region: US, split: ";"}
      sex: {to: gender, codes: {"1": male, "2": female}}
    join: [{to: name, columns: [first, last]}]
    ignore: [internal_id]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase
from accord.records.ontology import Schema


@dataclass(frozen=True)
class Column:
    """Where a column's text goes, and what is done to it on the way."""

    column: str
    to: str
    date: str | None = None
    zone: ZoneInfo | None = None
    region: str | None = None
    codes: Mapping[str, str] | None = None
    split: str | None = None


@dataclass(frozen=True)
class Join:
    """Several columns that together make one value, as a name in three fields does."""

    columns: tuple[str, ...]
    to: str
    separator: str = " "


@dataclass(frozen=True)
class Chosen:
    """A label attribute that depends on a column; a code that is not listed is refused."""

    column: str
    codes: Mapping[str, object]


@dataclass(frozen=True)
class Source:
    """A fact of the record: the same in every row, or taken from a column."""

    constant: str | None = None
    column: str | None = None
    date: str | None = None
    zone: ZoneInfo | None = None
    split: str | None = None


LabelMapping = Mapping[str, object]
"""Attribute to a word, a list of words, true/false, or Chosen."""


@dataclass(frozen=True)
class Mapped:
    """A checked mapping file."""

    file: str
    schema: Schema
    source_system: str
    source_ref: tuple[str, ...]
    label: LabelMapping
    part_labels: Mapping[str, LabelMapping]
    columns: tuple[Column, ...]
    joins: tuple[Join, ...]
    ignore: frozenset[str]
    missing: frozenset[str]
    grading: Mapping[str, Source] = field(default_factory=dict)
    assertion: Source = Source()
    occurred_at: Source = Source()
    retain_until: Source = Source()
    basis_of_suspicion: Source = Source()
    cases: Source = Source()
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    typed_cells: bool = False
    """Whether cells come from a spreadsheet, whose dates are dates and not texts."""

    @property
    def used_columns(self) -> frozenset[str]:
        """Every column that the mapping reads."""
        used = set(self.source_ref) | {c.column for c in self.columns}
        used |= {name for join in self.joins for name in join.columns}
        for label in (self.label, *self.part_labels.values()):
            used |= {v.column for v in label.values() if isinstance(v, Chosen)}
        sources = (*self.grading.values(), self.assertion, self.occurred_at, self.retain_until)
        sources += (self.basis_of_suspicion, self.cases)
        return frozenset(used | {s.column for s in sources if s.column})

    def of_typed_cells(self) -> Mapped:
        """The same mapping for the cells of a spreadsheet."""
        return replace(self, typed_cells=True)

    def check_header(self, header: tuple[str, ...], file: str) -> None:
        """Every column is used or ignored by name, so nothing is lost without anybody's word."""
        for name in sorted(self.used_columns - set(header)):
            raise InvalidInput(
                file,
                1,
                name,
                phrase("the file has no such column; %(file)s reads it", file=self.file),
            )
        for name in header:
            if name not in self.used_columns and name not in self.ignore:
                rule = f"{self.file} neither maps this column nor lists it under `ignore`"
                raise InvalidInput(file, 1, name, rule)
