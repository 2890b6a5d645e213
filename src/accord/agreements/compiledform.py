"""The compiled form of agreements: for every word of every dimension, the rows that accept it.

The rows of a policy are numbered: permits in the published order, then forbids, then their
exceptions, then guards, then their exceptions. A set of rows is one int. A question is answered by
the AND of the sets that accept each of its words; what is left is every row that it meets.

`Row` reads the words back out of these sets and of nothing else, so that a proof about what was
read back is a proof about what decides. See docs/decisions/0008.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import and_
from typing import Any

from accord.agreements.columns import KEPT_VALUES, Column, Needs, Seen, row_numbers, row_set, union
from accord.agreements.columns import OTHER as OTHER
from accord.agreements.domain import ACTIONS, MAX_CHAIN, Agreement, Context, Requester, Words
from accord.agreements.drafting import Draft, Effect
from accord.agreements.reference import Route
from accord.agreements.rows import draft
from accord.kernel.labels import Label

REQUESTER = ("agency", "kind", "country", "clearance", "nationality", "assurance")
REASON = ("purpose", "legal-basis")
LABEL_WORDS = ("owner", "schema", "part", "sensitivity", "handling", "basis", "offence")
LABEL_FLAGS = ("minor", "sealed", "intelligence")
SINGLE = ("action", *REQUESTER, *REASON, *LABEL_WORDS, *LABEL_FLAGS)
"""The dimensions in which a question has one word; roles, training, subject and keys have sets."""

UNKNOWABLE = ("kind", "country", "clearance", "nationality", "legal-basis")


@dataclass(frozen=True)
class Row:
    """One row, read back from the bits that decisions use.

    `route` is where it comes from (empty for the handling code H2), and says nothing of what it
    does. A question meets the row when every dimension of it is accepted. An exception, one for
    each forbid and each guard, lifts what has the same `place`; a guard closes the permits that
    `closes` numbers.
    """

    number: int
    effect: Effect
    place: int
    route: Route
    _form: Form = field(repr=False, compare=False)

    def accepted(self, dimension: str) -> frozenset[Any] | None:
        """The words of a single dimension that it accepts; None for every word.

        Words that no clause names stand together as OTHER. Levels of assurance are ints, flags
        are bools, everything else is text.
        """
        return self._form.columns[dimension].accepted(self.number)

    def accepts_unknown(self, dimension: str) -> bool:
        """Whether it accepts a requester or reason of which this fact is not known."""
        return bool(self._form.columns[dimension].unknown >> self.number & 1)

    @property
    def closes(self) -> frozenset[int]:
        """The permits that a guard closes, by their numbers."""
        return frozenset(row_numbers(self._form.closes(self.number)))

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that it is about."""
        return tuple(a for a in ACTIONS if self._form.columns["action"][a] >> self.number & 1)

    @property
    def roles(self) -> tuple[frozenset[Any], ...]:
        """Sets of roles: the requester has a role of each of them."""
        slots = (slot.accepted(self.number) for slot in self._form.roles)
        return tuple(words for words in slots if words is not None)

    @property
    def training(self) -> Words:
        """The training that the requester holds, all of it."""
        return self._form.training.needed(self.number)

    @property
    def keys(self) -> Words:
        """The key kinds that are needed, all of them."""
        return self._form.keys.needed(self.number)

    @property
    def subject(self) -> frozenset[Any] | None:
        """The subject categories that it accepts; None for every category."""
        return self._form.subject.accepted(self.number)

    @property
    def every_subject(self) -> bool:
        """Whether every category of the label must be accepted; otherwise one is enough."""
        return bool(self._form.every_subject >> self.number & 1)

    @property
    def own(self) -> bool:
        """Whether it speaks about an owner that asks for what is its own."""
        return bool(self._form.own >> self.number & 1)


class Form:
    """The compiled form of agreements in force."""

    def __init__(self, agreements: Sequence[Agreement]) -> None:
        drafts = draft(agreements)
        ordered = (
            *drafts.permits,
            *drafts.forbids,
            *drafts.exceptions,
            *drafts.guards,
            *drafts.guard_exceptions,
        )
        permits, forbids, guards = map(len, (drafts.permits, drafts.forbids, drafts.guards))
        self._drafts = ordered
        self.permits = (1 << permits) - 1
        self.forbid_at, self.exception_at = permits, permits + forbids
        self.guard_at = self.exception_at + forbids
        self.guard_exception_at = self.guard_at + guards
        self._forbids, self._guards = (1 << forbids) - 1, (1 << guards) - 1
        self.forbids = self._forbids << self.forbid_at
        self._closes = [row_set(row.closes) for row in drafts.guards]
        self.composed = union(self._closes)
        self._read(ordered)
        self._parts: dict[tuple[int, Words], tuple[Label, int]] = {}
        self._places = Seen(self._of("action", *REASON, "agency", "kind", "country"))
        self._persons = Seen(self._of("clearance", "nationality", "assurance"))
        self._skills = Seen(lambda held: self._of_roles(held[0]) & self.training.holding(held[1]))

    def _read(self, rows: Sequence[Draft]) -> None:
        lenient = _where(rows, lambda row: row.effect in ("forbid", "guard"))
        self.columns = {
            name: Column(
                [row.words.get(name) for row in rows], lenient if name in UNKNOWABLE else 0
            )
            for name in SINGLE
        }
        self.roles = [
            Column([row.roles[slot] if slot < len(row.roles) else None for row in rows])
            for slot in range(MAX_CHAIN)
        ]
        self.subject = Column([row.words.get("subject") for row in rows])
        self.every_subject = _where(rows, lambda row: row.effect == "permit")
        self.training = Needs([row.training for row in rows])
        self.keys = Needs([row.keys for row in rows])
        self.own = _where(rows, lambda row: row.own)

    # ---- questions

    def meeting(
        self, who: Requester, context: Context, action: str, label: Label, keys: Words
    ) -> int:
        """The rows that a question meets: the one expression that every decision rests on."""
        kept = self._parts.get((id(label), keys))
        met = (
            self._places[
                action, context.purpose, context.legal_basis, who.agency, who.kind, who.country
            ]
            & self._persons[who.clearance, who.nationality, who.assurance]
            & self._skills[who.roles, who.training]
            & (kept[1] if kept is not None and kept[0] is label else self._part(label, keys))
        )
        return met & self.own if who.agency == label.owner else met

    def asking(self, who: Requester, context: Context, action: str) -> int:
        """The rows that a question meets, as far as label and keys do not say otherwise."""
        return (
            self._places[
                action, context.purpose, context.legal_basis, who.agency, who.kind, who.country
            ]
            & self._persons[who.clearance, who.nationality, who.assurance]
            & self._skills[who.roles, who.training]
        )

    def _part(self, label: Label, keys: Words) -> int:
        # The label is kept beside its bits, so that its id names nothing else while it is here.
        bits = self._of_subjects(label.subjects) & self.keys.holding(keys)
        for name in (*LABEL_WORDS, *LABEL_FLAGS):
            bits &= self.columns[name][getattr(label, name)]
        if len(self._parts) >= KEPT_VALUES:
            self._parts.clear()
        self._parts[id(label), keys] = (label, bits)
        return bits

    def _of(self, *dimensions: str) -> Callable[[tuple[Any, ...]], int]:
        columns = [self.columns[name] for name in dimensions]
        return lambda words: reduce(and_, (c[w] for c, w in zip(columns, words, strict=True)))

    def binding(self, met: int) -> int:
        """The forbids that bind, by place, among the rows that a question meets."""
        return (met >> self.forbid_at) & ~(met >> self.exception_at) & self._forbids

    def unguarded(self, met: int) -> int:
        """The permits among the rows met that no guard closes."""
        left = met & self.permits
        guards = (met >> self.guard_at) & ~(met >> self.guard_exception_at) & self._guards
        while guards:
            lowest = guards & -guards
            left &= ~self._closes[lowest.bit_length() - 1]
            guards ^= lowest
        return left

    def closes(self, number: int) -> int:
        """The permits that a row closes if it is a guard, and no exception lifts it."""
        is_guard = self.guard_at <= number < self.guard_exception_at
        return self._closes[number - self.guard_at] if is_guard else 0

    def barring(self, start: int) -> tuple[int, int]:
        """How many forbids or guards there are from this row on, and where their exceptions start."""
        if start == self.forbid_at:
            return self.exception_at - start, self.exception_at
        return self.guard_exception_at - start, self.guard_exception_at

    def _of_roles(self, held: Words) -> int:
        return reduce(and_, (union((c.other, *(c[w] for w in held))) for c in self.roles))

    def _of_subjects(self, subjects: Words) -> int:
        each = [self.subject[word] for word in subjects]
        every = reduce(and_, each, self.every_subject)
        return every | (union((self.subject.other, *each)) & ~self.every_subject)

    # ---- reading back

    @cached_property
    def chains(self) -> tuple[Draft, ...]:
        """The permits that are composed of several."""
        return tuple(row for row in self._drafts if row.effect == "permit" and row.holders)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Every row by its number."""
        return tuple(
            Row(n, row.effect, self._place(n), row.route, self)
            for n, row in enumerate(self._drafts)
        )

    def _place(self, number: int) -> int:
        starts = (self.guard_exception_at, self.guard_at, self.exception_at, self.forbid_at, 0)
        return number - next(start for start in starts if number >= start)


def _where(rows: Iterable[Draft], test: Callable[[Draft], bool]) -> int:
    return row_set(n for n, row in enumerate(rows) if test(row))
