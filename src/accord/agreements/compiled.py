"""The fast interpreter of agreements: bits for points, tables of labels for the database.

It must equal `reference.decide` for every label and every set of keys; `tests/policy` proves it.

The table of one action has 65,536 + 256 bytes. Byte `label` says which of at most 8 alternatives
open that label (alternative 0 asks no key); byte `65,536 + m` says which alternatives ask only
key kinds in the set `m`. A row is open if and only if the two bytes share a bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from accord.agreements.domain import (
    Agreement,
    Citation,
    Context,
    Decision,
    Requester,
    Words,
    cite,
)
from accord.agreements.labelindex import LabelIndex
from accord.agreements.reference import allowed, blocked_by_handling
from accord.agreements.selection import Opener, Selection, select
from accord.agreements.shapes import Bits, Layout
from accord.agreements.why import missing
from accord.kernel.errors import AccordError
from accord.kernel.labels import LABEL_SPACE, Label

KEY_KINDS = (
    "case",
    "grant",
    "consent",
    "determination(emergency)",
    "determination(necessity)",
    "determination(no-tip-off)",
    "determination(child-at-risk)",
    "determination(discovery)",
)
"""The bit order of key kinds in the table and in `part_key.kind`: every vocabulary version begins
with these in this order, and a kind that a later version adds is added at the end."""

MAX_ALTERNATIVES = 8
MAX_KEY_KINDS = 8
KEY_MASKS = 1 << MAX_KEY_KINDS
TABLE_BYTES = LABEL_SPACE + KEY_MASKS

_KEPT = 1024


class TooManyAlternatives(AccordError):
    """The agreements together ask for more combinations of keys than standing can hold."""


@dataclass(frozen=True)
class Alternatives:
    """What one requester may do with every label of a node, by the keys that a part carries.

    `clauses[i]` lists the clauses that open something under `key_sets[i]`.
    """

    action: str
    key_sets: tuple[Words, ...]
    table: bytes
    clauses: tuple[tuple[Citation, ...], ...]

    def open(self, label_id: int, keys: Words) -> bool:
        """What the database computes: whether a part of that label with those keys is open."""
        return bool(self.table[label_id] & self.table[LABEL_SPACE + key_mask(keys)])


def key_mask(keys: Words) -> int:
    """The number of a set of key kinds: bit i for the i-th kind."""
    return sum(1 << number for number, kind in enumerate(KEY_KINDS) if kind in keys)


class _Points:
    """A selection with its masks, for single labels."""

    def __init__(self, selection: Selection, layout: Layout) -> None:
        self.blocks = [(b, layout.bits(b.shape)) for b in selection.blocks]
        self.permits = [
            (
                p,
                Bits(_any_bit([layout.bits(s).deny for s in p.shapes]), None),
                [(b, layout.bits(b.shape)) for b in p.blocks],
            )
            for p in selection.permits
        ]


def _any_bit(masks: list[int]) -> int:
    union = 0
    for mask in masks:
        union |= mask
    return union


class Policy:
    """Signed agreements in force, compiled."""

    def __init__(self, agreements: Sequence[Agreement]) -> None:
        self.agreements = tuple(agreements)
        self._layout = Layout(self.agreements)
        self._selections: dict[tuple[object, ...], tuple[Selection, _Points]] = {}

    def decide(
        self, requester: Requester, context: Context, action: str, label: Label, keys: Words
    ) -> Decision:
        """The same answer as `reference.decide`."""
        _, points = self._selected(requester, context, action)
        bits = self._layout.label(label)
        for block, mask in points.blocks:
            if mask.hit(bits) and block.binds(keys):
                assert block.agreement is not None
                assert block.clause is not None
                cited = cite(block.agreement, block.clause)
                return Decision(
                    False, action, cited.agreement_hash, cited.agreement_id, cited.clause_id
                )
        if blocked_by_handling(requester, action, label, keys):
            return Decision(False, action, missing=("key: grant",))
        for permit, reach, blocks in points.permits:
            if (
                permit.keys <= keys
                and reach.hit(bits)
                and not any(m.hit(bits) and b.binds(keys) for b, m in blocks)
            ):
                return allowed(action, permit.route, label.handling)
        return Decision(False, action)

    def why(
        self, requester: Requester, context: Context, action: str, label: Label, keys: Words
    ) -> Decision:
        """The decision with its reasons: where it is a refusal, what a permit still asks.

        Only for whoever may know that the record exists.
        """
        decision = self.decide(requester, context, action, label, keys)
        if decision.allowed:
            return decision
        unmet = missing(self.agreements, decision, requester, context, label, keys)
        return replace(decision, missing=unmet)

    def alternatives(
        self,
        requester: Requester,
        context: Context,
        action: str,
        labels: Sequence[Label | None] | LabelIndex,
        assumed: Words = frozenset(),
    ) -> Alternatives:
        """The table of one action over the labels of a node, by their numbers.

        `assumed` are key kinds that the request satisfies for every part, as an emergency that was
        determined for it does; the alternatives ask only for what is still needed beside them.
        """
        index = labels if isinstance(labels, LabelIndex) else LabelIndex(labels)
        selection, _ = self._selected(requester, context, action)
        found = _minimal(selection.over(index), _kinds(selection), index, assumed)
        if len(found) > MAX_ALTERNATIVES:
            raise TooManyAlternatives(
                f"{action}: the agreements in force ask for {len(found)} combinations of keys; "
                f"standing has room for {MAX_ALTERNATIVES}",
                who_can_change="the parties, by asking for fewer kinds of key",
            )
        return _pack(action, found, selection, index, assumed)

    def _selected(
        self, requester: Requester, context: Context, action: str
    ) -> tuple[Selection, _Points]:
        name = (requester, context.purpose, context.legal_basis, action)
        kept = self._selections.get(name)
        if kept is None:
            if len(self._selections) >= _KEPT:
                self._selections.clear()
            selection = select(self.agreements, requester, context, action)
            kept = self._selections[name] = (selection, _Points(selection, self._layout))
        return kept


def compile_policy(agreements: Sequence[Agreement]) -> Policy:
    """The policy of agreements that are signed and in force."""
    return Policy(agreements)


def _kinds(selection: Selection) -> tuple[str, ...]:
    used = frozenset[str]().union(
        *(b.excused or frozenset() for b in selection.blocks),
        *(p.kinds for p in selection.permits),
        *([frozenset({"grant"})] if selection.handling else []),
    )
    return tuple(kind for kind in KEY_KINDS if kind in used)


def _minimal(
    over: Opener, kinds: tuple[str, ...], index: LabelIndex, assumed: Words
) -> list[tuple[Words, int]]:
    """The least sets of keys that open something, each with the labels it is the least for.

    More keys never close a label (permits ask for keys, exceptions of forbids ask for keys), so
    a label is new under a set when no set with one key less opens it.
    """
    opened: dict[Words, int] = {}
    found: list[tuple[Words, int]] = []
    needed = [kind for kind in kinds if kind not in assumed]
    for size in range(len(needed) + 1):
        for keys in map(frozenset, combinations(needed, size)):
            labels = opened[keys] = over.open(keys | assumed)
            for kind in keys:
                labels = index.without(labels, opened[keys - {kind}])
            if labels or not keys:
                found.append((keys, labels))
    return found


def _pack(
    action: str,
    found: list[tuple[Words, int]],
    selection: Selection,
    index: LabelIndex,
    assumed: Words,
) -> Alternatives:
    table = 0
    for number, (_, labels) in enumerate(found):
        table |= labels << number
    key_sets = tuple(keys for keys, _ in found)
    tail = bytes(
        sum(1 << i for i, keys in enumerate(key_sets) if key_mask(keys) & ~mask == 0)
        for mask in range(KEY_MASKS)
    )
    over = selection.over(index)
    return Alternatives(
        action=action,
        key_sets=key_sets,
        table=table.to_bytes(LABEL_SPACE, "little") + tail,
        clauses=tuple(over.clauses(keys | assumed, labels) for keys, labels in found),
    )
