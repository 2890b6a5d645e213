"""What one clause reaches for one requester, as sets; and how the sets become bits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from accord.agreements.domain import Agreement, Clause, Reach, Words
from accord.agreements.labelindex import LabelIndex
from accord.kernel.labels import Label
from accord.kernel.vocabulary import Vocabulary

_WORDS = ("schema", "part", "sensitivity", "handling", "basis", "offence")
_FLAGS = ("minor", "sealed", "intelligence")
_OTHER = "(another word)"


@dataclass(frozen=True)
class Shape:
    """The labels that a clause reaches: a product of sets, one a dimension, None for any.

    INVARIANT: a permit asks that *every* subject category be listed, a forbid that *any* be.
    """

    of: Reach
    owners: Words | None
    every_subject: bool

    def labels(self, index: LabelIndex) -> int:
        """The labels of a node that this shape reaches."""
        found = index.present
        if self.owners is not None:
            found &= index.where("owner", self.owners.__contains__)
        for name in _WORDS:
            words: Words | None = getattr(self.of, name)
            if words is not None:
                found &= index.where(name, words.__contains__)
        for name in _FLAGS:
            flag: bool | None = getattr(self.of, name)
            if flag is not None:
                found &= index.where(name, flag.__eq__)
        subject = self.of.subject
        if subject is not None:
            test = subject.issuperset if self.every_subject else _any_of(subject)
            found &= index.where("subjects", test)
        return found


def _any_of(words: Words) -> Callable[[Words], bool]:
    return lambda subjects: not words.isdisjoint(subjects)


@dataclass(frozen=True)
class Bits:
    """A shape for points: no bit of `deny`, and if `some` is not None at least one of it."""

    deny: int
    some: int | None

    def hit(self, label: int) -> bool:
        return not label & self.deny and (self.some is None or bool(label & self.some))


class Layout:
    """Which bit stands for which word; one for all agreements of a policy."""

    def __init__(self, agreements: Iterable[Agreement]) -> None:
        self._bit: dict[tuple[str, object], int] = {}
        self._mask: dict[str, int] = {}
        self._labels: dict[Label, int] = {}
        agreements = tuple(agreements)
        owners = sorted({o for a in agreements for o in _owners(a)})
        vocabularies = [Vocabulary.load(v) for v in sorted({a.vocabulary for a in agreements})]
        self._add("owner", [*owners, _OTHER])
        for name in (*_WORDS, "subject"):
            words = dict.fromkeys(w for v in vocabularies for w in v.words(name))
            self._add(name, [*words, _OTHER])
        for name in _FLAGS:
            self._add(name, [False, True])

    def _add(self, dimension: str, words: Sequence[object]) -> None:
        first = len(self._bit)
        for number, word in enumerate(words):
            self._bit[dimension, word] = 1 << (first + number)
        self._mask[dimension] = ((1 << len(words)) - 1) << first

    def _of(self, dimension: str, word: object) -> int:
        bit = self._bit.get((dimension, word))
        return self._bit[dimension, _OTHER] if bit is None else bit

    def label(self, label: Label) -> int:
        """The bits of a label: one for each dimension, and one for each subject category."""
        bits = self._labels.get(label)
        if bits is None:
            bits = self._of("owner", label.owner)
            for name in _WORDS:
                bits |= self._of(name, getattr(label, name))
            for name in _FLAGS:
                bits |= self._bit[name, getattr(label, name)]
            for subject in label.subjects:
                bits |= self._of("subject", subject)
            self._labels[label] = bits
        return bits

    def bits(self, shape: Shape) -> Bits:
        """The masks of a shape."""
        deny, some = 0, None
        if shape.owners is not None:
            deny |= self._mask["owner"] & ~self._union("owner", shape.owners)
        for name in _WORDS:
            words: Words | None = getattr(shape.of, name)
            if words is not None:
                deny |= self._mask[name] & ~self._union(name, words)
        for name in _FLAGS:
            flag: bool | None = getattr(shape.of, name)
            if flag is not None:
                deny |= self._bit[name, not flag]
        if shape.of.subject is not None:
            listed = self._union("subject", shape.of.subject)
            if shape.every_subject:
                deny |= self._mask["subject"] & ~listed
            else:
                some = listed
        return Bits(deny, some)

    def _union(self, dimension: str, words: Iterable[str]) -> int:
        bits = 0
        for word in words:
            bits |= self._bit[dimension, word]
        return bits


def _owners(agreement: Agreement) -> set[str]:
    named = {o for c in agreement.clauses for o in (c.of.owner or ())}
    return named | set(agreement.parties)


@dataclass(frozen=True)
class Block:
    """A forbid that binds this requester; with the key kinds in `excused` it does not."""

    agreement: Agreement | None
    clause: Clause | None
    shape: Shape
    excused: Words | None

    def binds(self, keys: Words) -> bool:
        return self.excused is None or not self.excused <= keys


@dataclass(frozen=True)
class Permit:
    """A route that opens labels for this requester, as far as its own blocks leave them."""

    route: tuple[tuple[Agreement, Clause], ...]
    shapes: tuple[Shape, ...]
    keys: Words
    blocks: tuple[Block, ...] = ()

    @cached_property
    def kinds(self) -> Words:
        """Every key kind on which this permit turns."""
        return self.keys.union(*(b.excused or frozenset() for b in self.blocks))
