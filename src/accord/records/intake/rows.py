"""From a file to drafts: one row in, one draft or one error out, in order, resumable by row number.

Nothing here keeps rows in memory, and a row's fate depends on that row alone, so a run that was
stopped after row n goes on with `start_after=n` and ends as if it had never stopped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from accord.kernel.phrases import phrase
from accord.records.dates import clean_date, parse_date
from accord.records.domain import RecordDraft
from accord.records.faults import FieldError, Problem
from accord.records.intake.csvfile import BadRow, CsvFile
from accord.records.intake.drafting import Intake, RawRecord, RawValue, Rejected, draft_record
from accord.records.intake.jsonlines import JsonFile
from accord.records.intake.mapping import Chosen, Column, Mapped, Source
from accord.records.intake.repeats import Repeats
from accord.records.intake.worldline import raw_from_line

_ISO = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?", re.ASCII)


@dataclass(frozen=True)
class AcceptedRow:
    """A row that became a draft; its text, should the records still refuse it."""

    row: int
    line: int
    draft: RecordDraft
    raw: str = ""


@dataclass(frozen=True)
class RowError:
    """A row for quarantine: where it stands, all that is wrong with it, and its text."""

    row: int
    line: int
    problems: tuple[Problem, ...]
    raw: str

    @property
    def field(self) -> str:
        return self.problems[0].field

    @property
    def rule(self) -> str:
        return self.problems[0].rule

    @property
    def reason(self) -> str:
        """Every reason, in one text."""
        return "; ".join(f"{p.field}: {p.reason}" if p.field else p.reason for p in self.problems)


@dataclass(frozen=True)
class Drawn:
    """One row as its format understood it: the raw facts of a record, or why there are none."""

    row: int
    line: int
    raw: str
    record: RawRecord | None
    problems: tuple[Problem, ...] = ()


def draft_rows(
    drawn: Iterable[Drawn], intake: Intake, *, start_after: int = 0
) -> Iterator[AcceptedRow | RowError]:
    """Every row after the given number, drafted; the same reference with other content is refused.

    The rows before are looked at too, so that a run that goes on finds the conflicts it would have
    found.
    """
    repeats = Repeats()
    for one in drawn:
        record = one.record
        conflict = repeats.problem(record, one.line) if record and not record.problems else None
        if one.row > start_after:
            yield _drafted(one, conflict, intake)


def _drafted(one: Drawn, conflict: Problem | None, intake: Intake) -> AcceptedRow | RowError:
    if one.record is None:
        return RowError(one.row, one.line, one.problems, one.raw)
    try:
        draft = draft_record(one.record, intake)
    except Rejected as rejected:
        return RowError(one.row, one.line, rejected.problems, one.raw)
    if conflict is not None:
        return RowError(one.row, one.line, (conflict,), one.raw)
    return AcceptedRow(one.row, one.line, draft, one.raw)


def read_csv(
    file: CsvFile, mapped: Mapped, intake: Intake, *, start_after: int = 0
) -> Iterator[AcceptedRow | RowError]:
    """Every row of a CSV file after the given row number; the caller checked the header."""
    return draft_rows(draw_csv(file, mapped), intake, start_after=start_after)


def draw_csv(file: CsvFile, mapped: Mapped) -> Iterator[Drawn]:
    """Every row of a CSV file, read through a mapping."""
    for row in file.rows():
        if isinstance(row, BadRow):
            yield Drawn(row.row, row.line, row.raw, None, (row.problem,))
        else:
            cells = dict(zip(file.header, row.cells, strict=True))
            yield Drawn(row.row, row.line, row.raw, draw_cells(cells, mapped))


def draw_cells(cells: Mapping[str, str], mapped: Mapped) -> RawRecord:
    """What one row of cells says, read through a mapping."""
    return _Cells(cells, mapped).raw()


def read_jsonl(
    file: JsonFile, intake: Intake, *, start_after: int = 0
) -> Iterator[AcceptedRow | RowError]:
    """Every row of a world's record file after the given row number."""
    return draft_rows(draw_jsonl(file, intake), intake, start_after=start_after)


def draw_jsonl(file: JsonFile, intake: Intake) -> Iterator[Drawn]:
    """Every row of a file of records in Accord's own form."""
    for row in file.rows():
        if isinstance(row, BadRow):
            yield Drawn(row.row, row.line, row.raw, None, (row.problem,))
            continue
        try:
            yield Drawn(row.row, row.line, row.raw, raw_from_line(row.data, intake))
        except Rejected as rejected:
            yield Drawn(row.row, row.line, row.raw, None, rejected.problems)


class _Cells:
    """One CSV row read through a mapping."""

    def __init__(self, cells: Mapping[str, str], mapped: Mapped) -> None:
        self._mapped = mapped
        self._cells = {
            name: "" if cell.strip() in mapped.missing else cell.strip()
            for name, cell in cells.items()
        }
        self._problems: list[Problem] = []

    def raw(self) -> RawRecord:
        mapped = self._mapped
        grading = {key: self._fact(source) for key, source in mapped.grading.items()}
        return RawRecord(
            schema=mapped.schema,
            source_system=mapped.source_system,
            source_ref=self._source_ref(),
            label=self._label(mapped.label),
            part_labels={part: self._label(facts) for part, facts in mapped.part_labels.items()},
            values=self._values(),
            occurred_at=self._fact(mapped.occurred_at),
            grading={k: v or "" for k, v in grading.items()} if any(grading.values()) else None,
            assertion=self._fact(mapped.assertion),
            retain_until=self._fact(mapped.retain_until),
            basis_of_suspicion=self._fact(mapped.basis_of_suspicion),
            cases=self._cases(),
            problems=self._problems,
        )

    def _refuse(self, column: str, error: FieldError) -> None:
        self._problems.append(Problem(column, error.rule, error.reason))

    def _source_ref(self) -> str:
        pieces = [self._cells[column] for column in self._mapped.source_ref]
        if not all(pieces):
            missing = self._mapped.source_ref[pieces.index("")]
            reason = "the row does not say which record of the source it is"
            self._refuse(missing, FieldError("source-ref", reason))
            return "missing"
        return "/".join(pieces)

    def _label(self, stated: Mapping[str, object]) -> dict[str, object]:
        facts: dict[str, object] = {}
        for name, value in stated.items():
            if not isinstance(value, Chosen):
                facts[name] = value
            elif self._cells[value.column] in value.codes:
                facts[name] = value.codes[self._cells[value.column]]
            else:
                reason = f"the mapping does not say which {name} this code means"
                self._refuse(value.column, FieldError("label-code", reason))
        return facts

    def _values(self) -> dict[str, list[RawValue]]:
        values: dict[str, list[RawValue]] = {}
        for column in self._mapped.columns:
            for text in self._texts(column):
                raw = RawValue(text, column.column, column.region)
                values.setdefault(column.to, []).append(raw)
        for join in self._mapped.joins:
            text = join.separator.join(self._cells[c] for c in join.columns if self._cells[c])
            if text:
                values.setdefault(join.to, []).append(RawValue(text, "+".join(join.columns)))
        return values

    def _texts(self, column: Column) -> Iterator[str]:
        cell = self._cells[column.column]
        pieces = cell.split(column.split) if column.split else [cell]
        for piece in (p.strip() for p in pieces):
            if piece in self._mapped.missing:
                continue
            try:
                yield self._translated(piece, column)
            except FieldError as error:
                self._refuse(column.column, error)

    def _translated(self, text: str, column: Column) -> str:
        if column.codes is not None:
            if text not in column.codes:
                raise FieldError("code-list", phrase("the mapping does not list this code"))
            text = column.codes[text]
        return self._date(text, column.date, column.zone) if column.date else text

    def _date(self, text: str, form: str, zone: ZoneInfo | None) -> str:
        """A date in the source's own form; a spreadsheet's real dates come as ISO 8601."""
        if not self._mapped.typed_cells or not _ISO.fullmatch(text):
            return parse_date(text, form, zone)
        return parse_date(text, "%Y-%m-%dT%H:%M:%S", zone) if "T" in text else clean_date(text)

    def _fact(self, source: Source) -> str | None:
        if source.column is None:
            return source.constant
        text = self._cells[source.column]
        if not text or not source.date:
            return text or None
        try:
            return self._date(text, source.date, source.zone)
        except FieldError as error:
            self._refuse(source.column, error)
            return None

    def _cases(self) -> tuple[str, ...]:
        source = self._mapped.cases
        text = self._fact(source) or ""
        separator = "," if source.column is None else source.split
        pieces = text.split(separator) if separator else [text]
        return tuple(piece.strip() for piece in pieces if piece.strip())
