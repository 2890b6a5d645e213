"""What the confined reader and its starter say to each other: one JSON value a line.

The starter believes nothing of a draft that decides who may see it: owner, label words, and which
property belongs to which part are looked at again here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from accord.kernel.errors import InvalidInput
from accord.kernel.labels import Label, check_label
from accord.kernel.vocabulary import NEWEST, Vocabulary
from accord.records.domain import Assertion, Grading, PartDraft, RecordDraft
from accord.records.faults import Problem
from accord.records.intake.drafting import is_own_system
from accord.records.intake.rows import AcceptedRow, RowError
from accord.records.ontology import Ontology

Row = AcceptedRow | RowError


@dataclass(frozen=True)
class Job:
    """What is asked of the reader."""

    file: str
    size_bytes: int
    run: str
    data_key: str
    """Of this one stored file, in hexadecimal; it opens nothing else."""
    format: str
    """Empty: to be recognised."""
    mapping: str | None
    owner: str
    collected: str
    region: str
    rows: bool
    """Whether drafts are wanted, or only what the file is."""
    start_after: int = 0
    most_rows: int = 0
    """0 for all."""


@dataclass(frozen=True)
class Head:
    """What a file turned out to be."""

    format: str
    said: str
    columns: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    apart: bool
    """Whether the reader was cut off from the network by the kernel."""


def job_from(facts: Mapping[str, Any]) -> Job:
    return Job(**facts)


def head_from(facts: Mapping[str, Any]) -> Head:
    sample = tuple(tuple(str(cell) for cell in row) for row in facts["sample"])
    columns = tuple(str(name) for name in facts["columns"])
    return Head(str(facts["format"]), str(facts["said"]), columns, sample, bool(facts["apart"]))


class Sender:
    """Turns rows into messages; each label is written once."""

    def __init__(self) -> None:
        self._labels: dict[Label, int] = {}

    def messages(self, row: Row) -> list[list[Any]]:
        """The messages of one row: new labels first."""
        if isinstance(row, RowError):
            problems = [[p.field, p.rule, p.reason] for p in row.problems]
            return [["bad", row.row, row.line, row.raw, problems]]
        fresh: list[list[Any]] = []
        parts = []
        for part in row.draft.parts:
            number = self._labels.get(part.label)
            if number is None:
                number = self._labels[part.label] = len(self._labels)
                fresh.append(["label", number, part.label.facts()])
            parts.append([part.part, number, {k: list(v) for k, v in part.values.items()}])
        return [*fresh, ["row", row.row, row.line, row.raw, _draft_facts(row.draft), parts]]


def _draft_facts(draft: RecordDraft) -> list[Any]:
    grading = draft.grading
    return [
        draft.source_system,
        draft.source_ref,
        draft.schema,
        draft.occurred_at,
        [grading.scheme, grading.source, grading.information] if grading else None,
        draft.assertion.value,
        draft.retain_until.isoformat() if draft.retain_until else None,
        draft.basis_of_suspicion,
        list(draft.cases),
    ]


class Receiver:
    """Turns messages back into rows, under the rules that decide who may see what."""

    def __init__(self, owner: str, ontology: Ontology) -> None:
        self._owner, self._ontology = owner, ontology
        self._vocabulary = Vocabulary.load(NEWEST)
        self._labels: dict[int, Label] = {}

    def label(self, message: list[Any]) -> None:
        """Take a label that later rows name."""
        facts = dict(message[2])
        label = Label(**{**facts, "subjects": frozenset(facts["subjects"])})
        check_label(label, self._vocabulary, "label")
        if label.owner != self._owner:
            raise ValueError("a label of somebody else's")
        self._labels[int(message[1])] = label

    def row(self, message: list[Any]) -> Row:
        """The row of a message."""
        kind, row, line, raw = message[:4]
        if kind == "bad":
            problems = tuple(Problem(str(f), str(r), str(s)) for f, r, s in message[4])
            return RowError(int(row), int(line), problems, str(raw))
        return AcceptedRow(int(row), int(line), self._draft(message[4], message[5]), str(raw))

    def _draft(self, facts: list[Any], parts: list[Any]) -> RecordDraft:
        system, ref, schema, occurred, grading, assertion, retain, basis, cases = facts
        if not isinstance(system, str) or is_own_system(system):
            raise ValueError("a source of this node's own")
        return RecordDraft(
            owner=self._owner,
            source_system=system,
            source_ref=ref,
            schema=schema,
            occurred_at=occurred,
            grading=Grading(*grading) if grading else None,
            assertion=Assertion(assertion),
            retain_until=date.fromisoformat(retain) if retain else None,
            basis_of_suspicion=basis,
            parts=tuple(self._part(schema, *part) for part in parts),
            cases=tuple(cases),
        )

    def _part(self, schema: str, name: str, label: int, values: dict[str, list[str]]) -> PartDraft:
        found, known = self._labels[label], self._ontology.schema(schema).properties
        if (found.schema, found.part) != (schema, name):
            raise ValueError("a label of another part")
        if any(known[key].part != name for key in values):
            raise ValueError("a property of another part")
        return PartDraft(name, found, {key: tuple(v) for key, v in values.items()})


def refusal_facts(error: InvalidInput) -> list[Any]:
    """Every fault of a refused file, as it is sent."""
    return [[f.file, f.line, f.field, f.rule] for f in error.faults]


def refusal_from(faults: list[Any]) -> InvalidInput:
    """The refusal of a file, as the reader said it."""
    made = [
        InvalidInput(str(f), n if n is None else int(n), str(p), str(r)) for f, n, p, r in faults
    ]
    first, *others = made
    first.others = tuple(others)
    return first


def job_facts(job: Job) -> dict[str, Any]:
    return asdict(job)
