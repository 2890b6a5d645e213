"""What one set of agreements opens and another does not, over labels: no record is asked about.

Whoever might be answered differently is found from the clauses that differ. For each of them the
tables of both policies (`Policy.alternatives`) are laid side by side, label by label, under every
set of key kinds that either of them asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from accord.agreements.compiled import Alternatives, Policy
from accord.agreements.domain import (
    READ_ACTIONS,
    Agreement,
    Citation,
    Clause,
    Context,
    Obligation,
    Requester,
    Words,
)
from accord.agreements.exposed import Party
from accord.agreements.exposure import may_fit
from accord.agreements.labelindex import LabelIndex
from accord.kernel.labels import Label
from accord.kernel.vocabulary import Vocabulary

STATUTE = "statute"


@dataclass(frozen=True)
class Kept:
    """So many records whose parts have just these labels, each with the key kinds it carries."""

    parts: tuple[tuple[int, Words], ...]
    records: int


@dataclass(frozen=True)
class Group:
    """People who would be answered alike: one role of an agency, asking for one purpose."""

    requester: Requester
    purpose: str
    basis: str
    lacks: str | None = None
    """What they do not have that one version asks for and the other does not, in words."""


@dataclass(frozen=True)
class Difference:
    """One label that one group reaches further, or less far, when a part carries these keys."""

    group: Group
    label_id: int
    keys: Words
    was: str | None
    becomes: str | None
    clauses: tuple[Citation, ...]
    obliged: tuple[tuple[Obligation, ...], tuple[Obligation, ...]] | None = None
    """What was asked in return and what would be, where nothing else changes."""

    @property
    def direction(self) -> str:
        """gains, loses, or owes: reaches as far, and something else is asked in return."""
        if self.obliged is not None:
            return "owes"
        before, after = _level(self.was), _level(self.becomes)
        return "gains" if after > before else "loses"


@dataclass(frozen=True)
class Change:
    """What some roles of an agency gain, lose or owe over some labels, by which clauses."""

    agency: str
    direction: str
    roles: Words
    purposes: Words
    lacks: str | None
    keys: Words
    was: str | None
    becomes: str | None
    clauses: tuple[Citation, ...]
    obliged: tuple[tuple[Obligation, ...], tuple[Obligation, ...]] | None
    labels: frozenset[int]

    def parts(self, kept: Iterable[Kept]) -> int:
        """How many parts have one of the labels."""
        return sum(k.records * sum(n in self.labels for n, _ in k.parts) for k in kept)

    def parts_now(self, kept: Iterable[Kept]) -> int:
        """How many of them carry a key of each kind that is needed, towards anybody."""
        return sum(
            k.records * sum(n in self.labels and self.keys <= kinds for n, kinds in k.parts)
            for k in kept
        )

    def records(self, kept: Iterable[Kept]) -> int:
        """How many records have such a part."""
        return sum(k.records for k in kept if any(n in self.labels for n, _ in k.parts))


def changed_clauses(before: Agreement | None, after: Agreement | None) -> tuple[Clause, ...]:
    """The clauses that one has and the other has not, or not with the same facts."""
    if before is None or after is None:
        present = before or after
        return present.clauses if present else ()
    if sorted(before.parties) != sorted(after.parties) or before.kind != after.kind:
        return (*before.clauses, *after.clauses)
    old = [(c, c.facts()) for c in before.clauses]
    new = [(c, c.facts()) for c in after.clauses]
    gone = [c for c, facts in old if facts not in [f for _, f in new]]
    come = [c for c, facts in new if facts not in [f for _, f in old]]
    return (*gone, *come)


# -- who might be answered differently -------------------------------------------------------------


def groups(
    clauses: Sequence[Clause],
    parties: Iterable[Party],
    recipients: Words,
    vocabulary: Vocabulary,
    *,
    lacking: bool,
) -> tuple[Group, ...]:
    """Everybody who might be answered differently because these clauses differ.

    `recipients` are the agencies to which anything may be passed on: a clause reaches them through
    others whom it names. `lacking` also asks about people who lack what the clauses ask for.
    """
    parties = tuple(parties)
    found: dict[Group, None] = {}
    for clause in clauses:
        purposes = clause.reason.purpose or vocabulary.words("purpose")
        bases = clause.reason.legal_basis or {STATUTE}
        roles = clause.to.role or vocabulary.words("role")
        reached = [p for p in parties if p.id in recipients or may_fit(clause, p)]
        for party, role in product(reached, sorted(roles)):
            people = _people(party, role, clauses if lacking else (), vocabulary)
            for (requester, lacks), purpose, basis in product(
                tuple(people), sorted(purposes), sorted(bases)
            ):
                found[Group(requester, purpose, basis, lacks)] = None
    return tuple(found)


def _people(
    party: Party, role: str, clauses: Sequence[Clause], vocabulary: Vocabulary
) -> Iterator[tuple[Requester, str | None]]:
    """Somebody who has all that can be asked, then without each thing that the clauses ask."""
    able = Requester(
        agency=party.id,
        kind=party.kind,
        country=party.country,
        roles=frozenset({role}),
        clearance=vocabulary.words("clearance")[-1],
        nationality=party.country,
        training=frozenset(vocabulary.words("training")),
        assurance=max(map(int, vocabulary.words("assurance"))),
    )
    yield able, None
    for course in sorted({t for c in clauses for t in c.to.training}):
        yield replace(able, training=able.training - {course}), f"training: {course}"
    levels = {min(c.to.assurance) for c in clauses if c.to.assurance}
    for level in sorted(levels - {1}):
        yield replace(able, assurance=level - 1), f"assurance: {level}"
    order = vocabulary.words("clearance")
    ranks = {min(map(order.index, c.to.clearance)) for c in clauses if c.to.clearance}
    for rank in sorted(ranks - {0}):
        yield replace(able, clearance=order[rank - 1]), f"clearance: {order[rank]}"


# -- what differs ----------------------------------------------------------------------------------


class Comparison:
    """Two policies over the same labels."""

    def __init__(
        self, before: Policy, after: Policy, context: Context, labels: Mapping[int, Label]
    ) -> None:
        self._policies = (before, after)
        self._context = context
        self._numbers = tuple(sorted(labels))
        self._labels = tuple(labels[n] for n in self._numbers)
        self._index = LabelIndex(self._labels)

    def differences(self, asked: Iterable[Group]) -> Iterator[Difference]:
        """Every label that somebody reaches differently, under every set of keys that matters."""
        for group in asked:
            context = replace(self._context, purpose=group.purpose, legal_basis=group.basis)
            yield from self._of(group, context)

    def _of(self, group: Group, context: Context) -> Iterator[Difference]:
        tables = [
            [p.alternatives(group.requester, context, a, self._index) for a in READ_ACTIONS]
            for p in self._policies
        ]
        key_sets = {keys for side in tables for table in side for keys in table.key_sets}
        for keys in sorted(key_sets, key=lambda k: (len(k), sorted(k))):
            before, after = (_highest(side, len(self._labels), keys) for side in tables)
            for place, label in enumerate(self._labels):
                was, becomes = _ACTIONS[before[place]], _ACTIONS[after[place]]
                if was != becomes:
                    cited = self._cited(group, context, label, keys, was, becomes)
                    yield Difference(group, self._numbers[place], keys, was, becomes, cited)
                elif was is not None:
                    yield from self._owed(group, context, place, keys, was)

    def _cited(
        self,
        group: Group,
        context: Context,
        label: Label,
        keys: Words,
        was: str | None,
        becomes: str | None,
    ) -> tuple[Citation, ...]:
        """The clause that opened it before or opens it after, and a forbid that closes it."""
        action = max((was, becomes), key=_level)
        assert action is not None
        found = [
            p.decide(group.requester, context, action, label, keys).citations
            for p in self._policies
        ]
        return tuple(dict.fromkeys(c for citations in found for c in citations))

    def _owed(
        self, group: Group, context: Context, place: int, keys: Words, action: str
    ) -> Iterator[Difference]:
        label = self._labels[place]
        before, after = (
            p.decide(group.requester, context, action, label, keys) for p in self._policies
        )
        if before.obligations != after.obligations:
            obliged = (before.obligations, after.obligations)
            cited = tuple(dict.fromkeys((*before.citations, *after.citations)))
            number = self._numbers[place]
            yield Difference(group, number, keys, action, action, cited, obliged)


_ACTIONS = (None, *READ_ACTIONS)
_TOP = bytes(bits.bit_length() for bits in range(256))


def _highest(side: Sequence[Alternatives], count: int, keys: Words) -> bytes:
    """For each of `count` labels the highest action that is open, as its place in _ACTIONS.

    Bytes at a time: a label takes one bit an action in a number as long as all labels.
    """
    bits = 0
    for action, table in enumerate(side):
        bits |= int.from_bytes(table.opened(count, keys), "big") << action
    return bits.to_bytes(count, "big").translate(_TOP)


def _level(action: str | None) -> int:
    return -1 if action is None else READ_ACTIONS.index(action)


# -- said together ---------------------------------------------------------------------------------


def changes(differences: Iterable[Difference]) -> tuple[Change, ...]:
    """Say once what is the same for several roles, purposes and labels.

    Under more keys than needed the same is not said again, and people who lack something are told
    of only where they are answered otherwise than those who have everything.
    """
    least = _least(differences)
    able = {_subject(d): d for d in least if d.group.lacks is None}
    told = [d for d in least if d.group.lacks is None or not _same(d, able.get(_subject(d)))]
    alike: dict[Change, dict[tuple[str, str], set[int]]] = {}
    for d in told:
        (role,) = d.group.requester.roles
        cells = alike.setdefault(_price(d), {})
        cells.setdefault((role, d.group.purpose), set()).add(d.label_id)
    found = [row for price, cells in alike.items() for row in _rows(price, cells)]
    return tuple(sorted(found, key=_order))


def _price(d: Difference) -> Change:
    """A change that says all but who, for what and over which labels."""
    nobody = frozenset[str]()
    agency, lacks = d.group.requester.agency, d.group.lacks
    said = (d.keys, d.was, d.becomes, d.clauses, d.obliged)
    return Change(agency, d.direction, nobody, nobody, lacks, *said, frozenset())


def _least(differences: Iterable[Difference]) -> list[Difference]:
    kept: dict[tuple[object, ...], list[Words]] = {}
    found = []
    for d in sorted(differences, key=lambda d: len(d.keys)):
        smaller = kept.setdefault((d.group, d.label_id, d.was, d.becomes, d.obliged), [])
        if not any(keys < d.keys for keys in smaller):
            smaller.append(d.keys)
            found.append(d)
    return found


def _subject(d: Difference) -> tuple[object, ...]:
    (role,) = d.group.requester.roles
    group = d.group
    return (group.requester.agency, role, group.purpose, group.basis, d.label_id, d.keys)


def _same(d: Difference, able: Difference | None) -> bool:
    return able is not None and (d.was, d.becomes, d.obliged) == (
        able.was, able.becomes, able.obliged
    )  # fmt: skip


def _rows(price: Change, cells: Mapping[tuple[str, str], set[int]]) -> Iterator[Change]:
    """Roles and purposes with the same labels together."""
    by_role: dict[tuple[str, frozenset[int]], set[str]] = {}
    for (role, purpose), labels in cells.items():
        by_role.setdefault((role, frozenset(labels)), set()).add(purpose)
    merged: dict[tuple[Words, frozenset[int]], set[str]] = {}
    for (role, numbers), purposes in by_role.items():
        merged.setdefault((frozenset(purposes), numbers), set()).add(role)
    for (asked, numbers), roles in merged.items():
        yield replace(price, roles=frozenset(roles), purposes=asked, labels=numbers)


def _order(change: Change) -> tuple[object, ...]:
    place = ("loses", "gains", "owes").index(change.direction)
    return (change.agency, change.lacks or "", place, sorted(change.roles), sorted(change.keys))
