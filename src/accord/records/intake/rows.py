"""From a file to drafts: one row in, one draft or one error out, in order, resumable by row number.

Nothing here keeps rows in memory, and a row's fate depends on that row alone, so a run that was
stopped after row n goes on with `start_after=n` and ends as if it had never stopped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from accord.records.dates import parse_date
from accord.records.domain import RecordDraft
from accord.records.faults import FieldError, Problem
from accord.records.intake.csvfile import BadRow, CsvFile, CsvRow
from accord.records.intake.drafting import Intake, RawRecord, RawValue, Rejected, draft_record
from accord.records.intake.jsonlines import JsonFile, JsonRow
from accord.records.intake.mapping import Chosen, Column, Mapped, Source
from accord.records.intake.worldline import raw_from_line


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


def read_csv(
    file: CsvFile, mapped: Mapped, intake: Intake, *, start_after: int = 0
) -> Iterator[AcceptedRow | RowError]:
    """Every row of a CSV file after the given row number; the caller checked the header."""
    for row in file.rows():
        if row.row <= start_after:
            continue
        if isinstance(row, BadRow):
            yield RowError(row.row, row.line, (row.problem,), row.raw)
        else:
            yield _csv_row(row, file.header, mapped, intake)


def _csv_row(
    row: CsvRow, header: tuple[str, ...], mapped: Mapped, intake: Intake
) -> AcceptedRow | RowError:
    cells = dict(zip(header, row.cells, strict=True))
    try:
        draft = draft_record(_Cells(cells, mapped).raw(), intake)
    except Rejected as rejected:
        return RowError(row.row, row.line, rejected.problems, row.raw)
    return AcceptedRow(row.row, row.line, draft, row.raw)


def read_jsonl(
    file: JsonFile, intake: Intake, *, start_after: int = 0
) -> Iterator[AcceptedRow | RowError]:
    """Every row of a world's record file after the given row number."""
    for row in file.rows():
        if row.row <= start_after:
            continue
        if isinstance(row, BadRow):
            yield RowError(row.row, row.line, (row.problem,), row.raw)
        else:
            yield _json_row(row, intake)


def _json_row(row: JsonRow, intake: Intake) -> AcceptedRow | RowError:
    try:
        draft = draft_record(raw_from_line(row.data, intake), intake)
    except Rejected as rejected:
        return RowError(row.row, row.line, rejected.problems, row.raw)
    return AcceptedRow(row.row, row.line, draft, row.raw)


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
                raise FieldError("code-list", "the mapping does not list this code")
            text = column.codes[text]
        return parse_date(text, column.date, column.zone) if column.date else text

    def _fact(self, source: Source) -> str | None:
        if source.column is None:
            return source.constant
        text = self._cells[source.column]
        if not text or not source.date:
            return text or None
        try:
            return parse_date(text, source.date, source.zone)
        except FieldError as error:
            self._refuse(source.column, error)
            return None

    def _cases(self) -> tuple[str, ...]:
        source = self._mapped.cases
        text = self._fact(source) or ""
        separator = "," if source.column is None else source.split
        pieces = text.split(separator) if separator else [text]
        return tuple(piece.strip() for piece in pieces if piece.strip())
