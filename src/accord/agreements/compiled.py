"""The fast interpreter of agreements: bits for points, tables of labels for the database.

It must equal `reference.decide` for every label and every set of keys; `tests/policy` proves it.

The table of one action has 65,536 + 256 bytes. Byte `label` says which of at most 8 alternatives
open that label (alternative 0 asks no key); byte `65,536 + m` says which alternatives ask only
key kinds in the set `m`. A row is open if and only if the two bytes share a bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations

from accord.agreements.compiledform import Form
from accord.agreements.domain import (
    Agreement,
    Context,
    Decision,
    Requester,
    Words,
)
from accord.agreements.labelindex import LabelIndex
from accord.agreements.reference import allowed, blocked, refused
from accord.agreements.selection import RowLabels, Selection
from accord.agreements.why import missing
from accord.kernel.errors import AccordError
from accord.kernel.labels import LABEL_SPACE, Label
from accord.kernel.phrases import phrase

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

_KEPT = 65_536


class TooManyAlternatives(AccordError):
    """The agreements together ask for more combinations of keys than standing can hold."""


@dataclass(frozen=True)
class Alternatives:
    """What one requester may do with every label of a node, by the keys that a part carries."""

    action: str
    key_sets: tuple[Words, ...]
    table: bytes

    def open(self, label_id: int, keys: Words) -> bool:
        """What the database computes: whether a part of that label with those keys is open."""
        return bool(self.table[label_id] & self.table[LABEL_SPACE + key_mask(keys)])

    def opened(self, count: int, keys: Words) -> bytes:
        """Of the first `count` labels a byte each: 1 where a part with those keys is open, else 0."""
        return self.table[:count].translate(_sharing(self.table[LABEL_SPACE + key_mask(keys)]))


@lru_cache(maxsize=256)
def _sharing(bits: int) -> bytes:
    """For every byte, 1 where it shares a bit with `bits`."""
    return bytes(int(bool(byte & bits)) for byte in range(256))


def key_mask(keys: Words) -> int:
    """The number of a set of key kinds: bit i for the i-th kind."""
    return sum(1 << number for number, kind in enumerate(KEY_KINDS) if kind in keys)


class Policy:
    """Signed agreements in force, compiled."""

    def __init__(self, agreements: Sequence[Agreement]) -> None:
        self.agreements = tuple(agreements)
        self.form = Form(self.agreements)
        self._answers: dict[tuple[int, str, str], Decision] = {}
        self._over: RowLabels | None = None

    def decide(
        self, requester: Requester, context: Context, action: str, label: Label, keys: Words
    ) -> Decision:
        """The same answer as `reference.decide`."""
        form = self.form
        met = form.meeting(requester, context, action, label, keys)
        binding = form.binding(met) if met & form.forbids else 0
        if binding:
            row = form.forbid_at + (binding & -binding).bit_length() - 1
        else:
            left = form.unguarded(met) if met & form.composed else met & form.permits
            row = (left & -left).bit_length() - 1
        return self._answers.get((row, action, label.handling)) or self._answer(
            row, action, label.handling
        )

    def _answer(self, row: int, action: str, handling: str) -> Decision:
        """The decision that a permit (or -1, for none) or a forbid gives; each is made once."""
        made = Decision(False, action)
        if row >= self.form.forbid_at:
            route = self.form.rows[row].route
            made = refused(action, *route[0]) if route else blocked(action)
        elif row >= 0:
            made = allowed(action, self.form.rows[row].route, handling)
        if len(self._answers) >= _KEPT:
            self._answers.clear()
        self._answers[row, action, handling] = made
        return made

    def why(
        self, requester: Requester, context: Context, action: str, label: Label, keys: Words
    ) -> Decision:
        """The decision with its reasons: where it is a refusal, what a permit still asks.

        Only for whoever may know that the record exists.
        """
        decision = self.decide(requester, context, action, label, keys)
        if decision.allowed:
            return decision
        unmet = missing(
            self.agreements, decision, requester, context, label, keys, self.form.chains
        )
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
        selection = Selection(self._labels_of(index), requester, context, action)
        found = _minimal(selection, index, assumed)
        if len(found) > MAX_ALTERNATIVES:
            raise TooManyAlternatives(
                f"{action}: the agreements in force ask for {len(found)} combinations of keys; "
                f"standing has room for {MAX_ALTERNATIVES}",
                who_can_change=phrase("the parties, by asking for fewer kinds of key"),
            )
        return _pack(action, found)

    def _labels_of(self, index: LabelIndex) -> RowLabels:
        """What each row reaches of these labels; kept while the same labels are asked about."""
        over = self._over
        if over is None or over.index is not index:
            over = self._over = RowLabels(self.form, index)
        return over


def compile_policy(agreements: Sequence[Agreement]) -> Policy:
    """The policy of agreements that are signed and in force."""
    return Policy(agreements)


def in_order(agreements: Iterable[Agreement]) -> tuple[Agreement, ...]:
    """The order in which agreements in force are compiled, so that equal sets are compiled once."""
    return tuple(sorted(agreements, key=lambda a: (a.suspended, a.content_hash)))


@lru_cache(maxsize=16)
def policy_of(agreements: tuple[Agreement, ...]) -> Policy:
    """The policy of these very agreements, compiled once in a process.

    INVARIANT: the gate proves what this returns and standing decides by what this returns, so the
    compiled form that decides is the one that was proven, and not another one like it.
    """
    return compile_policy(agreements)


def _minimal(selection: Selection, index: LabelIndex, assumed: Words) -> list[tuple[Words, int]]:
    """The least sets of keys that open something, each with the labels it is the least for.

    More keys never close a label (permits ask for keys, exceptions of forbids ask for keys), so
    a label is new under a set when no set with one key less opens it.
    """
    opened: dict[Words, int] = {}
    found: list[tuple[Words, int]] = []
    needed = [kind for kind in KEY_KINDS if kind in selection.kinds - assumed]
    for size in range(len(needed) + 1):
        for keys in map(frozenset, combinations(needed, size)):
            labels = opened[keys] = selection.open(keys | assumed)
            for kind in keys:
                labels = index.without(labels, opened[keys - {kind}])
            if labels or not keys:
                found.append((keys, labels))
    return found


def _pack(action: str, found: list[tuple[Words, int]]) -> Alternatives:
    table = 0
    for number, (_, labels) in enumerate(found):
        table |= labels << number
    key_sets = tuple(keys for keys, _ in found)
    tail = _met_by_masks(tuple(map(key_mask, key_sets)))
    return Alternatives(action, key_sets, table.to_bytes(LABEL_SPACE, "little") + tail)


@lru_cache(maxsize=1024)
def _met_by_masks(needed: tuple[int, ...]) -> bytes:
    """For every set of keys held, a bit for each alternative whose keys are all among them."""
    return bytes(
        sum(1 << i for i, n in enumerate(needed) if not n & ~mask) for mask in range(KEY_MASKS)
    )
