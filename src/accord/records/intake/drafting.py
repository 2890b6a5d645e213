"""Turns the raw facts of one row, from whatever format, into a checked draft of a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar

from accord.kernel.phrases import phrase, thousands
from accord.kernel.vocabulary import Vocabulary
from accord.records.dates import earliest, latest
from accord.records.domain import Assertion, Grading, PartDraft, RecordDraft
from accord.records.faults import FieldError, Problem
from accord.records.labelling import LabelFacts, build_labels
from accord.records.ontology import Ontology, Schema
from accord.records.policy import check_draft
from accord.records.values import Cleaning, clean

MAX_VALUES = 1_000
ADULT_YEARS = 18
SUSPICION = "basisOfSuspicion"
T = TypeVar("T")


@dataclass(frozen=True)
class Intake:
    """What every row of one run shares."""

    owner: str
    ontology: Ontology
    vocabulary: Vocabulary
    collected: date
    """The day of collection: retention counts from it."""
    region: str = "US"
    by_node: bool = False
    """Whether this node itself drafts, under a name of its own: `is_own_system`."""


@dataclass(frozen=True)
class RawValue:
    """A text to be cleaned, and where it came from, for the error that names it."""

    text: str
    origin: str
    region: str | None = None


@dataclass
class RawRecord:
    """What one row says, before cleaning; `problems` holds what was already found wrong."""

    schema: Schema
    source_system: str
    source_ref: str
    label: Mapping[str, object]
    part_labels: Mapping[str, Mapping[str, object]]
    values: dict[str, list[RawValue]]
    occurred_at: str | None = None
    grading: Mapping[str, str] | None = None
    assertion: str | None = None
    retain_until: str | None = None
    basis_of_suspicion: str | None = None
    cases: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)


class Rejected(Exception):
    """A row breaks rules; all that were found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0].reason)
        self.problems = tuple(problems)


def is_own_system(name: str) -> bool:
    """Whether a source system is this node, whose exhibits and notes nobody revises from outside."""
    return name == "accord" or name.startswith("accord-")


def _system(said: str, intake: Intake) -> str:
    name = clean("string", said)
    if is_own_system(name) and not intake.by_node:
        reason = "names beginning with accord are this node’s own: give your system another name"
        raise FieldError("own-system", reason)
    return name


def draft_record(raw: RawRecord, intake: Intake) -> RecordDraft:
    """The cleaned, labelled and checked draft; Rejected with every problem otherwise."""
    check = _Collector(raw.problems)
    basis = check.field("basis_of_suspicion", _optional("text", raw.basis_of_suspicion))
    values = _clean_values(raw, intake, check)
    if basis:
        values.setdefault(SUSPICION, (basis,))
    _check_required(raw.schema, values, check)
    occurred = check.field("occurred_at", _optional("date", raw.occurred_at))
    source_system = check.field("source_system", lambda: _system(raw.source_system, intake))
    source_ref = check.field("source_ref", lambda: clean("reference", raw.source_ref))
    cases = check.field("cases", lambda: _cases(raw.cases))
    grading = check.field("grading", lambda: _grading(raw.grading))
    assertion = check.field("assertion", lambda: _assertion(raw.assertion))
    retain = check.field("retain_until", lambda: _day(raw.retain_until))
    parts = check.field("label", lambda: _parts(raw, intake, values))
    check.stop()
    draft = RecordDraft(
        owner=intake.owner,
        source_system=source_system or "",
        source_ref=source_ref or "",
        schema=raw.schema.name,
        occurred_at=occurred or next(iter(values.get("occurredAt", ())), None),
        grading=grading,
        assertion=assertion or Assertion.FACT,
        retain_until=retain,
        basis_of_suspicion=basis,
        parts=parts or (),
        cases=cases or (),
    )
    check.field("", lambda: check_draft(draft, intake.collected))
    check.stop()
    return draft


class _Collector:
    """Goes on after a broken rule, so that one look at quarantine shows all that is wrong."""

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems

    def field(self, name: str, make: Callable[[], T]) -> T | None:
        try:
            return make()
        except FieldError as error:
            self.add(name, error)
            return None

    def add(self, name: str, error: FieldError) -> None:
        self._problems.append(Problem(name or error.rule, error.rule, error.reason))

    def stop(self) -> None:
        if self._problems:
            raise Rejected(self._problems)


def _optional(type_: str, value: str | None) -> Callable[[], str | None]:
    return lambda: clean(type_, value) if value and value.strip() else None


def _cases(numbers: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clean("identifier", number) for number in numbers))


def _clean_values(raw: RawRecord, intake: Intake, check: _Collector) -> dict[str, tuple[str, ...]]:
    cleaned: dict[str, tuple[str, ...]] = {}
    for name, items in raw.values.items():
        prop = raw.schema.properties[name]
        if len(items) > MAX_VALUES:
            check.add(
                name,
                FieldError(
                    "too-many",
                    phrase(
                        "a property has at most %(max_values)s values",
                        max_values=thousands(MAX_VALUES),
                    ),
                ),
            )
            continue
        values = []
        for item in items:
            cleaning = Cleaning(item.region or intake.region, prop.values)
            try:
                values.append(clean(prop.type, item.text, cleaning))
            except FieldError as error:
                check.add(item.origin, error)
        if values:
            cleaned[name] = tuple(dict.fromkeys(values))
    return cleaned


def _check_required(
    schema: Schema, values: Mapping[str, tuple[str, ...]], check: _Collector
) -> None:
    for name in schema.required:
        if name not in values:
            reason = phrase(
                "a %(kind)s needs %(value)s",
                kind=phrase(schema.label).lower(),
                value=phrase(schema.properties[name].label).lower(),
            )
            check.add(name, FieldError("required", reason))


def _grading(raw: Mapping[str, str] | None) -> Grading | None:
    if raw is None:
        return None
    if set(raw) != {"scheme", "source", "information"}:
        raise FieldError("grading", phrase("a grading has scheme, source and information"))
    return Grading(raw["scheme"], raw["source"], raw["information"])


def _assertion(raw: str | None) -> Assertion:
    try:
        return Assertion(raw or "fact")
    except ValueError:
        reason = phrase("a record states a fact or an assessment (LED art. 7)")
        raise FieldError("assertion", reason) from None


def _day(raw: str | None) -> date | None:
    if not raw or not raw.strip():
        return None
    value = clean("date", raw)
    if len(value) != 10:
        raise FieldError("date", phrase("a retention date is a day: YYYY-MM-DD"))
    return date.fromisoformat(value)


def _parts(
    raw: RawRecord, intake: Intake, values: Mapping[str, tuple[str, ...]]
) -> tuple[PartDraft, ...]:
    by_part: dict[str, dict[str, tuple[str, ...]]] = {}
    for prop in raw.schema.properties.values():
        if prop.name in values:
            by_part.setdefault(prop.part, {})[prop.name] = values[prop.name]
    stated = LabelFacts(raw.label, raw.part_labels)
    # INVARIANT: a person who could be a minor is sealed as one, whatever the line says.
    born, ages = values.get("birthDate", ()), values.get("ageYears", ())
    if _may_be_minor(born, _day_of_report(raw, values, intake)) or _is_young(ages):
        stated = _as_minor(stated)
    labels = build_labels(
        intake.vocabulary,
        owner=intake.owner,
        schema=raw.schema,
        values=by_part,
        stated=stated,
    )
    return tuple(PartDraft(part, labels[part], by_part[part]) for part in by_part)


def _day_of_report(raw: RawRecord, values: Mapping[str, tuple[str, ...]], intake: Intake) -> date:
    """Majority is judged on the day it happened, so importing again years later unseals nothing."""
    days = [intake.collected, *(earliest(v).date() for v in values.get("occurredAt", ()))]
    if raw.occurred_at and raw.occurred_at.strip():
        days.append(earliest(clean("date", raw.occurred_at)).date())
    return min(days)


def _may_be_minor(birth_dates: tuple[str, ...], today: date) -> bool:
    """Whether one of the birth dates leaves room for an age under 18."""
    for value in birth_dates:
        last_birth = latest(value).date() - timedelta(days=1)
        if (last_birth.year + ADULT_YEARS, last_birth.month, last_birth.day) > (
            today.year,
            today.month,
            today.day,
        ):
            return True
    return False


def _is_young(ages: tuple[str, ...]) -> bool:
    """Whether a stated age, or the lower end of a range, is under 18."""
    return any(float(age) < ADULT_YEARS for age in ages)


def _as_minor(stated: LabelFacts) -> LabelFacts:
    parts = {part: {**facts, "minor": True} for part, facts in stated.parts.items()}
    return LabelFacts({**stated.record, "minor": True}, parts)
