"""The rows that speak to one requester, purpose and action, over the labels of a node.

What the rows reach and which keys they need is read back from the compiled form, so the tables for
the database and the decisions about single parts have one source.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from accord.agreements.columns import row_numbers
from accord.agreements.compiledform import LABEL_FLAGS, LABEL_WORDS, Form, Row
from accord.agreements.domain import Context, Requester, Words
from accord.agreements.labelindex import LabelIndex


@dataclass(frozen=True)
class Bar:
    """What closes labels, unless a part carries the keys in `excused` (None: whatever it does)."""

    labels: int
    excused: Words | None

    def binds(self, keys: Words) -> bool:
        return self.excused is None or not self.excused <= keys


@dataclass(frozen=True)
class Permit:
    """The labels that a permit opens to parts with these keys, less what bars its chain."""

    keys: Words
    labels: int
    bars: tuple[Bar, ...]


class RowLabels:
    """The labels of one node that each row reaches, whoever asks; each worked out once."""

    def __init__(self, form: Form, index: LabelIndex) -> None:
        self.form, self.index = form, index
        self._found: dict[int, int] = {}

    def of(self, number: int, agency: str) -> int:
        """The labels that a row reaches when this agency asks."""
        found = self._found.get(number)
        if found is None:
            found = self._found[number] = self._reached(self.form.rows[number])
        if self.form.own >> number & 1:
            return found
        return self.index.without(found, self.index.having("owner", frozenset({agency})))

    def _reached(self, row: Row) -> int:
        labels = self.index.present
        for name in (*LABEL_WORDS, *LABEL_FLAGS):
            words = row.accepted(name)
            if words is not None:
                labels &= self.index.having(name, words)
        if row.subject is not None:
            labels &= self.index.about(row.subject, every=row.every_subject)
        return labels


class Selection:
    """What a requester may do with the labels of a node, as far as keys allow."""

    def __init__(
        self, over: RowLabels, requester: Requester, context: Context, action: str
    ) -> None:
        form = over.form
        self._over, self._agency = over, requester.agency
        met = form.asking(requester, context, action)
        self._bars = _merged(bar for _, bar in self._barring(met, form.forbid_at))
        guards = list(self._barring(met, form.guard_at)) if met & form.composed else []
        self._permits = _together(
            Permit(
                form.rows[number].keys,
                over.of(number, requester.agency),
                tuple(bar for guard, bar in guards if form.closes(guard) >> number & 1),
            )
            for number in row_numbers(met & form.permits)
        )

    def _barring(self, met: int, start: int) -> Iterator[tuple[int, Bar]]:
        """The forbids, or the guards, that the requester meets, each with what excuses from it."""
        form = self._over.form
        count, exceptions = form.barring(start)
        for place in row_numbers(met >> start & (1 << count) - 1):
            excused = None
            if met >> (exceptions + place) & 1:
                excused = form.rows[exceptions + place].keys
            if excused != frozenset():
                labels = self._over.of(start + place, self._agency)
                yield start + place, Bar(labels, excused)

    @property
    def kinds(self) -> Words:
        """Every key kind on which the answer turns."""
        bars = (*self._bars, *(bar for permit in self._permits for bar in permit.bars))
        return frozenset[str]().union(
            *(permit.keys for permit in self._permits), *(bar.excused or () for bar in bars)
        )

    def open(self, keys: Words) -> int:
        """The labels that are open to a part which carries these keys."""
        labels = 0
        for permit in self._permits:
            if permit.keys <= keys:
                labels |= self._left(permit.labels, permit.bars, keys)
        return self._left(labels, self._bars, keys)

    def _left(self, labels: int, bars: tuple[Bar, ...], keys: Words) -> int:
        for bar in bars:
            if bar.binds(keys):
                labels = self._over.index.without(labels, bar.labels)
        return labels


def _merged(bars: Iterator[Bar]) -> tuple[Bar, ...]:
    """One bar for all that the same keys excuse from."""
    found: dict[Words | None, int] = {}
    for bar in bars:
        found[bar.excused] = found.get(bar.excused, 0) | bar.labels
    return tuple(Bar(labels, excused) for excused, labels in found.items() if labels)


def _together(permits: Iterator[Permit]) -> tuple[Permit, ...]:
    """One permit for all that need the same keys and that nothing else bars."""
    plain: dict[Words, int] = {}
    barred = []
    for permit in permits:
        if permit.bars:
            barred.append(permit)
        elif permit.labels:
            plain[permit.keys] = plain.get(permit.keys, 0) | permit.labels
    return (*(Permit(keys, labels, ()) for keys, labels in plain.items()), *barred)
