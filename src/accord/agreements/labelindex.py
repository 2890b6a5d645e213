"""A node's labels as columns, so that a clause becomes a set of labels in microseconds.

A set of labels is one Python int with a byte for each label (0 or 1 in its lowest bit): the
byte-wise table of alternatives is then a few shifts and ORs, with nothing to expand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from accord.kernel.errors import AccordError
from accord.kernel.labels import LABEL_SPACE, Label
from accord.kernel.phrases import phrase

ATTRIBUTES = (
    "owner",
    "schema",
    "part",
    "subjects",
    "sensitivity",
    "handling",
    "basis",
    "offence",
    "minor",
    "sealed",
    "intelligence",
)
_HOLE = Label("", "", "", frozenset(), "", "", "", "", False, False, False)
_HOLE_FACTS = _HOLE.facts()
_KEPT_SETS = 512
_read = attrgetter(*ATTRIBUTES)


class LabelSpaceFull(AccordError):
    """A label's number lies beyond the room that standing has."""


class _Column:
    """One attribute of every label, each distinct value as a small number."""

    def __init__(self, values: Sequence[Any]) -> None:
        self.distinct = list(dict.fromkeys(values))
        code = {value: number for number, value in enumerate(self.distinct)}
        numbers = map(code.__getitem__, values)
        self._narrow = bytes(numbers) if len(code) <= 256 else b""
        self._wide = [] if len(code) <= 256 else list(numbers)

    def where(self, test: Callable[[Any], bool]) -> int:
        hits = bytes(bool(test(value)) for value in self.distinct)
        if self._wide:
            return int.from_bytes(bytes(map(hits.__getitem__, self._wide)), "little")
        return int.from_bytes(self._narrow.translate(hits.ljust(256, b"\0")), "little")


class LabelIndex:
    """The labels of a node by number; a number without a label (None) is in no set.

    It may be kept for as long as no label is added.
    """

    def __init__(self, labels: Sequence[Label | None]) -> None:
        rows = [_HOLE if label is None else label for label in labels]
        columns = zip(*map(_read, rows), strict=True) if rows else ((),) * len(ATTRIBUTES)
        self._fill([label is not None for label in labels], columns)

    @classmethod
    def of_facts(cls, numbers: Sequence[int], facts: Sequence[Mapping[str, Any]]) -> LabelIndex:
        """The index of labels whose facts were stored, without making each of them again.

        Takes their numbers in rising order.
        """
        present = [False] * (numbers[-1] + 1 if numbers else 0)
        rows: list[Mapping[str, Any]] = [_HOLE_FACTS] * len(present)
        for number, row in zip(numbers, facts, strict=True):
            present[number], rows[number] = True, row
        made = cls.__new__(cls)
        made._fill(present, (_column(name, rows) for name in ATTRIBUTES))
        return made

    def _fill(self, present: list[bool], columns: Iterable[Sequence[Any]]) -> None:
        if len(present) > LABEL_SPACE:
            raise LabelSpaceFull(
                f"there are {len(present)} labels and room for {LABEL_SPACE}",
                who_can_change=phrase("the node's administrators"),
            )
        self.size = len(present)
        self.present = int.from_bytes(bytes(present), "little")
        self._sets: dict[tuple[str, frozenset[Any]], int] = {}
        self._columns = {
            name: _Column(column) for name, column in zip(ATTRIBUTES, columns, strict=True)
        }

    def having(self, attribute: str, words: frozenset[Any]) -> int:
        """The labels whose attribute is one of these words."""
        return self._kept(
            (attribute, words), lambda: self._columns[attribute].where(words.__contains__)
        )

    def about(self, subjects: frozenset[str], *, every: bool) -> int:
        """The labels of whose subject categories every one, or any one, is among these."""
        test = subjects.issuperset if every else lambda found: not subjects.isdisjoint(found)
        return self._kept(
            ("every" if every else "any", subjects), lambda: self._columns["subjects"].where(test)
        )

    def _kept(self, name: tuple[str, frozenset[Any]], find: Callable[[], int]) -> int:
        labels = self._sets.get(name)
        if labels is None:
            if len(self._sets) >= _KEPT_SETS:
                self._sets.clear()
            labels = self._sets[name] = find()
        return labels

    def without(self, labels: int, taken: int) -> int:
        """The labels of the first set that are not in the second."""
        return labels ^ (labels & taken)


def _column(name: str, rows: Sequence[Mapping[str, Any]]) -> Sequence[Any]:
    if name != "subjects":
        return [row[name] for row in rows]
    kept: dict[tuple[str, ...], frozenset[str]] = {}
    listed = [tuple(row[name]) for row in rows]
    for words in set(listed):
        kept[words] = frozenset(words)
    return [kept[words] for words in listed]
